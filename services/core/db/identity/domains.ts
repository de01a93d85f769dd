// Domains of the embedded identity service: rows in, records out. A disabled domain's users and projects cannot be used
// (tokens.ts asks for that with every validation), so nothing is copied to them here.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import { refusingConflicts } from './conflict.js';

export interface DomainRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
}

export interface DomainFilter {
  readonly name?: string;
  readonly enabled?: boolean;
}

const columns = ['id', 'name', 'description', 'enabled'] as const;

export async function listDomains(db: Executor, filter: DomainFilter): Promise<DomainRecord[]> {
  return db('identity_domains')
    .select(...columns)
    .where({ ...filter })
    .orderBy('name');
}

/** Domains in which the user has a role. */
export async function listDomainsOfUser(db: Executor, userId: string): Promise<DomainRecord[]> {
  return db('identity_domains')
    .select(...columns)
    .whereIn('id', db('identity_assignments').where({ user_id: userId }).whereNotNull('domain_id').select('domain_id'))
    .andWhere({ enabled: true })
    .orderBy('name');
}

/** Throws `not_found` when there is none. */
export async function loadDomain(db: Executor, id: string): Promise<DomainRecord> {
  const row: DomainRecord | undefined = await db('identity_domains')
    .where({ id })
    .first(...columns);
  if (row === undefined) throw new ServiceError('not_found', `Could not find domain: ${id}.`);
  return row;
}

export async function insertDomain(db: Executor, domain: DomainRecord): Promise<DomainRecord> {
  await refusingConflicts(
    'Conflict occurred attempting to store domain - Duplicate entry found with this name.',
    'Could not find the domain.',
    () => db('identity_domains').insert({ ...domain }),
  );
  return domain;
}

export type DomainChange = Partial<Omit<DomainRecord, 'id'>>;

/** Applies the change and returns the domain as it is now. */
export async function updateDomain(db: Executor, id: string, change: DomainChange): Promise<DomainRecord> {
  if (Object.keys(change).length > 0) {
    await refusingConflicts(
      'Conflict occurred attempting to store domain - Duplicate entry found with this name.',
      'Could not find the domain.',
      () =>
        db('identity_domains')
          .where({ id })
          .update({ ...change }),
    );
  }
  return loadDomain(db, id);
}

/** Deletes the domain with its projects, users and their tokens. Only a disabled one: Keystone's guard against a slip. */
export async function deleteDomain(tx: Transaction, id: string): Promise<void> {
  const domain: DomainRecord | undefined = await tx('identity_domains')
    .where({ id })
    .forUpdate()
    .first(...columns);
  if (domain === undefined) throw new ServiceError('not_found', `Could not find domain: ${id}.`);
  if (domain.enabled) {
    throw new ServiceError('forbidden', 'Cannot delete a domain that is enabled, please disable it first.');
  }
  await tx('identity_domains').where({ id }).delete();
}
