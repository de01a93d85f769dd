// One way (or several) to run every operation from a prepared start: what is made before, the one request, and what must be true
// after a good and after a bad end. The lane generates its cases from the steps that these scenarios really take; a step of the
// registry that none of them takes fails the lane.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type Asked,
  actOnServer,
  assistSnapshotCreate,
  assistSnapshotDelete,
  checkChain,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
  exportVolume,
  extendVolume,
  flattenVolume,
  forkVolume,
  manageSnapshot,
  manageVolume,
  migrateVolume,
  removeOrphans,
  revertVolume,
  unmanageSnapshot,
  unmanageVolume,
} from '../integration/engine/requests.js';
import { backupScenarios } from './backup-scenarios.js';
import { custodyScenarios } from './custody-scenarios.js';
import { encryptionScenarios } from './encryption-scenarios.js';
import { imageScenarios } from './image-scenarios.js';
import {
  type End,
  guestOf,
  making,
  onVolume,
  repeatable,
  type Scenario,
  snapshotOf,
  statusIs,
  type Trial,
  volumeOf,
} from './scenario-parts.js';
import { groupScenarios, serverScenarios } from './server-scenarios.js';
import type { Stage } from './stage.js';
import { transferScenarios } from './transfer-scenarios.js';
import { volumeImageScenarios } from './volume-image-scenarios.js';

/** A volume that stands on the layers of another one. */
async function copyOf(stage: Stage): Promise<string> {
  const volumeId = await volumeOf(stage);
  const source = { volumeId, snapshotId: await snapshotOf(stage, volumeId) };
  return stage.ended(await createVolumeFromSnapshot(stage.db, stage.place, source, { maxLayers: 16 }));
}

/** Independent afterwards; after a failure as it was, with the finding, and it can be asked for again. */
function flattening(stage: Stage, id: string): Trial {
  const check = async (end: End): Promise<void> => {
    const row: Record<string, unknown> | undefined = await stage.db('volumes').where({ id }).first();
    assert.equal(row?.['backing_file'] === null, end === 'done', 'independent');
    assert.equal(row?.['flatten_error'] === null, end === 'done', 'no finding');
  };
  return repeatable({ request: () => flattenVolume(stage.db, id), check });
}

const volumeScenarios: readonly Scenario[] = [
  {
    type: 'volume-create',
    name: 'blank',
    guest: 'none',
    prepare: (stage) => {
      const request = () => createVolume(stage.db, stage.place);
      const ends = { done: 'available', failed: 'error' };
      return Promise.resolve(making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id)));
    },
  },
  {
    type: 'volume-create',
    name: 'from snapshot',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const snapshotId = await snapshotOf(stage, volumeId);
      const request = () => createVolumeFromSnapshot(stage.db, stage.place, { volumeId, snapshotId });
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
    },
  },
  {
    type: 'volume-create',
    name: 'standing on a snapshot',
    guest: 'none',
    variant: 2,
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const snapshotId = await snapshotOf(stage, volumeId);
      const source = { volumeId, snapshotId };
      const request = () => createVolumeFromSnapshot(stage.db, stage.place, source, { maxLayers: 16 });
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
    },
  },
  {
    type: 'volume-clone',
    name: 'of a volume at rest',
    guest: 'none',
    prepare: async (stage) => {
      const source = await volumeOf(stage);
      const request = () => forkVolume(stage.db, stage.place, source);
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
    },
  },
  {
    type: 'volume-clone',
    name: 'of a volume in a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const source = await volumeOf(stage);
      await stage.ended(await createServer(stage.db, stage.place, [source]));
      const request = () => forkVolume(stage.db, stage.place, source);
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
    },
  },
  {
    type: 'volume-flatten',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => flattening(stage, await copyOf(stage)),
  },
  {
    type: 'volume-flatten',
    name: 'in a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const id = await copyOf(stage);
      await stage.ended(await createServer(stage.db, stage.place, [id]));
      return flattening(stage, id);
    },
  },
  {
    type: 'volume-manage',
    name: 'a file of the share',
    guest: 'none',
    prepare: async (stage) => {
      const file = await stage.makeImage(null);
      const request = async () => {
        const asked = await manageVolume(stage.db, stage.place, file);
        // Whatever happens to the volume, the file's data stays its owner's.
        stage.outsiders.add(`volume-${asked.id}`);
        return asked;
      };
      const ends = { done: 'available', failed: 'error_managing' };
      return making(stage, 'volumes', request, ends, (id) => deleteVolume(stage.db, id));
    },
  },
  {
    type: 'volume-delete',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const request = () => deleteVolume(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: null, failed: 'error_deleting' }));
    },
  },
  {
    type: 'volume-extend',
    name: 'idle',
    guest: 'none',
    mayOutgrowRecord: true,
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const request = () => extendVolume(stage.db, stage.place, id, 2);
      const remedy = () => ({
        request: () => deleteVolume(stage.db, id),
        check: () => statusIs(stage, 'volumes', id, null),
      });
      return { ...onVolume(stage, id, request, { done: 'available', failed: 'error_extending' }), remedy };
    },
  },
  {
    type: 'volume-extend',
    name: 'in a running guest',
    guest: 'running',
    mayOutgrowRecord: true,
    prepare: async (stage) => {
      const { volumeId: id } = await guestOf(stage);
      const request = () => extendVolume(stage.db, stage.place, id, 2);
      return onVolume(stage, id, request, { done: 'in-use', failed: 'error_extending' });
    },
  },
];

