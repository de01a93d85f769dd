// Outcomes of letting a snapshot go and of taking it back.
import { ownLayersAfter } from '../../operations/definition.js';
import { wakeAwaiting } from '../engine/dependants.js';
import type { Outcomes } from './outcomes.js';
import { storeChain, tellUser } from './rows.js';

export const snapshotManageOutcomes: Outcomes<'snapshot-manage'> = {
  stepDone: {
    async 'verify-chain'(tx, row, { plan }) {
      if (plan !== null) await storeChain(tx, row.params.volumeId, ownLayersAfter(plan));
    },
  },
  async done(tx, row) {
    await tx('snapshots')
      .where({ id: row.params.snapshotId })
      .update({ status: 'available', progress: '100%', updated_at: tx.raw('utc_now()') });
  },
  async failed(tx, row, error) {
    const { snapshotId } = row.params;
    await tx('snapshots')
      .where({ id: snapshotId })
      .update({ status: 'error', updated_at: tx.raw('utc_now()') });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', snapshotId, error);
  },
};

export const snapshotUnmanageOutcomes: Outcomes<'snapshot-unmanage'> = {
  async done(tx, row) {
    await tx('snapshots').where({ id: row.params.snapshotId }).delete();
    await wakeAwaiting(tx, row.params.volumeId);
  },
  async failed(tx, row, error) {
    const { snapshotId } = row.params;
    await tx('snapshots')
      .where({ id: snapshotId, status: 'unmanaging' })
      .update({ status: 'available', updated_at: tx.raw('utc_now()') });
    await tellUser(tx, row, 'VOLUME_SNAPSHOT', snapshotId, error);
  },
};
