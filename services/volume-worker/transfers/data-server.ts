// The HTTP listener for bulk bytes: /transfers/<id> for the holder of a ticket, as bearer token. What it knows is which transfers are open;
// what a request does is its transfer's business. No path of a file is ever in a URL, and a wrong ticket learns nothing about what is here:
// an unknown transfer and a foreign ticket get the same answer in the same time.
// Against slow and greedy clients: limits on headers, connections and streams; the transfers themselves end what stands still.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { hostname } from 'node:os';
import { asServiceError, errorCodes, type ServiceError } from '../../core/domain/errors.js';
import type { DataServerConfig } from '../../core/runtime/config-types.js';
import { closeAtOnce, listenOn } from '../../core/runtime/http-listener.js';
import type { Logger } from '../../core/runtime/logger.js';
import { StreamPlaces } from './stream-places.js';
import { beginJson, end, type TransferDesk } from './transfer.js';

export interface DataServer {
  readonly port: number;
  /** What clients use, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

const HEADERS_MS = 10_000;
const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 8 * 1024;
/** Of a stream, in either direction: with Node's 16 KiB every piece would stop and start it. Only open transfers have streams. */
const BUFFER_BYTES = 1024 * 1024;
/** How much of a refused upload is still read, so that its sender gets to see the answer. */
const DRAIN_MS = 2_000;
const pathPattern = /^\/transfers\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(digest))?$/;

/** Errors: an Error when it cannot listen, or the certificate or key cannot be read. */
export async function startDataServer(
  config: DataServerConfig,
  desk: TransferDesk,
  logger: Logger,
): Promise<DataServer> {
  const limits = {
    ...{ headersTimeout: HEADERS_MS, requestTimeout: 0, maxHeaderSize: MAX_HEADER_BYTES },
    highWaterMark: BUFFER_BYTES,
  };
  const places = new StreamPlaces(config);
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response, desk, places).catch((thrown: unknown) =>
      refuse(request, response, asServiceError(thrown), logger),
    );
  };
  const { tls } = config;
  const server: Server =
    tls === null
      ? createServer(limits, take)
      : createSecureServer({ ...limits, cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) }, take);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => socket.destroy());
  const { port } = await listenOn(server, config.listen);
  server.on('error', (error) => logger.error({ err: error }, 'the data server failed'));
  const { host } = config.listen;
  const name = host === '0.0.0.0' || host === '::' ? hostname() : host.includes(':') ? `[${host}]` : host;
  const url = config.advertiseUrl ?? `${tls === null ? 'http' : 'https'}://${name}:${port}`;
  if (tls === null && !isLoopback(host)) {
    logger.warn({ host }, 'the data server speaks plain HTTP beyond this machine; set dataServer.tls');
  }
  return { port, url, close: () => closeAtOnce(server) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  desk: TransferDesk,
  places: StreamPlaces,
): Promise<void> {
  // Without a parser of URLs: what is not exactly this is nothing.
  const [, id, part = ''] = pathPattern.exec(request.url ?? '') ?? [];
  const ticket = /^Bearer ([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')?.[1];
  if (ticket === undefined) return refuseEarly(request, response, 401, { 'www-authenticate': 'Bearer' });
  const transfer = id === undefined ? null : desk.find(id, ticket);
  if (transfer === null) return refuseEarly(request, response, 404);
  if (transfer === 'over') return refuseEarly(request, response, 410);
  const { method } = request;
  const { project } = transfer;
  // Whoever asks whether it may begin is told that it may not yet; whoever wants to end may always.
  if (method !== 'DELETE' && !places.hasRoom(project))
    return refuseEarly(request, response, 503, { 'retry-after': '1' });
  const serve = (): Promise<void> => transfer.answer(request, response, part);
  await (method === 'GET' || method === 'PUT' ? places.during(project, serve) : serve());
  if (!request.complete) closeSoon(request);
}

/** The body of whoever is refused is not read. */
function refuseEarly(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  end(response, status, { connection: 'close', ...headers });
  closeSoon(request);
}

function closeSoon(request: IncomingMessage): void {
  request.resume();
  setTimeout(() => request.socket.destroy(), DRAIN_MS).unref();
}

function refuse(request: IncomingMessage, response: ServerResponse, error: ServiceError, logger: Logger): void {
  const { code, message } = error;
  if (code === 'internal') logger.warn({ err: error }, 'a transfer failed');
  else logger.info({ code, context: error.context }, 'a transfer was refused');
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.setHeader('connection', 'close');
  beginJson(response, errorCodes[code].http, { code, message });
  if (request.complete) response.end();
  else endWhenDrained(request, response);
}

/**
 * Ended now, the connection would be closed over bytes that nobody has read: the sender's kernel then throws the answer away that it has already got.
 * So the answer is out whole, and its end waits until the sender stops.
 */
function endWhenDrained(request: IncomingMessage, response: ServerResponse): void {
  const over = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(() => request.socket.destroy(), DRAIN_MS).unref();
  request.once('close', over).once('end', over).resume();
}
