// Volumes that people send from, and read into, files of their own: what is accepted is an operation and a ticket, and the bytes go straight
// between the client and the volume worker of the pool. The operation has the id of the transfer.
//
//   upload:                  volume-receive
//   download of a snapshot:  volume-send
//   download of a volume:    snapshot-create (internal)  ->  volume-send  ->  snapshot-delete (always)
// The ticket is told once, with the answer; only its hash is stored.
import type { LayerFormat } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { isUuid, newId, type OperationId } from '../../domain/ids.js';
import { newTransferTicket } from '../../domain/transfer-ticket.js';
import type { WireError } from '../../messages/envelope.js';
import { RECEIVE_STEP, SEND_STEP } from '../../operations/transfer-steps.js';
import { insertInternalSnapshot } from '../block-storage/internal-snapshot.js';
import type { Requester } from '../block-storage/requester.js';
import { createVolumeWith, type VolumeWish } from '../block-storage/volume-create.js';
import { demandPlain } from '../block-storage/volume-encryption.js';
import { pinSource, type Source } from '../block-storage/volume-source.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { findDataServerUrl } from './worker-url.js';

/** An upload that nobody begins, or that stands still, ends after so long. */
const UPLOAD_IDLE_SECONDS = 120;
/** A reader may have to write what it has read. */
const DOWNLOAD_IDLE_SECONDS = 300;
/** The snapshot's layers cannot be merged meanwhile. */
const DOWNLOAD_LIFE_SECONDS = 24 * 3600;

export interface UploadRequest extends Omit<VolumeWish, 'source' | 'upload' | 'groupId' | 'hints'> {
  readonly sizeGib: number;
  readonly format: LayerFormat;
  /** Exactly so many bytes will come; null: not known. */
  readonly bytes: number | null;
}

export interface DownloadRequest {
  readonly of: { readonly kind: 'volume' | 'snapshot'; readonly id: string };
  readonly format: LayerFormat;
}

export interface OpenedTransfer {
  readonly id: OperationId;
  readonly volumeId: string;
  readonly snapshotId: string | null;
  readonly ticket: string;
  /** Of the transfer at the data server; null while its worker has not told where it is. */
  readonly url: string | null;
  readonly idleSeconds: number;
  /** How long the ticket is good when it is used without a pause; null: for as long as it takes. */
  readonly lifeSeconds: number | null;
}

export async function transferUrl(db: Executor, pool: string, id: string): Promise<string | null> {
  const url = await findDataServerUrl(db, pool);
  return url === null ? null : `${url}/transfers/${id}`;
}

/**
 * A new volume, `creating` until its data has come. Errors: as of `createVolume`; `no_valid_backend` when no pool takes it, and then there
 * is no volume.
 */
export async function openUpload(
  database: Database,
  request: UploadRequest,
  isAdmin: boolean,
  who: Requester,
): Promise<OpenedTransfer> {
  const { format, bytes, ...wish } = request;
  const { ticket, ticketSha256 } = newTransferTicket();
  const transferId = newId<OperationId>();
  const idleSeconds = UPLOAD_IDLE_SECONDS;
  return inTransaction(database, async (tx) => {
    const upload = { transferId, ticketSha256, idleSeconds, format, expectedBytes: bytes, project: who.projectId };
    const volume = await createVolumeWith(tx, { ...wish, source: null, upload }, isAdmin, who, null);
    if (volume.operationId === null) {
      throw new ServiceError(
        'no_valid_backend',
        'No valid backend was found. No pool takes a volume of that size and type.',
      );
    }
    const row: { host: string } = await tx('volumes').where({ id: volume.id }).first('host');
    const url = await transferUrl(tx, row.host, transferId);
    return { id: transferId, volumeId: volume.id, snapshotId: null, ticket, url, idleSeconds, lifeSeconds: null };
  });
}

