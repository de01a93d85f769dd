// What the handlers of the block-storage API need, gathered once at start; and how a request speaks to the database.
import type { Requester } from '../../core/db/block-storage/requester.js';
import type { Database } from '../../core/db/connection.js';
import { type RequestContext, requireScope } from '../request-context.js';

export interface BlockStorageApi {
  readonly database: Database;
  /** How long the list of manageable files waits for a worker, in milliseconds; default in manageable-routes.ts. */
  readonly scanWaitMs?: number;
}

/** Administrators see every project's resources by id, everybody else the own project's. */
export function visibleProject(context: RequestContext): string | null {
  return context.isAdmin ? null : requireScope(context).projectId;
}

export function requesterOf(context: RequestContext): Requester {
  return {
    visibleProjectId: visibleProject(context),
    ...requireScope(context),
    requestId: context.requestId,
    isService: context.isServiceToken,
    ...(context.images === null ? {} : { images: context.images }),
  };
}

/** `self` and `bookmark` of a resource; the project id stands in them if it stood in the request. */
export function resourceLinks(context: RequestContext, path: string): { rel: string; href: string }[] {
  const project = context.urlProjectId === null ? '' : `${context.urlProjectId}/`;
  return [
    { rel: 'self', href: `${context.apiUrl}/v3/${project}${path}` },
    { rel: 'bookmark', href: `${context.apiUrl}/${project}${path}` },
  ];
}
