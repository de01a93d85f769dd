// What steps may know of a backup: its place in the store, its parent, and a worker that can reach the store.
import type { BackupFacts } from '../../operations/facts.js';
import type { Transaction } from '../connection.js';

interface BackupRow {
  readonly id: string;
  readonly objects_of: string;
  readonly objects_are_shared: boolean;
  readonly encryption_key_id: string | null;
  readonly key_is_shared: boolean;
  readonly container: string;
  readonly size_gib: number;
  readonly manifest_sha256: string | null;
  readonly snapshot_id: string | null;
  readonly parent_id: string | null;
  readonly parent_objects: string | null;
  readonly parent_container: string | null;
  readonly parent_size: number | null;
  readonly parent_manifest: string | null;
  readonly parent_snapshot: string | null;
  readonly worker: string | null;
}

/**
 * The worker that has made it where that lives, else any; none is a disabled one. Whoever is being deleted as well needs nothing any more.
 * Objects that nobody has seen are somebody else's, and may need any key.
 */
const backupSql = `
select b.id, b.objects_of, b.encryption_key_id, b.container, b.size_gib, b.manifest_sha256, b.snapshot_id, b.parent_id, p.objects_of as parent_objects, p.container as parent_container, p.size_gib as parent_size,
  p.manifest_sha256 as parent_manifest, p.snapshot_id as parent_snapshot,
  not b.objects_seen or exists (select 1 from backups o where o.objects_of = b.objects_of and o.id <> b.id and o.status <> 'deleting') as objects_are_shared,
  (exists (select 1 from volumes v where v.encryption_key_id = b.encryption_key_id)
    or exists (select 1 from chain_layers l where l.key_id = b.encryption_key_id)
    or exists (select 1 from backups o where o.id <> b.id and (o.encryption_key_id = b.encryption_key_id or not o.objects_seen))) as key_is_shared,
  (select s.host from services s where s."binary" = 'saggar-backup' and not s.disabled
     and s.updated_at > utc_now() - interval '60 seconds'
   order by s.host = b.backend_host desc nulls last, s.host limit 1) as worker
from backups b left join backups p on p.id = b.parent_id where b.id = ?`;

/** null when it is gone. */
export async function loadBackupFacts(tx: Transaction, id: string): Promise<BackupFacts | null> {
  const { rows } = (await tx.raw(backupSql, [id])) as { rows: BackupRow[] };
  const row = rows[0];
  if (row === undefined) return null;
  const parent =
    row.parent_id === null || row.parent_container === null
      ? null
      : {
          id: row.parent_id,
          objectsOf: row.parent_objects ?? row.parent_id,
          objectsAreShared: false,
          encryption: null,
          container: row.parent_container,
          sizeGib: row.parent_size ?? row.size_gib,
          manifestSha256: row.parent_manifest,
          snapshotId: row.parent_snapshot,
          parent: null,
          worker: row.worker,
        };
  return {
    id: row.id,
    objectsOf: row.objects_of,
    objectsAreShared: row.objects_are_shared,
    encryption:
      row.encryption_key_id === null ? null : { keyId: row.encryption_key_id, keyIsShared: row.key_is_shared },
    container: row.container,
    sizeGib: row.size_gib,
    manifestSha256: row.manifest_sha256,
    snapshotId: row.snapshot_id,
    parent,
    worker: row.worker,
  };
}
