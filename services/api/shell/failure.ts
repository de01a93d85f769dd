// From anything that was thrown to the error that a client may see. A database that is away or too slow is 503, because the same
// request can succeed later; what nobody foresaw is 500 with a text that tells nothing.
import { isTransientDatabaseError } from '../../core/db/database-trouble.js';
import { asServiceError, ServiceError } from '../../core/domain/errors.js';

export function clientError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (isTransientDatabaseError(thrown)) {
    return new ServiceError('database_offline', 'The service is temporarily unavailable. Please try again later.', {
      cause: thrown,
    });
  }
  return asServiceError(thrown);
}
