// What the handlers of the compute API need, gathered once at start; and how a request speaks to the database.

import type { Requester } from '../../core/db/compute/server-actions.js';
import type { Database } from '../../core/db/connection.js';
import { type RequestContext, requireScope } from '../request-context.js';

export interface ComputeApi {
  readonly database: Database;
  /** Shared with the compute workers by file; signs console tickets. */
  readonly ticketSecret: Uint8Array;
}

/** Administrators see every project's servers, everybody else the own project's. */
export function visibleProject(context: RequestContext): string | null {
  return context.isAdmin ? null : requireScope(context).projectId;
}

export function requesterOf(context: RequestContext): Requester {
  return {
    visibleProjectId: visibleProject(context),
    userId: requireScope(context).userId,
    requestId: context.requestId,
  };
}
