// Scenarios of backups: made whole and upon another one, put back, looked at, removed. A failure leaves volume and snapshot as they were.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type Asked,
  backUp,
  createVolume,
  deleteBackup,
  deleteSnapshot,
  deleteVolume,
  restoreBackup,
  verifyBackup,
} from '../integration/engine/requests.js';
import { type End, type Scenario, snapshotOf, statusIs, type Trial, volumeOf } from './scenario-parts.js';
import type { Stage } from './stage.js';

async function backupIs(stage: Stage, id: string, wanted: string | null): Promise<void> {
  const row: { status: string } | undefined = await stage.db('backups').where({ id }).first('status');
  assert.equal(row?.status ?? null, wanted, `status of backup ${id}`);
}

async function backupOf(stage: Stage): Promise<string> {
  const volumeId = await volumeOf(stage);
  return stage.ended(await backUp(stage.db, volumeId, await snapshotOf(stage, volumeId)));
}

/** What is left of one that failed can be deleted. */
function backingUp(stage: Stage, volumeId: string, snapshotId: string, parent: string | null): Trial {
  let made = '';
  const request = async (): Promise<Asked> => {
    const asked = await backUp(stage.db, volumeId, snapshotId, parent);
    made = asked.id;
    return asked;
  };
  const check = async (end: End): Promise<void> => {
    await backupIs(stage, made, end === 'done' ? 'available' : 'error');
    await statusIs(stage, 'snapshots', snapshotId, 'available');
    await statusIs(stage, 'volumes', volumeId, 'available');
  };
  const gone = () => backupIs(stage, made, null);
  return { request, check, remedy: () => ({ request: () => deleteBackup(stage.db, made), check: gone }) };
}

function restoring(stage: Stage, backupId: string, volumeId: string): Trial {
  const request = () => restoreBackup(stage.db, backupId, volumeId);
  const check = async (end: End): Promise<void> => {
    await statusIs(stage, 'volumes', volumeId, end === 'done' ? 'available' : 'error_restoring');
    await backupIs(stage, backupId, 'available');
  };
  return { request, check, remedy: () => ({ request, check: () => check('done') }) };
}

export const backupScenarios: readonly Scenario[] = [
  {
    type: 'backup-create',
    name: 'whole',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      return backingUp(stage, volumeId, await snapshotOf(stage, volumeId), null);
    },
  },
  {
    type: 'backup-create',
    name: 'upon another one',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await volumeOf(stage);
      const parent = await stage.ended(await backUp(stage.db, volumeId, await snapshotOf(stage, volumeId)));
      return backingUp(stage, volumeId, await snapshotOf(stage, volumeId), parent);
    },
  },
  {
    type: 'backup-restore',
    name: 'into a volume at rest',
    guest: 'none',
    prepare: async (stage) => restoring(stage, await backupOf(stage), await volumeOf(stage)),
  },
  {
    type: 'backup-restore',
    name: 'into a volume with a snapshot',
    guest: 'none',
    prepare: async (stage) => {
      const volumeId = await stage.ended(await createVolume(stage.db, stage.place));
      await snapshotOf(stage, volumeId);
      return restoring(stage, await backupOf(stage), volumeId);
    },
  },
  {
    type: 'backup-delete',
    name: 'of one that nobody needs',
    guest: 'none',
    prepare: async (stage) => {
      const id = await backupOf(stage);
      const check = (end: End) => backupIs(stage, id, end === 'done' ? null : 'error_deleting');
      const request = () => deleteBackup(stage.db, id);
      return { request, check, remedy: () => ({ request, check: () => check('done') }) };
    },
  },
  {
    type: 'backup-delete',
    name: 'of a volume that was encrypted and is gone',
    guest: 'none',
    variant: 1,
    prepare: async (stage) => {
      const sealed = { encrypted: true, encryption_key_id: randomUUID() };
      const volumeId = await stage.ended(await createVolume(stage.db, stage.place, 1, 'qcow2', sealed));
      const snapshotId = await snapshotOf(stage, volumeId);
      const id = await stage.ended(await backUp(stage.db, volumeId, snapshotId));
      await stage.ended(await deleteSnapshot(stage.db, volumeId, snapshotId));
      await stage.ended(await deleteVolume(stage.db, volumeId));
      const check = (end: End) => backupIs(stage, id, end === 'done' ? null : 'error_deleting');
      const request = () => deleteBackup(stage.db, id);
      return { request, check, remedy: () => ({ request, check: () => check('done') }) };
    },
  },
  {
    type: 'backup-verify',
    name: 'of every object',
    guest: 'none',
    prepare: async (stage) => {
      const id = await backupOf(stage);
      const request = () => verifyBackup(stage.db, id);
      const check = () => backupIs(stage, id, 'available');
      return { request, check, remedy: () => ({ request, check }) };
    },
  },
];
