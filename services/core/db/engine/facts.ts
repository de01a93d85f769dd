// Reads what steps may know (OperationFacts) in as few queries as there are kinds of things: volumes with pool and chain in one
// query whatever their number, then at most one server with its disks.
import { ServiceError } from '../../domain/errors.js';
import type { ShareAccessMessage } from '../../messages/envelope.js';
import type {
  AttachedDiskFacts,
  OperationFacts,
  PlacesFacts,
  PoolFacts,
  ServerFacts,
  VolumeFacts,
} from '../../operations/facts.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from './operation-row.js';

interface VolumeRow {
  readonly id: string;
  readonly size_gib: number;
  readonly base_format: 'raw' | 'qcow2' | null;
  readonly preallocation: VolumeFacts['preallocation'];
  readonly backend_host: string | null;
  readonly access: ShareAccessMessage | null;
  readonly chain: VolumeFacts['chain'] | null;
  readonly has_snapshots: boolean;
  readonly has_attachments: boolean;
}

const volumesSql = `
select v.id, v.size_gib, v.base_format, v.preallocation, p.backend_host, p.access,
  (select json_agg(json_build_object('file', l.file, 'format', l.format, 'virtualSizeBytes', l.virtual_size_bytes,
     'snapshotId', l.snapshot_id) order by l.position) from chain_layers l where l.volume_id = v.id) as chain,
  exists (select 1 from snapshots s where s.volume_id = v.id) as has_snapshots,
  exists (select 1 from attachments a where a.volume_id = v.id) as has_attachments
from volumes v left join pools p on p.name = v.host
where v.id = any(?)`;

/** Volumes by id; a volume that is not placed on a pool (or does not exist) is missing from the map. */
export async function loadVolumeFacts(tx: Transaction, ids: readonly string[]): Promise<Map<string, VolumeFacts>> {
  const found = new Map<string, VolumeFacts>();
  if (ids.length === 0) return found;
  const { rows } = (await tx.raw(volumesSql, [ids as string[]])) as { rows: VolumeRow[] };
  for (const row of rows) {
    if (row.backend_host === null || row.access === null) continue;
    found.set(row.id, {
      id: row.id,
      sizeGib: row.size_gib,
      backendHost: row.backend_host,
      access: row.access,
      chain: row.chain ?? [],
      hasSnapshots: row.has_snapshots,
      hasAttachments: row.has_attachments,
      format: row.base_format ?? 'qcow2',
      preallocation: row.preallocation,
    });
  }
  return found;
}

interface ServerRow {
  readonly id: string;
  readonly name: string;
  readonly compute_host: string | null;
  readonly flavor: { readonly vcpus: number; readonly ram_mib: number };
}

interface DiskRow {
  readonly id: string;
  readonly volume_id: string;
  readonly attach_mode: string | null;
  readonly boot_index: number | null;
}

/** Which rows that are still `attaching` count as disks of the server: only those whose volume the operation itself has locked. */
export interface AttachingWanted {
  readonly all: boolean;
  readonly attachmentId: string | null;
}

/** A server with its disks; null when it is gone or was never placed on a host. */
export async function loadServerFacts(
  tx: Transaction,
  serverId: string,
  wanted: AttachingWanted,
): Promise<ServerFacts | null> {
  const server = await tx<ServerRow>('servers').where({ id: serverId }).first('id', 'name', 'compute_host', 'flavor');
  if (server === undefined || server.compute_host === null) return null;
  const rows: DiskRow[] = await tx('attachments')
    .where({ managed_server_id: serverId })
    .where((either) => {
      void either.whereIn('status', ['attached', 'detaching', 'error_detaching']);
      if (wanted.all) void either.orWhere({ status: 'attaching' });
      if (wanted.attachmentId !== null) void either.orWhere({ id: wanted.attachmentId });
    })
    .orderByRaw('boot_index nulls last, created_at, id')
    .select('id', 'volume_id', 'attach_mode', 'boot_index');
  const volumes = await loadVolumeFacts(
    tx,
    rows.map((row) => row.volume_id),
  );
  const disks: AttachedDiskFacts[] = [];
  for (const row of rows) {
    const volume = volumes.get(row.volume_id);
    if (volume === undefined)
      throw new ServiceError('internal', 'A disk of the server has no place.', { context: { row } });
    disks.push({ volume, attachmentId: row.id, readOnly: row.attach_mode === 'ro', bootIndex: row.boot_index });
  }
  const { vcpus, ram_mib: memoryMib } = server.flavor;
  return { id: server.id, name: server.name, computeHost: server.compute_host, vcpus, memoryMib, disks };
}

/**
 * The server of ours that may have the volume's files open, or null. One that is still `attaching` has not: whoever asks holds
 * the volume's lock (or will, before it acts), and the attach waits for that same lock.
 */
export async function findAttachedServerId(tx: Transaction, volumeId: string): Promise<string | null> {
  const row: { managed_server_id: string } | undefined = await tx('attachments')
    .where({ volume_id: volumeId })
    .whereNotNull('managed_server_id')
    .whereIn('status', ['attached', 'detaching', 'error_detaching'])
    .first('managed_server_id');
  return row?.managed_server_id ?? null;
}

interface PoolRow {
  readonly name: string;
  readonly backend_host: string;
  readonly access: ShareAccessMessage;
  readonly zone: string;
}

function poolFacts({ name, backend_host: backendHost, access, zone }: PoolRow): PoolFacts {
  return { name, backendHost, access, zone };
}

/** Null when either pool is not known any more. */
async function loadPlaces(tx: Transaction, fromPool: string, toPool: string): Promise<PlacesFacts | null> {
  const rows: PoolRow[] = await tx('pools')
    .whereIn('name', [fromPool, toPool])
    .select('name', 'backend_host', 'access', 'zone');
  const from = rows.find((row) => row.name === fromPool);
  const to = rows.find((row) => row.name === toPool);
  return from === undefined || to === undefined ? null : { from: poolFacts(from), to: poolFacts(to) };
}

interface AnyParams {
  readonly fromPool?: string;
  readonly toPool?: string;
  readonly volumeId?: string;
  readonly serverId?: string;
  readonly attachmentId?: string;
  readonly source?: { readonly volumeId: string } | null;
}

export async function loadFacts(tx: Transaction, row: OperationRow): Promise<OperationFacts> {
  const params = row.params as AnyParams;
  const sourceId = params.source?.volumeId;
  const volumes = await loadVolumeFacts(
    tx,
    [params.volumeId, sourceId].filter((id) => id !== undefined),
  );
  let serverId = params.serverId ?? null;
  if (serverId === null && params.volumeId !== undefined && definitionOf(row.type).locksAttachedServer) {
    serverId = await findAttachedServerId(tx, params.volumeId);
  }
  const wanted = { all: row.type === 'server-create', attachmentId: params.attachmentId ?? null };
  return {
    volume: params.volumeId === undefined ? null : (volumes.get(params.volumeId) ?? null),
    source: sourceId === undefined ? null : (volumes.get(sourceId) ?? null),
    server: serverId === null ? null : await loadServerFacts(tx, serverId, wanted),
    places:
      params.fromPool === undefined || params.toPool === undefined
        ? null
        : await loadPlaces(tx, params.fromPool, params.toPool),
  };
}
