// One player of the crash matrix, a process of its own with a database and a prefix on the broker of its own: plays the cases that it is
// told, one after another, and says of each how it went. A case that fails leaves who knows what, so that the next has a new stage.

import type { FaultCase } from '../fault/cases.js';
import { allCases, allZombies } from '../fault/choose-cases.js';
import { leftKindOf } from '../fault/left-behind.js';
import { CasePlayer, type Played } from '../fault/play-case.js';
import { Stage } from '../fault/stage.js';
import { freshBroker, freshDatabase } from '../harness/environment.js';
import type { CaseResult, FailureKind, Order } from './messages.js';

/** So that the broker gives a worker that stands still up within three seconds. */
const ZOMBIE_HEARTBEAT_SECONDS = 1;

let open: { readonly stage: Stage; readonly player: CasePlayer; readonly drop: () => Promise<void> } | null = null;

async function stageFor(cases: readonly FaultCase[]): Promise<CasePlayer> {
  if (open !== null) return open.player;
  const [database, broker] = [await freshDatabase(), await freshBroker()];
  const servers = { databaseUrl: database.url, amqpUrl: broker.url };
  const zombies = cases.some(({ kind }) => kind === 'zombie');
  const heartbeat = zombies ? { heartbeatSeconds: ZOMBIE_HEARTBEAT_SECONDS } : {};
  const rules = cases.flatMap((one) => one.rules);
  const stage = await Stage.open({ ...servers, ...heartbeat }, rules);
  open = { stage, player: new CasePlayer(stage), drop: () => database.drop() };
  return open.player;
}

async function closeStage(keepDirectory: boolean): Promise<string> {
  if (open === null) return '';
  const { stage, drop } = open;
  open = null;
  await stage.close(keepDirectory);
  await drop();
  return stage.directory;
}

function kindOf(thrown: unknown, text: string): FailureKind {
  return leftKindOf(thrown) ?? (text.includes('every planned fault to have happened') ? 'unreached' : 'other');
}

async function playOne(one: FaultCase, rest: readonly FaultCase[]): Promise<CaseResult> {
  const { operationId } = one;
  let since = performance.now();
  try {
    const player = await stageFor(rest);
    since = performance.now();
    const { takeoverMs }: Played = await player.play(one);
    return { operationId, ms: performance.now() - since, takeoverMs, failure: null };
  } catch (thrown) {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const logs = await closeStage(true);
    const failure = { kind: kindOf(thrown, text), text: `${text}\nlogs: ${logs}` };
    return { operationId, ms: performance.now() - since, takeoverMs: null, failure };
  }
}

async function playAll(cases: readonly FaultCase[]): Promise<void> {
  for (const [index, one] of cases.entries()) {
    if (!process.connected) break;
    process.send?.(await playOne(one, cases.slice(index)));
  }
  try {
    open?.player.assertNoneEndedTwice();
    await closeStage(false);
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const logs = await closeStage(true);
    const failure = { kind: kindOf(thrown, text), text: `${text}\nlogs: ${logs}` };
    process.send?.({ operationId: '', ms: 0, takeoverMs: null, failure });
  }
}

/** The one that gave the order is gone: nobody wants the rest. */
process.once('disconnect', () => void closeStage(false).finally(() => process.exit(1)));
process.once('message', (order: Order) => {
  const known = new Map([...allCases(), ...allZombies()].map((one) => [one.operationId as string, one]));
  const cases = order.operationIds.map((id) => known.get(id)).filter((one) => one !== undefined);
  void (async () => {
    // Each kind of stage has its cases in one piece.
    await playAll(cases.filter(({ kind }) => kind !== 'zombie'));
    await playAll(cases.filter(({ kind }) => kind === 'zombie'));
    process.removeAllListeners('disconnect');
    process.disconnect();
  })();
});
