// What the rows say of a window of a share, for the audit's planner (domain/audit-shares.ts). Two queries for any number of files.
import { isWithin } from '../../domain/audit.js';
import type { AuditedVolume, ShareView } from '../../domain/audit-shares.js';
import { encryptionOf, type Layer, type LayerFormat } from '../../domain/chain.js';
import { ownersOf } from '../block-storage/manageable.js';
import type { Database } from '../connection.js';
import { loadCustodyTexts } from '../custody/custody-texts.js';
import { loadBusy } from './row-view.js';
import type { LookedAt } from './share-looks.js';

interface LayerRow {
  readonly file: string;
  readonly format: LayerFormat;
  readonly virtual_size_bytes: number;
  readonly snapshot_id: string | null;
  readonly key_id: string | null;
}

interface VolumeRow {
  readonly id: string;
  readonly in_use: boolean;
  readonly layers: readonly LayerRow[];
  readonly below: LayerRow | null;
}

const layer = (alias: string): string =>
  `json_build_object('file', ${alias}.file, 'format', ${alias}.format, 'virtual_size_bytes', ${alias}.virtual_size_bytes,
    'snapshot_id', ${alias}.snapshot_id, 'key_id', ${alias}.key_id)`;

const volumesSql = `
select v.id, exists (select from attachments a where a.volume_id = v.id) as in_use,
  (select json_agg(${layer('l')} order by l.position) from chain_layers l where l.volume_id = v.id) as layers,
  (select ${layer('b')} from chain_layers b where b.volume_id = v.backing_volume_id and b.file = v.backing_file) as below
from volumes v
where v.host = ? and v.status not in ('error_managing', 'error_deleting', 'error_restoring', 'error')
  and exists (select from chain_layers l where l.volume_id = v.id)
order by v.id`;

// A note that waits says that the record is to be written, which is not to be told as news.
const notesSql = 'select distinct volume_id as id from custody_changes';

function asLayer({ file, format, virtual_size_bytes: size, snapshot_id: snapshotId, key_id: keyId }: LayerRow): Layer {
  return { file, format, virtualSizeBytes: size, snapshotId, ...encryptionOf({ keyId }) };
}

/** Records are compared only where somebody writes them. Read in one transaction, so that rows and records are of one moment. */
export async function loadShareView(
  db: Database,
  look: LookedAt,
  { settleSeconds, keepsRecords }: { readonly settleSeconds: number; readonly keepsRecords: boolean },
): Promise<ShareView> {
  return db.transaction(
    async (tx) => {
      const { pool, window, entries, ageSeconds } = look;
      const { rows } = (await tx.raw(volumesSql, [pool])) as { rows: VolumeRow[] };
      const within = rows.filter(
        ({ id, layers }) =>
          isWithin(window, `r:${id}.json`) ||
          isWithin(window, `f:volume-${id}.info`) ||
          layers.some(({ file }) => isWithin(window, `f:${file}`)),
      );
      const recordsOf = keepsRecords
        ? within.filter(({ id }) => isWithin(window, `r:${id}.json`)).map(({ id }) => id)
        : [];
      const texts = new Map(
        (await loadCustodyTexts(tx, pool, recordsOf)).map(({ volumeId, text }) => [volumeId, text]),
      );
      const volumes = within.map(({ id, in_use: inUse, layers, below }): AuditedVolume => {
        const layersOfIt = layers.map(asLayer);
        const standsOn = below === null ? null : asLayer(below);
        return { id, layers: layersOfIt, below: standsOn, inUse, record: texts.get(id) ?? null };
      });
      const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry.name] : []));
      const records = entries.flatMap((entry) => (entry.kind === 'record' ? [entry.name] : []));
      const wanted: { id: string }[] = await tx('volumes').where({ host: pool }).whereIn('id', records).select('id');
      const owners = await ownersOf(tx, files);
      const notes = (await tx.raw(notesSql)) as { rows: { id: string }[] };
      const busy = await loadBusy(tx, settleSeconds + ageSeconds);
      return {
        ...{ pool, window, entries, busy, volumes, owners, keepsRecords },
        recordsDue: new Set(notes.rows.map(({ id }) => id)),
        recordsWanted: new Set(wanted.map(({ id }) => id)),
        nowMs: Date.now(),
      };
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}
