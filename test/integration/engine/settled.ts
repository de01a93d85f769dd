// What tests of copies begin and end with: a rig of their own that nothing is left on, and volumes, snapshots and copies that are there.
import assert from 'node:assert/strict';
import { loadVolumeFacts } from '../../../services/core/db/engine/facts.js';
import type { VolumeFacts } from '../../../services/core/operations/facts.js';
import { closeOwnParts, freshDatabase } from '../../harness/environment.js';
import { createSnapshot, createVolume, createVolumeFromSnapshot, deleteVolume } from './requests.js';
import { place, Rig } from './rig.js';

export const instant = { maxLayers: 16 };

/** For the head of a `describe`; `given` is called before the first test. */
export function useRig(given: (rig: Rig) => void): void {
  let rig: Rig;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await freshDatabase();
    drop = () => database.drop();
    rig = await Rig.open(database.url);
    given(rig);
  });
  after(async () => {
    await rig.close();
    await drop();
    await closeOwnParts();
  });
  afterEach(async () => {
    rig.interfere = () => null;
    rig.commands.length = 0;
    rig.cancels.length = 0;
    await rig.assertNothingLeft();
  });
}

/** Each is asked for and waited for. */
export function settledOn(rigOf: () => Rig) {
  return {
    async settledVolume(): Promise<string> {
      const { id } = await createVolume(rigOf().db, place);
      await rigOf().settle();
      return id;
    },
    async settledSnapshot(volumeId: string): Promise<string> {
      const { id } = await createSnapshot(rigOf().db, volumeId);
      await rigOf().settle();
      return id;
    },
    async settledCopy(volumeId: string, snapshotId: string): Promise<string> {
      const { id } = await createVolumeFromSnapshot(rigOf().db, place, { volumeId, snapshotId }, instant);
      await rigOf().settle();
      assert.equal(await rigOf().statusOf('volumes', id), 'available');
      return id;
    },
    async facts(id: string): Promise<VolumeFacts> {
      return (await rigOf().db.transaction((tx) => loadVolumeFacts(tx, [id]))).get(id) ?? assert.fail('no such volume');
    },
    async discard(...ids: string[]): Promise<void> {
      for (const id of ids) await deleteVolume(rigOf().db, id);
      await rigOf().settle();
    },
  };
}
