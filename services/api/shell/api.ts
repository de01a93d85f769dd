// Serves one API below a prefix: token, version, route, policy, body, handler, reply, in this order for every request.
//
// The order is the reference's: without a token there is no answer but 401 (whatever the path), then an unrouted path (404 without a
// version header), the version, and a wrong project in the URL (400); a routed path's answers always have a version header.
// Nothing here knows what the API is about; differences between APIs are data (ApiDefinition).
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { RemoteImages } from '../../core/db/block-storage/remote-images.js';
import type { Database } from '../../core/db/connection.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { FaultPoint } from '../../core/runtime/fault-points.js';
import { authenticate, type HeaderReader, type Principal } from '../auth/authenticate.js';
import { authorize, policyTable } from '../auth/policy.js';
import type { TokenValidator } from '../auth/token-validator.js';
import { unauthorizedResponse } from '../auth/unauthorized-response.js';
import { clientAddress } from '../limits/client-address.js';
import type { RequestLimits, Visit } from '../limits/request-limits.js';
import { whenOver } from '../limits/when-over.js';
import type { RequestContext } from '../request-context.js';
import { liftBodyLimit } from './body-deadline.js';
import { type BodyValidator, createBodyValidator, type OpenApiDocument } from './body-validator.js';
import { errorResponse, type FaultStyle, unroutedResponse } from './error-response.js';
import { clientError } from './failure.js';
import { parseIdempotencyKey, type Reply, replyOnce } from './idempotency.js';
import { checkContentType, parseJsonBody, readBody } from './json-body.js';
import { isServedAt, type Microversion, negotiateVersion, type VersionRules, versionHeaders } from './microversion.js';
import { splitProject } from './project-in-path.js';
import { newRequestId, tryGlobalRequestId } from './request-ids.js';
import type { Route, RouteResponse } from './route.js';
import { type Match, Router, trySplitPath } from './router.js';

export interface ApiDefinition {
  /** Name of the OpenAPI document. */
  readonly name: string;
  /** Where the API lives on the port: `/volume`. */
  readonly prefix: string;
  readonly document: OpenApiDocument;
  readonly routes: readonly Route[];
  readonly faults: FaultStyle;
  readonly versions: VersionRules | null;
  /** The path (`/v3`) behind which a project id may stand; null when none may. */
  readonly projectBehind: string | null;
  /** False: a token that has expired is refused beside a service's token too. Default: accepted for a while (authenticate.ts). */
  readonly acceptsExpired?: false;
  /** A method that a served path has not: Cinder's dispatcher says "no such path", others 405 with Allow (the default). */
  readonly unservedMethod?: 'not-found';
}

export interface ShellServices {
  readonly validator: TokenValidator;
  readonly logger: Logger;
  /** Public base URL of the port, without a slash at the end. */
  readonly publicUrl: string;
  /** Where clients log in; default: the identity API of this port. */
  readonly loginUrl?: string;
  /** How long an answer is of use, in milliseconds. */
  readonly answerWithinMs?: number;
  /** The database that the handlers' joinable handles stand for; without it, Idempotency-Key is an unknown header. */
  readonly database?: Database;
  /** Where a test may kill the process between the commit and the reply. */
  readonly faultPoint?: FaultPoint;
  /** Images are kept by a service of their own, which is asked with the tokens of the request. */
  readonly imagesFor?: (header: HeaderReader) => RemoteImages;
  /** Without them, everybody may ask as much as they like. */
  readonly limits?: RequestLimits;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestId: string;
  readonly logger: Logger;
  /** Whom it counts for (client-address.ts). */
  readonly address: string;
  /** Ends with the answer. */
  readonly ended: (leave: () => void) => void;
}

function headerReader(request: IncomingMessage): (name: string) => string | undefined {
  return (name) => {
    const value = request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  };
}

const nothing: Microversion = { major: 0, minor: 0 };

/** Carries the reply's version headers past the point where something fails. */
class Attempt {
  headers: Record<string, string> = {};
  /** The handler takes the body. What is left of it after a refusal is not read: the connection ends with the answer. */
  takesBody = false;
}

class ApiShell {
  private readonly router: Router;
  private readonly bodies: BodyValidator;

  constructor(
    private readonly api: ApiDefinition,
    private readonly services: ShellServices,
  ) {
    this.router = new Router(api.routes);
    this.bodies = createBodyValidator(api.name, api.document);
  }

  async answer(exchange: Exchange): Promise<Reply> {
    const attempt = new Attempt();
    try {
      const visit = this.services.limits?.arrive(exchange.address) ?? null;
      if (visit !== null) exchange.ended(visit.leave);
      return await this.serve(exchange, attempt, visit);
    } catch (thrown) {
      const error = clientError(thrown);
      this.log(exchange.logger, error);
      if (error.code === 'unauthorized') {
        const { status, headers, body } = unauthorizedResponse(
          this.services.loginUrl ?? `${this.services.publicUrl}/identity`,
        );
        return { status, headers, body };
      }
      const accept = exchange.request.headers.accept;
      const reply = errorResponse(error, this.api.faults, accept);
      const close = attempt.takesBody && !exchange.request.complete ? { Connection: 'close' } : {};
      return { ...reply, headers: { ...attempt.headers, ...reply.headers, ...close } };
    }
  }

