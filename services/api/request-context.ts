// What every handler may know about the request that it serves, apart from the parameters themselves. Made once by the protocol
// shell, after the token was checked; nothing in it comes from a header that a client could forge.
import type { Logger } from 'pino';
import type { RemoteImages } from '../core/db/block-storage/remote-images.js';
import type { Principal } from './auth/authenticate.js';
import type { Microversion } from './shell/microversion.js';

export interface RequestContext {
  /** `req-<uuid>`, ours. */
  readonly requestId: string;
  /** The caller's own id for a chain of requests, when it sent a well-formed one. */
  readonly globalRequestId: string | null;
  /** null only on routes that need no token. */
  readonly principal: Principal | null;
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
  readonly isServiceToken: boolean;
  /** 0.0 for an API without microversions. */
  readonly microversion: Microversion;
  readonly logger: Logger;
  /** Of the client, as limits count it: an IPv4 address, a network of IPv6. */
  readonly address: string;
  /** On `performance.now()`'s clock, in milliseconds: an answer after it is useless. */
  readonly deadline: number;
  /** Public base URL of the API without a slash at the end, e.g. http://10.0.0.1:8776/volume */
  readonly apiUrl: string;
  /** The path below `apiUrl` as the client wrote it (with the project id, if it was there), without the query. */
  readonly path: string;
  /** The project id that stood in the path, or null. */
  readonly urlProjectId: string | null;
  /** Images of a service of their own, as the caller sees them there; null: images are rows here. */
  readonly images: RemoteImages | null;
}

/** The project and user of a request that has a project-scoped token; the policy has refused all others before a handler runs. */
export function requireScope(context: RequestContext): { projectId: string; userId: string } {
  const { projectId, userId } = context;
  if (projectId === null || userId === null) throw new Error('the route is open to requests without a project');
  return { projectId, userId };
}
