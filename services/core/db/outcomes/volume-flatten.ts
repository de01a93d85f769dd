// Outcomes of making a volume independent. Its status never changes: whoever uses it notices nothing. A failure leaves a finding and a pause
// before the next attempt, and tells those who wait for it why they wait; one that gave way leaves nothing.
import { ownLayersAfter, type StepContext } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import { leaveMessage } from '../leave-message.js';
import type { Outcomes } from './outcomes.js';
import { storeChain } from './rows.js';

type Row = OperationRow<'volume-flatten'>;

/** The base names no backing file any more; the record and what connections are told say so at once. */
async function becomeIndependent(tx: Transaction, row: Row, { plan }: Pick<StepContext, 'plan'>): Promise<void> {
  if (plan === null) return;
  await storeChain(tx, row.params.volumeId, ownLayersAfter(plan));
  await forgetBacking(tx, row.params.volumeId);
}

interface Waiting {
  readonly type: 'volume-delete' | 'snapshot-delete' | 'volume-revert' | 'volume-unmanage';
  readonly project_id: string;
  readonly request_id: string;
  readonly volume_id: string;
  readonly snapshot_id: string | null;
}

/** What waits for the volume, or for one below it, to be independent; not what no client can see. */
const waitingSql = `
with recursive below as (
  select v.backing_volume_id as id, 1 as depth from volumes v where v.id = ? and v.backing_volume_id is not null
  union all
  select v.backing_volume_id, w.depth + 1 from below w join volumes v on v.id = w.id
  where v.backing_volume_id is not null and w.depth < 256
)
select o.type, o.project_id, o.request_id, o.params ->> 'volumeId' as volume_id, s.id as snapshot_id
from operations o join below w on w.id = o.awaits_volume_id
  left join snapshots s on o.type = 'snapshot-delete' and s.id = (o.params ->> 'snapshotId')::uuid
where o.state = 'pending' and o.type in ('volume-delete', 'snapshot-delete', 'volume-revert', 'volume-unmanage')
  and s.internal is not true
order by o.seq limit 100`;

/** Whoever sees a volume or snapshot `deleting` for hours can read what it waits for. Once, with the first failure in a row. */
async function tellWaiting(tx: Transaction, volumeId: string, code: string): Promise<void> {
  const { rows } = (await tx.raw(waitingSql, [volumeId])) as { rows: Waiting[] };
  for (const { type: action, project_id: projectId, request_id: requestId, volume_id, snapshot_id } of rows) {
    const about =
      snapshot_id === null
        ? { resourceType: 'VOLUME' as const, resourceId: volume_id }
        : { resourceType: 'VOLUME_SNAPSHOT' as const, resourceId: snapshot_id };
    await leaveMessage(tx, { projectId, requestId, ...about, action, code, level: 'WARNING' });
  }
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
    const marked: { flatten_failures: number }[] = await tx('volumes')
      .where({ id: row.params.volumeId })
      .whereNotNull('backing_volume_id')
      .update({
        flatten_failures: tx.raw('flatten_failures + 1'),
        flatten_error: JSON.stringify(error),
        flatten_not_before: tx.raw(
          `utc_now() + least(? * power(2, least(flatten_failures, 20)), ?) * interval '1 second'`,
          [FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS],
        ),
      })
      .returning('flatten_failures');
    if (marked[0]?.flatten_failures === 1) await tellWaiting(tx, row.params.volumeId, error.code);
  },
};