  private log(logger: Logger, error: ServiceError): void {
    const facts = {
      code: error.code,
      context: error.context,
      ...(error.cause === undefined ? {} : { err: error.cause }),
    };
    if (error.code === 'internal') logger.error(facts, 'request failed');
    else if (error.code === 'database_offline') logger.warn(facts, 'database is away');
    else if (error.code === 'identity_offline') logger.warn(facts, 'Keystone is away');
    else if (error.code === 'image_service_offline') logger.warn(facts, 'the image service is away');
    else logger.debug(facts, error.message);
  }

  private async serve(exchange: Exchange, attempt: Attempt, visit: Visit | null): Promise<Reply> {
    const { api } = this;
    const read = headerReader(exchange.request);
    const { path, projectId: urlProjectId } = splitProject(exchange.path, api.projectBehind);
    const segments = trySplitPath(path);
    const method = exchange.request.method ?? 'GET';
    const found = segments === null ? ({ kind: 'no-path' } as const) : this.router.lookup(method, segments);
    const isOpen = found.kind === 'found' && found.match.routes.every((route) => route.policy === 'none');
    const principal = isOpen ? null : await authenticate(this.services.validator, read, api);
    if (principal !== null && principal.projectId !== null) visit?.countProject(principal.projectId);
    if (found.kind === 'no-path' || (found.kind === 'no-method' && api.unservedMethod === 'not-found'))
      return unroutedResponse(api.faults, read('accept'));
    const microversion = this.negotiate(read, attempt);
    if (urlProjectId !== null && principal !== null && urlProjectId !== principal.projectId) {
      throw new ServiceError('bad_request', 'Malformed request url');
    }
    if (found.kind === 'no-method') {
      attempt.headers['Allow'] = found.allowed.join(', ');
      throw new ServiceError('bad_method', `The method ${method} is not allowed for this resource.`);
    }
    // PostgreSQL's text cannot hold a NUL; whatever the parameter, the value means nothing.
    if (exchange.query.toString().includes('%00')) throw new ServiceError('bad_request', 'Invalid query string.');
    const context = this.contextOf(exchange, principal, microversion, urlProjectId, read);
    return this.run(found.match, context, exchange, { attempt, visit });
  }

  private negotiate(read: (name: string) => string | undefined, attempt: Attempt): Microversion {
    const rules = this.api.versions;
    if (rules === null) return nothing;
    const negotiated = negotiateVersion(rules, read);
    if (negotiated.version !== null) attempt.headers = versionHeaders(rules, negotiated.version);
    if (!negotiated.ok) throw negotiated.error;
    return negotiated.version;
  }

  private contextOf(
    exchange: Exchange,
    principal: Principal | null,
    microversion: Microversion,
    urlProjectId: string | null,
    read: (name: string) => string | undefined,
  ): RequestContext {
    return {
      requestId: exchange.requestId,
      globalRequestId: tryGlobalRequestId(read('x-openstack-request-id')),
      principal,
      userId: principal?.userId ?? null,
      projectId: principal?.projectId ?? null,
      roles: principal?.roles ?? [],
      isAdmin: principal?.isAdmin ?? false,
      isServiceToken: principal?.isServiceToken ?? false,
      microversion,
      logger: exchange.logger,
      address: exchange.address,
      deadline: performance.now() + (this.services.answerWithinMs ?? 30_000),
      apiUrl: `${this.services.publicUrl}${this.api.prefix}`,
      path: exchange.path,
      urlProjectId,
      images: this.services.imagesFor?.(read) ?? null,
    };
  }

  private async run(
    match: Match,
    context: RequestContext,
    exchange: Exchange,
    { attempt, visit }: { readonly attempt: Attempt; readonly visit: Visit | null },
  ): Promise<Reply> {
    const isRaw = match.routes.some((route) => route.rawBody === true);
    if (isRaw) {
      attempt.takesBody = true;
      liftBodyLimit(exchange.request);
    }
    const bytes = isRaw ? Buffer.alloc(0) : await this.readBodyOf(match, exchange.request, visit);
    const body = parseJsonBody(bytes);
    const route = chooseRoute(match.routes, body);
    if (!isServedAt(route, context.microversion)) {
      throw new ServiceError('not_found', 'The resource could not be found.');
    }
    // Rules of level `self` need the target, which only the handler knows.
    if (route.policy !== 'none' && policyTable[route.policy] !== 'self') authorize(route.policy, context);
    this.bodies.check(route.operationId, body);
    const handle = async (): Promise<Reply> => {
      const response = await route.handler(context, {
        param(name) {
          const value = match.params.get(name);
          if (value === undefined) throw new Error(`${route.operationId} has no parameter ${name}`);
          return value;
        },
        query: exchange.query,
        body,
        header: headerReader(exchange.request),
        request: exchange.request,
      });
      return replyOf(response, route, attempt);
    };
    const reply = await this.onceForItsKey(route, context, exchange, bytes, attempt, handle);
    if (route.method !== 'GET')
      await this.services.faultPoint?.('api:after-commit', { operationId: route.operationId });
    return reply;
  }

