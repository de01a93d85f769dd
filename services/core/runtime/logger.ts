// JSON lines on standard output or in a file, one object each; the only thing a daemon writes there. Lines about a request carry
// `requestId`, lines about an operation `operationId`, so that one search shows what became of a request in every process.
// Secrets show as `***`; passwords inside URLs that a library put into an error text are blanked in the finished line.
// Levels by expected frequency: error means that a person must act now.
//
// The level can be changed while the process runs. pino gives each child a level of its own when it is made, so a change of the
// parent's would not reach it: here pino lets everything through, and one threshold, which children inherit, decides.
import { pino } from 'pino';
import type { LogConfig, LogLevel } from './config-types.js';
import { hideUrlPasswords } from './secret.js';

export type Logger = pino.Logger;

export interface LogIds {
  readonly requestId?: string;
  readonly operationId?: string;
  readonly [name: string]: unknown;
}

/**
 * Opens the process's log. `service` is written into every line. A log file is opened for appending, its folder is made.
 * Writes are synchronous: a process that is killed has written what it said.
 */
export function createLogger(service: string, { level, file }: LogConfig): Logger {
  const destination = pino.destination({ dest: file ?? 1, sync: true, append: true, mkdir: file !== null });
  return loggerTo(destination, service, level);
}

const thresholdKey = Symbol('log threshold');

interface Threshold {
  level: LogLevel;
}

/** Children inherit the property from their parent: pino makes them with Object.create. */
interface WithThreshold {
  [thresholdKey]?: Threshold;
}

function thresholdOf(logger: object): Threshold | undefined {
  return (logger as WithThreshold)[thresholdKey];
}

/** Changes what the logger and its children write from now on. Loggers that were not made here are left alone. */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  const threshold = thresholdOf(logger);
  if (threshold !== undefined) threshold.level = level;
}

/** null for a logger that was not made here. */
export function logLevelOf(logger: Logger): LogLevel | null {
  return thresholdOf(logger)?.level ?? null;
}

/** A child whose level is changed apart from its parent's; it begins with the parent's. */
export function childWithOwnLevel(logger: Logger, ids: LogIds): Logger {
  const child = logger.child(ids);
  const level = logLevelOf(logger);
  if (level !== null) (child as WithThreshold)[thresholdKey] = { level };
  return child;
}

/** A logger that writes its lines to the given stream; for tests and for embedding. */
export function loggerTo(destination: pino.DestinationStream, service: string, level: LogConfig['level']): Logger {
  const logger = pino(
    {
      level: 'trace',
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: {
        streamWrite: hideUrlPasswords,
        logMethod(line, write, lineLevel) {
          const threshold = thresholdOf(this);
          if (threshold === undefined || lineLevel >= (pino.levels.values[threshold.level] ?? 0))
            write.apply(this, line);
        },
      },
    },
    destination,
  );
  (logger as WithThreshold)[thresholdKey] = { level };
  return logger;
}

function serializeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const serialized: Record<string, unknown> = { ...pino.stdSerializers.err(thrown) };
  // Node puts the whole URL, password included, into the error about a malformed one.
  if ('input' in serialized) serialized['input'] = '***';
  // PostgreSQL shows the whole row that a constraint refuses, digests of passwords included.
  if (String(serialized['detail']).startsWith('Failing row contains')) serialized['detail'] = '***';
  return serialized;
}

/** A logger that writes nothing. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** A logger whose lines carry the ids. */
export function childLogger(logger: Logger, ids: LogIds): Logger {
  return logger.child(ids);
}

/** The one line that tells that the process serves. Written at every level, as starters wait for it. */
export function announceReady(logger: Logger, facts: Readonly<Record<string, unknown>> = {}): void {
  const loud = childWithOwnLevel(logger, {});
  setLogLevel(loud, 'info');
  loud.info(facts, 'ready');
}
