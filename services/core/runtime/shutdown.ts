// How a process ends: on SIGTERM or SIGINT its parts are closed one after another, the last opened first, within one time limit; a second
// signal ends it at once. A defect (unhandled rejection, uncaught exception) is logged and ends the process with code 1, because what
// it was doing is unknown; whoever supervises it starts it again, and everything it did can be asked again.
import type { Logger } from './logger.js';

/** The part of `process` that is used; tests put their own here. */
export interface ProcessLike {
  on(event: string, listener: (argument: unknown) => void): unknown;
  exit(code: number): unknown;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** For all closers together; default 10,000. */
  readonly limitMs?: number;
  readonly process?: ProcessLike;
}

export interface Shutdown {
  /** Adds a closer; the last added is called first. One that fails is logged and does not keep the others from running. */
  add(name: string, close: () => unknown): void;
  /** Aborted when the end begins. */
  readonly signal: AbortSignal;
  /** Begins the end; the process exits with the code when all is closed, with 1 when something failed or took too long. */
  begin(reason: string, exitCode?: number): void;
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/** Installs the handlers. Call it once, first thing after the logger exists. */
export function installShutdown({ logger, limitMs = 10_000, process: host = process }: ShutdownOptions): Shutdown {
  const closers: { name: string; close: () => unknown }[] = [];
  const ending = new AbortController();

  const closeAll = async (): Promise<boolean> => {
    let clean = true;
    for (let last = closers.at(-1); last !== undefined; last = closers.at(-1)) {
      try {
        await last.close();
      } catch (error) {
        clean = false;
        logger.error({ err: error, part: last.name }, 'could not be closed');
      }
      closers.splice(closers.indexOf(last), 1);
    }
    return clean;
  };

  const begin = (reason: string, exitCode = 0): void => {
    if (ending.signal.aborted) return;
    logger.info({ reason }, 'ending');
    ending.abort();
    const limit = setTimeout(() => {
      logger.error({ limitMs, waiting: closers.map(({ name }) => name) }, 'the time to end is over');
      host.exit(1);
    }, limitMs);
    void closeAll().then((clean) => {
      clearTimeout(limit);
      logger.info({ clean }, 'ended');
      host.exit(clean ? exitCode : 1);
    });
  };

  for (const [name, number] of Object.entries(signalNumbers)) {
    host.on(name, () => {
      if (ending.signal.aborted) host.exit(128 + number);
      else begin(name);
    });
  }
  const die = (what: string) => (error: unknown) => {
    logger.fatal({ err: error }, what);
    host.exit(1);
  };
  host.on('uncaughtException', die('uncaught exception'));
  host.on('unhandledRejection', die('unhandled rejection'));

  return { add: (name, close) => closers.push({ name, close }), signal: ending.signal, begin };
}
