// The records of volumes as they are to stand beside the data now: made of the rows, in one query whatever their number.
import type { Chain } from '../../domain/chain.js';
import {
  CUSTODY_VERSION,
  type CustodyRecord,
  type Facts,
  formatCustodyRecord,
} from '../../domain/custody/custody-record.js';
import type { Transaction } from '../connection.js';
import {
  attachmentColumns,
  imageColumns,
  snapshotColumns,
  typeColumns,
  typeEncryptionColumns,
  volumeColumns,
} from './record-columns.js';

export interface CustodyText {
  readonly volumeId: string;
  /** null: no record is to be there. */
  readonly text: string | null;
}

const asObject = (alias: string, columns: readonly string[]): string =>
  `json_build_object(${columns.map((column) => `'${column}', ${alias}.${column}`).join(', ')})`;

const textsSql = `
select v.id, to_char(utc_now(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as written_at, ${asObject('v', volumeColumns)} as volume,
  v.backing_volume_id, v.backing_file,
  (select ${asObject('t', typeColumns)}::jsonb || coalesce((select jsonb_build_object('encryption',
     ${asObject('e', typeEncryptionColumns)}) from volume_type_encryption e where e.volume_type_id = t.id), '{}')
   from volume_types t where t.id = v.volume_type_id) as type,
  (select json_agg(json_build_object('file', l.file, 'format', l.format, 'virtualSizeBytes', l.virtual_size_bytes,
     'snapshotId', l.snapshot_id)::jsonb || case when l.key_id is null then '{}' else jsonb_build_object('keyId', l.key_id) end order by l.position)
   from chain_layers l where l.volume_id = v.id) as chain,
  (select json_agg(${asObject('s', snapshotColumns)} order by s.created_at, s.id) from snapshots s where s.volume_id = v.id) as snapshots,
  (select json_agg(${asObject('a', attachmentColumns)} order by a.created_at, a.id) from attachments a where a.volume_id = v.id) as attachments,
  (select ${asObject('i', imageColumns)}::jsonb || jsonb_build_object('members',
     (select coalesce(jsonb_agg(jsonb_build_object('member', m.member, 'status', m.status) order by m.member), '[]')
      from image_members m where m.image_id = i.id)) from images i where i.volume_id = v.id) as image
from volumes v where v.id = any(?) and v.host = ?`;

interface TextRow {
  readonly id: string;
  readonly written_at: string;
  readonly volume: Facts;
  readonly type: Facts | null;
  readonly chain: Chain | null;
  readonly backing_volume_id: string | null;
  readonly backing_file: string | null;
  readonly snapshots: readonly Facts[] | null;
  readonly attachments: readonly Facts[] | null;
  readonly image: Facts | null;
}

/** In the order of the ids. A volume that is not in the pool (any more), or has no file yet, is to have no record there. */
export async function loadCustodyTexts(tx: Transaction, pool: string, ids: readonly string[]): Promise<CustodyText[]> {
  const { rows } = (await tx.raw(textsSql, [ids as string[], pool])) as { rows: TextRow[] };
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((volumeId) => {
    const row = found.get(volumeId);
    return { volumeId, text: row?.chain == null ? null : formatCustodyRecord(recordOf(row, row.chain)) };
  });
}

function recordOf(row: TextRow, chain: Chain): CustodyRecord {
  const { backing_volume_id: backingId, backing_file: backingFile } = row;
  return {
    version: CUSTODY_VERSION,
    volumeId: row.id,
    writtenAt: row.written_at,
    volume: row.volume,
    type: row.type,
    chain,
    backing: backingId === null || backingFile === null ? null : { volumeId: backingId, file: backingFile },
    snapshots: row.snapshots ?? [],
    attachments: row.attachments ?? [],
    ...(row.image === null ? {} : { image: row.image }),
  };
}