/** On the other pool afterwards, or where it was; after a failure it can be asked for again. */
function moving(stage: Stage, id: string, at: 'available' | 'in-use'): Trial {
  const request = () => migrateVolume(stage.db, id, stage.other.pool);
  const check = async (end: End): Promise<void> => {
    const row: Record<string, string> = await stage.db('volumes').where({ id }).first();
    const moved = [at, 'success', stage.other.pool];
    const { status, migration_status: migration, host } = row;
    assert.deepEqual([status, migration, host], end === 'done' ? moved : [at, 'error', stage.place.pool]);
  };
  return repeatable({ request, check });
}

const moveScenarios: readonly Scenario[] = [
  {
    type: 'volume-migrate',
    name: 'to another backend',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      await snapshotOf(stage, id);
      return moving(stage, id, 'available');
    },
  },
  {
    type: 'volume-migrate',
    name: 'of a stopped server',
    guest: 'stopped',
    prepare: async (stage) => {
      const { serverId, volumeId } = await guestOf(stage);
      await stage.ended(await actOnServer(stage.db, 'server-stop', serverId));
      return moving(stage, volumeId, 'in-use');
    },
  },
  {
    type: 'volume-migrate',
    name: 'of a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      await snapshotOf(stage, id);
      await stage.ended(await createServer(stage.db, stage.place, [id]));
      return moving(stage, id, 'in-use');
    },
  },
  {
    type: 'volume-revert',
    name: 'to the newer of two snapshots',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      await snapshotOf(stage, id);
      const snapshotId = await snapshotOf(stage, id);
      const check = async (): Promise<void> => {
        await statusIs(stage, 'volumes', id, 'available');
        await statusIs(stage, 'snapshots', snapshotId, 'available');
      };
      return repeatable({ request: () => revertVolume(stage.db, id, snapshotId), check });
    },
  },
  {
    type: 'volume-unmanage',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      stage.outsiders.add(`volume-${id}`);
      return repeatable(onVolume(stage, id, () => unmanageVolume(stage.db, id), { done: null, failed: 'available' }));
    },
  },
];

/** Deleting a snapshot: it is gone afterwards, or shown as `error_deleting` and can be deleted again. */
function deletingSnapshot(stage: Stage, volumeId: string, id: string): Trial {
  const check = (end: End) => statusIs(stage, 'snapshots', id, end === 'done' ? null : 'error_deleting');
  return repeatable({ request: () => deleteSnapshot(stage.db, volumeId, id), check });
}

const snapshotScenarios: readonly Scenario[] = [
  {
    type: 'snapshot-create',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const request = () => createSnapshot(stage.db, volumeId);
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'snapshots', request, ends, (id) => deleteSnapshot(stage.db, volumeId, id));
    },
  },
  {
    type: 'snapshot-create',
    name: 'in a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { volumeId } = await guestOf(stage);
      const request = () => createSnapshot(stage.db, volumeId);
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'snapshots', request, ends, (id) => deleteSnapshot(stage.db, volumeId, id));
    },
  },
  {
    type: 'snapshot-delete',
    name: 'idle, the older of two',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const id = await snapshotOf(stage, volumeId);
      await snapshotOf(stage, volumeId);
      return deletingSnapshot(stage, volumeId, id);
    },
  },
  {
    type: 'snapshot-delete',
    name: 'the newest, in a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { volumeId } = await guestOf(stage);
      return deletingSnapshot(stage, volumeId, await snapshotOf(stage, volumeId));
    },
  },
  {
    type: 'assisted-snapshot-create',
    name: 'running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { volumeId } = await guestOf(stage);
      const file = await stage.makeImage(`volume-${volumeId}`);
      const request = () => assistSnapshotCreate(stage.db, volumeId, file);
      return making(stage, 'snapshots', request, { done: 'creating', failed: 'error' });
    },
  },
  {
    type: 'assisted-snapshot-delete',
    name: 'running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { volumeId } = await guestOf(stage);
      const file = await stage.makeImage(`volume-${volumeId}`);
      const id = await stage.ended(await assistSnapshotCreate(stage.db, volumeId, file));
      const request = () => assistSnapshotDelete(stage.db, volumeId, id, file);
      const check = (end: End) => statusIs(stage, 'snapshots', id, end === 'done' ? 'deleting' : 'error_deleting');
      return repeatable({ request, check });
    },
  },
  {
    type: 'assisted-snapshot-delete',
    name: 'a guest that has ended',
    guest: 'stopped',
    prepare: async (stage) => {
      const { volumeId, serverId } = await guestOf(stage);
      const file = await stage.makeImage(`volume-${volumeId}`);
      const id = await stage.ended(await assistSnapshotCreate(stage.db, volumeId, file));
      await stage.ended(await actOnServer(stage.db, 'server-stop', serverId));
      const request = () => assistSnapshotDelete(stage.db, volumeId, id, file);
      const check = (end: End) => statusIs(stage, 'snapshots', id, end === 'done' ? 'deleting' : 'error_deleting');
      return repeatable({ request, check });
    },
  },
];

