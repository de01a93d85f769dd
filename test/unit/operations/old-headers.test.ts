// Which way a snapshot's overlay goes that an old Cinder has made: its header has no room for the mark of a live merge down, so under a guest
// the active one is pulled up, whatever that copies; every other layer, and every volume at rest, goes the way that copies less.
import assert from 'node:assert/strict';
import type { StepContext } from '../../../services/core/operations/definition.js';
import { snapshotDelete } from '../../../services/core/operations/snapshot-delete.js';
import { sampleContexts } from './sample-contexts.js';

type Context = StepContext<'snapshot-delete'>;

function directionOf(guest: 'none' | 'running', old: 'top' | 'base' | 'none', isActive: boolean): string {
  const sample = sampleContexts().find((one) => one.type === 'snapshot-delete' && one.guest === guest);
  assert.ok(sample);
  const given = sample.context as Context;
  const { volume } = given.facts;
  assert.ok(volume);
  const top = volume.chain.findIndex(({ snapshotId }) => snapshotId === given.params.snapshotId);
  const above = { file: 'volume-above', format: 'qcow2', virtualSizeBytes: 1024, snapshotId: 'above' } as const;
  const chain = [...volume.chain.slice(0, top + 1), ...(isActive ? [] : [above])];
  const facts = { ...given.facts, volume: { ...volume, chain } };
  const layers = chain.map(({ file }, index) => ({
    file,
    allocatedBytes: 1024,
    ...(index === (old === 'top' ? top : old === 'base' ? top - 1 : -1) ? { qcow2Version: 2 as const } : {}),
  }));
  const outputs = { ...given.outputs, ...inspected(guest), 'measure-chain': { layers } };
  const plan = snapshotDelete.plan?.(given.params, facts) ?? null;
  const step = snapshotDelete.steps.find(({ name }) => name === 'measure-chain');
  return step?.decides?.({ ...given, facts, plan, outputs })?.direction ?? 'down';
}

function inspected(guest: 'none' | 'running'): Context['outputs'] {
  return guest === 'none' ? {} : { 'inspect-guest': { server: { powerState: 1, disks: [] } } };
}

describe('overlays with a header of version 2', () => {
  it('are pulled up under a guest when they are the active layer', () => {
    assert.equal(directionOf('running', 'top', true), 'up');
  });

  it('go down as others do when nobody has the volume, or when another layer is the active one or the old one', () => {
    assert.equal(directionOf('none', 'top', true), 'down');
    assert.equal(directionOf('running', 'top', false), 'down');
    assert.equal(directionOf('running', 'base', true), 'down');
    assert.equal(directionOf('running', 'none', true), 'down');
  });
});
