// Sends a worker's reports: at once, after every reconnection, every few seconds, and on demand. They are heartbeats: only the newest
// matters, so none is repeated, none is kept, and while one is being made no second one is begun.
import type { Report } from '../messages/envelope.js';
import { routingKeys } from '../messages/envelope.js';
import { type Clock, every } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { MessagePublisher } from './result-sender.js';

export interface ReportSenderOptions {
  readonly publisher: MessagePublisher;
  readonly report: () => Promise<Report>;
  readonly reportMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ReportSender {
  /** Sends a report soon; while one is under way, another one follows it. */
  reportNow(): void;
  stop(): void;
}

export function startReports({ publisher, report, reportMs, clock, logger }: ReportSenderOptions): ReportSender {
  let underWay = false;
  let again = false;
  let stopped = false;
  let failures = 0;

  const sendOne = async (): Promise<void> => {
    try {
      await publisher.publish(routingKeys.reports, await report(), { persistent: false, timeoutMs: reportMs });
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1 && !stopped) logger.warn({ err: error }, 'a report was not sent');
    }
  };

  const reportNow = (): void => {
    if (stopped) return;
    if (underWay) {
      again = true;
      return;
    }
    underWay = true;
    void sendOne().finally(() => {
      underWay = false;
      if (!again) return;
      again = false;
      reportNow();
    });
  };

  const cancel = every(clock, reportMs, () => {
    if (!underWay) reportNow();
  });
  reportNow();
  return {
    reportNow,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
}
