// Which way a snapshot's deletion goes, at every position of chains of 2 to 16 layers: where both ways are allowed, by what the two layers take on
// the share and by nothing else, live and at rest alike; where the base may not change its format or is another volume's, down.
import assert from 'node:assert/strict';
import type { Chain } from '../../../services/core/domain/chain.js';
import type { MergeDirection } from '../../../services/core/domain/chain-merge.js';
import { GIB } from '../../../services/core/domain/size.js';
import type { StepContext } from '../../../services/core/operations/definition.js';
import type { VolumeFacts } from '../../../services/core/operations/facts.js';
import { snapshotDelete } from '../../../services/core/operations/snapshot-delete.js';
import { ids, inspectOutput, sampleContexts } from './sample-contexts.js';

const MIB = 1024 ** 2;
type Context = StepContext<'snapshot-delete'>;

const snapshotAt = (position: number) => `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`;

/** All of one virtual size: whoever looked at that could not tell them apart. */
function chainOf(layers: number): Chain {
  return Array.from({ length: layers }, (_, position) => ({
    file: position === 0 ? `volume-${ids.volume}` : `volume-${ids.volume}.${snapshotAt(position)}`,
    format: 'qcow2' as const,
    virtualSizeBytes: 2 * GIB,
    snapshotId: position === 0 ? null : snapshotAt(position),
  }));
}

interface Wanted {
  readonly layers: number;
  /** Of the snapshot's overlay. */
  readonly position: number;
  readonly baseBytes: number;
  readonly topBytes: number;
  readonly facts?: Partial<VolumeFacts>;
}

/** The context when the chain was measured, or (not measured: only down is allowed) without that. */
function contextOf({ layers, position, baseBytes, topBytes, facts = {} }: Wanted): Context {
  const sample = sampleContexts().find(({ type, guest }) => type === 'snapshot-delete' && guest === 'running');
  assert.ok(sample?.context.facts.volume, 'no sample of a deletion');
  const volume: VolumeFacts = { ...sample.context.facts.volume, chain: chainOf(layers), ...facts };
  const params = { volumeId: ids.volume, snapshotId: snapshotAt(position) };
  const allFacts = { ...sample.context.facts, volume };
  const plan = snapshotDelete.plan?.(params, allFacts) ?? null;
  const context: Context = { params, facts: allFacts, plan, outputs: {} };
  const measure = snapshotDelete.steps.find(({ name }) => name === 'measure-chain');
  assert.ok(measure, 'no step measures');
  if (measure.when?.(context) !== true) return context;
  const bytes = (index: number) => (index === position ? topBytes : index === position - 1 ? baseBytes : GIB);
  const measured = volume.chain.map(({ file }, index) => ({ file, allocatedBytes: bytes(index) }));
  const outputs = { 'measure-chain': { layers: measured } };
  return { ...context, outputs, plan: measure.decides?.({ ...context, outputs }) ?? null };
}

/** What both kinds of merge are told. */
function directionsOf(context: Context): (MergeDirection | undefined)[] {
  return (['merge-live', 'merge-offline'] as const).map((name) => {
    const outputs = { ...context.outputs, 'inspect-guest': inspectOutput(name === 'merge-live' ? 'running' : 'none') };
    const step = snapshotDelete.steps.find((one) => one.name === name);
    assert.ok(step !== undefined && step.when?.({ ...context, outputs }) === true, `${name} does not apply`);
    return (step.do({ ...context, outputs }).params as { direction?: MergeDirection }).direction;
  });
}

describe('the direction of a merge', () => {
  for (const layers of [2, 3, 4, 8, 16]) {
    it(`follows what is allocated, at every position of ${layers} layers, live and at rest`, () => {
      for (let position = 1; position < layers; position += 1) {
        const up = contextOf({ layers, position, baseBytes: 4 * MIB, topBytes: 400 * MIB });
        assert.deepEqual(directionsOf(up), ['up', 'up'], `position ${position}`);
        assert.equal(up.plan?.file, chainOf(layers)[position - 1]?.file, 'the base goes');
        assert.equal(up.plan?.after[position - 1]?.file, chainOf(layers)[position]?.file);
        const down = contextOf({ layers, position, baseBytes: 400 * MIB, topBytes: 4 * MIB });
        assert.deepEqual(directionsOf(down), [undefined, undefined], `position ${position}`);
        assert.equal(down.plan?.file, chainOf(layers)[position]?.file, 'the top goes');
      }
    });
  }

  it('is down where the base has to stay raw, whatever it takes, and free above it', () => {
    const facts = { baseMustBeRaw: true };
    const oldest = contextOf({ layers: 4, position: 1, baseBytes: 0, topBytes: 400 * MIB, facts });
    assert.deepEqual(directionsOf(oldest), [undefined, undefined]);
    assert.ok(
      'measure-chain' in oldest.outputs,
      'it is asked all the same: nobody outside of the chain may stand on the two',
    );
    const middle = contextOf({ layers: 4, position: 2, baseBytes: 0, topBytes: 400 * MIB, facts });
    assert.deepEqual(directionsOf(middle), ['up', 'up']);
  });

  it('is free for every own layer of a copy, and its lowest own layer is never merged into another volume', () => {
    const facts = { foreignLayers: 2 };
    assert.throws(() => contextOf({ layers: 4, position: 2, baseBytes: 0, topBytes: 400 * MIB, facts }), {
      code: 'chain_mismatch',
    });
    const own = contextOf({ layers: 4, position: 3, baseBytes: 0, topBytes: 400 * MIB, facts });
    assert.deepEqual(directionsOf(own), ['up', 'up']);
    assert.equal(own.plan?.foreignAfter, 2);
  });
});
