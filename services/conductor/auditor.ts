// Keeps the audit going: asks every few seconds whether a round is due, and does it when no other conductor is at one. Rounds begin often enough
// that what is wrong is found, in two looks, within the period that is configured.
import { randomUUID } from 'node:crypto';
import { tryTakeRound } from '../core/db/audit/rounds.js';
import type { Database } from '../core/db/connection.js';
import type { Logger } from '../core/runtime/logger.js';
import { type AuditSettings, runAuditRound } from './audit-round.js';
import { startWakeableLoop, type WakeableLoop } from './wakeable-loop.js';

export interface AuditorOptions {
  readonly db: Database;
  readonly logger: Logger;
  readonly hostName: string;
  /** The period, in seconds. */
  readonly everySeconds: number;
  readonly keepsRecords: boolean;
}

/** Parts of the period: a round begins in every so many of it, and its second look is so much later. What is left is for the looks themselves. */
const [ROUND, PAUSE, SHARE_WAIT] = [0.6, 0.2, 0.15];
const SETTLE_SECONDS = 30;

export function auditTimes(everySeconds: number): { roundSeconds: number } & Omit<AuditSettings, 'keepsRecords'> {
  return {
    roundSeconds: everySeconds * ROUND,
    pauseMs: everySeconds * PAUSE * 1000,
    shareWaitMs: everySeconds * SHARE_WAIT * 1000,
    settleSeconds: SETTLE_SECONDS,
  };
}

class Stopped extends Error {}

export function startAuditor({ db, logger, hostName, everySeconds, keepsRecords }: AuditorOptions): WakeableLoop {
  const { roundSeconds, ...times } = auditTimes(everySeconds);
  const who = `${hostName} ${randomUUID()}`;
  const stopping = new AbortController();
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', end);
        if (stopping.signal.aborted) reject(new Stopped('the conductor ends'));
        else resolve();
      };
      const timer = setTimeout(end, ms);
      stopping.signal.addEventListener('abort', end);
      if (stopping.signal.aborted) end();
    });
  const loop = startWakeableLoop({
    name: 'auditor',
    everyMs: Math.max(100, (everySeconds * 1000) / 30),
    logger,
    look: async () => {
      const round = await tryTakeRound(db, who, roundSeconds);
      if (round === null) return 'idle';
      try {
        const outcome = await runAuditRound({ db, logger, round, settings: { ...times, keepsRecords }, pause });
        logger.debug({ round, ...outcome }, 'the audit has looked at everything');
      } catch (thrown) {
        if (!(thrown instanceof Stopped)) throw thrown;
      }
      return 'idle';
    },
  });
  return {
    wake: loop.wake,
    stop: () => {
      stopping.abort();
      return loop.stop();
    },
  };
}
