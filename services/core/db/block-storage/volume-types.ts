// Volume types and their extra specs. A type that volumes use keeps its specs and cannot be deleted; the default one always stays.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import type { ExtraSpecs } from './pool-match.js';
import { queryPrepared } from './prepared.js';

/** The type of volumes whose creator names none. */
export const defaultTypeName = '__DEFAULT__';

export interface VolumeTypeRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly is_public: boolean;
  readonly extra_specs: ExtraSpecs;
  readonly qos_specs_id: string | null;
}

const fields = 'v.id, v.name, v.description, v.is_public, v.extra_specs, v.qos_specs_id';

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
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listTypes(db: Executor, page: PageQuery): Promise<VolumeTypeRecord[]> {
  return listPage<VolumeTypeRecord>(db, typeCollection, fields, page);
}

function typeNotFound(reference: string): ServiceError {
  return new ServiceError('not_found', `Volume type with name or id ${reference.slice(0, 255)} could not be found.`);
}

/** By id, or by name where `byName` allows it. Private types exist for administrators only. Throws `not_found`. */
export async function loadType(
  db: Executor,
  reference: string,
  options: { readonly isAdmin: boolean; readonly byName: boolean },
): Promise<VolumeTypeRecord> {
  const rows = await queryPrepared<VolumeTypeRecord>(
    db,
    'type-show',
    `select ${fields} from volume_types v
     where (v.id = ?::uuid or v.name = ?::text) and (v.is_public or ?::boolean) order by (v.id = ?::uuid) desc nulls last limit 1`,
    [
      isUuid(reference) ? reference : null,
      options.byName ? reference : null,
      options.isAdmin,
      isUuid(reference) ? reference : null,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw typeNotFound(reference);
  return row;
}

export interface TypeFields {
  readonly name?: string;
  readonly description?: string | null;
  readonly is_public?: boolean;
  readonly extra_specs?: ExtraSpecs;
}

function asColumns(wanted: TypeFields): Record<string, unknown> {
  const { extra_specs: specs, ...plain } = wanted;
  return specs === undefined ? plain : { ...plain, extra_specs: JSON.stringify(specs) };
}

function isDuplicate(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as { code?: unknown }).code === '23505';
}

async function refuseDuplicates<T>(name: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (isDuplicate(thrown)) throw new ServiceError('conflict', `Volume Type ${name ?? ''} already exists.`);
    throw thrown;
  }
}

/** Throws `conflict` for a name that is taken. */
export async function insertType(
  db: Executor,
  id: string,
  wanted: TypeFields & { readonly name: string },
): Promise<void> {
  await refuseDuplicates(
    wanted.name,
    db('volume_types')
      .insert({ id, ...asColumns(wanted) })
      .then(),
  );
}

/** Throws `not_found`, `conflict`. */
export async function updateType(db: Executor, id: string, wanted: TypeFields): Promise<void> {
  if (!isUuid(id)) throw typeNotFound(id);
  const work = db('volume_types')
    .where({ id })
    .update({ ...asColumns(wanted), updated_at: db.raw('utc_now()') });
  if ((await refuseDuplicates(wanted.name, work.then())) === 0) throw typeNotFound(id);
}

async function lockType(tx: Transaction, id: string): Promise<VolumeTypeRecord> {
  const rows: VolumeTypeRecord[] = isUuid(id) ? await tx('volume_types').where({ id }).forUpdate().select('*') : [];
  const row = rows[0];
  if (row === undefined) throw typeNotFound(id);
  return row;
}

async function isUsed(tx: Transaction, id: string): Promise<boolean> {
  const row: unknown = await tx('volumes').where({ volume_type_id: id }).first('id');
  return row !== undefined;
}

/** Throws `not_found`, and `bad_request` for the default type, the last one, and one in use. */
export async function deleteType(database: Database, id: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, id);
    if (type.name === defaultTypeName) {
      throw new ServiceError('bad_request', `The volume type ${id} is the default volume type and cannot be deleted.`);
    }
    if (await isUsed(tx, id)) {
      throw new ServiceError(
        'bad_request',
        `Volume type ${id} deletion is not allowed with volumes present with the type.`,
      );
    }
    await tx('volume_types').where({ id }).delete();
  });
}

/** Changes extra specs in one step; `change` gets the present ones. Throws `bad_request` while volumes use the type. */
export async function changeExtraSpecs(
  database: Database,
  id: string,
  change: (present: ExtraSpecs) => ExtraSpecs,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, id);
    const next = change(type.extra_specs);
    if (await isUsed(tx, id)) {
      throw new ServiceError(
        'bad_request',
        `Volume Type is currently in use: ${id}. Its extra specs cannot be changed.`,
      );
    }
    await tx('volume_types')
      .where({ id })
      .update({ extra_specs: JSON.stringify(next), updated_at: tx.raw('utc_now()') });
  });
}
