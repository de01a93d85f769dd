// One way (or several) to run every operation from a prepared start: what is made before, the one request, and what must be true
// after a good and after a bad end. The lane generates its cases from the steps that these scenarios really take; a step of the
// registry that none of them takes fails the lane.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OperationType } from '../../services/core/operations/params.js';
import {
  type Asked,
  actOnServer,
  assistSnapshotCreate,
  assistSnapshotDelete,
  attachVolume,
  checkChain,
  createGroupSnapshot,
  createServer,
  createSnapshot,
  createVolume,
  createVolumeFromSnapshot,
  deleteSnapshot,
  deleteVolume,
  detachVolume,
  extendVolume,
  manageSnapshot,
  manageVolume,
  migrateVolume,
  revertVolume,
  scanShare,
  settleVolume,
  unmanageSnapshot,
  unmanageVolume,
  writeCustody,
} from '../integration/engine/requests.js';
import type { GuestShape } from '../unit/operations/sample-contexts.js';
import type { Stage } from './stage.js';

export type End = 'done' | 'failed';

/** What a client does after a failure: the same thing again, or the way out that the status allows. Must end well. */
export interface Remedy {
  readonly request: () => Promise<Asked>;
  readonly check: () => Promise<void>;
}

/** The request that is put to the test, and the check of what clients see afterwards. */
export interface Trial {
  readonly request: () => Promise<Asked>;
  readonly check: (end: End) => Promise<void>;
  readonly remedy?: () => Remedy;
}

export interface Scenario {
  readonly type: OperationType;
  /** Unique together with the type. */
  readonly name: string;
  readonly guest: GuestShape;
  /** Which of the operation's samples it is like, when there are several with this guest. */
  readonly variant?: number;
  /** The volume grew although the step was reported as failed; `error_extending` says so, and it can be deleted. */
  readonly mayOutgrowRecord?: true;
  readonly prepare: (stage: Stage) => Promise<Trial>;
}

const GUEST_DISK_GIB = 1;

async function volumeOf(stage: Stage): Promise<string> {
  return stage.ended(await createVolume(stage.db, stage.place, GUEST_DISK_GIB));
}

async function snapshotOf(stage: Stage, volumeId: string): Promise<string> {
  return stage.ended(await createSnapshot(stage.db, volumeId));
}

/** A running server with one disk. */
async function guestOf(stage: Stage): Promise<{ readonly serverId: string; readonly volumeId: string }> {
  const volumeId = await volumeOf(stage);
  const serverId = await stage.ended(await createServer(stage.db, stage.place, [volumeId]));
  return { serverId, volumeId };
}

async function statusIs(
  stage: Stage,
  table: 'volumes' | 'snapshots',
  id: string,
  wanted: string | null,
): Promise<void> {
  const row: { status: string } | undefined = await stage.db(table).where({ id }).first('status');
  assert.equal(row?.status ?? null, wanted, `status of ${table} ${id}`);
}

async function serverIs(stage: Stage, id: string, wanted: string | null): Promise<void> {
  const row: { vm_state: string; task_state: string | null } | undefined = await stage
    .db('servers')
    .where({ id })
    .first('vm_state', 'task_state');
  assert.equal(row?.vm_state ?? null, wanted, 'state of the server');
  assert.equal(row?.task_state ?? null, null, 'nothing is being done to the server');
}

/** A trial about one volume whose id is known before the request. */
function onVolume(stage: Stage, id: string, request: () => Promise<Asked>, ends: Record<End, string | null>): Trial {
  return { request, check: (end) => statusIs(stage, 'volumes', id, ends[end]) };
}

/** The same trial, whose remedy is to ask for the same again. */
function repeatable(trial: Trial, again: () => Promise<Asked> = trial.request): Trial {
  return { ...trial, remedy: () => ({ request: again, check: () => trial.check('done') }) };
}

/** A trial whose resource is made by the request itself; after a failure the client deletes what is left of it. */
function making(
  stage: Stage,
  table: 'volumes' | 'snapshots',
  request: () => Promise<Asked>,
  ends: Record<End, string | null>,
  discard?: (id: string) => Promise<Asked>,
): Trial {
  let made = '';
  const trial: Trial = {
    request: async () => {
      const asked = await request();
      made = asked.id;
      return asked;
    },
    check: (end) => statusIs(stage, table, made, ends[end]),
  };
  if (discard === undefined) return trial;
  return {
    ...trial,
    remedy: () => ({ request: () => discard(made), check: () => statusIs(stage, table, made, null) }),
  };
}

