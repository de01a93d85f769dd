// What can be asked of a volume, as a table: the pair test runs every row against every other. A new intention joins by a row.
import { attachVolume, detachVolume } from '../../../services/core/db/compute/volume-attachments.js';
import { asServiceError, errorCodes } from '../../../services/core/domain/errors.js';
import type { SnapshotIntention } from '../../../services/core/domain/snapshot.js';
import type { VolumeIntention } from '../../../services/core/domain/volume.js';
import type { BlockRig, Person } from '../../contract/block-storage/block-rig.js';

export interface PairIds {
  readonly volume: string;
  /** Exists only where the start state has one. */
  readonly snapshot: string;
  /** A volume that stands on the layers below the snapshot; exists only where the start state has one. */
  readonly copy: string;
  readonly server: string;
  /** A volume type that fits the pool where the volume is. */
  readonly type: string;
  /** A second pool of the same worker host. */
  readonly pool: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Deed {
  /** The row of the state table that guards the deed, of the volume or of its snapshot; null: any status will do. */
  readonly intent: VolumeIntention | null;
  readonly snapshotIntent?: SnapshotIntention;
  /** Statuses in which the deed is accepted and does nothing. */
  readonly idleIn?: readonly string[];
  send(rig: BlockRig, ids: PairIds): Promise<Reply>;
}

const version = '3.71';

const act =
  (name: string, value: unknown = null, as: Person = 'ann') =>
  (rig: BlockRig, { volume }: PairIds): Promise<Reply> =>
    rig.act(volume, { [name]: value }, { version, as });

const ask =
  (method: string, path: (ids: PairIds) => string, body?: (ids: PairIds) => object) =>
  (rig: BlockRig, ids: PairIds): Promise<Reply> =>
    rig.ask(method, path(ids), { version, ...(body === undefined ? {} : { body: body(ids) }) });

const compute =
  (work: (rig: BlockRig, ids: PairIds) => Promise<unknown>) =>
  async (rig: BlockRig, ids: PairIds): Promise<Reply> => {
    try {
      await work(rig, ids);
      return { status: 202, body: undefined };
    } catch (thrown) {
      const { code, message } = asServiceError(thrown);
      return { status: errorCodes[code].http, body: { [code]: { message } } };
    }
  };
const user = { visibleProjectId: null, userId: 'u', requestId: 'req-pair' };
const forServer = (ids: PairIds) => ({ serverId: ids.server, volumeId: ids.volume, device: null, tag: null });
const volumePath = ({ volume }: PairIds): string => `/volumes/${volume}`;
const wholePath = ({ volume }: PairIds): string => `/volumes/${volume}/metadata`;

const ends = {
  delete: { intent: 'delete', idleIn: ['deleting'], send: ask('DELETE', volumePath) },
  cascade: { intent: 'delete', idleIn: ['deleting'], send: ask('DELETE', (ids) => `${volumePath(ids)}?cascade=true`) },
  'force delete': { intent: null, send: act('os-force_delete', {}, 'admin') },
  unmanage: { intent: 'unmanage', send: act('os-unmanage', {}, 'admin') },
  transfer: {
    intent: 'transfer',
    send: ask(
      'POST',
      () => '/volume-transfers',
      ({ volume }) => ({ transfer: { volume_id: volume } }),
    ),
  },
} as const satisfies Record<string, Deed>;

const changes = {
  extend: { intent: 'extend', send: act('os-extend', { new_size: 2 }) },
  snapshot: {
    intent: 'snapshot',
    send: ask(
      'POST',
      () => '/snapshots',
      ({ volume }) => ({ snapshot: { volume_id: volume } }),
    ),
  },
  clone: {
    intent: 'clone',
    send: ask(
      'POST',
      () => '/volumes',
      ({ volume }) => ({ volume: { size: 1, source_volid: volume } }),
    ),
  },
  retype: {
    intent: 'retype',
    send: (rig, ids) => rig.act(ids.volume, { 'os-retype': { new_type: ids.type } }, { version }),
  },
  migrate: {
    intent: 'migrate',
    send: (rig, ids) => rig.act(ids.volume, { 'os-migrate_volume': { host: ids.pool } }, { version, as: 'admin' }),
  },
  reset: { intent: null, send: act('os-reset_status', { status: 'error' }, 'admin') },
} as const satisfies Record<string, Deed>;

const words = {
  'readonly flag': { intent: 'readonlyFlag', send: act('os-update_readonly_flag', { readonly: true }) },
  bootable: { intent: null, send: act('os-set_bootable', { bootable: true }) },
  rename: { intent: null, send: ask('PUT', volumePath, () => ({ volume: { name: 'renamed' } })) },
  metadata: { intent: 'updateMetadata', send: ask('POST', wholePath, () => ({ metadata: { shape: 'round' } })) },
} as const satisfies Record<string, Deed>;

const attaching = {
  reserve: { intent: 'reserve', send: act('os-reserve') },
  unreserve: { intent: null, send: act('os-unreserve') },
  'os-attach': { intent: 'attach', send: act('os-attach', { mountpoint: '/dev/vdc', host_name: 'other' }) },
  attachment: {
    intent: 'reserve',
    send: ask(
      'POST',
      () => '/attachments',
      ({ volume }) => ({ attachment: { volume_uuid: volume, connector: { host: 'other' } } }),
    ),
  },
  'attach to ours': {
    intent: 'reserve',
    send: compute((rig, ids) => attachVolume(rig.database, forServer(ids), user)),
  },
} as const satisfies Record<string, Deed>;

const detaching = {
  'begin detaching': { intent: 'beginDetach', send: act('os-begin_detaching') },
  'roll detaching': { intent: null, send: act('os-roll_detaching') },
  'os-detach': { intent: null, send: act('os-detach', {}) },
  'detach from ours': {
    intent: 'beginDetach',
    send: compute((rig, ids) => detachVolume(rig.database, ids.server, ids.volume, user)),
  },
} as const satisfies Record<string, Deed>;

const ofSnapshots = {
  'snapshot delete': {
    intent: null,
    snapshotIntent: 'delete',
    idleIn: ['deleting'],
    send: ask('DELETE', ({ snapshot }) => `/snapshots/${snapshot}`),
  },
  'snapshot unmanage': {
    intent: null,
    snapshotIntent: 'unmanage',
    send: (rig, { snapshot }) =>
      rig.ask('POST', `/snapshots/${snapshot}/action`, { version, as: 'admin', body: { 'os-unmanage': null } }),
  },
  restore: {
    intent: null,
    snapshotIntent: 'createVolume',
    send: ask(
      'POST',
      () => '/volumes',
      ({ snapshot }) => ({ volume: { size: 1, snapshot_id: snapshot } }),
    ),
  },
  revert: {
    intent: 'revert',
    send: (rig, ids) => rig.act(ids.volume, { revert: { snapshot_id: ids.snapshot } }, { version }),
  },
} as const satisfies Record<string, Deed>;

/** On the volume that stands on the layers of the raced one, whose merges and end wait for it. */
const ofCopies = {
  'copy delete': { intent: null, send: ask('DELETE', ({ copy }) => `/volumes/${copy}`) },
  'copy snapshot': {
    intent: null,
    send: ask(
      'POST',
      () => '/snapshots',
      ({ copy }) => ({ snapshot: { volume_id: copy } }),
    ),
  },
} as const satisfies Record<string, Deed>;

/** What races in which start state: each deed where it, or what it races with, can win. */
export const deedsByStart: Readonly<Record<StartName, Readonly<Record<string, Deed>>>> = {
  resting: { ...ends, ...changes, ...words, ...attaching },
  'with a snapshot': { ...ends, ...changes, ...attaching, ...ofSnapshots },
  'with a copy': {
    cascade: ends.cascade,
    extend: changes.extend,
    clone: changes.clone,
    ...ofSnapshots,
    ...ofCopies,
  },
  'attached elsewhere': { ...ends, ...changes, ...words, ...detaching, attachment: attaching.attachment },
  'attached to ours': { ...ends, ...changes, ...detaching, attachment: attaching.attachment },
};
export type StartName = 'resting' | 'with a snapshot' | 'with a copy' | 'attached elsewhere' | 'attached to ours';
