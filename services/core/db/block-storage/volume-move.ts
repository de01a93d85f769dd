// What migration and retype have in common: which pools a volume can be copied to, and the acceptance of the copy.
//
// A copy is made by one worker that reaches both shares, so only backends of the worker host that has the volume come into question. A volume
// at rest is `maintenance` (or `retyping`) meanwhile, whatever the client says about locking it: a guest that writes to the old file
// while it is copied would lose what it wrote. One that a server of ours has stays `in-use`: its guest's hypervisor copies what is written.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { layoutOf } from './file-layout.js';
import type { ExtraSpecs, PoolRecord } from './pool-match.js';
import type { Requester } from './requester.js';
import { type LockedVolume, writeVolume } from './volume-change.js';
import type { TypeEncryption } from './volume-encryption.js';

/** No migration is under way. Source: cinder/volume/api.py, AVAILABLE_MIGRATION_STATUS. */
export function isSettled(volume: LockedVolume): boolean {
  return [null, 'deleting', 'error', 'success'].includes(volume.migration_status);
}

export function isGrouped(volume: LockedVolume): boolean {
  return volume.group_id !== null || volume.consistencygroup_id !== null;
}

/** True when somebody has (or has reserved) the volume who cannot be told that it moves: anybody but one server of ours. */
export async function isHeldElsewhere(tx: Transaction, volumeId: string): Promise<boolean> {
  const rows: { managed_server_id: string | null; status: string }[] = await tx('attachments')
    .where({ volume_id: volumeId })
    .select('managed_server_id', 'status');
  return rows.length > 1 || rows.some((row) => row.managed_server_id === null || row.status !== 'attached');
}

/** Layers of its own that the volume has; those of snapshots that were let go count. */
export async function countLayers(tx: Transaction, volumeId: string): Promise<number> {
  const [row] = (await tx('chain_layers').where({ volume_id: volumeId }).count('* as found')) as { found: number }[];
  return Number(row?.found ?? 0);
}

/** `host` of `host@backend`. */
function workerHost(backendHost: string): string {
  return backendHost.split('@')[0] ?? backendHost;
}

export function sameWorker(pool: PoolRecord, from: PoolRecord): boolean {
  return workerHost(pool.backend_host) === workerHost(from.backend_host);
}

export interface Move {
  /** It has promised the volume's size already. */
  readonly to: PoolRecord;
  readonly newTypeId: string | null;
  /** Volumes for several servers are raw wherever they are. */
  readonly multiattach: boolean;
  /** Of the type that it has then. */
  readonly specs: ExtraSpecs;
  /** How the copy is encrypted (null: not), with a key of its own; missing: as the volume is, with the same key. */
  readonly newEncryption?: TypeEncryption | null;
}

/** The volume's row must be locked and checked. */
export async function acceptMove(tx: Transaction, volume: LockedVolume, move: Move, who: Requester): Promise<void> {
  const { to, newTypeId, multiattach, specs, newEncryption } = move;
  const usual = layoutOf(specs, multiattach, to.capabilities);
  const { preallocation } = usual;
  const present: { encrypted: boolean } = await tx('volumes').where({ id: volume.id }).first('encrypted');
  const isEncrypted = newEncryption === undefined ? present.encrypted : newEncryption !== null;
  const format = isEncrypted ? 'qcow2' : usual.format;
  const newKey = newEncryption == null ? newEncryption : { keyId: randomUUID(), bits: newEncryption.bits };
  await writeVolume(tx, volume.id, {
    status: newTypeId === null ? (volume.status === 'in-use' ? 'in-use' : 'maintenance') : 'retyping',
    previous_status: volume.status,
    migration_status: 'migrating',
  });
  const places = { fromPool: volume.host ?? '', toPool: to.name, nameId: randomUUID() };
  await acceptOperation(tx, {
    type: 'volume-migrate',
    params: {
      volumeId: volume.id,
      ...places,
      ...{ newTypeId, format, preallocation },
      ...(newKey === undefined ? {} : { newKey }),
    },
    projectId: volume.project_id,
    userId: who.userId,
    requestId: who.requestId,
  });
}
