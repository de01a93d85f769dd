// Notes of changes that code makes itself; the rest is noted by triggers (migrations/0015-custody.ts).
import type { Transaction } from '../connection.js';

/** Notes anew what could not be written, to be tried again later. */
export async function noteAgain(tx: Transaction, pool: string, volumeIds: readonly string[]): Promise<void> {
  if (volumeIds.length === 0) return;
  await tx('custody_changes').insert(volumeIds.map((volumeId) => ({ volume_id: volumeId, pool })));
}
