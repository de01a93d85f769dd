// The refusal of whoever asks too much: 413 with Retry-After and the fault `overLimit`, which clients of Cinder know as "ask again later".
import { ServiceError } from '../../core/domain/errors.js';

/** `waitMs`: until it is worth another try. The details are public: what is limited, never for whom. */
export function rateLimited(waitMs: number, details: string): ServiceError {
  const context = { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)), details };
  return new ServiceError('rate_limited', 'This request was rate-limited.', { context });
}
