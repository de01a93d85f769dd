// The conductor process: `conductor --config FILE`. It needs nobody to be up before it, and prints one `ready` line when it serves.
import { configFileFromArguments, loadConfig } from '../core/runtime/config.js';
import { loadFaultPoints } from '../core/runtime/fault-points.js';
import { announceReady, createLogger } from '../core/runtime/logger.js';
import { installShutdown } from '../core/runtime/shutdown.js';
import { startConductor } from './conductor.js';

async function main(): Promise<void> {
  const config = loadConfig('conductor', configFileFromArguments());
  const logger = createLogger('conductor', config.log);
  const shutdown = installShutdown({ logger });
  const { faultPoint } = loadFaultPoints(config.faultPlan, logger);
  const starting = startConductor({ config, logger, faultPoint, signal: shutdown.signal });
  shutdown.add('conductor', async () => (await starting)?.stop());
  if ((await starting) !== null) announceReady(logger);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
