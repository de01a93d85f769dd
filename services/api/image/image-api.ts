// What the handlers of the image API need, gathered once at start; and how a request speaks to the database.

import type { Database } from '../../core/db/connection.js';
import type { ImageRequester } from '../../core/db/image/image-data.js';
import { type RequestContext, requireScope } from '../request-context.js';

export interface ImageApi {
  readonly database: Database;
  /** PEM of the authority that signed the certificates of the workers' data servers; default: those that Node knows. */
  readonly workerCa?: string;
  /** How long a worker may take to open a transfer, in milliseconds; default in worker-transfer.ts. */
  readonly openWithinMs?: number;
}

export function viewerOf(context: RequestContext): ImageRequester {
  const { requestId, isAdmin } = context;
  return { ...requireScope(context), requestId, isAdmin };
}
