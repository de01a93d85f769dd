// A route as data: what is served, since which microversion, for whom, and by which function. The shell does the rest (token,
// version, policy, body validation, faults), so a handler is short and never sees a malformed request.
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import type { PolicyRule } from '../auth/policy.js';
import type { RequestContext } from '../request-context.js';
import type { VersionText } from './microversion.js';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RouteInput<Body = unknown> {
  /** A parameter of the path, decoded. Throws when the route has no such parameter. */
  param(name: string): string;
  readonly query: URLSearchParams;
  /** Fits the schema of the operation; undefined when the operation has no body. */
  readonly body: Body;
  /** A request header by any spelling of its name. */
  header(name: string): string | undefined;
  /** The body as it comes, on a route with `rawBody`; on any other it is read already. */
  readonly request: IncomingMessage;
}

export interface RouteResponse {
  /** Default: the route's `success`. */
  readonly status?: number;
  /** Serialised as JSON; leave out for an empty reply. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the body as it comes, after status and headers were set. What it throws breaks the connection off. */
  readonly stream?: (response: Response) => Promise<void>;
}

export interface Route<Body = unknown> {
  readonly method: Method;
  /** As in the OpenAPI document, below the API's prefix: `/v3/volumes/{volume_id}`. */
  readonly path: string;
  /** Several routes may share method and path when each names another key of the body: `os-extend`. */
  readonly action?: string;
  /** The operation (or the entry of its `x-actions`) whose schema the body must fit. */
  readonly operationId: string;
  /** Below this microversion the route does not exist (404). */
  readonly since?: VersionText;
  /** Above this microversion the route does not exist any more (404). */
  readonly until?: VersionText;
  /** `none`: open to requests without a token. Rules of level `self` are checked by the handler, which knows the target. */
  readonly policy: PolicyRule | 'none';
  readonly success: number;
  /** The handler takes the body from the request itself, whatever its type and size. */
  readonly rawBody?: true;
  /** Media types of the body beside JSON's own; a body of no other type is taken, then. */
  readonly mediaTypes?: readonly string[];
  /** A POST that changes nothing, so repeating it does no harm: Idempotency-Key has no meaning here, and no answer is kept. */
  readonly readsOnly?: true;
  /** The answer holds a secret that is shown only once, so it can be kept for no repetition: Idempotency-Key is refused. */
  readonly showsSecret?: true;
  handler(context: RequestContext, input: RouteInput<Body>): Promise<RouteResponse> | RouteResponse;
}

/** Ties the handler to the type of its body; the shell has checked the body against the schema of that type. */
export function defineRoute<Body = undefined>(route: Route<Body>): Route {
  return route as unknown as Route;
}
