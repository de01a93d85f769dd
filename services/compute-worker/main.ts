// The compute worker: `main.js --config FILE`. Takes commands for the guests of its host from the broker, steers the hypervisor,
// answers. Holds no database password; guests outlive it, and it finds them again when it starts.
// Starts with the broker down and waits for it; ends with code 1 when its configuration cannot be used.
import { randomUUID } from 'node:crypto';
import type { HypervisorDriver } from '../../drivers/hypervisor-driver.js';
import { KeyedTools } from '../../drivers/image/keyed-tools.js';
import { openKeyStore } from '../../drivers/key-store/open-key-store.js';
import { FaultPlan, parseFaultPlan } from '../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { FakeHypervisor } from '../../drivers/qemu/fake-hypervisor.js';
import { QemuHypervisor } from '../../drivers/qemu/qemu-hypervisor.js';
import { connectBus } from '../core/bus/connection.js';
import { startWorkerLoop } from '../core/bus/worker-loop.js';
import { routingKeys } from '../core/messages/envelope.js';
import { ConfigError, configFileFromArguments, loadConfig } from '../core/runtime/config.js';
import type { ComputeWorkerConfig } from '../core/runtime/config-types.js';
import { type FaultPoints, loadFaultPoints } from '../core/runtime/fault-points.js';
import { announceReady, createLogger, type Logger, logLevelOf, setLogLevel } from '../core/runtime/logger.js';
import { installShutdown, type Shutdown } from '../core/runtime/shutdown.js';
import { readTicketSecret } from '../core/runtime/ticket-secret.js';
import { computeHandlers, serverOf } from './command-handlers.js';
import { makeComputeReport } from './compute-report.js';
import { startConsoleServer } from './console-server.js';
import { startGuestRecovery } from './guest-recovery.js';

async function run(config: ComputeWorkerConfig): Promise<void> {
  const logger = createLogger('compute-worker', config.log);
  const shutdown = installShutdown({ logger });
  try {
    const port = await serve(config, logger, shutdown);
    announceReady(logger, { host: config.host, port });
  } catch (error) {
    logger.fatal({ err: error }, 'the worker cannot start');
    shutdown.begin('the worker cannot start', 1);
  }
}

/** Answers the port of the HTTP listener. */
async function serve(config: ComputeWorkerConfig, logger: Logger, shutdown: Shutdown): Promise<number> {
  const faults = loadFaultPoints(config.faultPlan, logger);
  const driver = makeDriver(config, faults, logger);
  const ticketSecret = await readTicketSecret(config.ticketSecretFile);
  await driver.setup();
  shutdown.add('hypervisor', () => driver.close());
  const { listen, host } = config;
  const consoles = await startConsoleServer({ driver, listen, ticketSecret, logger });
  shutdown.add('console listener', () => consoles.close());
  const connection = connectBus({ ...config.amqp, name: `saggar-compute ${host}`, logger });
  shutdown.add('broker', () => connection.close());
  const facts = { ...config, bootId: randomUUID() };
  const loop = startWorkerLoop({
    connection,
    queue: routingKeys.compute(host),
    workerName: host,
    handlers: computeHandlers(driver),
    keyOf: serverOf,
    report: () => makeComputeReport(driver, { ...facts, logLevel: logLevelOf(logger) }),
    reportSeconds: config.reportSeconds,
    notices: { bootId: facts.bootId, follow: ({ logLevel }) => setLogLevel(logger, logLevel) },
    logger,
    faultPoint: faults.faultPoint,
  });
  shutdown.add('commands', () => loop.stop());
  const recovery = startGuestRecovery({ driver, alone: (keys, work) => loop.alone(keys, work), logger });
  shutdown.add('guest recovery', () => recovery.stop());
  return consoles.port;
}

function makeDriver(config: ComputeWorkerConfig, { driverPlan }: FaultPoints, logger: Logger): HypervisorDriver {
  const runner =
    driverPlan === null ? systemCommandRunner : new FaultPlan(parseFaultPlan(driverPlan)).wrap(systemCommandRunner);
  const { stateDirectory, qemuBinary, maxDisks } = config;
  const keys = openKeyStore(config.keyStore);
  if (config.hypervisor === 'fake') {
    return new FakeHypervisor({ stateDirectory, runner: new KeyedTools(runner, keys) });
  }
  return new QemuHypervisor({
    stateDirectory,
    runner,
    keys,
    ...(qemuBinary === null ? {} : { qemuBinary }),
    maxDisks,
    warn: (text, context) => logger.warn(context, text),
  });
}

function loadOwnConfig(): ComputeWorkerConfig | null {
  try {
    return loadConfig('compute-worker', configFileFromArguments());
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    process.stderr.write(`saggar-compute: ${thrown.message}\n`);
    return null;
  }
}

const config = loadOwnConfig();
if (config === null) process.exitCode = 1;
else await run(config);
