// Takes workers' reports. A worker that comes back as another process knows nothing of the steps it was asked for, so those are
// asked again at once instead of at their deadline.
import { storeReport, wakeStepsOfWorker } from '../core/db/conductor/reports.js';
import type { Database } from '../core/db/connection.js';
import { isTransientDatabaseError } from '../core/db/database-trouble.js';
import type { Report } from '../core/messages/envelope.js';
import type { Logger } from '../core/runtime/logger.js';

export interface ReportTakerOptions {
  readonly db: Database;
  readonly logger: Logger;
  /** Called when steps have become due. */
  readonly onStepsDue: () => void;
}

/** Boot ids that were seen, so that an active worker and its standby, who report side by side, are not taken for restarts. */
const REMEMBERED = 1000;

export class ReportTaker {
  private readonly seen = new Set<string>();

  constructor(private readonly options: ReportTakerOptions) {}

  /** Stores one report. Reports are short-lived: one that the database cannot take now is dropped, the next one follows. */
  async take(report: Report): Promise<void> {
    const { db, logger, onStepsDue } = this.options;
    const { binary, host, bootId } = report.service;
    const isNew = this.remember(`${binary} ${host} ${bootId}`);
    try {
      const woken = await db.transaction(async (tx) => {
        const { rebooted } = await storeReport(tx, report);
        return rebooted && isNew ? await wakeStepsOfWorker(tx, report) : 0;
      });
      if (woken === 0) return;
      logger.info({ binary, host, bootId, steps: woken }, 'the worker was restarted; its steps are asked again');
      onStepsDue();
    } catch (error) {
      this.seen.delete(`${binary} ${host} ${bootId}`);
      if (!isTransientDatabaseError(error)) throw error;
      logger.debug({ err: error, binary, host }, 'report dropped');
    }
  }

  private remember(key: string): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    const oldest = this.seen.values().next().value;
    if (this.seen.size > REMEMBERED && oldest !== undefined) this.seen.delete(oldest);
    return true;
  }
}
