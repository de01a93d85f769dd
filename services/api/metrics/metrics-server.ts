// `GET /metrics` on an address of its own, off unless one is configured. Nobody has to say who asks, as usual for such an endpoint: so it is
// not among the APIs, tells names and figures only, and listens on loopback unless told otherwise. Any number of questions at once costs one
// look into the database.
import { createServer, type Server } from 'node:http';
import { listPoolHealth } from '../../core/db/block-storage/pool-health.js';
import type { Database } from '../../core/db/connection.js';
import { loadServiceFigures } from '../../core/db/metrics/service-figures.js';
import type { ListenConfig } from '../../core/runtime/config-types.js';
import { closeAtOnce, listenOn } from '../../core/runtime/http-listener.js';
import type { Logger } from '../../core/runtime/logger.js';
import { expositionType, writeExposition } from './exposition.js';
import { metricsOf } from './metric-table.js';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** The page as text. */
export async function renderMetrics(database: Database): Promise<string> {
  const [pools, figures] = await Promise.all([listPoolHealth(database), loadServiceFigures(database)]);
  return writeExposition(metricsOf(pools, figures));
}

function serve(database: Database, logger: Logger): Server {
  let underWay: Promise<string> | null = null;
  const page = (): Promise<string> => {
    underWay ??= renderMetrics(database).finally(() => {
      underWay = null;
    });
    return underWay;
  };
  return createServer(
    { headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16_384 },
    (request, response) => {
      if (request.url !== '/metrics' || request.method !== 'GET') {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('the figures are under /metrics\n');
        return;
      }
      page().then(
        (text) => response.writeHead(200, { 'Content-Type': expositionType }).end(text),
        (thrown: unknown) => {
          logger.warn({ err: thrown }, 'the figures could not be read');
          response.writeHead(503, { 'Content-Type': 'text/plain' }).end('the database does not answer\n');
        },
      );
    },
  );
}

/** Rejects when the address cannot be listened on. */
export async function startMetricsServer(
  database: Database,
  listen: ListenConfig,
  logger: Logger,
): Promise<MetricsServer> {
  const server = serve(database, logger);
  const bound = await listenOn(server, listen);
  logger.info({ host: bound.address, port: bound.port }, 'figures under /metrics');
  return { port: bound.port, stop: () => closeAtOnce(server) };
}
