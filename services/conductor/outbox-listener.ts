// Hears PostgreSQL's notifications, so that a command leaves within milliseconds of its commit. A listening session is not part
// of the pool; it is made again whenever it ends, and asked for a sign of life now and then, because a frozen server or a lost
// peer closes nothing. What was notified while no session listened is covered by `onNotify` at every new session.
import { openListener } from '../core/db/connection.js';
import { pause, systemClock } from '../core/runtime/clock.js';
import type { Logger } from '../core/runtime/logger.js';

export interface OutboxListenerOptions {
  readonly databaseUrl: string;
  readonly onNotify: () => void;
  readonly logger: Logger;
}

export interface OutboxListener {
  stop(): Promise<void>;
}

const CHECK_MS = 5000;
const ANSWER_MS = 3000;
const RECONNECT_MS = 500;

export function startOutboxListener({ databaseUrl, onNotify, logger }: OutboxListenerOptions): OutboxListener {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Resolves when the session has ended, for whatever reason. */
  const listenOnce = async (): Promise<void> => {
    const client = openListener(databaseUrl);
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    client.on('notification', onNotify);
    try {
      await client.connect();
      await client.query('listen saggar_outbox');
      logger.debug({}, 'listening for commands');
      onNotify();
      while (!signal.aborted) {
        const reason = await Promise.race([ended.then(() => 'ended'), pause(systemClock, CHECK_MS, signal)]);
        if (reason === 'ended' || signal.aborted) return;
        await withLimit(client.query('select 1'), ANSWER_MS);
      }
    } finally {
      // A frozen server never answers the goodbye; the socket is closed all the same.
      await withLimit(client.end(), ANSWER_MS).catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await listenOnce();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) logger.warn({ err: error }, 'the database does not answer the listener; it goes on trying');
      }
      if (!signal.aborted) await pause(systemClock, RECONNECT_MS, signal);
    }
  };
  const running = run();

  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** Rejects after the limit; a promise that fails later is not left unheard. */
async function withLimit<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
