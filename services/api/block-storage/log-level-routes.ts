// Log levels of running processes, in Cinder's words. Each of our processes has one logger, so a prefix either means it or nothing.
// Source: cinder/api/contrib/services.py and cinder/volume/volume_utils.py (set_log_levels, get_log_levels).
import type { components } from '../../../api-spec/generated/block-storage.js';
import { listLogLevels, type ServiceChoice, wishLogLevel } from '../../core/db/log-levels.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { LogLevel } from '../../core/runtime/config-types.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { gates } from './microversions.js';
import { ownBinary, shownBinary } from './service-binaries.js';

type Schemas = components['schemas'];
type ShownLevel = Schemas['LogLevels']['levels'][string];

const loggerName = 'saggar';

const shownLevels: Readonly<Record<LogLevel, ShownLevel>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};
const ownLevels: Readonly<Record<string, LogLevel>> = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' };

/** In Cinder a prefix chooses loggers by the beginning of their names. */
function meansOurLogger(prefix: string | null | undefined): boolean {
  return loggerName.startsWith(prefix ?? '');
}

function choiceOf({ binary, server }: Schemas['LogLevelQuestion']): ServiceChoice {
  return { binary: binary && binary !== '*' ? ownBinary(binary) : null, host: server || null };
}

function readLevel(text: string | null | undefined): LogLevel {
  const shown = (text ?? '').toUpperCase();
  const level = Object.hasOwn(ownLevels, shown) ? ownLevels[shown] : undefined;
  if (level !== undefined) return level;
  throw new ServiceError('bad_request', `Invalid input received: ${text ?? ''} is not a valid log level.`);
}

export function logLevelRoutes({ database }: BlockStorageApi): Route[] {
  const same = { method: 'PUT', since: gates['service-log-levels'], policy: 'service:update' } as const;
  return [
    defineRoute<Schemas['LogLevelChange']>({
      ...same,
      path: '/v3/os-services/set-log',
      operationId: 'setLogLevels',
      success: 202,
      async handler(_context, { body }) {
        const level = readLevel(body.level);
        if (meansOurLogger(body.prefix)) await wishLogLevel(database, choiceOf(body), level);
        return {};
      },
    }),
    defineRoute<Schemas['LogLevelQuestion']>({
      ...same,
      path: '/v3/os-services/get-log',
      operationId: 'showLogLevels',
      success: 200,
      async handler(_context, { body }) {
        const services = await listLogLevels(database, choiceOf(body));
        const log_levels: Schemas['LogLevels'][] = services.flatMap(({ binary, host, level }) => {
          if (level === null) return [];
          const levels = meansOurLogger(body.prefix) ? { [loggerName]: shownLevels[level] } : {};
          return [{ binary: shownBinary(binary), host, levels }];
        });
        return { body: { log_levels } };
      },
    }),
  ];
}