function onServer(
  stage: Stage,
  id: string,
  type: 'server-start' | 'server-stop' | 'server-delete',
  ends: Record<End, string | null>,
): Trial {
  return { request: () => actOnServer(stage.db, type, id), check: (end) => serverIs(stage, id, ends[end]) };
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

const moveScenarios: readonly Scenario[] = [
  {
    type: 'volume-migrate',
    name: 'to another backend',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const request = () => migrateVolume(stage.db, id, stage.other.pool);
      const check = async (end: End): Promise<void> => {
        const row: Record<string, string> = await stage.db('volumes').where({ id }).first();
        const moved = ['available', 'success', stage.other.pool];
        const { status, migration_status: migration, host } = row;
        assert.deepEqual([status, migration, host], end === 'done' ? moved : ['available', 'error', stage.place.pool]);
      };
      return repeatable({ request, check });
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
];

/** Two volumes of a group; after a failure none of them has a snapshot, and the same can be asked again. */
function snapshottingGroup(stage: Stage, volumeIds: readonly string[]): Trial {
  let made = '';
  const request = async (): Promise<Asked> => {
    const asked = await createGroupSnapshot(stage.db, volumeIds);
    made = asked.id;
    return asked;
  };
  const check = async (end: End): Promise<void> => {
    const status = end === 'done' ? 'available' : 'error';
    const group: { status: string } | undefined = await stage.db('group_snapshots').where({ id: made }).first('status');
    const rows: { status: string }[] = await stage.db('snapshots').where({ group_snapshot_id: made }).select('status');
    assert.deepEqual([group?.status, ...rows.map((row) => row.status)], [status, status, status]);
  };
  return repeatable({ request, check });
}

const groupScenarios: readonly Scenario[] = [
  {
    type: 'group-snapshot-create',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => snapshottingGroup(stage, [await volumeOf(stage), await volumeOf(stage)]),
  },
  {
    type: 'group-snapshot-create',
    name: 'two disks of a running guest',
    guest: 'running',
    prepare: async (stage) => {
      const volumeIds = [await volumeOf(stage), await volumeOf(stage)];
      await stage.ended(await createServer(stage.db, stage.place, volumeIds));
      return snapshottingGroup(stage, volumeIds);
    },
  },
];

const serverScenarios: readonly Scenario[] = [
  {
    type: 'attachment-create',
    name: 'running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { serverId } = await guestOf(stage);
      const id = await volumeOf(stage);
      const request = () => attachVolume(stage.db, id, serverId);
      return repeatable(onVolume(stage, id, request, { done: 'in-use', failed: 'available' }));
    },
  },
  {
    type: 'attachment-delete',
    name: 'running guest',
    guest: 'running',
    prepare: async (stage) => {
      const { serverId } = await guestOf(stage);
      const id = await volumeOf(stage);
      await stage.ended(await attachVolume(stage.db, id, serverId));
      const request = () => detachVolume(stage.db, id, serverId);
      return repeatable(onVolume(stage, id, request, { done: 'available', failed: 'in-use' }));
    },
  },
  {
    type: 'server-create',
    name: 'with one disk',
    guest: 'stopped',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      let server = '';
      return {
        request: async () => {
          const asked = await createServer(stage.db, stage.place, [id]);
          server = asked.id;
          return asked;
        },
        check: async (end) => {
          await serverIs(stage, server, end === 'done' ? 'active' : 'error');
          await statusIs(stage, 'volumes', id, end === 'done' ? 'in-use' : 'available');
        },
        remedy: () => ({
          request: () => actOnServer(stage.db, 'server-delete', server),
          check: () => serverIs(stage, server, null),
        }),
      };
    },
  },
  {
    type: 'server-start',
    name: 'stopped',
    guest: 'stopped',
    prepare: async (stage) => {
      const { serverId } = await guestOf(stage);
      await stage.ended(await actOnServer(stage.db, 'server-stop', serverId));
      const remedy = () => ({
        request: () => actOnServer(stage.db, 'server-stop', serverId),
        check: () => serverIs(stage, serverId, 'stopped'),
      });
      return { ...onServer(stage, serverId, 'server-start', { done: 'active', failed: 'error' }), remedy };
    },
  },
  {
    type: 'server-stop',
    name: 'running',
    guest: 'running',
    prepare: async (stage) => {
      const { serverId } = await guestOf(stage);
      return repeatable(onServer(stage, serverId, 'server-stop', { done: 'stopped', failed: 'error' }));
    },
  },
  {
    type: 'server-delete',
    name: 'running',
    guest: 'running',
    prepare: async (stage) => {
      const { serverId, volumeId } = await guestOf(stage);
      const trial = onServer(stage, serverId, 'server-delete', { done: null, failed: 'error' });
      const check = async (end: End): Promise<void> => {
        await trial.check(end);
        await statusIs(stage, 'volumes', volumeId, end === 'done' ? 'available' : 'in-use');
      };
      return repeatable({ ...trial, check });
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

/** What Saggar does for the day on which its database is lost; no volume is touched by it. */
const custodyScenarios: readonly Scenario[] = [
  {
    type: 'share-scan',
    name: 'one page',
    guest: 'none',
    prepare: async (stage) => {
      let scanId = '';
      const scan = async () => {
        const asked = await scanShare(stage.db, stage.place.pool);
        scanId = asked.id;
        return asked;
      };
      const check = async (end: End): Promise<void> => {
        const row: { state: string } | undefined = await stage.db('share_scans').where({ id: scanId }).first('state');
        assert.equal(row?.state, end);
      };
      return repeatable({ request: scan, check });
    },
  },
  {
    type: 'volume-settle',
    name: 'idle',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const request = () => settleVolume(stage.db, id);
      return repeatable(onVolume(stage, id, request, { done: 'available', failed: 'available' }));
    },
  },
  {
    type: 'custody-write',
    name: 'of a volume',
    guest: 'none',
    prepare: async (stage) => {
      const id = await volumeOf(stage);
      const file = path.join(stage.share, '.saggar', `${id}.json`);
      const check = async (end: End): Promise<void> => {
        await statusIs(stage, 'volumes', id, 'available');
        if (end !== 'done') return;
        const record = JSON.parse(await readFile(file, 'utf8')) as {
          readonly chain: readonly { readonly file: string }[];
        };
        assert.equal(record.chain[0]?.file, `volume-${id}`);
      };
      return repeatable({ request: () => writeCustody(stage.db, stage.place.pool, id), check });
    },
  },
];

export const scenarios: readonly Scenario[] = [
  ...volumeScenarios,
  ...moveScenarios,
  ...snapshotScenarios,
  ...groupScenarios,
  ...serverScenarios,
  ...letGoScenarios,
  ...lookScenarios,
  ...custodyScenarios,
];
