// Flavors: what a new server gets. A server keeps a copy, so deleting a flavor changes no server.
import { ServiceError } from '../../domain/errors.js';
import type { Executor } from '../connection.js';
import { refusingConflicts } from '../identity/conflict.js';

export interface FlavorRecord {
  readonly id: string;
  readonly name: string;
  readonly ramMib: number;
  readonly vcpus: number;
  readonly diskGib: number;
  readonly isPublic: boolean;
  readonly description: string | null;
}

interface FlavorRow {
  readonly id: string;
  readonly name: string;
  readonly ram_mib: number;
  readonly vcpus: number;
  readonly disk_gib: number;
  readonly is_public: boolean;
  readonly description: string | null;
}

export interface FlavorQuery {
  /** null: public and private ones. */
  readonly isPublic: boolean | null;
  readonly minRamMib?: number;
  readonly minDiskGib?: number;
  readonly marker?: string;
  readonly limit: number;
  readonly descending?: boolean;
}

const columns = ['id', 'name', 'ram_mib', 'vcpus', 'disk_gib', 'is_public', 'description'] as const;

function toRecord(row: FlavorRow): FlavorRecord {
  const { ram_mib: ramMib, disk_gib: diskGib, is_public: isPublic, ...rest } = row;
  return { ...rest, ramMib, diskGib, isPublic };
}

/** A page in order of ids. Throws `bad_request` for a marker that is no flavor (as Nova does). */
export async function listFlavors(db: Executor, query: FlavorQuery): Promise<FlavorRecord[]> {
  const find = db<FlavorRow>('flavors').select(...columns);
  if (query.isPublic !== null) void find.where({ is_public: query.isPublic });
  if (query.minRamMib !== undefined) void find.where('ram_mib', '>=', query.minRamMib);
  if (query.minDiskGib !== undefined) void find.where('disk_gib', '>=', query.minDiskGib);
  if (query.marker !== undefined) {
    const known: unknown = await db('flavors').where({ id: query.marker }).first('id');
    if (known === undefined) throw new ServiceError('bad_request', `marker [${query.marker}] not found`);
    void find.where('id', query.descending === true ? '<' : '>', query.marker);
  }
  const rows: FlavorRow[] = await find.orderBy('id', query.descending === true ? 'desc' : 'asc').limit(query.limit);
  return rows.map(toRecord);
}

/** null when there is none. */
export async function findFlavor(db: Executor, id: string): Promise<FlavorRecord | null> {
  const row: FlavorRow | undefined = await db('flavors')
    .where({ id })
    .first(...columns);
  return row === undefined ? null : toRecord(row);
}

export async function insertFlavor(db: Executor, flavor: FlavorRecord): Promise<FlavorRecord> {
  const { ramMib, diskGib, isPublic, ...rest } = flavor;
  await refusingConflicts(
    `Flavor with name ${flavor.name} or ID ${flavor.id} already exists.`,
    'Flavor could not be found.',
    () => db('flavors').insert({ ...rest, ram_mib: ramMib, disk_gib: diskGib, is_public: isPublic }),
  );
  return flavor;
}

/** Throws `not_found` when there is none. */
export async function deleteFlavor(db: Executor, id: string): Promise<void> {
  const gone = await db('flavors').where({ id }).delete();
  if (gone === 0) throw new ServiceError('not_found', `Flavor ${id} could not be found.`);
}
