// Changes of volume types. A type that volumes use keeps its extra specs and cannot be deleted; nor can a default type or the last one.
//
// Race: a volume is made of a type whose specs change beside it. Whoever makes a volume holds the type's row for share (`pinType`), every
// change here holds it for update, so the change sees the volume or the volume sees the change.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import type { ExtraSpecs } from './pool-match.js';
import { moveTypeLimits, removeTypeLimits } from './quota-limits.js';
import { demandConsistentSpecs } from './type-demands.js';
import { defaultTypeName, typeNotFound } from './volume-types.js';

export interface TypeFields {
  readonly name?: string;
  readonly description?: string | null;
  readonly is_public?: boolean;
  readonly extra_specs?: ExtraSpecs;
}

export interface LockedType {
  readonly id: string;
  readonly name: string;
  readonly is_public: boolean;
  readonly extra_specs: ExtraSpecs;
  readonly qos_specs_id: string | null;
}

function asColumns(wanted: TypeFields): Record<string, unknown> {
  const { extra_specs: specs, ...plain } = wanted;
  return specs === undefined ? plain : { ...plain, extra_specs: JSON.stringify(specs) };
}

async function refuseDuplicates<T>(name: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const isDuplicate = thrown instanceof Error && (thrown as { code?: unknown }).code === '23505';
    if (isDuplicate) throw new ServiceError('conflict', `Volume Type ${name ?? ''} already exists.`);
    throw thrown;
  }
}

/** Throws `conflict` for a name that is taken, `bad_request` for specs that contradict each other. */
export async function insertType(
  db: Executor,
  id: string,
  wanted: TypeFields & { readonly name: string },
): Promise<void> {
  demandConsistentSpecs(wanted.extra_specs ?? {});
  await refuseDuplicates(
    wanted.name,
    db('volume_types')
      .insert({ id, ...asColumns(wanted) })
      .then(),
  );
}

/** The row, locked until the transaction ends. Throws `not_found`. */
export async function lockType(tx: Transaction, id: string): Promise<LockedType> {
  const rows: LockedType[] = isUuid(id) ? await tx('volume_types').where({ id }).forUpdate().select('*') : [];
  const row = rows[0];
  if (row === undefined) throw typeNotFound(id);
  return row;
}

/** A new name takes the quotas of the type along: they are stored by its name. Throws `not_found`, `conflict`. */
export async function updateType(database: Database, id: string, wanted: TypeFields): Promise<void> {
  await inTransaction(database, async (tx) => {
    const present = await lockType(tx, id);
    const { name } = wanted;
    // Volumes whose creator names no type find theirs by this name.
    if (present.name === defaultTypeName && name !== undefined && name !== defaultTypeName) {
      throw new ServiceError('bad_request', `The volume type ${id} is the default volume type and cannot be renamed.`);
    }
    const work = tx('volume_types')
      .where({ id })
      .update({ ...asColumns(wanted), updated_at: tx.raw('utc_now()') });
    await refuseDuplicates(name, work.then());
    if (name !== undefined && name !== present.name) await moveTypeLimits(tx, present.name, name);
  });
}

/** True when a volume has the type, or is being moved to become one of it. */
export async function isTypeUsed(tx: Transaction, id: string): Promise<boolean> {
  const row: unknown = await tx('volumes').where({ volume_type_id: id }).first('id');
  if (row !== undefined) return true;
  const moving: unknown = await tx('operations')
    .where({ type: 'volume-migrate' })
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .whereRaw(`params->>'newTypeId' = ?`, [id])
    .first('id');
  return moving !== undefined;
}

async function demandDeletable(tx: Transaction, type: LockedType): Promise<void> {
  const { id } = type;
  const isProjectDefault = (): Promise<unknown> =>
    tx('default_volume_types').where({ volume_type_id: id }).first('project_id').then();
  const other: unknown = await tx('volume_types').whereNot({ id }).first('id');
  if (other === undefined) {
    throw new ServiceError(
      'bad_request',
      `The volume type ${id} is the only currently defined volume type and cannot be deleted.`,
    );
  }
  if (type.name === defaultTypeName || (await isProjectDefault()) !== undefined) {
    throw new ServiceError('bad_request', `The volume type ${id} is a default volume type and cannot be deleted.`);
  }
  // Cinder's API says this instead of its exception's text (cinder/api/contrib/types_manage.py).
  const grouping: unknown = await tx('group_volume_types').where({ volume_type_id: id }).first('group_id');
  if (grouping !== undefined || (await isTypeUsed(tx, id)))
    throw new ServiceError('bad_request', 'Target volume type is still in use.');
}

/** Access, encryption and quotas of the type go with it. Throws `not_found`, and `bad_request` for a default type, the last one, and one in use. */
export async function deleteType(database: Database, id: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, id);
    await demandDeletable(tx, type);
    await tx('volume_types').where({ id }).delete();
    await removeTypeLimits(tx, type.name);
  });
}

/**
 * Changes extra specs in one step; `change` gets the present ones. Throws `not_found`, `bad_request` while volumes use the type or when
 * the specs would contradict each other, and what `change` throws.
 */
export async function changeExtraSpecs(
  database: Database,
  id: string,
  change: (present: ExtraSpecs) => ExtraSpecs,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const type = await lockType(tx, id);
    if (await isTypeUsed(tx, id)) throw new ServiceError('bad_request', 'Volume Type is currently in use.');
    const next = change(type.extra_specs);
    demandConsistentSpecs(next);
    await tx('volume_types')
      .where({ id })
      .update({ extra_specs: JSON.stringify(next), updated_at: tx.raw('utc_now()') });
  });
}
