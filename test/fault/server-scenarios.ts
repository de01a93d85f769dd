// Scenarios of operations about servers, and about several volumes at once.
import assert from 'node:assert/strict';
import {
  type Asked,
  actOnServer,
  attachVolume,
  createGroupSnapshot,
  createServer,
  detachVolume,
} from '../integration/engine/requests.js';
import {
  type End,
  guestOf,
  onServer,
  onVolume,
  repeatable,
  type Scenario,
  serverIs,
  statusIs,
  type Trial,
  volumeOf,
} from './scenario-parts.js';
import type { Stage } from './stage.js';

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

export const groupScenarios: readonly Scenario[] = [
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

/** Each of two servers has one of the volumes, and the second refuses its switch when the first has done it: its volume is left out. */
export const refusedSwitch: Scenario = {
  type: 'group-snapshot-create',
  name: 'of two servers, one of which refuses',
  guest: 'running',
  prepare: async (stage) => {
    const [first, second] = [await guestOf(stage), await guestOf(stage)];
    let made = '';
    const request = async (): Promise<Asked> => {
      const asked = await createGroupSnapshot(stage.db, [first.volumeId, second.volumeId]);
      made = asked.id;
      return asked;
    };
    const check = async (): Promise<void> => {
      const rows: { volume_id: string; status: string }[] = await stage
        .db('snapshots')
        .where({ group_snapshot_id: made })
        .select('volume_id', 'status');
      const statusOf = new Map(rows.map((row) => [row.volume_id, row.status]));
      assert.deepEqual([statusOf.get(first.volumeId), statusOf.get(second.volumeId)], ['available', 'error']);
      const layers: unknown[] = await stage.db('chain_layers').where({ volume_id: second.volumeId });
      assert.equal(layers.length, 1, 'layers of the volume that was left out');
    };
    return { request, check };
  },
};

export const serverScenarios: readonly Scenario[] = [
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
