// The API process: `api --config FILE`. It needs nobody to be up before it, and prints one `ready` line when it serves. It never talks to
// the broker or to a driver.
import { configFileFromArguments, loadConfig } from '../core/runtime/config.js';
import { loadFaultPoints } from '../core/runtime/fault-points.js';
import { announceReady, createLogger } from '../core/runtime/logger.js';
import { installShutdown } from '../core/runtime/shutdown.js';
import { startApiService } from './api-service.js';

async function main(): Promise<void> {
  const config = loadConfig('api', configFileFromArguments());
  const logger = createLogger('api', config.log);
  const shutdown = installShutdown({ logger });
  const { faultPoint } = loadFaultPoints(config.faultPlan, logger);
  const starting = startApiService({ config, logger, faultPoint, signal: shutdown.signal });
  shutdown.add('api', async () => (await starting)?.stop());
  const service = await starting;
  if (service !== null)
    announceReady(logger, { host: service.host, port: service.port, metricsPort: service.metricsPort });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
