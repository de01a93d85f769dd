// The HTTP server of all APIs: one port, one prefix each, a health check beside them. Knows no API by name.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { limitBodies } from './shell/body-deadline.js';

/** For a body as a whole; image data has limits of its own. */
const BODY_MS = 120_000;

export interface MountedApi {
  readonly prefix: string;
  readonly handler: RequestHandler;
}

export interface ServerParts {
  readonly apis: readonly MountedApi[];
  readonly logger: Logger;
  /** Resolves when requests can be served, rejects when not; must be bounded in time. */
  readonly checkHealth: () => Promise<void>;
  /** Addresses and networks whose X-Forwarded-For is believed; default: nobody's. */
  readonly trustedProxies?: readonly string[];
}

/**
 * Cinder's healthcheck shape; the reason names no host and no error text. Nobody has to say who asks, so any number of questions at once
 * costs one connection to the database.
 */
function healthcheck(parts: ServerParts): RequestHandler {
  let underWay: Promise<void> | null = null;
  const check = (): Promise<void> => {
    underWay ??= parts.checkHealth().finally(() => {
      underWay = null;
    });
    return underWay;
  };
  return async function answerHealthcheck(_request: Request, response: Response): Promise<void> {
    let reasons: string[] = [];
    try {
      await check();
    } catch (thrown) {
      parts.logger.warn({ err: thrown }, 'health check failed');
      reasons = ['The database does not answer.'];
    }
    response.status(reasons.length === 0 ? 200 : 503).json({ detailed: false, reasons });
  };
}

export function createApp(parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...(parts.trustedProxies ?? [])]);
  app.get('/healthcheck', healthcheck(parts));
  for (const api of parts.apis) app.use(api.prefix, api.handler);
  app.use(function answerNothingHere(_request: Request, response: Response): void {
    response
      .status(404)
      .json({ message: 'The resource could not be found.', code: '404 Not Found', title: 'Not Found' });
  });
  // Four parameters make it express's error handler: the last resort, for what the shell itself did not foresee.
  app.use(function answerUnforeseen(thrown: unknown, _request: Request, response: Response, next: NextFunction): void {
    parts.logger.error({ err: thrown }, 'unforeseen error');
    if (response.headersSent) next(thrown);
    else
      response.status(500).json({
        computeFault: {
          code: 500,
          message: 'The server has either erred or is incapable of performing the requested operation.',
        },
      });
  });
  return app;
}

/** PEM. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * A server with time limits on every stage of a connection. Keep-alive outlasts the 60 s of common proxies, so that it is the
 * proxy that closes first and no request is lost on a closing connection.
 */
export function createHttpServer(app: Express, tls: ServerTls | null = null): Server {
  const limits = { keepAliveTimeout: 75_000, headersTimeout: 30_000, requestTimeout: 0, maxHeaderSize: 16_384 };
  const server = tls === null ? createServer(limits, app) : createSecureServer({ ...limits, ...tls }, app);
  limitBodies(server, BODY_MS);
  server.maxRequestsPerSocket = 0;
  return server;
}

/** How often connections are looked for whose last request has ended, milliseconds. */
const SWEEP_MS = 50;

/**
 * Stops accepting, lets running requests end within the grace time (milliseconds), then closes what is left. A connection that is kept
 * after its request would be waited for until its client lets go; so it is told that this answer was the last, or closed when it is idle.
 */
export function closeGracefully(server: Server, graceMs: number): Promise<void> {
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  return new Promise((resolve, reject) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.close((error) => {
      clearTimeout(force);
      clearInterval(sweep);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
}
