// Outcomes of revert and unmanage: both need a volume at rest and leave it at rest when they fail, because nothing of it was changed.
import { ownLayersAfter } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, forgetVolume, storeChain, tellUser } from './rows.js';

/** Only what the operation itself has set is taken back. */
async function endRevert(tx: Transaction, volumeId: string, snapshotId: string): Promise<void> {
  await tx('snapshots')
    .where({ id: snapshotId, status: 'restoring' })
    .update({ status: 'available', updated_at: tx.raw('utc_now()') });
  await deriveVolumeStatus(tx, volumeId, 'reverting');
}

export const volumeRevertOutcomes: Outcomes<'volume-revert'> = {
  stepDone: {
    async 'verify-chain'(tx, row, { plan }) {
      if (plan !== null) await storeChain(tx, row.params.volumeId, ownLayersAfter(plan));
    },
  },
  async done(tx, row) {
    await endRevert(tx, row.params.volumeId, row.params.snapshotId);
  },
  async failed(tx, row, error) {
    await endRevert(tx, row.params.volumeId, row.params.snapshotId);
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};

export const volumeUnmanageOutcomes: Outcomes<'volume-unmanage'> = {
  async done(tx, row) {
    await forgetVolume(tx, row.params.volumeId);
  },
  async failed(tx, row, error) {
    await deriveVolumeStatus(tx, row.params.volumeId, 'unmanaging');
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};
