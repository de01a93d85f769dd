// Servers: rows in, records out. Reads only take what the views show, with the attached volumes in the same statement.
// Every read and write is bound to a project unless the caller says `null` (administrators, services).
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { PowerState, ServerTaskState, ServerVmState } from '../../domain/server.js';
import type { Executor, Transaction } from '../connection.js';

/** What is being done to a server; the two reboots are a stop and a start, shown as what the client asked for. */
export type ShownTaskState = ServerTaskState | 'rebooting' | 'rebooting_hard';

export interface ServerRecord {
  readonly id: string;
  readonly project_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly description: string | null;
  /** What its root disk was made of; null: it booted from a volume. */
  readonly image_id: string | null;
  readonly flavor_id: string;
  readonly flavor: {
    readonly name: string;
    readonly vcpus: number;
    readonly ram_mib: number;
    readonly disk_gib?: number;
  };
  readonly vm_state: ServerVmState;
  readonly task_state: ShownTaskState | null;
  readonly power_state: PowerState;
  readonly compute_host: string | null;
  readonly availability_zone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly key_name: string | null;
  readonly user_data: string | null;
  readonly config_drive: string;
  readonly fault: { readonly code: number; readonly message: string; readonly created: string } | null;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly launched_at: string | null;
  readonly terminated_at: string | null;
  /** In the order in which the guest has them. */
  readonly volumes: readonly {
    readonly id: string;
    readonly deleteOnTermination: boolean;
    readonly device: string | null;
    /** 0 for the disk that it boots from. */
    readonly bootIndex: number | null;
  }[];
  /** null while the server is on no host. */
  readonly host_status: 'UP' | 'DOWN' | 'MAINTENANCE' | null;
}

const columns = [
  ...[
    'id',
    'project_id',
    'user_id',
    'name',
    'description',
    'user_data',
    'image_id',
    'flavor_id',
    'flavor',
    'vm_state',
    'task_state',
    'power_state',
  ],
  ...['compute_host', 'availability_zone', 'metadata', 'tags', 'key_name', 'config_drive', 'fault', 'created_at'],
  ...['updated_at', 'launched_at', 'terminated_at'],
].map((name) => `s.${name}`);

const volumesSql = `coalesce((select json_agg(json_build_object('id', a.volume_id,
    'deleteOnTermination', a.delete_on_termination, 'device', a.mountpoint,
    'bootIndex', a.boot_index)
    order by a.boot_index nulls last, a.created_at, a.id)
  from attachments a where a.managed_server_id = s.id), '[]'::json) as volumes`;

const hostStatusSql = `(select case when h.disabled then 'MAINTENANCE'
    when h.updated_at > utc_now() - interval '60 seconds' then 'UP' else 'DOWN' end
  from services h where h."binary" = 'saggar-compute' and h.host = s.compute_host) as host_status`;

export interface ServerQuery {
  /** null: every project's. */
  readonly projectId: string | null;
  readonly name?: { readonly text: string; readonly from: 'start' | 'anywhere'; readonly to: 'end' | 'anywhere' };
  readonly vmStates?: readonly ServerVmState[];
  readonly host?: string;
  /** Naive UTC text. */
  readonly changedSince?: string;
  readonly sort: { readonly column: 'created_at' | 'updated_at' | 'name' | 'id'; readonly descending: boolean };
  readonly marker?: string;
  readonly limit: number;
}

function likePattern({ text, from, to }: NonNullable<ServerQuery['name']>): string {
  const literal = text.replace(/[\\%_]/g, '\\$&');
  return `${from === 'start' ? '' : '%'}${literal}${to === 'end' ? '' : '%'}`;
}

/** A page of servers. Throws `bad_request` for a marker that is none of them (as Nova does). */
export async function listServers(db: Executor, query: ServerQuery): Promise<ServerRecord[]> {
  const find = db('servers as s').select(...columns, db.raw(volumesSql), db.raw(hostStatusSql));
  if (query.projectId !== null) void find.where({ 's.project_id': query.projectId });
  if (query.name !== undefined) void find.whereILike('s.name', likePattern(query.name));
  if (query.vmStates !== undefined) void find.whereIn('s.vm_state', [...query.vmStates]);
  if (query.host !== undefined) void find.where({ 's.compute_host': query.host });
  if (query.changedSince !== undefined) {
    void find.whereRaw('coalesce(s.updated_at, s.created_at) >= ?::timestamp', [query.changedSince]);
  }
  const { column, descending } = query.sort;
  // updated_at may be null; rows that never changed sort by their creation.
  const key = column === 'updated_at' ? 'coalesce(s.updated_at, s.created_at)' : `s.${column}`;
  if (query.marker !== undefined) {
    const marker = await tryLoadServer(db, query.marker, query.projectId);
    if (marker === null) throw new ServiceError('bad_request', `marker [${query.marker}] not found`);
    const from = column === 'updated_at' ? (marker.updated_at ?? marker.created_at) : marker[column];
    const cast = column === 'name' ? 'text' : column === 'id' ? 'uuid' : 'timestamp';
    void find.whereRaw(`(${key}, s.id) ${descending ? '<' : '>'} (?::${cast}, ?::uuid)`, [from, marker.id]);
  }
  const direction = descending ? 'desc' : 'asc';
  return find.orderByRaw(`${key} ${direction}, s.id ${direction}`).limit(query.limit);
}

/** A server's root disk made of an image: a volume here, and in Nova's words a local disk that is in no list of volumes. */
export function isLocalDisk(server: Pick<ServerRecord, 'image_id'>, bootIndex: number | null): boolean {
  return server.image_id !== null && bootIndex === 0;
}

/** null when there is none that the project may see. */
export async function tryLoadServer(db: Executor, id: string, projectId: string | null): Promise<ServerRecord | null> {
  if (!isUuid(id)) return null;
  const find = db('servers as s').where({ 's.id': id });
  if (projectId !== null) void find.where({ 's.project_id': projectId });
  const row: ServerRecord | undefined = await find.first(...columns, db.raw(volumesSql), db.raw(hostStatusSql));
  return row ?? null;
}

export function serverNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `Instance ${id} could not be found.`);
}

/** Throws `not_found`. */
export async function loadServer(db: Executor, id: string, projectId: string | null): Promise<ServerRecord> {
  const server = await tryLoadServer(db, id, projectId);
  if (server === null) throw serverNotFound(id);
  return server;
}

/** Locks the row, so that nothing else starts on the server before the commit. Throws `not_found`. */
export async function lockServer(tx: Transaction, id: string, projectId: string | null): Promise<ServerRecord> {
  if (!isUuid(id)) throw serverNotFound(id);
  await tx('servers').where({ id }).forUpdate().first('id');
  return loadServer(tx, id, projectId);
}

export async function updateServerRow(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('servers')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

/** The hosts of the servers that exist, by id; null for one that was never placed. */
export async function listPlacement(db: Executor, ids: readonly string[]): Promise<Map<string, string | null>> {
  const rows: { id: string; compute_host: string | null }[] = await db('servers')
    .whereIn('id', [...ids])
    .select('id', 'compute_host');
  return new Map(rows.map((row) => [row.id, row.compute_host]));
}
