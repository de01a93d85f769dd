// The AMQP contract: one stored JSON sample for every command type with its result, for every kind of outcome and report. A change
// that would break a worker of the previous release shows here as a sample that no longer fits.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Cancel,
  type Command,
  commandSchemas,
  type Notice,
  type Report,
  type Result,
} from '../../../services/core/messages/envelope.js';
import {
  findSchemaViolation,
  parseCommand,
  parseNotice,
  parseOrder,
  parseReport,
  parseResult,
} from '../../../services/core/messages/parse-message.js';
import { operationRegistry } from '../../../services/core/operations/registry.js';

interface Sample {
  readonly command?: Command;
  readonly result?: Result;
  readonly report?: Report;
  readonly notice?: Notice;
  readonly cancel?: Cancel;
}

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'samples');
const samples = new Map<string, Sample>(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Sample,
  ]),
);
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('AMQP messages', () => {
  it('holds nothing that the database could not store: NUL and halves of characters are replaced', () => {
    const { result } = samples.get('image.create') ?? {};
    assert.ok(result !== undefined);
    const outcome = { kind: 'failed', error: { code: 'internal', message: 'a\0b\ud800', detail: '\\u0000 \u{1f600}' } };
    const parsed = parseResult(bytes({ ...result, outcome: { ...outcome, partial: false } }));
    assert.ok(parsed.ok && parsed.message.outcome.kind === 'failed');
    const { message, detail } = parsed.message.outcome.error;
    assert.deepEqual([message, detail], ['a\ufffdb\ufffd', '\\u0000 \u{1f600}']);
  });

  for (const type of Object.keys(commandSchemas) as (keyof typeof commandSchemas)[]) {
    it(`${type}: the stored command and result fit their schemas`, () => {
      const sample = samples.get(type);
      assert.ok(sample?.command !== undefined && sample.result !== undefined, `no stored sample for ${type}`);
      const parsed = parseCommand(bytes(sample.command));
      assert.deepEqual(parsed, { ok: true, message: sample.command });
      assert.deepEqual(parseResult(bytes(sample.result)), { ok: true, message: sample.result });
      const { outcome } = sample.result;
      assert.equal(outcome.kind, 'done');
      if (outcome.kind === 'done') assert.equal(findSchemaViolation(commandSchemas[type].output, outcome.output), null);
    });

    it(`${type}: every required parameter is demanded, unknown ones are let through`, () => {
      const command = samples.get(type)?.command;
      assert.ok(command !== undefined);
      for (const name of Object.keys(command.params)) {
        const rest: Record<string, unknown> = { ...command.params };
        delete rest[name];
        assert.equal(parseCommand(bytes({ ...command, params: rest })).ok, false, `${name} was not demanded`);
      }
      const newer = { ...command, params: { ...command.params, addedLater: true }, addedLater: 1 };
      assert.equal(parseCommand(bytes(newer)).ok, true);
    });
  }

  for (const kind of ['failed', 'ask-again', 'progress', 'forward']) {
    it(`outcome ${kind} fits`, () => {
      const result = samples.get(`outcome-${kind}`)?.result;
      assert.deepEqual(parseResult(bytes(result)), { ok: true, message: result });
    });
  }

  for (const who of ['volume', 'volume-with-level', 'compute']) {
    it(`report of a ${who} worker fits`, () => {
      const report = samples.get(`report-${who}`)?.report;
      assert.deepEqual(parseReport(bytes(report)), { ok: true, message: report });
    });
  }

  it('a cancel comes by the queues of commands and is told from them', () => {
    const cancel = samples.get('cancel')?.cancel;
    assert.deepEqual(parseOrder(bytes(cancel)), { ok: true, message: cancel });
    assert.equal(parseCommand(bytes(cancel)).ok, false);
    for (const wrong of [{ epoch: 0 }, { operationId: 'x' }, { kind: 'stop' }, { version: 2 }]) {
      assert.equal(parseOrder(bytes({ ...cancel, ...wrong })).ok, false);
    }
    const command = samples.get('layer.flatten')?.command;
    assert.deepEqual(parseOrder(bytes(command)), { ok: true, message: command });
  });

  it('a notice of the log level fits, one of another level does not', () => {
    const notice = samples.get('notice-log-level')?.notice;
    assert.deepEqual(parseNotice(bytes(notice)), { ok: true, message: notice });
    assert.equal(parseNotice(bytes({ ...notice, logLevel: 'loud' })).ok, false);
  });

  it('refuses what is not JSON, of another version, or names a file with a path', () => {
    assert.equal(parseCommand(Buffer.from('{')).ok, false);
    const command = samples.get('overlay.prepare')?.command;
    assert.equal(parseCommand(bytes({ ...command, version: 2 })).ok, false);
    assert.equal(parseCommand(bytes({ ...command, params: { ...command?.params, overlayFile: '../x' } })).ok, false);
    assert.equal(parseCommand(bytes({ ...command, type: 'constructor' })).ok, false);
  });

  it('has no sample that nothing defines', () => {
    const known = new Set<string>(Object.keys(commandSchemas));
    const extra = [...samples.keys()].filter(
      (name) => !known.has(name) && !/^((outcome|report|notice)-|cancel$)/.test(name),
    );
    assert.deepEqual(extra, []);
  });

  it('names only operations and steps that exist', () => {
    for (const [name, { command }] of samples) {
      if (command === undefined) continue;
      const definition = operationRegistry[command.operationType as keyof typeof operationRegistry];
      assert.ok(
        definition.steps.some((step) => step.name === command.step),
        `${name}: ${command.operationType} has no step ${command.step}`,
      );
    }
  });
});
