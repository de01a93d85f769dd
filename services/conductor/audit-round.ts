// One round of the audit: a look, a pause, a second look where the first one suspected something, and what follows from both (domain/audit.ts).
// It writes findings and accepts or makes repairs; nothing else. Who has the round holds a lease (db/audit/rounds.ts).

import { loadStored, storeRound } from '../core/db/audit/findings.js';
import { loadGuestLook } from '../core/db/audit/guest-view.js';
import { repair } from '../core/db/audit/repairs.js';
import { endRound } from '../core/db/audit/rounds.js';
import { loadRowView } from '../core/db/audit/row-view.js';
import { beginLooks, type LookedAt, loadLook, type ShareLook, storePass } from '../core/db/audit/share-looks.js';
import { loadShareView } from '../core/db/audit/share-view.js';
import type { Database } from '../core/db/connection.js';
import { type Coverage, confirm, keyOf, limitEach, repairable, type Suspicion } from '../core/domain/audit.js';
import { suspectGuests } from '../core/domain/audit-guests.js';
import { suspectRows } from '../core/domain/audit-rows.js';
import { suspectShare } from '../core/domain/audit-shares.js';
import type { Logger } from '../core/runtime/logger.js';

export interface AuditSettings {
  /** Between the looks: longer than a report of a worker takes to come. */
  readonly pauseMs: number;
  /** What an operation did less than so long ago is still in motion. */
  readonly settleSeconds: number;
  /** Longest wait for the pages of the shares; what has not come is looked at in the next round. */
  readonly shareWaitMs: number;
  /** Records are written beside the data. */
  readonly keepsRecords: boolean;
}

export interface RoundOptions {
  readonly db: Database;
  readonly logger: Logger;
  readonly round: number;
  readonly settings: AuditSettings;
  /** Ends early, without an answer, when it rejects. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface RoundOutcome {
  readonly findings: number;
  readonly repaired: number;
}

const LOOK_EVERY_MS = 100;

interface Look {
  readonly suspicions: readonly Suspicion[];
  readonly coverage: Coverage;
  readonly shares: readonly (ShareLook & LookedAt)[];
}

async function awaitLooks(options: RoundOptions, looks: readonly ShareLook[]): Promise<Look['shares']> {
  const { db, settings, pause } = options;
  const until = performance.now() + settings.shareWaitMs;
  const seen: (ShareLook & LookedAt)[] = [];
  let waiting = [...looks];
  while (waiting.length > 0) {
    const next: ShareLook[] = [];
    for (const look of waiting) {
      const answer = await loadLook(db, look);
      if (answer === null) next.push(look);
      else if (answer !== 'failed') seen.push({ ...look, ...answer });
    }
    waiting = performance.now() < until ? next : [];
    if (waiting.length > 0) await pause(LOOK_EVERY_MS);
  }
  return seen;
}

/** `before`: looks at the same windows again, and only at shares and guests of which it suspected something. */
async function look(options: RoundOptions, before: Look | null): Promise<Look> {
  const { db, settings } = options;
  const suspectedPools = new Set(before?.suspicions.flatMap(({ pool }) => pool ?? []));
  const begun = await beginLooks(db, before?.shares.filter(({ pool }) => suspectedPools.has(pool)) ?? null);
  const shares = await awaitLooks(options, begun);
  const suspicions: Suspicion[] = [];
  for (const share of shares) suspicions.push(...suspectShare(await loadShareView(db, share, settings)));
  const guests = await db.transaction((tx) => loadGuestLook(tx, settings.settleSeconds), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
  suspicions.push(...suspectGuests(guests.view), ...suspectRows(await loadRowView(db, settings.settleSeconds)));
  const windows = new Map(shares.map(({ pool, window }) => [pool, window]));
  return { suspicions, shares, coverage: { windows, computeHosts: new Set(guests.hosts.keys()) } };
}

async function repairAll({ db, logger }: RoundOptions, confirmed: readonly Suspicion[]): Promise<Set<string>> {
  const done = new Set<string>();
  for (const finding of repairable(confirmed, await loadStored(db))) {
    const { rule, kind, id, text } = finding;
    try {
      if (!(await repair(db, finding))) continue;
      done.add(keyOf(finding));
      logger.warn({ rule, kind, id, found: text }, 'the audit repaired what it found');
    } catch (thrown) {
      logger.error({ err: thrown, rule, kind, id, found: text }, 'the audit could not repair what it found');
    }
  }
  return done;
}

/** null when the round was lost to another conductor meanwhile. */
export async function runAuditRound(options: RoundOptions): Promise<RoundOutcome | null> {
  const { db, settings, round, pause, logger } = options;
  try {
    const first = await look(options, null);
    for (const share of first.shares) await storePass(db, share);
    let confirmed: Suspicion[] = [];
    if (first.suspicions.length > 0) {
      await pause(settings.pauseMs);
      confirmed = limitEach(confirm(first.suspicions, (await look(options, first)).suspicions));
    }
    const repaired = await repairAll(options, confirmed);
    const { suspicions: suspected, coverage } = first;
    const mine = await db.transaction(async (tx) => {
      if (!(await storeRound(tx, round, { suspected, confirmed, repaired, coverage }))) return false;
      await endRound(tx, round, true);
      return true;
    });
    if (!mine) return null;
    const open = confirmed.length - repaired.size;
    if (open > 0) logger.warn({ findings: open }, 'the audit found what a person should see: saggar admin audit');
    return { findings: confirmed.length, repaired: repaired.size };
  } catch (thrown) {
    await endRound(db, round, false).catch(() => undefined);
    throw thrown;
  }
}
