// What must hold for every operation table as data: names, deadlines, commands that fit the AMQP contract.
import assert from 'node:assert/strict';
import { commandSchemas } from '../../../services/core/messages/envelope.js';
import { findSchemaViolation } from '../../../services/core/messages/parse-message.js';
import type { StepContext } from '../../../services/core/operations/definition.js';
import type { OperationParams, OperationType } from '../../../services/core/operations/params.js';
import { definitionFor, definitionOf, operationRegistry } from '../../../services/core/operations/registry.js';
import { ids, inspectOutput, sampleContexts } from './sample-contexts.js';

function sampleOf(type: OperationType): StepContext {
  const sample = sampleContexts().find((one) => one.type === type);
  assert.ok(sample, type);
  return sample.context;
}

describe('operation tables', () => {
  it('name each step once and give it a deadline', () => {
    for (const definition of Object.values(operationRegistry)) {
      const names = definition.steps.map((step) => step.name);
      assert.equal(new Set(names).size, names.length, definition.type);
      for (const step of definition.steps) assert.ok(step.timeoutMs >= 1000, `${definition.type} ${step.name}`);
    }
  });

  it('mark as read-only only steps that need no undo', () => {
    for (const definition of Object.values(operationRegistry)) {
      for (const step of definition.steps)
        if (step.readOnly === true) assert.equal(step.undo, undefined, `${definition.type} ${step.name}`);
    }
  });

  it('refuse an unknown type', () => {
    assert.throws(() => definitionOf('volume-teleport'), /unknown operation type/);
    assert.throws(() => definitionOf('toString'), /unknown operation type/);
  });

  for (const { type, guest, context: bare } of sampleContexts()) {
    it(`${type} (guest ${guest}) makes commands that fit the contract`, () => {
      const context: StepContext = {
        ...bare,
        outputs: { ...bare.outputs, 'inspect-guest': inspectOutput(guest), 'inspect-guest:0': inspectOutput(guest) },
      };
      for (const step of definitionFor({ type, params: context.params }).steps) {
        if (step.when !== undefined && !step.when(context)) continue;
        for (const make of [step.do, step.undo]) {
          if (make === undefined) continue;
          const { command, params } = make(context);
          assert.equal(findSchemaViolation(commandSchemas[command].params, params), null, `${step.name} ${command}`);
        }
      }
    });
  }

  it('volume-delete removes the files of the chain newest first, and never a file that was only to be taken over', () => {
    const sample = sampleContexts().find((one) => one.type === 'volume-delete');
    assert.ok(sample?.context.facts.volume);
    const { volume } = sample.context.facts;
    const step = definitionOf('volume-delete').steps.find((one) => one.name === 'remove-files');
    const removed = (change: object): unknown => {
      const context = { ...sample.context, facts: { ...sample.context.facts, volume: { ...volume, ...change } } };
      return step?.when?.(context) === true ? (step.do(context).params as { files?: unknown }).files : null;
    };
    assert.deepEqual(
      removed({}),
      [...volume.chain].reverse().map((layer) => layer.file),
    );
    assert.deepEqual(removed({ chain: [] }), [`volume-${volume.id}`], 'a creation that failed');
    assert.equal(removed({ chain: [], sizeGib: 0 }), null, 'a take-over that failed');
  });

  it('moves, reverts and lets go only of what is still as it was when it was asked', () => {
    const refusals: readonly [OperationType, object, RegExp][] = [
      ['volume-migrate', { backendHost: 'host@third' }, /not where it was/],
      ['volume-migrate', { chain: [] }, /no image file on record/],
      ['volume-revert', { chain: [] }, /not the latest one/],
      ['volume-unmanage', { hasSnapshots: true }, /more than one image file/],
      ['volume-unmanage', { chain: [] }, /more than one image file/],
      ['volume-extend', { chain: [] }, /no image file on record/],
      ...(['volume-delete', 'volume-migrate', 'volume-revert', 'volume-unmanage'] as const).map(
        (type): [OperationType, object, RegExp] => [type, { hasAttachments: true }, /is attached/],
      ),
    ];
    for (const [type, change, words] of refusals) {
      const { facts, params } = sampleOf(type);
      const volume = facts.volume === null ? null : { ...facts.volume, ...change };
      assert.throws(() => definitionOf(type).plan?.(params, { ...facts, volume }), words, type);
    }
    const { facts, params } = sampleOf('volume-migrate');
    assert.throws(() => definitionOf('volume-migrate').plan?.(params, { ...facts, places: null }), /pool .* is gone/);
    const held = sampleContexts().find(({ type, guest }) => type === 'volume-migrate' && guest === 'running')?.context;
    assert.ok(held?.facts.volume);
    const twice = { ...held.facts, volume: { ...held.facts.volume, attachmentCount: 2 } };
    assert.throws(() => definitionOf('volume-migrate').plan?.(held.params, twice), /attached more than once/);
    const reverting = sampleOf('volume-revert');
    const stale = { ...(reverting.params as OperationParams['volume-revert']), snapshotId: ids.newSnapshot };
    assert.throws(() => definitionOf('volume-revert').plan?.(stale, reverting.facts), /not the latest one/);
  });

  it('asks the worker of each pool of a move for its own files alone', () => {
    const context = sampleOf('volume-migrate');
    const places = Object.fromEntries(
      definitionOf('volume-migrate')
        .steps.filter(({ on, name }) => on === 'volume-worker' && !name.endsWith('-key'))
        .map((step) => {
          const { share, target } = step.do(context).params as { share?: string; target?: { share: string } };
          return [step.name, `${step.at ?? ''} ${target?.share ?? share ?? ''}`];
        }),
    );
    assert.deepEqual(places, {
      'copy-image': 'to dir:/other',
      'compare-copy': 'to dir:/other',
      'prepare-target': 'to dir:/other',
      'verify-chain': 'to dir:/other',
      'remove-source-record': 'from dir:/share',
      'write-record': 'to dir:/other',
      'remove-source': 'from dir:/share',
    });
  });

  it('volume-delete refuses a volume that still has snapshots', () => {
    const sample = sampleContexts().find((one) => one.type === 'volume-delete');
    assert.ok(sample?.context.facts.volume);
    const { facts, params } = sample.context;
    const volume = { ...sample.context.facts.volume, hasSnapshots: true };
    assert.throws(() => definitionOf('volume-delete').plan?.(params, { ...facts, volume }), /still has snapshots/);
  });
});
