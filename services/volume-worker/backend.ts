// One backend of a volume worker: its driver, its queue of commands, its reports. A worker has one or several, which share nothing
// but the process and the connection to the broker.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { BackupStore } from '../../drivers/backup/backup-store.js';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import type { KeyStore } from '../../drivers/key-store/key-store.js';
import type { FaultPlan } from '../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { VolumeDriver } from '../../drivers/volume-driver.js';
import type { CommandContext, CommandHandlers } from '../core/bus/command-handler.js';
import type { BusConnection } from '../core/bus/connection.js';
import { startWorkerLoop } from '../core/bus/worker-loop.js';
import { routingKeys } from '../core/messages/envelope.js';
import { type BackendConfig, backendHost, type VolumeWorkerConfig } from '../core/runtime/config-types.js';
import type { FaultPoint } from '../core/runtime/fault-points.js';
import { childWithOwnLevel, type Logger, logLevelOf, setLogLevel } from '../core/runtime/logger.js';
import { makeBackendReport } from './backend-report.js';
import { backupCommandHandlers } from './backup-handlers.js';
import { volumeCommandHandlers, volumeKeyOf } from './command-handlers.js';
import type { GlanceClient } from './glance/glance-client.js';
import { glanceHandlers } from './glance/glance-handlers.js';
import { type HeavyWork, heavySharesOf } from './heavy-work.js';
import { keyCommandHandlers } from './key-commands.js';
import type { DataServer } from './transfers/data-server.js';
import type { TransferDesk } from './transfers/transfer.js';
import { transferHandlers } from './transfers/transfer-handlers.js';

export interface BackendParts {
  readonly config: VolumeWorkerConfig;
  readonly connection: BusConnection;
  readonly logger: Logger;
  readonly faultPoint: FaultPoint;
  /** Every backend's driver puts itself here, so that a volume can be copied from one to another. */
  readonly drivers: Map<string, VolumeDriver>;
  /** One for all backends: a copy between two of them takes a place on each share. */
  readonly heavy: HeavyWork;
  /** Where open transfers are found by the data server. */
  readonly desk: TransferDesk;
  readonly dataServer: Pick<DataServer, 'url'>;
  /** One for all backends; null: this worker makes no backups. */
  readonly backups: BackupStore | null;
  /** One for all backends; null: images are kept here. */
  readonly glance: GlanceClient | null;
  /** Of encrypted volumes. One for all backends. */
  readonly keys: KeyStore;
  /** null without a plan for drivers. */
  readonly faults: FaultPlan | null;
}

export interface RunningBackend {
  readonly host: string;
  /** Finishes what runs (for a while), then lets go of the shares; mounts stay. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Opens the backend's shares and begins to take commands. A share that is down does not hinder the start.
 * Errors: an Error for options or a shares file that cannot be used; the process should end with it.
 */
export async function startBackend(backend: BackendConfig, parts: BackendParts): Promise<RunningBackend> {
  const { backups, config, connection, dataServer, desk, drivers, faultPoint, faults, glance, heavy, keys } = parts;
  const host = backendHost(config, backend);
  const logger = childWithOwnLevel(parts.logger, { backend: host });
  const options = parseBackendOptions(backend.name, {
    glusterfs_mount_point_base: path.join(config.stateDirectory, 'mnt'),
    ...backend.options,
    driver: backend.driver,
    volume_backend_name: backend.volume_backend_name,
  });
  for (const { option, reason } of options.notes) logger.warn({ option, reason }, 'an option does nothing here');
  const driver = createVolumeDriver(options, {
    runner: faults === null ? systemCommandRunner : faults.wrap(systemCommandRunner),
    keys,
    onBackgroundError: (error) => logger.warn({ err: error }, 'the trash could not be looked after'),
  });
  await driver.setup();
  drivers.set(host, driver);
  const facts = {
    host,
    zone: config.zone,
    bootId: randomUUID(),
    options,
    url: dataServer.url,
    backups: backups?.target.kind ?? null,
  };
  const all = {
    ...volumeCommandHandlers(driver, drivers),
    ...keyCommandHandlers(keys),
    ...transferHandlers(driver, desk),
    ...glanceHandlers(driver, glance),
    ...backupCommandHandlers(driver, backups, keys),
  };
  const handlers = inTheirPlaces(all, heavy, options.heavyPlaces);
  const loop = startWorkerLoop({
    connection,
    queue: routingKeys.volume(host),
    workerName: `${host} ${facts.bootId}`,
    handlers: faults === null ? handlers : underPlan(handlers, faults),
    keyOf: volumeKeyOf,
    report: () => makeBackendReport(driver, facts, logLevelOf(logger)),
    reportSeconds: config.reportSeconds,
    notices: { bootId: facts.bootId, follow: ({ logLevel }) => setLogLevel(logger, logLevel) },
    logger,
    faultPoint,
  });
  return {
    host,
    stop: async () => {
      await loop.stop();
      drivers.delete(host);
      await driver.close();
    },
  };
}

/** Heavy work waits for a place on its share; the rest goes by. */
function inTheirPlaces(handlers: CommandHandlers, heavy: HeavyWork, places: number): CommandHandlers {
  const wrapped = Object.entries(handlers).map(([type, handle]) => {
    const placed = (params: object, context: CommandContext): Promise<object> => {
      const work = () => (handle as (params: object, context: CommandContext) => Promise<object>)(params, context);
      const { own, others } = heavySharesOf(context.command);
      if (own.length === 0) return work();
      for (const share of own) heavy.limit(share, places);
      return heavy.run([...own, ...others], { signal: context.signal, onWait: context.expectWait }, work);
    };
    return [type, placed];
  });
  return Object.fromEntries(wrapped) as CommandHandlers;
}

/** Puts a point of the drivers' plan, `driver <command type>`, around every handler. */
function underPlan(handlers: CommandHandlers, faults: FaultPlan): CommandHandlers {
  const wrapped = Object.entries(handlers).map(([type, handle]) => {
    const planned = (...args: Parameters<typeof handle>) =>
      faults.around(`driver ${type}`, () => (handle as (...all: typeof args) => Promise<object>)(...args));
    return [type, planned];
  });
  return Object.fromEntries(wrapped) as CommandHandlers;
}
