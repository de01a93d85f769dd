// The chain of a volume as administrators look at it: layers with whose they are and what stands on them, who has the disk, and what is
// being done to it. And the checks of chains. A handful of queries whatever the length of the chain.
import type { Layer } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { type OperationId, tryCanonicalUuid } from '../../domain/ids.js';
import type { Requester } from '../block-storage/requester.js';
import type { Database, Executor } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { loadVolumeFacts } from '../engine/facts.js';
import { inTransaction } from '../in-transaction.js';
import { type FlattenRecord, loadFlatten } from './flatten.js';
import { listOperations, loadOperation, type OperationRecord } from './operations.js';

export interface NamedRow {
  readonly id: string;
  readonly name: string | null;
}

export interface LayerRecord extends Layer {
  readonly allocatedBytes: number | null;
  readonly volumeId: string | null;
  readonly isForeign: boolean;
  /** null: no row explains the snapshot id of the layer. */
  readonly snapshot: (NamedRow & { readonly status: string }) | null;
  readonly dependants: readonly NamedRow[];
}

interface VolumeHead extends NamedRow {
  readonly status: string;
  readonly size_gib: number;
  readonly project_id: string;
  readonly host: string | null;
}

export interface ChainRecord {
  readonly volume: VolumeHead;
  /** Empty while the volume is being made, or is on no share. */
  readonly layers: readonly LayerRecord[];
  readonly attachments: readonly {
    readonly server_id: string | null;
    readonly host: string | null;
    readonly status: string;
  }[];
  readonly operations: readonly OperationRecord[];
  readonly flatten: FlattenRecord | null;
  /** When the files were measured, in naive UTC; null when they never were. */
  readonly measuredAt: string | null;
}

async function loadHead(db: Executor, volumeId: string): Promise<VolumeHead> {
  const id = tryCanonicalUuid(volumeId);
  const row: VolumeHead | undefined =
    id === null
      ? undefined
      : await db('volumes').where({ id }).first('id', 'name', 'status', 'size_gib', 'project_id', 'host');
  if (row === undefined) throw new ServiceError('not_found', `Volume ${volumeId} could not be found.`);
  return row;
}

interface Measured {
  readonly bytes: ReadonlyMap<string, number>;
  readonly at: string | null;
}

/** What the last check that looked at the files has seen. */
async function lastMeasured(db: Executor, volumeId: string): Promise<Measured> {
  const row: { updated_at: string; files: { file: string; allocatedBytes: number }[] | null } | undefined = await db(
    'operations',
  )
    .where({ type: 'chain-check' })
    .whereRaw(`params ->> 'volumeId' = ?`, [volumeId])
    .whereRaw(`outputs -> 'inspect-chain' is not null`)
    .orderBy('seq', 'desc')
    .first('updated_at', db.raw(`outputs -> 'inspect-chain' -> 'files' as files`));
  return {
    bytes: new Map((row?.files ?? []).map(({ file, allocatedBytes }) => [file, allocatedBytes])),
    at: row?.updated_at ?? null,
  };
}

async function loadLayers(
  db: Executor,
  volumeId: string,
  chain: readonly Layer[],
  foreign: number,
  measured: Measured,
): Promise<LayerRecord[]> {
  const files = chain.map(({ file }) => file);
  const snapshotIds = chain.flatMap(({ snapshotId }) => (snapshotId === null ? [] : [snapshotId]));
  const owners: { file: string; volume_id: string }[] = await db('chain_layers')
    .whereIn('file', files)
    .select('file', 'volume_id');
  const snapshots: (NamedRow & { status: string })[] = await db('snapshots')
    .whereIn('id', snapshotIds)
    .select('id', 'name', 'status');
  const above: (NamedRow & { backing_file: string })[] = await db('volumes')
    .whereIn('backing_file', files)
    .whereNot({ id: volumeId })
    .orderBy('created_at')
    .select('id', 'name', 'backing_file');
  return chain.map((layer, index) => ({
    ...layer,
    allocatedBytes: measured.bytes.get(layer.file) ?? null,
    volumeId: owners.find(({ file }) => file === layer.file)?.volume_id ?? null,
    isForeign: index < foreign,
    snapshot: snapshots.find(({ id }) => id === layer.snapshotId) ?? null,
    dependants: above.filter((one) => one.backing_file === layer.file).map(({ id, name }) => ({ id, name })),
  }));
}

const noFilter = { type: null, projectId: null, requestId: null } as const;
const active = ['pending', 'running', 'undoing', 'stuck'] as const;

/** Throws `not_found`. */
export async function loadChain(database: Database, volumeId: string): Promise<ChainRecord> {
  return database.transaction(async (tx) => {
    const volume = await loadHead(tx, volumeId);
    const { id } = volume;
    const facts = (await loadVolumeFacts(tx, [id])).get(id);
    const measured = await lastMeasured(tx, id);
    return {
      volume,
      layers: facts === undefined ? [] : await loadLayers(tx, id, facts.chain, facts.foreignLayers, measured),
      attachments: await tx('attachments')
        .where({ volume_id: id })
        .orderBy('created_at')
        .select('instance_uuid as server_id', 'attached_host as host', 'status'),
      operations: await listOperations(
        tx,
        { ...noFilter, states: active, ids: { volume_id: id } },
        { limit: 100, offset: 0, marker: null },
      ),
      flatten: await loadFlatten(tx, id),
      measuredAt: measured.at,
    };
  });
}

/** Throws `not_found`, `volume_state`. */
export async function checkChain(database: Database, volumeId: string, who: Requester): Promise<OperationId> {
  return inTransaction(database, async (tx) => {
    const volume = await loadHead(tx, volumeId);
    if (volume.host === null) throw new ServiceError('volume_state', `Volume ${volume.id} is on no share.`);
    return acceptOperation(tx, {
      type: 'chain-check',
      params: { volumeId: volume.id },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}

/** Throws `not_found` for an id of nothing, or of another kind of operation. */
export async function loadOperationOf(
  db: Executor,
  operationId: string,
  types: readonly string[],
): Promise<OperationRecord> {
  const record = await loadOperation(db, operationId);
  if (types.includes(record.type)) return record;
  throw new ServiceError('not_found', `Operation ${operationId} could not be found.`);
}
