// Group types as they are read. A private one is there for administrators alone: Cinder has no calls that give a project access.
import { ServiceError } from '../../domain/errors.js';
import type { GroupSpecs } from '../../domain/group.js';
import { isUuid, tryCanonicalUuid } from '../../domain/ids.js';
import type { Executor, Transaction } from '../connection.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import { queryPrepared } from './prepared.js';

export interface GroupTypeRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly is_public: boolean;
  readonly group_specs: GroupSpecs;
}

const fields = 'v.id, v.name, v.description, v.is_public, v.group_specs';

export const groupTypeCollection: Collection = {
  from: 'from group_types v',
  always: 'true',
  noun: 'Group type',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    description: { sql: 'v.description', type: 'text' },
    is_public: { sql: 'v.is_public', type: 'boolean' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

/** Types belong to no project. `isPublic` null: all. Throws `not_found` for a marker, `bad_request` for a sort key. */
export function listGroupTypes(db: Executor, page: PageQuery, isPublic: boolean | null): Promise<GroupTypeRecord[]> {
  const conditions =
    isPublic === null ? [] : ([{ kind: 'equals', column: 'is_public', value: String(isPublic) }] as const);
  return listPage<GroupTypeRecord>(db, groupTypeCollection, fields, { ...page, projectId: null, conditions });
}

/** Cinder has one text for ids and one for names (cinder/exception.py). */
export function groupTypeNotFound(reference: string): ServiceError {
  const what = tryCanonicalUuid(reference) === null ? `with name ${reference.slice(0, 255)}` : reference;
  return new ServiceError('not_found', `Group type ${what} could not be found.`);
}

/** By id. Throws `not_found`, also for a private type when the reader is no administrator. */
export async function loadGroupType(db: Executor, id: string, isAdmin: boolean): Promise<GroupTypeRecord> {
  const rows = await queryPrepared<GroupTypeRecord>(
    db,
    'group-type-show',
    `select ${fields} from group_types v where v.id = ?::uuid and (v.is_public or ?::boolean)`,
    [isUuid(id) ? id : null, isAdmin],
  );
  const row = rows[0];
  if (row === undefined) throw new ServiceError('not_found', `Group type ${id.slice(0, 255)} could not be found.`);
  return row;
}

/** By id or name; it stays until the transaction ends, because a group is about to be made of it. Throws `not_found`. */
export async function pinGroupType(tx: Transaction, reference: string, isAdmin: boolean): Promise<GroupTypeRecord> {
  const id = tryCanonicalUuid(reference);
  const rows = await queryPrepared<GroupTypeRecord>(
    tx,
    'group-type-pin',
    `select ${fields} from group_types v where (v.id = ?::uuid or v.name = ?::text) and (v.is_public or ?::boolean)
     order by (v.id = ?::uuid) desc nulls last limit 1 for share of v`,
    [id, reference, isAdmin, id],
  );
  const row = rows[0];
  if (row === undefined) throw groupTypeNotFound(reference);
  return row;
}
