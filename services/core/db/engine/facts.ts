// Reads what steps may know (OperationFacts) in as few queries as there are kinds of things: volumes with pool and chain in one
// query whatever their number, then at most one server with its disks.
import { ServiceError } from '../../domain/errors.js';
import type { ShareAccessMessage } from '../../messages/envelope.js';
import type {
  AttachedDiskFacts,
  MemberFacts,
  OperationFacts,
  PlacesFacts,
  PoolFacts,
  ServerFacts,
  VolumeFacts,
} from '../../operations/facts.js';
import { definitionOf } from '../../operations/registry.js';
import type { Transaction } from '../connection.js';
import { loadCustodyTexts } from '../custody/custody-texts.js';
import { loadBackupFacts } from './backup-facts.js';
import type { OperationRow } from './operation-row.js';

interface VolumeRow {
  readonly id: string;
  readonly size_gib: number;
  readonly base_format: 'raw' | 'qcow2' | null;
  readonly preallocation: VolumeFacts['preallocation'];
  readonly backend_host: string | null;
  readonly access: ShareAccessMessage | null;
  readonly chain: VolumeFacts['chain'] | null;
  readonly foreign_layers: number | null;
  readonly base_must_be_raw: boolean;
  readonly has_snapshots: boolean;
  readonly has_attachments: boolean;
  readonly attachment_count: number;
  readonly encryption: VolumeFacts['encryption'] | null;
}

/** fullChain of services/core/domain/shared-layers.ts in SQL; a test compares the two. The limit ends a circle, which cannot be. */
const volumesSql = `
with recursive walk as (
  select v.id as root, 0 as depth, v.id as volume_id, null::text as through, v.backing_volume_id, v.backing_file
  from volumes v where v.id = any(?)
  union all
  select w.root, w.depth + 1, b.id, w.backing_file, b.backing_volume_id, b.backing_file
  from walk w join volumes b on b.id = w.backing_volume_id where w.backing_file is not null and w.depth < 256
), full_chains as (
  select w.root, count(*) filter (where w.depth > 0) as foreign_layers, bool_or(w.depth = 0) as has_own,
    json_agg(jsonb_build_object('file', l.file, 'format', l.format, 'virtualSizeBytes', l.virtual_size_bytes,
      'snapshotId', l.snapshot_id) || case when l.key_id is null then '{}' else jsonb_build_object('keyId', l.key_id) end order by w.depth desc, l.position) as chain
  from walk w join chain_layers l on l.volume_id = w.volume_id and (w.through is null or l.position <=
    (select t.position from chain_layers t where t.volume_id = w.volume_id and t.file = w.through))
  group by w.root
)
select v.id, v.size_gib, v.base_format, v.preallocation, p.backend_host, p.access,
  case when c.has_own then c.chain end as chain, case when c.has_own then c.foreign_layers end as foreign_layers,
  v.multiattach or coalesce(t.extra_specs ->> 'saggar:volume_format' = 'raw', false) as base_must_be_raw,
  exists (select 1 from snapshots s where s.volume_id = v.id) as has_snapshots,
  exists (select 1 from attachments a where a.volume_id = v.id) as has_attachments,
  (select count(*)::int from attachments a where a.volume_id = v.id) as attachment_count,
  case when v.encryption_key_id is not null then json_build_object('keyId', v.encryption_key_id,
    'bits', coalesce((select e.key_size from volume_type_encryption e where e.volume_type_id = v.volume_type_id), 256),
    'keyIsShared', exists (select 1 from volumes o where o.encryption_key_id = v.encryption_key_id and o.id <> v.id)
      or exists (select 1 from chain_layers l where l.key_id = v.encryption_key_id and l.volume_id <> v.id)
      or exists (select 1 from backups b where b.encryption_key_id = v.encryption_key_id or not b.objects_seen)) end as encryption
from volumes v left join full_chains c on c.root = v.id left join pools p on p.name = v.host
  left join volume_types t on t.id = v.volume_type_id
where v.id = any(?)`;

