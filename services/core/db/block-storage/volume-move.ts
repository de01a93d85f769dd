// What migration and retype have in common: which pools a volume can be copied to, and the acceptance of the copy.
//
// A copy is made by one worker that reaches both shares, so only backends of the worker host that has the volume come into question. While
// it is made nobody may write to the volume: it is `maintenance` (or `retyping`) whatever the client says about locking it, because a
// guest that writes to the old file while it is copied would lose what it wrote.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { layoutOf } from './file-layout.js';
import type { ExtraSpecs, PoolRecord } from './pool-match.js';
import type { Requester } from './requester.js';
import { countUnmanaged } from './snapshot-custody.js';
import { type LockedVolume, writeVolume } from './volume-change.js';

/** No migration is under way. Source: cinder/volume/api.py, AVAILABLE_MIGRATION_STATUS. */
export function isSettled(volume: LockedVolume): boolean {
  return [null, 'deleting', 'error', 'success'].includes(volume.migration_status);
}

export function isGrouped(volume: LockedVolume): boolean {
  return volume.group_id !== null || volume.consistencygroup_id !== null;
}

/**
 * Snapshots or attachments, reserved ones too: then the volume stays where it is. What was made for a clone goes by itself, and the operation
 * waits for that.
 */
export async function findTie(tx: Transaction, volumeId: string): Promise<'snapshots' | 'attachments' | null> {
  const attachment: unknown = await tx('attachments').where({ volume_id: volumeId }).first('id');
  if (attachment !== undefined) return 'attachments';
  const snapshot: unknown = await tx('snapshots').where({ volume_id: volumeId, internal: false }).first('id');
  if (snapshot !== undefined) return 'snapshots';
  // Those that were let go would be lost with the layers.
  return (await countUnmanaged(tx, volumeId)) === 0 ? null : 'snapshots';
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
}

/** The volume's row must be locked and checked. */
export async function acceptMove(tx: Transaction, volume: LockedVolume, move: Move, who: Requester): Promise<void> {
  const { to, newTypeId, multiattach, specs } = move;
  const { format, preallocation } = layoutOf(specs, multiattach, to.capabilities);
  await writeVolume(tx, volume.id, {
    status: newTypeId === null ? 'maintenance' : 'retyping',
    previous_status: volume.status,
    migration_status: 'migrating',
  });
  const places = { fromPool: volume.host ?? '', toPool: to.name, nameId: randomUUID() };
  await acceptOperation(tx, {
    type: 'volume-migrate',
    params: { volumeId: volume.id, ...places, newTypeId, format, preallocation },
    projectId: volume.project_id,
    userId: who.userId,
    requestId: who.requestId,
  });
}
