// Whose a file on a share is, told by the record alone. Asked before a file is taken over, which renames it: a volume whose file is renamed
// has lost its disk.
//
// A file is looked for under every pool: two pools may be one directory under two names. All names that this service gives hold the id of a
// volume (`volume-<id>`, `volume-<id>.<snapshot>`), or, after a move or a restore, the id that this drew (`volume-<name_id>`), or that of a
// transfer (`upload-<id>`, `download-<id>`); so a name says whose it is also before the first layer is on record, and while the file is made.
import type { Executor } from '../connection.js';

const ownName = /^(?:volume|upload|download)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.|$)/;

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