const letGoScenarios: readonly Scenario[] = [
  {
    type: 'snapshot-unmanage',
    name: 'the older of two',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const id = await snapshotOf(stage, volumeId);
      await snapshotOf(stage, volumeId);
      const check = (end: End) => statusIs(stage, 'snapshots', id, end === 'done' ? null : 'available');
      return repeatable({ request: () => unmanageSnapshot(stage.db, volumeId, id), check });
    },
  },
  {
    type: 'snapshot-manage',
    name: 'one that was let go',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const old = await snapshotOf(stage, volumeId);
      await stage.ended(await unmanageSnapshot(stage.db, volumeId, old));
      const request = () => manageSnapshot(stage.db, volumeId, old);
      const ends = { done: 'available', failed: 'error' };
      return making(stage, 'snapshots', request, ends, (id) => deleteSnapshot(stage.db, volumeId, id));
    },
  },
];

const tidyScenarios: readonly Scenario[] = [
  {
    type: 'orphan-remove',
    name: 'a file of no volume',
    guest: 'none',
    prepare: async (stage) => {
      const orphanOf = randomUUID();
      const file = await stage.makeImage(null);
      const request = () => removeOrphans(stage.db, stage.place, orphanOf, [file]);
      const check = async (end: End): Promise<void> => {
        const trash = path.join(stage.share, '.saggar', 'trash');
        const kept = (await readdir(trash)).filter((name) => name.startsWith(`${file}.`));
        assert.ok(kept.length <= 1, 'it was moved once');
        if (end === 'done') assert.ok(!(await stage.imageFiles()).includes(file), 'it is out of the way');
        // Whoever looks after the case expects that nothing is left.
        for (const name of kept) await rm(path.join(trash, name));
      };
      return repeatable({ request, check });
    },
  },
];

/** The volume stays as it is; what was copied lies in a directory, complete, or nothing does. */
function exporting(stage: Stage, volumeId: string, snapshotId: string | null): Trial {
  let directory = '';
  const name = `volume-${volumeId}.raw`;
  const request = async (): Promise<Asked> => {
    const asked = await exportVolume(stage.db, volumeId, snapshotId);
    directory = path.join(stage.share, `leave-${asked.id}`);
    // It is what people take away: nobody removes it.
    stage.outsiders.add(path.basename(directory));
    return asked;
  };
  const check = async (end: End): Promise<void> => {
    await statusIs(stage, 'volumes', volumeId, 'available');
    const found = await readdir(directory).catch(() => []);
    if (end === 'done') assert.deepEqual(found.sort(), ['SHA256SUMS', 'manifest.jsonl', name, `${name}.json`]);
  };
  return repeatable({ request, check });
}

const exportScenarios: readonly Scenario[] = [
  {
    type: 'volume-export',
    name: 'of a snapshot',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      return exporting(stage, volumeId, await snapshotOf(stage, volumeId));
    },
  },
];

/** Operations that only look: whatever happens to them, nothing of the volume changes. */
const lookScenarios: readonly Scenario[] = [
  {
    type: 'chain-check',
    name: 'idle, with a snapshot',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      await snapshotOf(stage, id);
      const request = () => checkChain(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: 'available', failed: 'available' }));
    },
  },
  {
    type: 'chain-check',
    name: 'in a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { volumeId: id } = await guestOf(stage);
      const request = () => checkChain(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: 'in-use', failed: 'in-use' }));
    },
  },
];

export const scenarios: readonly Scenario[] = [
  ...volumeScenarios,
  ...moveScenarios,
  ...snapshotScenarios,
  ...groupScenarios,
  ...backupScenarios,
  ...serverScenarios,
  ...letGoScenarios,
  ...tidyScenarios,
  ...exportScenarios,
  ...transferScenarios,
  ...encryptionScenarios,
  ...imageScenarios,
  ...volumeImageScenarios,
  ...lookScenarios,
  ...custodyScenarios,
];