/** Volumes by id; a volume that is not placed on a pool (or does not exist) is missing from the map. */
export async function loadVolumeFacts(tx: Transaction, ids: readonly string[]): Promise<Map<string, VolumeFacts>> {
  const found = new Map<string, VolumeFacts>();
  if (ids.length === 0) return found;
  const { rows } = (await tx.raw(volumesSql, [ids as string[], ids as string[]])) as { rows: VolumeRow[] };
  for (const row of rows) {
    if (row.backend_host === null || row.access === null) continue;
    found.set(row.id, {
      id: row.id,
      sizeGib: row.size_gib,
      backendHost: row.backend_host,
      access: row.access,
      chain: row.chain ?? [],
      foreignLayers: row.foreign_layers ?? 0,
      baseMustBeRaw: row.base_must_be_raw,
      hasSnapshots: row.has_snapshots,
      hasAttachments: row.has_attachments,
      attachmentCount: row.attachment_count,
      format: row.base_format ?? 'qcow2',
      preallocation: row.preallocation,
      ...(row.encryption == null ? {} : { encryption: row.encryption }),
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
  return (await findAttachedServerIds(tx, [volumeId])).get(volumeId) ?? null;
}

/** The same for several volumes, by volume; those that no server has are missing. */
export async function findAttachedServerIds(
  tx: Transaction,
  volumeIds: readonly string[],
): Promise<Map<string, string>> {
  if (volumeIds.length === 0) return new Map();
  const rows: { volume_id: string; managed_server_id: string }[] = await tx('attachments')
    .whereIn('volume_id', [...volumeIds])
    .whereNotNull('managed_server_id')
    .whereIn('status', ['attached', 'detaching', 'error_detaching'])
    .orderBy(['created_at', 'id'])
    .select('volume_id', 'managed_server_id');
  // Of several (a volume for several servers) the oldest counts.
  return new Map(rows.reverse().map((row) => [row.volume_id, row.managed_server_id]));
}

/** The volumes that an operation is about, as its parameters name them. */
export function volumeIdsOf(params: object): readonly string[] {
  const { volumeId, members } = params as AnyParams;
  return members?.map((one) => one.volumeId) ?? (volumeId === undefined ? [] : [volumeId]);
}

/** The volumes whose servers the operation locks, too. */
export function attachableIdsOf({ type, params }: Pick<OperationRow, 'type' | 'params'>): readonly string[] {
  const { locksAttachedServer, serverIsOfSource } = definitionOf(type);
  if (!locksAttachedServer) return [];
  if (serverIsOfSource !== true) return volumeIdsOf(params);
  const { source } = params as AnyParams;
  return source == null ? [] : [source.volumeId];
}

async function loadMembers(tx: Transaction, volumeIds: readonly string[]): Promise<(MemberFacts | null)[]> {
  const volumes = await loadVolumeFacts(tx, volumeIds);
  const attached = await findAttachedServerIds(tx, volumeIds);
  const servers: { id: string; compute_host: string | null }[] = await tx('servers')
    .whereIn('id', [...attached.values()])
    .select('id', 'compute_host');
  const hosts = new Map(servers.map((server) => [server.id, server.compute_host]));
  return volumeIds.map((volumeId) => {
    const volume = volumes.get(volumeId);
    if (volume === undefined) return null;
    const id = attached.get(volumeId) ?? null;
    const computeHost = id === null ? null : (hosts.get(id) ?? null);
    return { volume, server: id === null || computeHost === null ? null : { id, computeHost } };
  });
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
  readonly backupId?: string;
  readonly pool?: string;
  readonly recordsOf?: readonly string[];
  readonly fromPool?: string;
  readonly toPool?: string;
  readonly volumeId?: string;
  readonly serverId?: string;
  readonly attachmentId?: string;
  readonly source?: { readonly volumeId: string } | null;
  readonly members?: readonly { readonly volumeId: string }[];
}

/** An operation on a pool alone has it as both places. */
async function loadPlacesOf(
  tx: Transaction,
  { pool, fromPool = pool, toPool = pool }: AnyParams,
): Promise<PlacesFacts | null> {
  return fromPool === undefined || toPool === undefined ? null : loadPlaces(tx, fromPool, toPool);
}

/**
 * Asked again when the key is about to go: a move takes hours, and meanwhile a backup's record may have been imported, which names its key only
 * when its manifest was read.
 */
async function isKeyNeeded(tx: Transaction, keyId: string): Promise<boolean> {
  const { rows } = (await tx.raw(
    `select exists (select 1 from volumes where encryption_key_id = ?) or exists (select 1 from chain_layers where key_id = ?)
       or exists (select 1 from backups where encryption_key_id = ? or not objects_seen) as needed`,
    [keyId, keyId, keyId],
  )) as { rows: { needed: boolean }[] };
  return rows[0]?.needed === true;
}

function keyLeftBy({ plan }: OperationRow): string | undefined {
  return plan !== null && 'keyLeft' in plan ? plan.keyLeft : undefined;
}

export async function loadFacts(tx: Transaction, row: OperationRow): Promise<OperationFacts> {
  const params = row.params as AnyParams;
  const sourceId = params.source?.volumeId;
  const volumes = await loadVolumeFacts(
    tx,
    [params.volumeId, sourceId].filter((id) => id !== undefined),
  );
  let serverId = params.serverId ?? null;
  const [attachable] = attachableIdsOf(row);
  if (serverId === null && attachable !== undefined && params.members === undefined) {
    serverId = await findAttachedServerId(tx, attachable);
  }
  const wanted = { all: row.type === 'server-create', attachmentId: params.attachmentId ?? null };
  const keyLeft = keyLeftBy(row);
  return {
    volume: params.volumeId === undefined ? null : (volumes.get(params.volumeId) ?? null),
    source: sourceId === undefined ? null : (volumes.get(sourceId) ?? null),
    server: serverId === null ? null : await loadServerFacts(tx, serverId, wanted),
    places: await loadPlacesOf(tx, params),
    ...(params.members === undefined ? {} : { members: await loadMembers(tx, volumeIdsOf(params)) }),
    ...(params.backupId === undefined ? {} : { backup: await loadBackupFacts(tx, params.backupId) }),
    ...(keyLeft === undefined ? {} : { keyLeftIsNeeded: await isKeyNeeded(tx, keyLeft) }),
    ...(row.type === 'custody-write' && params.pool !== undefined
      ? { custody: await loadCustodyTexts(tx, params.pool, params.recordsOf ?? []) }
      : {}),
  };
}
