// QoS specs: named sets of limits that volume types may point to. What hypervisors are to keep (consumer `front-end` or `both`) goes to
// them with every connection; storage itself keeps none here. Texts: cinder/exception.py and cinder/api/contrib/qos_specs_manage.py.
import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { inTransaction } from '../in-transaction.js';
import { type Collection, listPage, type PageQuery } from './listing.js';
import { lockType } from './type-change.js';

export const qosConsumers = ['front-end', 'back-end', 'both'] as const;
export type QosConsumer = (typeof qosConsumers)[number];
export type QosValues = Readonly<Record<string, string | null>>;

export interface QosRecord {
  readonly id: string;
  readonly name: string;
  readonly consumer: QosConsumer;
  readonly specs: QosValues;
}

const fields = 'v.id, v.name, v.consumer, v.specs';

export const qosCollection: Collection = {
  from: 'from qos_specs v',
  always: 'true',
  noun: 'QoS spec',
  columns: {
    id: { sql: 'v.id', type: 'uuid' },
    name: { sql: 'v.name', type: 'text' },
    consumer: { sql: 'v.consumer', type: 'text' },
    created_at: { sql: 'v.created_at', type: 'time' },
    updated_at: { sql: 'v.updated_at', type: 'time' },
  },
};

export function listQos(db: Executor, page: PageQuery): Promise<QosRecord[]> {
  return listPage<QosRecord>(db, qosCollection, fields, { ...page, projectId: null });
}

function qosNotFound(id: string): ServiceError {
  return new ServiceError('not_found', `No such QoS spec ${id.slice(0, 64)}.`);
}

/** Throws `not_found`. */
export async function loadQos(db: Executor, id: string): Promise<QosRecord> {
  const row: QosRecord | undefined = isUuid(id)
    ? await db('qos_specs').where({ id }).first('id', 'name', 'consumer', 'specs')
    : undefined;
  if (row === undefined) throw qosNotFound(id);
  return row;
}

async function lockQos(tx: Transaction, id: string): Promise<QosRecord> {
  const row: QosRecord | undefined = isUuid(id)
    ? await tx('qos_specs').where({ id }).forUpdate().first('*')
    : undefined;
  if (row === undefined) throw qosNotFound(id);
  return row;
}

/** Throws `conflict` for a name that is taken. */
export async function createQos(
  db: Executor,
  wanted: Pick<QosRecord, 'name' | 'consumer' | 'specs'>,
): Promise<QosRecord> {
  const id = randomUUID();
  const added: unknown[] = await db('qos_specs')
    .insert({ id, name: wanted.name, consumer: wanted.consumer, specs: JSON.stringify(wanted.specs) })
    .onConflict('name')
    .ignore()
    .returning('id');
  if (added.length === 0) throw new ServiceError('conflict', `QoS Specs ${wanted.name} already exists.`);
  return { id, ...wanted };
}

async function storeQos(tx: Transaction, id: string, consumer: QosConsumer, specs: QosValues): Promise<void> {
  await tx('qos_specs')
    .where({ id })
    .update({ consumer, specs: JSON.stringify(specs), updated_at: tx.raw('utc_now()') });
}

/** Adds and changes specs; `consumer: null` leaves it. Connections that are open keep what they were given. Throws `not_found`. */
export async function updateQos(
  database: Database,
  id: string,
  change: { readonly consumer: QosConsumer | null; readonly specs: QosValues },
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const present = await lockQos(tx, id);
    await storeQos(tx, id, change.consumer ?? present.consumer, { ...present.specs, ...change.specs });
  });
}

/** All of the keys or none. Throws `not_found`, also for a key that is not there. */
export async function deleteQosKeys(database: Database, id: string, keys: readonly string[]): Promise<void> {
  await inTransaction(database, async (tx) => {
    const present = await lockQos(tx, id);
    const missing = keys.find((key) => !Object.hasOwn(present.specs, key));
    if (missing !== undefined) {
      throw new ServiceError('not_found', `QoS spec ${id} has no spec with key ${missing}.`);
    }
    const left = Object.entries(present.specs).filter(([key]) => !keys.includes(key));
    await storeQos(tx, id, present.consumer, Object.fromEntries(left));
  });
}

export interface QosAssociation {
  readonly id: string;
  readonly name: string;
}

/** The volume types that point to the specs, by name. Throws `not_found`. */
export async function listQosAssociations(db: Executor, id: string): Promise<QosAssociation[]> {
  await loadQos(db, id);
  return db('volume_types').where({ qos_specs_id: id }).orderBy('name').select('id', 'name');
}

async function pointTypes(tx: Transaction, from: Record<string, string>, to: string | null): Promise<void> {
  await tx('volume_types')
    .where(from)
    .update({ qos_specs_id: to, updated_at: tx.raw('utc_now()') });
}

/** `force` ends the associations first. Throws `not_found`, `bad_request` while a type points to the specs. */
export async function deleteQos(database: Database, id: string, force: boolean): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockQos(tx, id);
    if (force) await pointTypes(tx, { qos_specs_id: id }, null);
    else {
      const used: unknown = await tx('volume_types').where({ qos_specs_id: id }).first('id');
      if (used !== undefined) throw new ServiceError('bad_request', 'Qos specs still in use.');
    }
    await tx('qos_specs').where({ id }).delete();
  });
}

/** Throws `not_found` for either, `bad_request` for a type that points to other specs. */
export async function associateQos(database: Database, id: string, typeId: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockQos(tx, id);
    const type = await lockType(tx, typeId);
    if (type.qos_specs_id === id) return;
    if (type.qos_specs_id !== null) {
      throw new ServiceError(
        'bad_request',
        `Invalid volume type: Type ${typeId} is already associated with another qos specs: ${type.qos_specs_id}`,
      );
    }
    await pointTypes(tx, { id: typeId }, id);
  });
}

/** A type that does not point to the specs stays as it is. Throws `not_found` for either. */
export async function disassociateQos(database: Database, id: string, typeId: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockQos(tx, id);
    await lockType(tx, typeId);
    await pointTypes(tx, { id: typeId, qos_specs_id: id }, null);
  });
}

/** Throws `not_found`. */
export async function disassociateAllQos(database: Database, id: string): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockQos(tx, id);
    await pointTypes(tx, { qos_specs_id: id }, null);
  });
}
