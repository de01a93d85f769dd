// Maintenance of a share, as an operator asks for it: the pool gets no new volumes, those that are there go on (also to grow). It is refused
// while copies of files are being healed, because taking the next server away then may take the last good copy away.
import { ServiceError } from '../../domain/errors.js';
import type { Executor, Transaction } from '../connection.js';
import type { Finding } from './pool-health.js';

/** Findings of the driver that say that a further server may not be missed now. */
export const healingCodes: readonly string[] = [
  'heal.pending',
  'heal.split-brain',
  'heal.unknown',
  'bricks.down',
  'quorum.lost',
];

export interface MaintenanceWish {
  readonly reason: string | null;
  /** Also while copies are healed. */
  readonly force: boolean;
}

interface LockedPool {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly maintenance_since: string | null;
}

/** Throws `not_found`. */
export async function lockPool(tx: Transaction, name: string): Promise<LockedPool> {
  const row: LockedPool | undefined = await tx('pools')
    .where({ name })
    .forUpdate()
    .first('name', 'findings', 'maintenance_since');
  if (row === undefined) throw new ServiceError('not_found', `Pool ${name} could not be found.`);
  return row;
}

/**
 * Begins maintenance, or changes its reason, in the caller's transaction. Throws `not_found`, and `conflict` with what the driver found when the share heals, or when
 * nobody knows whether it does.
 */
export async function setPoolMaintenance(tx: Transaction, name: string, wish: MaintenanceWish): Promise<void> {
  const pool = await lockPool(tx, name);
  const healing = pool.findings.filter(({ code }) => healingCodes.includes(code));
  if (healing.length > 0 && !wish.force && pool.maintenance_since === null) {
    throw new ServiceError(
      'conflict',
      `Pool ${name} cannot go into maintenance now: ${healing.map(({ text }) => text).join('; ')}. Wait until it is healed, or force it.`,
    );
  }
  await tx('pools')
    .where({ name })
    .update({
      maintenance_since: tx.raw('coalesce(maintenance_since, utc_now())'),
      maintenance_reason: wish.reason,
    });
}

/** Ends maintenance and an evacuation; moves under way go on. Ended already is success. Throws `not_found`. */
export async function endPoolMaintenance(db: Executor, name: string): Promise<void> {
  const changed = await db('pools')
    .where({ name })
    .update({ maintenance_since: null, maintenance_reason: null, evacuation: null });
  if (changed === 0) throw new ServiceError('not_found', `Pool ${name} could not be found.`);
}