/** Errors: `not_found`, `snapshot_state`, `volume_state`, `bad_request`. */
export async function openDownload(
  database: Database,
  request: DownloadRequest,
  who: Requester,
): Promise<OpenedTransfer> {
  const { ticket, ticketSha256 } = newTransferTicket();
  const id = newId<OperationId>();
  const limits = { idleSeconds: DOWNLOAD_IDLE_SECONDS, lifeSeconds: DOWNLOAD_LIFE_SECONDS };
  return inTransaction(database, async (tx) => {
    const source = await pinSource(tx, request.of, who);
    if (source === null || source.pool === null) throw new ServiceError('internal', 'There is nothing to read.');
    const { volumeId } = source;
    // It would lie on the share in plain until it has been read.
    await demandPlain(tx, volumeId, 'Downloading');
    await acceptSend(
      tx,
      source,
      { transferId: id, ticketSha256, ...limits, format: request.format, project: who.projectId },
      who,
    );
    const url = await transferUrl(tx, source.pool, id);
    return { id, volumeId, snapshotId: source.snapshotId, ticket, url, ...limits };
  });
}

interface SendWish {
  readonly project: string;
  readonly transferId: OperationId;
  readonly ticketSha256: string;
  readonly idleSeconds: number;
  readonly lifeSeconds: number;
  readonly format: LayerFormat;
}

async function acceptSend(tx: Transaction, source: Source, wish: SendWish, who: Requester): Promise<void> {
  const { projectId, userId, requestId } = who;
  const by = { projectId, userId, requestId };
  const { volumeId } = source;
  const request = { type: 'volume-send', id: wish.transferId, ...by } as const;
  if (source.snapshotId !== null) {
    await acceptOperation(tx, { ...request, params: { volumeId, snapshotId: source.snapshotId, ...wish } });
    return;
  }
  const internal = { volumeId, snapshotId: await insertInternalSnapshot(tx, source, who) };
  const froze = await acceptOperation(tx, { type: 'snapshot-create', params: internal, ...by });
  const after = { operationId: froze, mode: 'success' } as const;
  const sent = await acceptOperation(tx, { ...request, params: { ...internal, ...wish }, after });
  const end = { operationId: sent, mode: 'end' } as const;
  await acceptOperation(tx, { type: 'snapshot-delete', params: internal, ...by, after: end });
}

export interface TransferState {
  readonly id: string;
  readonly kind: 'upload' | 'download';
  readonly volumeId: string;
  /**
   * `waiting`: for its turn, or for a copy to be made; `open`: the worker was asked to open it; `working`: all bytes are there, and the
   * volume is being finished.
   */
  readonly status: 'waiting' | 'open' | 'working' | 'done' | 'failed';
  readonly url: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly createdAt: string;
}

interface StateRow {
  readonly id: string;
  readonly type: string;
  readonly volume_id: string;
  readonly state: string;
  readonly step: string | null;
  readonly phase: string;
  readonly error: WireError | null;
  readonly outputs: Record<string, unknown>;
  readonly created_at: string;
  readonly host: string | null;
}

function statusOf({ state, step, phase, outputs }: StateRow): TransferState['status'] {
  if (state === 'done' || state === 'failed') return state;
  if (phase === 'undo') return 'failed';
  if (step === RECEIVE_STEP || step === SEND_STEP) return 'open';
  return RECEIVE_STEP in outputs || SEND_STEP in outputs ? 'working' : 'waiting';
}

/** `projectId` null: of any project. Throws `not_found`. */
export async function loadTransferState(
  db: Database,
  wanted: string,
  projectId: string | null,
): Promise<TransferState> {
  const query = db('operations as o')
    .leftJoin('volumes as v', db.raw(`v.id = (o.params ->> 'volumeId')::uuid`))
    .where({ 'o.id': isUuid(wanted) ? wanted : null })
    .whereIn('o.type', ['volume-receive', 'volume-send']);
  if (projectId !== null) void query.andWhere({ 'o.project_id': projectId });
  const row: StateRow | undefined = await query.first(
    'o.id',
    'o.type',
    db.raw(`o.params ->> 'volumeId' as volume_id`),
    ...['o.state', 'o.step', 'o.phase', 'o.error', 'o.outputs', 'o.created_at', 'v.host'],
  );
  if (row === undefined) throw new ServiceError('not_found', `Transfer ${wanted} could not be found.`);
  const status = statusOf(row);
  const isOver = status === 'done' || status === 'failed';
  return {
    id: row.id,
    kind: row.type === 'volume-receive' ? 'upload' : 'download',
    volumeId: row.volume_id,
    status,
    url: isOver || row.host === null ? null : await transferUrl(db, row.host, row.id),
    error: row.error === null || status !== 'failed' ? null : { code: row.error.code, message: row.error.message },
    createdAt: row.created_at,
  };
}
