// Which database errors pass by themselves: because the server is away (however long that takes), or because two transactions met
// (then a few tries are enough, or it is no race). Everything else is a defect of ours or of the data; repeating it is useless.
// Codes: PostgreSQL documentation, appendix A. Connection errors of node-pg and knex carry no SQLSTATE.
import { isStalePlan } from './named-statements.js';

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
  // Several addresses were tried: away when one of them was.
  if (thrown instanceof AggregateError && thrown.errors.some((one) => databaseTroubleOf(one) === 'away')) return 'away';
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string') {
    if (awayCodes.has(code) || /^(?:08|53).../.test(code)) return 'away';
    if (raceCodes.has(code) || isStalePlan(thrown)) return 'race';
  }
  if (thrown.name === 'KnexTimeoutError') return 'away'; // no connection became free in time
  return awayTexts.test(thrown.message) ? 'away' : databaseTroubleOf(thrown.cause);
}

/** True when the same transaction is worth another try. */
export function isTransientDatabaseError(thrown: unknown): boolean {
  return databaseTroubleOf(thrown) !== 'defect';
}

/** True when PostgreSQL undid the transaction because it met another one (or a migration), so that it can simply be done again, at once. */
export function metAnotherTransaction(thrown: unknown): boolean {
  const { code } = thrown instanceof Error ? (thrown as { code?: unknown }) : {};
  return code === '40001' || code === '40P01' || isStalePlan(thrown);
}
