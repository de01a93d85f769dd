// Remembers which password the bootstrap file gave last (as a hash), and lets one process at a time bootstrap.
import type { Executor, Transaction } from '../connection.js';

// Any constant that nothing else uses; the lock ends with the transaction.
const BOOTSTRAP_LOCK = 7_224_001;

export async function lockBootstrap(tx: Transaction): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(?)', [BOOTSTRAP_LOCK]);
}

export async function loadBootstrapHash(db: Executor, userId: string): Promise<string | null> {
  const row: { password_hash: string } | undefined = await db('identity_bootstrap')
    .where({ user_id: userId })
    .first('password_hash');
  return row?.password_hash ?? null;
}

export async function storeBootstrapHash(db: Executor, userId: string, passwordHash: string): Promise<void> {
  await db('identity_bootstrap').insert({ user_id: userId, password_hash: passwordHash }).onConflict('user_id').merge();
}
