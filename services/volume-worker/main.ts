// The volume worker: `main.js --config FILE`. Takes commands for its backends from the broker, does them on the shares, answers.
// Holds no database password and no state of its own: it may be killed at any instruction, and everything can be asked again.
// Starts with the broker down and waits for it; ends with code 1 when its configuration or a shares file cannot be used.
import { createBackupStore } from '../../drivers/backup/create-backup-store.js';
import { openKeyStore } from '../../drivers/key-store/open-key-store.js';
import { FaultPlan, parseFaultPlan } from '../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { VolumeDriver } from '../../drivers/volume-driver.js';
import { connectBus } from '../core/bus/connection.js';
import { ConfigError, configFileFromArguments, loadConfig } from '../core/runtime/config.js';
import type { VolumeWorkerConfig } from '../core/runtime/config-types.js';
import { loadFaultPoints } from '../core/runtime/fault-points.js';
import { announceReady, createLogger } from '../core/runtime/logger.js';
import { installShutdown } from '../core/runtime/shutdown.js';
import { startBackend } from './backend.js';
import { openGlance } from './glance/glance-client.js';
import { HeavyWork } from './heavy-work.js';
import { startDataServer } from './transfers/data-server.js';
import { TransferDesk } from './transfers/transfer.js';

async function run(config: VolumeWorkerConfig): Promise<void> {
  const logger = createLogger('volume-worker', config.log);
  const shutdown = installShutdown({ logger });
  const { faultPoint, driverPlan } = loadFaultPoints(config.faultPlan, logger);
  const faults = driverPlan === null ? null : new FaultPlan(parseFaultPlan(driverPlan));
  const connection = connectBus({ ...config.amqp, name: `saggar-volume ${config.host}`, logger });
  shutdown.add('broker', () => connection.close());
  try {
    const hosts: string[] = [];
    const drivers = new Map<string, VolumeDriver>();
    const heavy = new HeavyWork(2);
    const backups = config.backups === null ? null : await createBackupStore(config.backups, systemCommandRunner);
    const keys = openKeyStore(config.keyStore);
    const glance = config.glance === null ? null : await openGlance(config.glance, logger);
    if (glance !== null) shutdown.add('image service', () => Promise.resolve(glance.close()));
    const desk = new TransferDesk();
    const dataServer = await startDataServer(config.dataServer, desk, logger);
    shutdown.add('data server', () => dataServer.close());
    for (const backend of config.backends) {
      const parts = {
        backups,
        glance,
        config,
        connection,
        logger,
        drivers,
        faultPoint,
        faults,
        heavy,
        keys,
        desk,
        dataServer,
      };
      const running = await startBackend(backend, parts);
      shutdown.add(running.host, () => running.stop());
      hosts.push(running.host);
    }
    announceReady(logger, { backends: hosts, dataPort: dataServer.port });
  } catch (error) {
    logger.fatal({ err: error }, 'the worker cannot start');
    shutdown.begin('the worker cannot start', 1);
  }
}

function loadOwnConfig(): VolumeWorkerConfig | null {
  try {
    return loadConfig('volume-worker', configFileFromArguments());
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    process.stderr.write(`saggar-volume: ${thrown.message}\n`);
    return null;
  }
}

const config = loadOwnConfig();
if (config === null) process.exitCode = 1;
else await run(config);
