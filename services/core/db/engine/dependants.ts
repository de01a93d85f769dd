// Who stands on a volume's layers, and who waits until nobody does any more.
//
// Timeline of the race that this excludes: a merge asks who shares its layers, nobody does; a copy that stands on one of them is accepted;
// the merge begins and changes the copy's data. Both latch the volume before they look or lock: the copy wishes to read the volume's layers
// in the transaction that records whom it stands on. Whoever comes second sees the other: the merge sees the copy, or the copy waits for
// the merge's lock and then stands on what the merge has left.

import type { Unshared } from '../../operations/definition.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { loadFacts } from './facts.js';
import type { OperationRow } from './operation-row.js';

/** A waiting operation is looked at again after this long, whatever happens to the volumes that it waits for. */
const LOOK_AGAIN_SECONDS = 10;

interface Wanted {
  readonly volumeId: string;
  /** Of the snapshot that the operation removes: a copy of it that has not begun yet has no file. */
  readonly snapshotId: string | null;
  readonly unshared: Unshared;
}

const obstacleSql = `
select exists (select 1 from volumes d where d.backing_volume_id = ? and (? or d.backing_file = any(?) or d.backing_snapshot_id = ?))
  or (? and exists (select 1 from snapshots s where s.volume_id = ? and s.internal))
  or (? and exists (select 1 from volumes v where v.id = ? and v.backing_volume_id is not null))
  or exists (select 1 from attachments a where a.volume_id = ? and a.managed_server_id is null and a.status <> 'reserved') as found`;

async function isInTheWay(tx: Transaction, { volumeId, snapshotId, unshared }: Wanted): Promise<boolean> {
  const { files, noInternalSnapshots = false, independent = false } = unshared;
  const { rows } = (await tx.raw(obstacleSql, [
    volumeId,
    files === 'all',
    files === 'all' ? [] : [...files],
    snapshotId,
    noInternalSnapshots,
    volumeId,
    independent,
    volumeId,
    volumeId,
  ])) as { rows: { found: boolean }[] };
  return rows[0]?.found === true;
}

/**
 * The volume for whose sake the operation has to wait without a lock; null when it may wish for its locks. The volume must be latched.
 * Somebody outside who has connected to the volume meanwhile counts, too: we cannot ask his hypervisor to do what the operation does.
 */
export async function findObstacle(tx: Transaction, row: OperationRow): Promise<string | null> {
  const { needsAlone } = definitionOf(row.type);
  const { volumeId, snapshotId = null } = row.params as { volumeId?: string; snapshotId?: string };
  if (needsAlone === undefined || volumeId === undefined) return null;
  const unshared = needsAlone(row.params, await loadFacts(tx, row));
  if (unshared === null) return null;
  const removed = row.type === 'snapshot-delete' ? snapshotId : null;
  return (await isInTheWay(tx, { volumeId, snapshotId: removed, unshared })) ? volumeId : null;
}

/** The operation waits: it stays pending and is looked at when a dependant of the volume becomes independent, or after a while. */
export async function awaitIndependence(tx: Transaction, operationId: string, volumeId: string): Promise<void> {
  await tx('operations')
    .where({ id: operationId })
    .update({
      awaits_volume_id: volumeId,
      wake_at: tx.raw("utc_now() + ? * interval '1 second'", [LOOK_AGAIN_SECONDS]),
    });
}

/** Whoever waits for the volume's dependants is due now; the end of the operation that calls this starts them. */
export async function wakeAwaiting(tx: Transaction, volumeId: string): Promise<void> {
  await tx('operations')
    .where({ awaits_volume_id: volumeId, state: 'pending' })
    .update({ wake_at: tx.raw('utc_now()') });
}

/** The volume stands on nobody's layers (any more). To be called in the transaction in which that became true. */
export async function forgetBacking(tx: Transaction, volumeId: string): Promise<void> {
  const { rows } = (await tx.raw(
    `with old as (select id, backing_volume_id from volumes where id = ? and backing_volume_id is not null for update)
     update volumes v set backing_volume_id = null, backing_snapshot_id = null, backing_file = null, flatten_requested_at = null,
       flatten_not_before = null, flatten_failures = 0, flatten_error = null
     from old where v.id = old.id returning old.backing_volume_id as backing`,
    [volumeId],
  )) as { rows: { backing: string }[] };
  for (const { backing } of rows) await wakeAwaiting(tx, backing);
}
