// Serves the text of guests' consoles over HTTP, because it never passes broker or database: GET /servers/<id>/console?lines=N for
// the holder of a ticket: a JWT (HS256, secret shared by file) with audience `console`, the server's id as subject and a short life.
// One way in, nothing to change: every other method and path is refused, and a wrong ticket learns nothing about what is here.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { jwtVerify } from 'jose';
import type { HypervisorDriver } from '../../drivers/hypervisor-driver.js';
import { asServiceError } from '../core/domain/errors.js';
import { isUuid } from '../core/domain/ids.js';
import type { ListenConfig } from '../core/runtime/config-types.js';
import { closeAtOnce, listenOn } from '../core/runtime/http-listener.js';
import type { Logger } from '../core/runtime/logger.js';

export interface ConsoleServerOptions {
  readonly driver: Pick<HypervisorDriver, 'consoleOutput'>;
  readonly listen: ListenConfig;
  readonly ticketSecret: Uint8Array;
  readonly logger: Logger;
}

export interface ConsoleServer {
  readonly port: number;
  close(): Promise<void>;
}

const REQUEST_MS = 10_000;
const MAX_CONNECTIONS = 64;

export async function startConsoleServer(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.logger.warn({ err: error }, 'a console request failed');
      if (!response.headersSent) end(response, 500, '');
      else response.destroy();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const { port } = await listenOn(server, options.listen);
  server.on('error', (error) => options.logger.error({ err: error }, 'the console listener failed'));
  return {
    port,
    close: () => closeAtOnce(server),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ConsoleServerOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://worker');
  const serverId = /^\/servers\/([^/]+)\/console$/.exec(url.pathname)?.[1];
  if (request.method !== 'GET' || serverId === undefined || !isUuid(serverId)) return end(response, 404, '');
  if (!(await holdsTicket(request, serverId, options.ticketSecret))) return end(response, 401, '');
  const lines = parseLines(url.searchParams.get('lines'));
  if (lines === 'invalid') return end(response, 400, 'lines is not a number\n');
  try {
    end(response, 200, await options.driver.consoleOutput(serverId, lines));
  } catch (thrown) {
    if (asServiceError(thrown).code !== 'not_found') throw thrown;
    end(response, 404, '');
  }
}

async function holdsTicket(request: IncomingMessage, serverId: string, secret: Uint8Array): Promise<boolean> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return false;
  try {
    await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      audience: 'console',
      subject: serverId,
      requiredClaims: ['exp'],
    });
    return true;
  } catch {
    return false;
  }
}

/** null: all that is kept. Nova takes -1 for the same. */
function parseLines(text: string | null): number | null | 'invalid' {
  if (text === null || text === '' || text === '-1') return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : 'invalid';
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
}
