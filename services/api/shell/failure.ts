// From anything that was thrown to the error that a client may see. A database that is away or too slow is 503, because the same
// request can succeed later; what nobody foresaw is 500 with a text that tells nothing.
import { asServiceError, ServiceError } from '../../core/domain/errors.js';

/** Node's socket errors, and PostgreSQL's classes 08 (connection), 53 (resources), 57 (operator intervention, time limits). */
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
]);
const sqlStates = /^(?:08...|53...|57...|40001|40P01|25P0[23])$/;
const messages =
  /^(?:Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout)/;

function databaseIsOffline(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown instanceof AggregateError) return thrown.errors.some(databaseIsOffline);
  const { code } = thrown as { code?: unknown };
  if (typeof code === 'string' && (socketCodes.has(code) || sqlStates.test(code))) return true;
  // knex: no connection became free in time. pg: the texts above carry no code.
  return thrown.name === 'KnexTimeoutError' || messages.test(thrown.message);
}

export function clientError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (databaseIsOffline(thrown)) {
    return new ServiceError('database_offline', 'The service is temporarily unavailable. Please try again later.', {
      cause: thrown,
    });
  }
  return asServiceError(thrown);
}
