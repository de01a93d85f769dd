// Outcomes of making a volume independent. Its status never changes: whoever uses it notices nothing. A failure leaves a finding and a pause
// before the next attempt; one that gave way leaves nothing.
import { ownLayersAfter, type StepContext } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { storeChain } from './rows.js';

type Row = OperationRow<'volume-flatten'>;

/** The base names no backing file any more; the record and what connections are told say so at once. */
async function becomeIndependent(tx: Transaction, row: Row, { plan }: Pick<StepContext, 'plan'>): Promise<void> {
  if (plan === null) return;
  await storeChain(tx, row.params.volumeId, ownLayersAfter(plan));
  await forgetBacking(tx, row.params.volumeId);
}

/** After the n-th failure in a row the volume is left alone for 2^n minutes, a day at most. */
const FIRST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 86_400;

export const volumeFlattenOutcomes: Outcomes<'volume-flatten'> = {
  stepDone: { 'flatten-live': becomeIndependent, 'flatten-offline': becomeIndependent },
  done() {
    return Promise.resolve();
  },
  async failed(tx, row, error) {
    if (error.code === 'cancelled') return;
    await tx('volumes')
      .where({ id: row.params.volumeId })
      .whereNotNull('backing_volume_id')
      .update({
        flatten_failures: tx.raw('flatten_failures + 1'),
        flatten_error: JSON.stringify(error),
        flatten_not_before: tx.raw(
          `utc_now() + least(? * power(2, least(flatten_failures, 20)), ?) * interval '1 second'`,
          [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS],
        ),
      });
  },
};
