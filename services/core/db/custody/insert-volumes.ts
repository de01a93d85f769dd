// The rows of a batch of found volumes, in as few statements as there are tables, whatever the number of volumes.
import type { Facts } from '../../domain/custody/custody-record.js';
import type { ReadVolume } from '../../domain/custody/plan-volume.js';
import type { WantedRows } from '../../domain/custody/volume-facts.js';
import type { Transaction } from '../connection.js';
import { imageColumns, jsonColumns, snapshotColumns, volumeColumns } from './record-columns.js';

export interface ChosenType {
  readonly id: string;
  readonly multiattach: boolean;
  /** Its volumes are encrypted. */
  readonly encrypted: boolean;
}

export interface NewVolume {
  readonly read: ReadVolume;
  readonly rows: WantedRows;
  /** null: none. */
  readonly type: ChosenType | null;
}

type Row = Record<string, unknown>;

/** Only columns that a record may fill; what is missing gets the table's default. */
function rowOf(facts: Facts, columns: readonly string[]): Row {
  const row: Row = {};
  for (const column of columns) {
    const value = facts[column];
    if (value === undefined || (value === null && jsonColumns.has(column))) continue;
    row[column] = jsonColumns.has(column) ? JSON.stringify(value) : value;
  }
  return row;
}

export async function insertVolumes(
  tx: Transaction,
  pool: { readonly name: string; readonly share: string },
  volumes: readonly NewVolume[],
): Promise<void> {
  if (volumes.length === 0) return;
  const place = { host: pool.name, provider_location: pool.share };
  await tx('volumes').insert(
    volumes.map(({ read, rows, type }) => ({
      ...rowOf(rows.volume, [...volumeColumns, 'status']),
      ...place,
      volume_type_id: type?.id ?? null,
      ...keyColumns(read),
      multiattach: type?.multiattach === true && read.chain.length === 1 && read.chain[0]?.format === 'raw',
      launched_at: rows.volume['launched_at'] ?? rows.volume['created_at'] ?? tx.raw('utc_now()'),
    })),
  );
  await insertSnapshots(tx, volumes);
  await tx('chain_layers').insert(
    volumes.flatMap(({ read, rows }) =>
      read.chain.map((layer, position) => ({
        volume_id: rows.id,
        position,
        file: layer.file,
        format: layer.format,
        virtual_size_bytes: layer.virtualSizeBytes,
        snapshot_id: layer.snapshotId,
        key_id: layer.keyId ?? null,
      })),
    ),
  );
  await insertImages(tx, volumes);
  for (const { read, rows } of volumes) if (read.backing !== null) await storeBacking(tx, rows.id, read.backing);
  const promised = volumes.reduce((sum, { read }) => sum + read.sizeGib, 0);
  await tx('pools').where({ name: pool.name }).increment('provisioned_gib', promised);
}

/** The key of an encrypted volume is that of its active layer; the workers' store has it, or the volume cannot be read. */
function keyColumns({ chain }: ReadVolume): Row {
  const keyId = chain.at(-1)?.keyId;
  return { encrypted: keyId !== undefined, encryption_key_id: keyId ?? null };
}

/** The images whose data these volumes hold. One whose id is taken meanwhile stays as it is; what was being deleted is there again. */
async function insertImages(tx: Transaction, volumes: readonly NewVolume[]): Promise<void> {
  for (const { rows } of volumes) {
    const { image } = rows;
    if (image === null || rows.volume['purpose'] !== 'image') continue;
    const status = image['status'] === 'deactivated' ? 'deactivated' : 'active';
    const made: unknown[] = await tx('images')
      .insert({ ...rowOf(image, imageColumns), status, volume_id: rows.id })
      .onConflict('id')
      .ignore()
      .returning('id');
    const members = Array.isArray(image['members']) ? image['members'] : [];
    if (made.length > 0 && members.length > 0) {
      await tx('image_members').insert(members.map((one) => ({ ...(one as object), image_id: image['id'] })));
    }
  }
}

async function insertSnapshots(tx: Transaction, volumes: readonly NewVolume[]): Promise<void> {
  const snapshots = volumes.flatMap(({ rows, type }) =>
    rows.snapshots.map((facts) => ({
      volume_type_id: type?.id ?? null,
      ...rowOf(facts, [...snapshotColumns, 'volume_id', 'progress']),
      // The type of the same name may have got another id.
      ...(facts['volume_type_id'] === rows.recordedType?.['id'] && type !== null ? { volume_type_id: type.id } : {}),
    })),
  );
  if (snapshots.length > 0) await tx('snapshots').insert(snapshots);
}

/** The snapshot that keeps the file frozen is the one whose overlay stands on it. */
async function storeBacking(
  tx: Transaction,
  volumeId: string,
  backing: NonNullable<ReadVolume['backing']>,
): Promise<void> {
  await tx.raw(
    `update volumes v set backing_volume_id = l.volume_id, backing_file = l.file, backing_snapshot_id =
       (select above.snapshot_id from chain_layers above where above.volume_id = l.volume_id and above.position = l.position + 1)
     from chain_layers l where v.id = ? and l.volume_id = ? and l.file = ?`,
    [volumeId, backing.volumeId, backing.file],
  );
}
