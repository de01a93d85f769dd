// JSON lines on standard output or in a file, one object each; the only thing a daemon writes there. Lines about a request carry
// `requestId`, lines about an operation `operationId`, so that one search shows what became of a request in every process.
// Secrets show as `***`; passwords inside URLs that a library put into an error text are blanked in the finished line.
// Levels by expected frequency: error means that a person must act now.
import { pino } from 'pino';
import type { LogConfig } from './config-types.js';
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

/** A logger that writes its lines to the given stream; for tests and for embedding. */
export function loggerTo(destination: pino.DestinationStream, service: string, level: LogConfig['level']): Logger {
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: hideUrlPasswords },
    },
    destination,
  );
}

function serializeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const serialized: Record<string, unknown> = { ...pino.stdSerializers.err(thrown) };
  // Node puts the whole URL, password included, into the error about a malformed one.
  if ('input' in serialized) serialized['input'] = '***';
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
  logger.child({}, { level: 'info' }).info(facts, 'ready');
}
