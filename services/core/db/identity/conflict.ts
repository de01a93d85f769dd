// Turns PostgreSQL's constraint errors into the errors clients know. Source: the "PostgreSQL Error Codes" appendix:
// 23505 unique_violation, 23503 foreign_key_violation.
import { ServiceError } from '../../domain/errors.js';

function sqlState(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

/**
 * Runs a write. A taken name becomes `conflict` with the given text, a missing partner `not_found`; other errors pass.
 */
export async function refusingConflicts<T>(
  conflictText: string,
  missingText: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (thrown) {
    const state = sqlState(thrown);
    if (state === '23505') throw new ServiceError('conflict', conflictText, { cause: thrown });
    if (state === '23503') throw new ServiceError('not_found', missingText, { cause: thrown });
    throw thrown;
  }
}
