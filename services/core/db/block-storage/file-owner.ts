// Whose a file on a share is, told by the record alone. Asked before a file is taken over, which renames it: a volume whose file is renamed
// has lost its disk.
//
// A file is looked for under every pool: two pools may be one directory under two names. All names that this service gives hold the id of a
// volume (`volume-<id>`, `volume-<id>.<snapshot>`, `fetched-<id>`), or, after a move or a restore, the id that this drew (`volume-<name_id>`), or that of a
// transfer (`upload-<id>`, `download-<id>`); so a name says whose it is also before the first layer is on record, and while the file is made.
import type { Executor, Transaction } from '../connection.js';
import { latchResources } from '../engine/locks.js';

const ownName = /^(?:volume|fetched|upload|download)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.|$)/;

/** In the names of files that an operation makes which are not named after its volume: of `volume-migrate`, `backup-restore` and transfers. */
export const drawnName = `coalesce(o.params->>'nameId', o.params->>'transferId')`;

/** An import that did not succeed leaves the file its owner's; the volume has no size then, and never removes it. */
const ownerSql = `
select v.id::text from volumes v
where (v.id = ? or v.name_id = ?) and not (v.status = 'error_managing' and v.size_gib = 0)
union all
select o.params->>'volumeId' from operations o
where o.state in ('pending', 'running', 'undoing', 'stuck') and ${drawnName} = ?
limit 1`;

/** True when a volume on record, or one that is being made, moved or restored, has the file. */
export async function isOwnedFile(db: Executor, file: string): Promise<boolean> {
  const layer: unknown = await db('chain_layers').where({ file }).first('volume_id');
  if (layer !== undefined) return true;
  const id = ownName.exec(file)?.[1];
  if (id === undefined) return false;
  const { rows } = (await db.raw(ownerSql, [id, id, id])) as { rows: unknown[] };
  return rows.length > 0;
}

/**
 * Until the end of the transaction nobody else decides whose a file is. Timeline of the race that this excludes: a removal of orphans sees no
 * owner, an adoption (or a taking over) sees no removal, both commit, and the worker removes the files of a volume on record. All three latch
 * before they look, so the later one sees what the earlier one has written. One latch for all shares: two pools may be one directory under two names.
 */
export function latchFileClaims(tx: Transaction): Promise<void> {
  return latchResources(tx, ['files:claims']);
}

/** True while an administrator's removal of orphans has the file, and is not over. */
export async function isBeingRemoved(db: Executor, file: string): Promise<boolean> {
  const removal: unknown = await db('operations')
    .where({ type: 'orphan-remove' })
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw("params->'files' @> ?::jsonb", [JSON.stringify([file])])
    .first('id');
  return removal !== undefined;
}
