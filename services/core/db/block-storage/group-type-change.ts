// Changes of group types. Whoever makes a group holds its type's row for share, every change here holds it for update, so a type goes
// away only when no group is of it.
import { ServiceError } from '../../domain/errors.js';
import type { GroupSpecs } from '../../domain/group.js';
import { isUuid } from '../../domain/ids.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';

export interface GroupTypeFields {
  readonly name?: string;
  readonly description?: string | null;
  readonly is_public?: boolean;
  readonly group_specs?: GroupSpecs;
}

function asColumns(wanted: GroupTypeFields): Record<string, unknown> {
  const { group_specs: specs, ...plain } = wanted;
  return specs === undefined ? plain : { ...plain, group_specs: JSON.stringify(specs) };
}

async function refuseDuplicates<T>(name: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const isDuplicate = thrown instanceof Error && (thrown as { code?: unknown }).code === '23505';
    if (isDuplicate) throw new ServiceError('conflict', `Group Type ${name ?? ''} already exists.`);
    throw thrown;
  }
}

/** Throws `conflict` for a name that is taken. */
export async function insertGroupType(
  db: Executor,
  id: string,
  wanted: GroupTypeFields & { readonly name: string },
): Promise<void> {
  const work = db('group_types').insert({ id, ...asColumns(wanted) });
  await refuseDuplicates(wanted.name, work.then());
}

/** The specs of the row, which is locked until the transaction ends. Throws `not_found`. */
async function lockGroupType(tx: Transaction, id: string): Promise<GroupSpecs> {
  const row: { group_specs: GroupSpecs } | undefined = isUuid(id)
    ? await tx('group_types').where({ id }).forUpdate().first('group_specs')
    : undefined;
  if (row === undefined) throw new ServiceError('not_found', `Group type ${id.slice(0, 255)} could not be found.`);
  return row.group_specs;
}

async function write(tx: Transaction, id: string, wanted: GroupTypeFields): Promise<void> {
  const work = tx('group_types')
    .where({ id })
    .update({ ...asColumns(wanted), updated_at: tx.raw('utc_now()') });
  await refuseDuplicates(wanted.name, work.then());
}

/** Throws `not_found`, `conflict`. */
export async function updateGroupType(database: Database, id: string, wanted: GroupTypeFields): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockGroupType(tx, id);
    await write(tx, id, wanted);
  });
}

/** Throws `not_found`, and `bad_request` while groups or group snapshots are of the type. */
export async function deleteGroupType(database: Database, id: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockGroupType(tx, id);
    for (const table of ['volume_groups', 'group_snapshots']) {
      const user: unknown = await tx(table).where({ group_type_id: id }).first('id');
      if (user === undefined) continue;
      throw new ServiceError(
        'bad_request',
        `Target group type is still in use. Group Type ${id} deletion is not allowed with groups present with the type.`,
      );
    }
    await tx('group_types').where({ id }).delete();
  });
}

/** Changes specs in one step; `change` gets the present ones. Throws `not_found`, and what `change` throws. */
export async function changeGroupSpecs(
  database: Database,
  id: string,
  change: (present: GroupSpecs) => GroupSpecs,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const present = await lockGroupType(tx, id);
    await write(tx, id, { group_specs: change(present) });
  });
}
