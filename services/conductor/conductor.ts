// Puts the conductor's parts together: commands out (relay), results and reports in, and the sweep that covers for both. Everything
// it knows is in the database, so any number may run side by side and each may be killed at any moment.
import { hostname } from 'node:os';
import { type BusConnection, connectBus } from '../core/bus/connection.js';
import { startConsumer } from '../core/bus/consumer.js';
import { Publisher } from '../core/bus/publisher.js';
import { openDatabase } from '../core/db/connection.js';
import { startPresence } from '../core/db/presence.js';
import { routingKeys } from '../core/messages/envelope.js';
import { parseReport, parseResult } from '../core/messages/parse-message.js';
import type { ConductorConfig } from '../core/runtime/config-types.js';
import type { FaultPoint } from '../core/runtime/fault-points.js';
import type { Logger } from '../core/runtime/logger.js';
import { startAuditor } from './auditor.js';
import { awaitSchema } from './await-schema.js';
import { startCustodian } from './custodian.js';
import { startEvacuations } from './evacuations.js';
import { startFlattener } from './flattener.js';
import { startHousekeeper } from './housekeeper.js';
import { startNotificationRelay } from './notification-relay.js';
import { startOutboxListener } from './outbox-listener.js';
import { startReconciler } from './reconciler.js';
import { startRelay } from './relay.js';
import { ReportTaker } from './reports.js';
import { takeResult } from './result-taker.js';
import { Transitions } from './transitions.js';

export interface ConductorOptions {
  readonly config: ConductorConfig;
  readonly logger: Logger;
  readonly faultPoint: FaultPoint;
  /** Aborted when the process is told to end, so that waiting for a database can be given up. */
  readonly signal: AbortSignal;
}

export interface Conductor {
  /** Takes nothing new, ends what is under way, gives back what it cannot end in time. Within 10 s. */
  stop(): Promise<void>;
}

/** A confirm takes milliseconds; the outbox rows of the batch stay locked meanwhile. */
const PUBLISH_LIMIT_MS = 5000;
/** As many results in hand as there are sessions for them, some being left for relay and sweep. */
const SPARE_SESSIONS = 2;
const DRAIN_MS = 5000;

/** Waits for database and schema, then starts all parts. null when it was told to end before. */
export async function startConductor({
  config,
  logger,
  faultPoint,
  signal,
}: ConductorOptions): Promise<Conductor | null> {
  const databaseUrl = config.database.url.reveal();
  const { poolSize } = config.database;
  const db = openDatabase({
    url: databaseUrl,
    poolSize,
    notifications: config.notifications.enabled ? { hostName: hostname() } : null,
    onWarning: (message) => logger.debug({ from: 'pool' }, message),
  });
  if (!(await awaitSchema(db, logger, signal))) {
    await db.destroy();
    return null;
  }

  const giveUp = new AbortController();
  const settings = { retryBaseMs: config.retryBaseMs };
  const transitions = new Transitions({ db, settings, logger, faultPoint, signal: giveUp.signal });
  const connection = connectBus({ ...config.amqp, name: 'conductor', logger });
  const publisher = new Publisher({ connection, timeoutMs: PUBLISH_LIMIT_MS });
  const relay = startRelay({
    db,
    publish: (routingKey, message) =>
      publisher.publish(routingKey, message, message.kind === 'command' ? { messageId: message.id } : {}),
    brokerIsUp: () => connection.state === 'connected',
    logger,
    faultPoint,
    pollMs: config.reconcileMs,
  });
  const reconciler = startReconciler({ db, transitions, logger, everyMs: config.reconcileMs });
  const housekeeper = startHousekeeper(db, logger);
  const flattener = startFlattener({ db, settings: config.flatten, logger, everyMs: config.reconcileMs });
  const custodian =
    config.custodySeconds === 0 ? null : startCustodian({ db, logger, everySeconds: config.custodySeconds });
  const auditor =
    config.auditSeconds === 0
      ? null
      : startAuditor({
          db,
          logger,
          hostName: config.hostName,
          everySeconds: config.auditSeconds,
          keepsRecords: config.custodySeconds > 0,
        });
  const evacuations = startEvacuations(db, logger);
  const notificationRelay = config.notifications.enabled
    ? startNotificationRelay({
        db,
        config: config.notifications,
        connection,
        logger,
        everyMs: config.reconcileMs,
      })
    : null;
  const listener = startOutboxListener({ databaseUrl, onNotify: () => relay.wake(), logger });
  const stopHearing = connection.onState((state) => {
    if (state === 'connected') relay.wake();
  });
  const reports = new ReportTaker({
    db,
    logger,
    onStepsDue: () => reconciler.wake(),
    tell: (bootId, notice) => publisher.publish(routingKeys.notices(bootId), notice, { persistent: false }),
  });
  const presence = startPresence({ db, binary: 'saggar-conductor', host: config.hostName, logger });
  const consumers = [
    startConsumer({
      connection,
      publisher,
      routingKey: routingKeys.results,
      parse: parseResult,
      prefetch: Math.max(1, poolSize - SPARE_SESSIONS),
      handle: ({ message }) => takeResult(message, { transitions, logger, signal: giveUp.signal }),
    }),
    startConsumer({
      connection,
      publisher,
      routingKey: routingKeys.reports,
      parse: parseReport,
      prefetch: 4,
      handle: ({ message }) => reports.take(message),
    }),
  ];

  return {
    stop: async () => {
      stopHearing();
      await presence.stop();
      const limit = setTimeout(() => giveUp.abort(new Error('the conductor ends')), DRAIN_MS);
      await Promise.all(consumers.map((consumer) => consumer.stop(DRAIN_MS)));
      await Promise.all([
        relay.stop(),
        reconciler.stop(),
        listener.stop(),
        housekeeper.stop(),
        flattener.stop(),
        custodian?.stop(),
        auditor?.stop(),
        evacuations.stop(),
        notificationRelay?.stop(),
      ]);
      clearTimeout(limit);
      giveUp.abort(new Error('the conductor ends'));
      await closeBus(publisher, connection);
      await db.destroy();
    },
  };
}

async function closeBus(publisher: Publisher, connection: BusConnection): Promise<void> {
  await publisher.close();
  await connection.close();
}
