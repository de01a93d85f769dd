// One player of the crash matrix, a process of its own with a database and a prefix on the broker of its own: plays the cases that it is
// told, one after another or several at once, and says of each how it went. A case that fails leaves who knows what, so that the next has a new stage.

import assert from 'node:assert/strict';
import type { FaultCase } from '../fault/cases.js';
import { allCases, allZombies } from '../fault/choose-cases.js';
import { demandThat, demandThatAll, leftKindOf } from '../fault/left-behind.js';
import { assertNothingLeft } from '../fault/nothing-left.js';
import { CasePlayer, type Played } from '../fault/play-case.js';
import { composeRounds } from '../fault/rounds.js';
import { Stage } from '../fault/stage.js';
import { freshBroker, freshDatabase } from '../harness/environment.js';
import type { CaseResult, Order } from './messages.js';

/** So that the broker gives a worker that stands still up within three seconds. */
const ZOMBIE_HEARTBEAT_SECONDS = 1;

/** On the stage that is open. */
let played: FaultCase[] = [];
let open: { readonly stage: Stage; readonly player: CasePlayer; readonly drop: () => Promise<void> } | null = null;

async function stageFor(cases: readonly FaultCase[]): Promise<CasePlayer> {
  if (open !== null) return open.player;
  const [database, broker] = [await freshDatabase(), await freshBroker()];
  const servers = { databaseUrl: database.url, amqpUrl: broker.url };
  const zombies = cases.some(({ kind }) => kind === 'zombie');
  const heartbeat = zombies ? { heartbeatSeconds: ZOMBIE_HEARTBEAT_SECONDS } : {};
  const rules = cases.flatMap((one) => one.rules);
  const stage = await Stage.open({ ...servers, ...heartbeat }, rules);
  played = [];
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

function failureOf(thrown: unknown, logs: string): NonNullable<CaseResult['failure']> {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const unmet = text.includes('every planned fault to have happened') ? 'unreached' : 'other';
  return { kind: leftKindOf(thrown) ?? unmet, text: `${text}\nlogs: ${logs}` };
}

const say = (result: CaseResult): void => void process.send?.(result);

/** A case that has its stage to itself. */
async function playAlone(one: FaultCase, rest: readonly FaultCase[]): Promise<void> {
  const { operationId } = one;
  let since = performance.now();
  try {
    const player = await stageFor(rest);
    since = performance.now();
    const { takeoverMs }: Played = await player.play(one);
    played.push(one);
    say({ operationId, ms: performance.now() - since, takeoverMs, failure: null });
  } catch (thrown) {
    const failure = failureOf(thrown, await closeStage(true));
    say({ operationId, ms: performance.now() - since, takeoverMs: null, failure });
  }
}

/** Several at once; when something is wrong with the round and not with one of its cases, each is played alone, so that its name is known. */
async function playRound(round: readonly FaultCase[], rest: readonly FaultCase[]): Promise<void> {
  const since = performance.now();
  const tellAll = (cases: readonly FaultCase[], ms: number): void => {
    for (const { operationId } of cases)
      say({ operationId, ms: ms / Math.max(1, cases.length), takeoverMs: null, failure: null });
  };
  let wrong: ReadonlyMap<string, unknown>;
  let together: unknown = null;
  try {
    wrong = await (await stageFor(rest)).playTogether(round);
    if (wrong.size === 0) {
      played.push(...round);
      return tellAll(round, performance.now() - since);
    }
  } catch (thrown) {
    wrong = new Map();
    together = thrown;
  }
  const logs = await closeStage(true);
  for (const [operationId, thrown] of wrong)
    say({ operationId, ms: 0, takeoverMs: null, failure: failureOf(thrown, logs) });
  const others = round.filter(({ operationId }) => !wrong.has(operationId));
  if (together !== null) {
    const titles = round.map(({ title }) => `  ${title}`).join('\n');
    const { kind, text } = failureOf(together, logs);
    say({ operationId: '', ms: 0, takeoverMs: null, failure: { kind, text: `together:\n${titles}\n${text}` } });
  }
  for (const [index, one] of others.entries()) await playAlone(one, [...others.slice(index), ...rest]);
}

/** Every planned kill has ended a process, every process is back, nothing is left and nothing ended twice. */
async function demandGoodEnd(): Promise<void> {
  if (open === null) return;
  const { stage, player } = open;
  const kills = played.flatMap((one) => one.rules).filter(({ react }) => react.kill !== undefined).length;
  const deaths = stage.processes.reduce((sum, one) => sum + one.deaths, 0);
  demandThat('stuck', () => assert.equal(deaths, kills, 'deaths of processes'));
  await demandThatAll('stuck', () =>
    stage.until('all processes to live', () => Promise.resolve(stage.processes.every((one) => one.isAlive))),
  );
  await assertNothingLeft(stage, [], { files: stage.outsiders, outgrown: player.outgrown });
  player.assertNoneEndedTwice();
}

async function playAll(cases: readonly FaultCase[]): Promise<void> {
  const rounds = composeRounds(cases);
  for (const [index, round] of rounds.entries()) {
    if (!process.connected) break;
    const rest = rounds.slice(index).flat();
    const [first] = round;
    if (round.length === 1 && first !== undefined) await playAlone(first, rest);
    else await playRound(round, rest);
  }
  try {
    await demandGoodEnd();
    await closeStage(false);
  } catch (thrown) {
    const failure = failureOf(thrown, await closeStage(true));
    say({ operationId: '', ms: 0, takeoverMs: null, failure });
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
