// Processes that are only rows of a test's database report again and again, as real ones do: a suite that takes longer than the minute
// after which a silent process counts as down would else depend on how busy the machine is.
import type { Database } from '../../services/core/db/connection.js';

const EVERY_MS = 5_000;

export interface ServiceReports {
  stop(): Promise<void>;
}

/** Rows that a test has aged by a minute or more stay as they are. */
export function keepReporting(database: Database): ServiceReports {
  let latest: Promise<unknown> = Promise.resolve();
  const report = () =>
    database('services')
      .whereRaw(`updated_at > utc_now() - interval '60 seconds'`)
      .update({ updated_at: database.raw('utc_now()') })
      // The next one comes soon; a test that drops the table or the connections is not to fail by this.
      .catch(() => undefined);
  const timer = setInterval(() => {
    latest = latest.then(report);
  }, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await latest;
    },
  };
}
