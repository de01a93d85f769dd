// The order of locks that requests keep (the volume's row, then its attachments') holds for outcomes too: a detachment that is asked for
// while the attachment completes then waits a moment, instead of meeting it in a deadlock that costs a second and a repetition.
import type { Transaction } from '../connection.js';

/** Locks the rows until the transaction ends, in order of id. */
export async function lockVolumes(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx('volumes')
    .whereIn('id', [...ids])
    .orderBy('id')
    .forUpdate()
    .select('id');
}
