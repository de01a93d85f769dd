// Exports: a volume, or what a snapshot kept of it, as one plain file with a text that says what it is.
import { randomUUID } from 'node:crypto';
import type { LayerFormat } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { type OperationId, tryCanonicalUuid } from '../../domain/ids.js';
import type { Requester } from '../block-storage/requester.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { loadVolumeFacts } from '../engine/facts.js';
import { inTransaction } from '../in-transaction.js';

export interface ExportWish {
  readonly volumeId: string;
  readonly snapshotId: string | null;
  /** `leave-...`, on the volume's share. */
  readonly directory: string;
  /** null: as it is, where one file is all of it; else qcow2. */
  readonly format: LayerFormat | null;
  /** False: a file that stays where it is is not read for its hash. A copy always is. */
  readonly checksum: boolean;
  /** The file of an encrypted volume is plain; who asks for one says that he knows. */
  readonly decrypt: boolean;
}

export interface Export {
  readonly operationId: OperationId;
  readonly directory: string;
  /** Relative to the share: in the directory, or where it stays. */
  readonly file: string;
  readonly format: LayerFormat;
  readonly isCopy: boolean;
}

interface VolumeRow {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly project_id: string;
  readonly size_gib: number;
  readonly bootable: boolean;
  readonly metadata: object;
  readonly image_metadata: object;
  readonly host: string | null;
  readonly created_at: string;
  readonly status: string;
  readonly encrypted: boolean;
}

async function loadVolumeRow(tx: Transaction, wanted: string): Promise<VolumeRow> {
  const id = tryCanonicalUuid(wanted);
  // What holds an image's data is no volume that anybody may take away; an image is downloaded.
  const wished = { id, purpose: 'volume' };
  const row: VolumeRow | undefined = id === null ? undefined : await tx('volumes').where(wished).forUpdate().first('*');
  if (row === undefined) throw new ServiceError('not_found', `Volume ${wanted} could not be found.`);
  return row;
}

async function loadSnapshotRow(db: Executor, volumeId: string, wanted: string): Promise<object & { id: string }> {
  const id = tryCanonicalUuid(wanted);
  const row: { id: string; status: string } | undefined =
    id === null
      ? undefined
      : await db('snapshots')
          .where({ id, volume_id: volumeId, internal: false })
          .first('id', 'name', 'description', 'size_gib', 'metadata', 'created_at', 'status');
  if (row === undefined) throw new ServiceError('not_found', `Snapshot ${wanted} could not be found.`);
  if (row.status === 'available') return row;
  throw new ServiceError('conflict', `Snapshot ${row.id} is ${row.status}, not available.`);
}

async function demandAtRest(tx: Transaction, { id, status }: VolumeRow): Promise<void> {
  const attachment: unknown = await tx('attachments').where({ volume_id: id }).first('id');
  if (attachment === undefined && status === 'available') return;
  throw new ServiceError(
    'conflict',
    `Volume ${id} is ${attachment === undefined ? status : 'attached'}: export a snapshot of it instead.`,
  );
}

/** What was ciphertext on the share must not lie there in plain because somebody exports whatever there is. */
function demandKnown({ id, encrypted }: VolumeRow, { decrypt }: ExportWish): void {
  if (!encrypted || decrypt) return;
  throw new ServiceError(
    'volume_state',
    `Invalid volume: Volume ${id} is encrypted, and its export is a plain file on the share; ask for that with decrypt.`,
  );
}

/** Throws `not_found`, `volume_state` (encrypted), `conflict` for a volume that is not at rest when no snapshot is named. */
export async function exportVolume(database: Database, wish: ExportWish, who: Requester): Promise<Export> {
  const { directory } = wish;
  return inTransaction(database, async (tx) => {
    const volume = await loadVolumeRow(tx, wish.volumeId);
    const { id } = volume;
    demandKnown(volume, wish);
    const facts = (await loadVolumeFacts(tx, [id])).get(id);
    const [only, ...more] = facts?.chain ?? [];
    if (facts === undefined || only === undefined) throw new ServiceError('conflict', `Volume ${id} has no files yet.`);
    const snapshot = wish.snapshotId === null ? null : await loadSnapshotRow(tx, id, wish.snapshotId);
    if (snapshot === null) await demandAtRest(tx, volume);
    const { encrypted } = volume;
    const isPlain = snapshot === null && more.length === 0 && facts.foreignLayers === 0 && !encrypted;
    const isCopy = !isPlain || (wish.format !== null && wish.format !== only.format);
    const format = isCopy ? (wish.format ?? 'qcow2') : only.format;
    const name = `volume-${id}${snapshot === null ? '' : `.${snapshot.id}`}.${format}`;
    const { host, status: _status, ...about } = volume;
    const file = isCopy ? `${directory}/${name}` : only.file;
    const said = encrypted ? { decrypted: true } : {};
    const text = { file, format, size_bytes: facts.sizeGib * 1024 ** 3, ...said, pool: host, volume: about, snapshot };
    const operationId = await acceptOperation(tx, {
      type: 'volume-export',
      params: {
        volumeId: id,
        sourceSnapshotId: snapshot?.id ?? null,
        ...{ directory, name, format, exportId: isCopy ? randomUUID() : null },
        checksum: isCopy || wish.checksum,
        text: `${JSON.stringify(text, null, 1)}\n`,
      },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
    return { operationId, directory, file, format, isCopy };
  });
}
