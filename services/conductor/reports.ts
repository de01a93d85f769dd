// Takes workers' reports. A worker that comes back as another process knows nothing of the steps it was asked for, so those are
// asked again at once instead of at their deadline.
import { storeReport, wakeStepsOfWorker } from '../core/db/conductor/reports.js';
import type { Database } from '../core/db/connection.js';
import { isTransientDatabaseError } from '../core/db/database-trouble.js';
import type { Notice, Report } from '../core/messages/envelope.js';
import type { LogLevel } from '../core/runtime/config-types.js';
import type { Logger } from '../core/runtime/logger.js';

export interface ReportTakerOptions {
  readonly db: Database;
  readonly logger: Logger;
  /** Called when steps have become due. */
  readonly onStepsDue: () => void;
  /** Sends a notice to the process with the boot id. */
  readonly tell: (bootId: string, notice: Notice) => Promise<void>;
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
      const { woken, logLevel } = await db.transaction(async (tx) => {
        const { rebooted, wantedLogLevel } = await storeReport(tx, report);
        return {
          woken: rebooted && isNew ? await wakeStepsOfWorker(tx, report) : 0,
          logLevel: wantedLogLevel,
        };
      });
      if (logLevel !== null) await this.tellLogLevel(bootId, logLevel);
      if (woken === 0) return;
      logger.info({ binary, host, bootId, steps: woken }, 'the worker was restarted; its steps are asked again');
      onStepsDue();
    } catch (error) {
      this.seen.delete(`${binary} ${host} ${bootId}`);
      if (!isTransientDatabaseError(error)) throw error;
      logger.debug({ err: error, binary, host }, 'report dropped');
    }
  }

  /** A notice that is lost is told again with the next report. */
  private async tellLogLevel(bootId: string, logLevel: LogLevel): Promise<void> {
    try {
      await this.options.tell(bootId, { version: 1, kind: 'notice', logLevel });
    } catch (error) {
      this.options.logger.debug({ err: error, bootId }, 'a notice was not sent');
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
