// Puts the API process together: database, token check, the APIs on one port. Started by main.ts, and by tests in their own process.

import { readFile } from 'node:fs/promises';
import { type Database, openDatabase } from '../core/db/connection.js';
import { joinable } from '../core/db/joinable.js';
import { startPresence } from '../core/db/presence.js';
import type { ApiConfig, TlsConfig } from '../core/runtime/config-types.js';
import type { FaultPoint } from '../core/runtime/fault-points.js';
import { listenOn } from '../core/runtime/http-listener.js';
import type { Logger } from '../core/runtime/logger.js';
import { readTicketSecret } from '../core/runtime/ticket-secret.js';
import { defineAdminApi } from './admin/definition.js';
import { awaitSchema } from './await-schema.js';
import { defineBlockStorageApi } from './block-storage/definition.js';
import { defineComputeApi } from './compute/definition.js';
import { docsPrefix, referencePages } from './docs/reference-pages.js';
import { type GlanceService, openGlance } from './glance/glance-images.js';
import { type IdentityService, openIdentity } from './identity-service.js';
import { defineImageApi } from './image/definition.js';
import { RequestLimits } from './limits/request-limits.js';
import { startMetricsServer } from './metrics/metrics-server.js';
import { closeGracefully, createApp, createHttpServer, type ServerTls } from './server.js';
import { type ApiDefinition, createApi } from './shell/api.js';

export interface ApiServiceOptions {
  readonly config: ApiConfig;
  readonly logger: Logger;
  readonly faultPoint: FaultPoint;
  /** Aborted when the process is to end before it has begun to serve. */
  readonly signal: AbortSignal;
}

export interface ApiService {
  readonly host: string;
  readonly port: number;
  /** Of the figures for a monitoring system; null: none are served. */
  readonly metricsPort: number | null;
  /** Running requests get a few seconds to end. */
  stop(): Promise<void>;
}

const GRACE_MS = 5000;
const HEALTH_MS = 2000;

async function defineApis(database: Database, identity: IdentityService, config: ApiConfig): Promise<ApiDefinition[]> {
  const ticketSecret = await readTicketSecret(config.ticketSecretFile);
  const { workerCaFile } = config.images;
  const workerCa = workerCaFile === null ? null : await readFile(workerCaFile, 'utf8');
  return [
    defineBlockStorageApi({ database }),
    defineComputeApi({ database, ticketSecret }),
    // A service of its own has its own API, and the catalog tells where.
    ...(config.images.mode === 'glance'
      ? []
      : [defineImageApi({ database, ...(workerCa === null ? {} : { workerCa }) })]),
    defineAdminApi({ database }),
    ...identity.apis,
  ];
}

/** Bounded in time, so that a frozen database is unhealthy and not a hang. */
async function checkDatabase(database: Database): Promise<void> {
  await database.raw('select 1').timeout(HEALTH_MS);
}

async function readTls(tls: TlsConfig | null): Promise<ServerTls | null> {
  return tls === null ? null : { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) };
}

/** null: images are kept here. */
async function openImageService({ images }: ApiConfig): Promise<GlanceService | null> {
  if (images.mode === 'embedded') return null;
  if (images.glance === null) throw new Error('images.glance: is missing');
  return openGlance(images.glance);
}

/** Serves until stopped; null when the signal came before the database did. */
export async function startApiService(options: ApiServiceOptions): Promise<ApiService | null> {
  const { config, logger, faultPoint, signal } = options;
  const { limits } = config;
  const database = openDatabase({
    url: config.database.url.reveal(),
    poolSize: config.database.poolSize,
    notifications: config.notifications.enabled ? { hostName: config.hostName } : null,
    instantCopies: config.instantCopies,
    imageLimits: config.images,
    imageCache: config.images.cache,
    onWarning: (message) => logger.warn({ message }, 'database pool'),
  });
  let glance: GlanceService | null = null;
  try {
    if (!(await awaitSchema(database, logger, signal))) {
      await database.destroy();
      return null;
    }
    const identity = await openIdentity(database, config, logger);
    const { validator, loginUrl } = identity;
    glance = await openImageService(config);
    const services = {
      ...{ validator, loginUrl, logger, publicUrl: config.publicUrl, faultPoint, database },
      ...(glance === null ? {} : { imagesFor: glance.imagesFor }),
      ...(limits.enabled ? { limits: new RequestLimits(limits) } : {}),
    };
    const definitions = await defineApis(joinable(database), identity, config);
    const apis = [
      ...definitions.map((api) => ({ prefix: api.prefix, handler: createApi(api, services) })),
      { prefix: docsPrefix, handler: referencePages(definitions) },
    ];
    const { trustedProxies } = limits;
    const checkHealth = (): Promise<void> => checkDatabase(database);
    const tls = await readTls(config.tls);
    const server = createHttpServer(createApp({ apis, logger, checkHealth, trustedProxies }), tls);
    const { address, port } = await listenOn(server, config.listen);
    const { listen: metricsListen } = config.metrics;
    const metrics = metricsListen === null ? null : await startMetricsServer(database, metricsListen, logger);
    const presence = startPresence({ db: database, binary: 'saggar-api', host: config.hostName, logger });
    return {
      host: address,
      port,
      metricsPort: metrics?.port ?? null,
      async stop() {
        await metrics?.stop();
        await closeGracefully(server, GRACE_MS);
        await presence.stop();
        identity.close();
        glance?.close();
        await database.destroy();
      },
    };
  } catch (thrown) {
    await database.destroy();
    throw thrown;
  }
}
