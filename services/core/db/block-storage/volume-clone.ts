// Accepts a clone: in the source's pool as one operation; else, and where the chain is too deep, as three in a row. Either way an internal
// snapshot is the frozen point, and its deletion is accepted with the clone.
//
//   same pool:  volume-clone                        ->  snapshot-delete (always)
//   else:       snapshot-create  ->  volume-create  ->  snapshot-delete (always)
import type { OperationId } from '../../domain/ids.js';
import { mayShareLayers } from '../../operations/facts.js';
import type { Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { loadVolumeFacts } from '../engine/facts.js';
import type { Requester } from './requester.js';

export interface CloneWish {
  /** The new volume, whose row is there. */
  readonly volumeId: string;
  /** The source, whose row is locked, and the row of the internal snapshot. */
  readonly source: { readonly volumeId: string; readonly snapshotId: string };
  /** The copy may stand on the source's layers when its chain has at most so many then; null: it is copied in full. */
  readonly maxLayers: number | null;
}

/**
 * At most one guest, of ours, may have it open: attachments that come later wait for the clone's lock. Each operation that has wished for the
 * source before may add a layer, so it is counted as one.
 */
async function canFork(
  tx: Transaction,
  { volumeId: copyId, source: { volumeId }, maxLayers }: CloneWish,
): Promise<boolean> {
  if (maxLayers === null) return false;
  const { rows } = (await tx.raw(
    `select (select count(*)::int from attachments where volume_id = ? and status <> 'reserved') as attached,
       (select count(*)::int from resource_locks where resource = ? and mode <> 'read') as before`,
    [volumeId, `volume:${volumeId}`],
  )) as { rows: { attached: number; before: number }[] };
  const [seen] = rows;
  if (seen === undefined || seen.attached > 1) return false;
  const facts = await loadVolumeFacts(tx, [volumeId, copyId]);
  const [source, copy] = [facts.get(volumeId), facts.get(copyId)];
  if (source === undefined || copy === undefined || !mayShareLayers(copy, source)) return false;
  const layers = source.chain.length;
  return layers > 0 && layers + seen.before + 1 <= maxLayers;
}

/** Returns the operation at whose end there is a volume, or none. */
export async function acceptClone(tx: Transaction, wish: CloneWish, who: Requester): Promise<OperationId> {
  const { volumeId, source, maxLayers } = wish;
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  const fork = async () => acceptOperation(tx, { type: 'volume-clone', params: { volumeId, source }, ...by });
  const copy = async () => {
    const froze = await acceptOperation(tx, { type: 'snapshot-create', params: source, ...by });
    const params = { volumeId, source, ...(maxLayers === null ? {} : { instant: { maxLayers } }) };
    const after = { operationId: froze, mode: 'success' } as const;
    return acceptOperation(tx, { type: 'volume-create', params, ...by, after });
  };
  const made = (await canFork(tx, wish)) ? await fork() : await copy();
  const after = { operationId: made, mode: 'end' } as const;
  await acceptOperation(tx, { type: 'snapshot-delete', params: source, ...by, after });
  return made;
}
