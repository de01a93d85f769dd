// Writes to the records of groups and group snapshots; whoever calls them holds the row.
import type { Transaction } from '../connection.js';

export async function writeGroup(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('volume_groups')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

export async function writeGroupSnapshot(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('group_snapshots')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}
