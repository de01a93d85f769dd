// Volume types as they are read: lists, one by id or name, the default one, and the one that a volume is being made of.
//
// A private type exists for administrators and for the projects that have access to it; for all others it is not found, here and
// wherever else a type can be named.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Executor, Transaction } from '../connection.js';
import { type Collection, type Condition, listPage, type PageQuery } from './listing.js';
import type { ExtraSpecs } from './pool-match.js';
import { queryPrepared } from './prepared.js';

/** The type of volumes whose creator names none and whose project has no default of its own. */
export const defaultTypeName = '__DEFAULT__';

export interface VolumeTypeRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly is_public: boolean;
  readonly extra_specs: ExtraSpecs;
  readonly qos_specs_id: string | null;
  /** It has an encryption record. */
  readonly is_encrypted: boolean;
}

const fields = `v.id, v.name, v.description, v.is_public, v.extra_specs, v.qos_specs_id,
  exists (select 1 from volume_type_encryption e where e.volume_type_id = v.id) as is_encrypted`;

export const typeCollection: Collection = {
  from: 'from volume_types v',
  always: 'true',
  noun: 'Volume type',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    is_public: { sql: 'v.is_public', type: 'boolean' },
    extra_specs: { sql: 'v.extra_specs', type: 'json' },
    qos_specs_id: { sql: 'v.qos_specs_id', type: 'uuid' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

/** The collection with a column that no client may name. */
const withProjects: Collection = {
  ...typeCollection,
  columns: {
    ...typeCollection.columns,
    projects: {
      sql: 'array(select a.project_id from volume_type_access a where a.volume_type_id = v.id)',
      type: 'text',
    },
  },
};

/** `usableBy`: public types and the private ones the project may use. `isPublic`: those alone; null: all. */
export type TypeVisibility = { readonly usableBy: string } | { readonly isPublic: boolean | null };

function visibilityConditions(visibility: TypeVisibility): Condition[] {
  if ('usableBy' in visibility) {
    const alternatives: Condition[] = [
      { kind: 'equals', column: 'is_public', value: 'true' },
      { kind: 'member', column: 'projects', value: visibility.usableBy },
    ];
    return [{ kind: 'either', alternatives }];
  }
  if (visibility.isPublic === null) return [];
  return [{ kind: 'equals', column: 'is_public', value: String(visibility.isPublic) }];
}

/** Types belong to no project, so the page's own project is not looked at. Throws `not_found` for a marker, `bad_request` for a sort key. */
export async function listTypes(
  db: Executor,
  page: PageQuery,
  visibility: TypeVisibility,
): Promise<VolumeTypeRecord[]> {
  // A page behind a type that one must not know would tell that it is there, and between which names.
  if (page.marker !== null && 'usableBy' in visibility)
    await loadType(db, page.marker, { isAdmin: false, byName: false, projectId: visibility.usableBy });
  const conditions = [...page.conditions, ...visibilityConditions(visibility)];
  return listPage<VolumeTypeRecord>(db, withProjects, fields, { ...page, projectId: null, conditions });
}

/** Cinder has one text for ids and one for names (cinder/exception.py). */
export function typeNotFound(reference: string): ServiceError {
  const isId: boolean = isUuid(reference);
  const what = isId ? reference : `with name ${reference.slice(0, 255)}`;
  return new ServiceError('not_found', `Volume type ${what} could not be found.`);
}

export interface TypeReader {
  readonly isAdmin: boolean;
  readonly byName: boolean;
  /** Whose access to private types counts; without it, nobody's. */
  readonly projectId?: string | null;
}

const showSql = `select ${fields} from volume_types v
  where (v.id = ?::uuid or v.name = ?::text)
    and (v.is_public or ?::boolean
      or exists (select 1 from volume_type_access a where a.volume_type_id = v.id and a.project_id = ?::text))
  order by (v.id = ?::uuid) desc nulls last limit 1`;

async function findType(
  db: Executor,
  name: string,
  sql: string,
  reference: string,
  reader: TypeReader,
): Promise<VolumeTypeRecord> {
  const id = isUuid(reference) ? reference : null;
  const named = reader.byName ? reference : null;
  const rows = await queryPrepared<VolumeTypeRecord>(db, name, sql, [
    id,
    named,
    reader.isAdmin,
    reader.projectId ?? null,
    id,
  ]);
  const row = rows[0];
  if (row === undefined) throw typeNotFound(reference);
  return row;
}

/** By id, or by name where `byName` allows it. Throws `not_found`, also for a private type that the reader may not use. */
export function loadType(db: Executor, reference: string, reader: TypeReader): Promise<VolumeTypeRecord> {
  return findType(db, 'type-show', showSql, reference, reader);
}

/** As `loadType`, and the type stays as it is until the transaction ends: a volume is about to be made of it. */
export function pinType(tx: Transaction, reference: string, reader: TypeReader): Promise<VolumeTypeRecord> {
  return findType(tx, 'type-pin', `${showSql} for share of v`, reference, reader);
}

/** The id of the type for volumes of the project whose creator names none: the project's default, or everybody's. */
export async function defaultTypeId(db: Executor, projectId: string): Promise<string> {
  const rows = await queryPrepared<{ id: string }>(
    db,
    'type-default',
    `select coalesce((select d.volume_type_id from default_volume_types d where d.project_id = ?),
       (select t.id from volume_types t where t.name = ?)) as id`,
    [projectId, defaultTypeName],
  );
  const id = rows[0]?.id;
  if (!id) throw typeNotFound(defaultTypeName);
  return id;
}
