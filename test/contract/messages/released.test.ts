// Two versions side by side, as in an upgrade of one process after another: what a process of the release before says is understood by
// this one with the same meaning, and what this one says is understood by the one before. `released/<version>.json` holds its recorded
// messages and its schemas; it is added when a version is released, and never changed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Command, commandSchemas, type Result } from '../../../services/core/messages/envelope.js';
import {
  findSchemaViolation,
  parseNotice,
  parseOrder,
  parseReport,
  parseResult,
} from '../../../services/core/messages/parse-message.js';
import { operationRegistry } from '../../../services/core/operations/registry.js';

interface Sample {
  readonly command?: Command;
  readonly result?: Result;
  readonly report?: object;
  readonly notice?: object;
  readonly cancel?: object;
}

interface Release {
  readonly samples: Readonly<Record<string, Sample>>;
  readonly schemas: { readonly definitions: Readonly<Record<string, object>> };
}

const here = import.meta.dirname;
const json = (file: string): unknown => JSON.parse(readFileSync(path.join(here, file), 'utf8'));
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parsers = {
  command: parseOrder,
  cancel: parseOrder,
  result: parseResult,
  report: parseReport,
  notice: parseNotice,
};
const roots = { command: 'Command', cancel: 'Cancel', result: 'Result', report: 'Report', notice: 'Notice' } as const;
type Kind = keyof typeof roots;
const kinds = Object.keys(roots) as Kind[];

const present = new Map(
  readdirSync(path.join(here, 'samples')).map((file) => [file.slice(0, -5), json(`samples/${file}`) as Sample]),
);
const releases = readdirSync(path.join(here, 'released')).map((file) => file.slice(0, -5));

/** The schemas that a type of command had; an output that has got another name since counts by its new one. */
function schemasOf(type: string): { readonly params: string; readonly output: string } {
  const found = Object.entries(commandSchemas).find(([name]) => name === type)?.[1];
  assert.ok(found !== undefined, `the command ${type} is gone`);
  return found;
}

for (const version of releases) {
  describe(`E12 messages beside version ${version}`, () => {
    const { samples, schemas } = json(`released/${version}.json`) as Release;
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ ...schemas, $id: version });
    /** What the release before finds wrong, or null; it lets pass what it has no schema for. */
    const oldViolation = (schema: string, value: unknown): string | null => {
      if (!Object.hasOwn(schemas.definitions, schema)) return null;
      const validate = ajv.compile({ $ref: `${version}#/definitions/${schema}` });
      return validate(value) ? null : ajv.errorsText(validate.errors);
    };

    it('there are recordings of all kinds', () => {
      assert.ok(Object.keys(samples).length > 50);
      for (const kind of kinds) {
        assert.ok(
          Object.values(samples).some((sample) => sample[kind] !== undefined),
          kind,
        );
        assert.notEqual(oldViolation(roots[kind], {}), null, 'the old schema refuses something');
      }
    });

    for (const [name, sample] of Object.entries(samples)) {
      it(`${name}: what it says is understood here, with the same meaning`, () => {
        for (const kind of kinds) {
          const said = sample[kind];
          if (said !== undefined) assert.deepEqual(parsers[kind](bytes(said)), { ok: true, message: said }, kind);
        }
        const { command, result } = sample;
        if (command !== undefined) {
          const operation = Object.entries(operationRegistry).find(([type]) => type === command.operationType)?.[1];
          assert.ok(operation !== undefined, `the operation ${command.operationType} is gone`);
          assert.ok(
            operation.steps.some(({ name: step }) => step === command.step),
            `the step ${command.step} is gone: stored operations could not go on`,
          );
        }
        if (command !== undefined && result?.outcome.kind === 'done')
          assert.equal(findSchemaViolation(schemasOf(command.type).output, result.outcome.output), null);
      });
    }

    for (const [name, sample] of present) {
      const isNew = sample.command !== undefined && !Object.hasOwn(samples, name);
      if (isNew) continue;
      it(`${name}: what is said here is understood there`, () => {
        for (const kind of kinds) {
          const said = sample[kind];
          if (said !== undefined) assert.equal(oldViolation(roots[kind], said), null, kind);
        }
        const { command, result } = sample;
        if (command === undefined) return;
        const { params, output } = schemasOf(command.type);
        assert.equal(oldViolation(params, command.params), null, 'parameters');
        if (result?.outcome.kind === 'done') assert.equal(oldViolation(output, result.outcome.output), null, 'output');
      });
    }
  });
}
