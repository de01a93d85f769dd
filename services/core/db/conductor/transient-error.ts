// Which database errors pass by themselves: because the server is away (however long that takes), or because two transactions met
// (then a few tries are enough, or it is no race). Everything else is a defect of ours or of the data; repeating it is useless.
// Codes: PostgreSQL documentation, appendix A. Connection errors of node-pg and knex carry no SQLSTATE.

const awayCodes: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '25006', // read_only_sql_transaction: a standby that is being promoted
  '53300', // too_many_connections
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // the UNIX socket is away while the server restarts
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const raceCodes: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled (statement_timeout behind a lock)
  '23503', // foreign_key_violation: a row came or went beside us; the second look sees it
]);

const awayTexts =
  /connection terminated|timeout expired|query read timeout|acquiring a connection|server closed the connection|connection ended|not queryable/i;

export type DatabaseTrouble = 'away' | 'race' | 'defect';

/** What kind of trouble the error is. */
export function databaseTroubleOf(thrown: unknown): DatabaseTrouble {
  if (!(thrown instanceof Error)) return 'defect';
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string') {
    if (awayCodes.has(code) || code.startsWith('08')) return 'away';
    if (raceCodes.has(code)) return 'race';
  }
  return awayTexts.test(thrown.message) ? 'away' : databaseTroubleOf(thrown.cause);
}

/** True when the same transaction is worth another try. */
export function isTransientDatabaseError(thrown: unknown): boolean {
  return databaseTroubleOf(thrown) !== 'defect';
}