  /** Only a POST can need a key: repeating any other method changes nothing more (RFC 9110, 9.2.2). */
  private async onceForItsKey(
    route: Route,
    context: RequestContext,
    { request }: Exchange,
    bytes: Buffer,
    attempt: Attempt,
    handle: () => Promise<Reply>,
  ): Promise<Reply> {
    const { database } = this.services;
    const needsNone = route.method !== 'POST' || route.readsOnly === true;
    if (needsNone || context.principal === null || database === undefined) return handle();
    const key = parseIdempotencyKey(headerReader(request)('idempotency-key'));
    if (key === null) return handle();
    if (route.showsSecret === true) {
      throw new ServiceError(
        'bad_request',
        'Idempotency-Key: not possible here, because the answer shows a secret that is not kept.',
      );
    }
    const asked = { method: route.method, url: `${this.api.prefix}${request.url ?? ''}`, bytes };
    return replyOnce({
      database,
      context,
      key,
      asked,
      deed: handle,
      refuse: (error) => {
        this.log(context.logger, error);
        const reply = errorResponse(error, this.api.faults, request.headers.accept);
        return { ...reply, headers: { ...attempt.headers, ...reply.headers } };
      },
    });
  }

  private async readBodyOf(match: Match, request: IncomingMessage, visit: Visit | null): Promise<Buffer> {
    if (!match.routes.some((route) => this.bodies.hasBody(route.operationId) || route.action !== undefined))
      return Buffer.alloc(0);
    const reading = (): Promise<Buffer> => readBody(request);
    const bytes = await (visit?.whileReceiving(reading) ?? reading());
    const only = match.routes[0]?.mediaTypes;
    if (bytes.length > 0 || only !== undefined) checkContentType(request.headers['content-type'], only);
    return bytes;
  }
}

function replyOf(response: RouteResponse, route: Route, attempt: Attempt): Reply {
  return {
    status: response.status ?? route.success,
    headers: { ...attempt.headers, ...response.headers },
    body: response.body,
    ...(response.stream === undefined ? {} : { stream: response.stream }),
  };
}

/** Of routes that share a POST, the one whose action is the body's only key. Texts: cinder/api/openstack/wsgi.py. */
function chooseRoute(routes: readonly Route[], body: unknown): Route {
  const [only] = routes;
  if (only === undefined) throw new Error('a path without routes');
  if (only.action === undefined) return only;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const keys = isObject ? Object.keys(body) : [];
  const [action] = keys;
  if (action === undefined || keys.length > 1) throw new ServiceError('bad_request', 'Malformed request body');
  const route = routes.find((one) => one.action === action);
  if (route === undefined) {
    const text = `There is no such action: ${action.slice(0, 64)}. Verify the request body and Content-Type header and try again.`;
    throw new ServiceError('bad_request', text);
  }
  return route;
}

async function send(response: Response, reply: Reply): Promise<void> {
  response.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  if (reply.stream !== undefined) {
    await reply.stream(response);
    return;
  }
  if (reply.body === undefined) {
    response.end();
    return;
  }
  const text = Buffer.from(reply.raw?.text ?? JSON.stringify(reply.body));
  response.setHeader('Content-Type', reply.raw?.contentType ?? 'application/json');
  response.setHeader('Content-Length', text.length);
  response.end(text);
}

/** The request handler to be mounted at the API's prefix. It answers everything below it. */
export function createApi(api: ApiDefinition, services: ShellServices): RequestHandler {
  const shell = new ApiShell(api, services);
  return async function serveApi(request: Request, response: Response): Promise<void> {
    const requestId = newRequestId();
    const globalId = tryGlobalRequestId(headerReader(request)('x-openstack-request-id'));
    const mark = request.url.indexOf('?');
    const path = mark < 0 ? request.url : request.url.slice(0, mark);
    const exchange: Exchange = {
      request,
      path,
      query: new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1)),
      requestId,
      logger: services.logger.child(globalId === null ? { requestId } : { requestId, globalRequestId: globalId }),
      address: clientAddress(request),
      ended: (leave) => whenOver(request, response, leave),
    };
    response.setHeader('x-openstack-request-id', requestId);
    response.setHeader('x-compute-request-id', requestId);
    const started = performance.now();
    const reply = await shell.answer(exchange);
    try {
      await send(response, reply);
    } catch (thrown) {
      exchange.logger.info({ err: thrown }, 'the answer was broken off');
      response.destroy();
    }
    const facts = {
      method: request.method,
      path: `${api.prefix}${path}`,
      status: reply.status,
      ms: performance.now() - started,
    };
    exchange.logger.info(facts, 'answered');
  };
}
