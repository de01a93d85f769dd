// `npm run crash-matrix`: plays the points in processes of their own and prints what became of them; `usage` tells the rest. It goes on after a
// failure, so that the list is complete.
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { FaultCase } from '../fault/cases.js';
import { allCases, allZombies } from '../fault/choose-cases.js';
import { faultKinds } from '../fault/faults.js';
import { privateDirectory, startParts } from '../harness/environment.js';
import { patienceVariable } from '../harness/patience.js';
import { endAsMisused, readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import type { CaseResult, Order } from './messages.js';
import { recordMatrix } from './record-matrix.js';
import { isClean, spreadOf, tableText, tally } from './tally.js';

const usage = `Usage: npm run crash-matrix -- [options]

A death, an error, a repetition or a standstill at every point of every step of every operation, on real daemons, in as many processes as
there are processors. Prints a table of what was reached and what was left, and how long takeovers took. Exit code 1 when a point was not
reached or anything was wrong. All of it takes hours; an ordinary test run plays a share.

  --share K/N        the K-th of N parts; the seed says which cases are in it
  --seed N           default 0
  --operation NAME   only this type, e.g. snapshot-delete; may be repeated
  --kind NAME        only this kind; may be repeated: ${faultKinds.join(', ')}
  --case EXPRESSION  only cases whose title matches
  --processes N      default: the processors
  --json FILE        the figures as JSON too
  --list             prints the titles and plays nothing
  -h, --help         this text

Examples:
  npm run crash-matrix -- --share 1/4
  npm run crash-matrix -- --operation volume-clone --kind zombie
`;

const { values } = readProgramOptions(usage, {
  options: {
    share: { type: 'string', default: '1/1' },
    seed: { type: 'string', default: '0' },
    operation: { type: 'string', multiple: true, default: [] },
    kind: { type: 'string', multiple: true, default: [] },
    case: { type: 'string' },
    processes: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function chooseCases(): readonly FaultCase[] {
  const [part = 0, parts = 0] = values.share.split('/').map(Number);
  if (!(Number.isInteger(part) && Number.isInteger(parts) && part >= 1 && part <= parts))
    endAsMisused(`--share must be K/N with K from 1 to N, not ${values.share}`);
  const all = [...allCases(), ...allZombies()];
  const unknown = [
    ...values.operation.filter((name) => !all.some(({ scenario }) => scenario.type === name)),
    ...values.kind.filter((name) => !faultKinds.some((kind) => kind === name)),
  ];
  if (unknown.length > 0) endAsMisused(`there is no operation or kind ${unknown.join(', ')}`);
  const wanted = new RegExp(values.case ?? '');
  const partOf = ({ title }: FaultCase): number => {
    const digest = createHash('sha256').update(`${values.seed} ${title}`).digest();
    return (digest.readUInt32BE(0) % parts) + 1;
  };
  return all.filter(
    (one) =>
      partOf(one) === part &&
      wanted.test(one.title) &&
      (values.operation.length === 0 || values.operation.includes(one.scenario.type)) &&
      (values.kind.length === 0 || values.kind.includes(one.kind)),
  );
}

/** One player's cases, played; resolves when it has ended. */
function play(
  cases: readonly FaultCase[],
  env: Readonly<Record<string, string>>,
  players: Set<ChildProcess>,
  onResult: (result: CaseResult) => void,
): Promise<void> {
  const child = fork(path.join(import.meta.dirname, 'player.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env },
  });
  players.add(child);
  const order: Order = { operationIds: cases.map(({ operationId }) => operationId) };
  child.on('message', onResult);
  child.send(order);
  return new Promise((resolve) => {
    child.once('exit', () => {
      players.delete(child);
      resolve();
    });
  });
}

async function main(): Promise<void> {
  const cases = chooseCases();
  if (values.list) {
    for (const { kind, title } of cases) say(`${kind.padEnd(14)} ${title}`);
    say(`${cases.length} points`);
    return;
  }
  const processes = Math.max(1, Math.min(wholeNumberOf('--processes', values.processes), cases.length));
  say(`${cases.length} points in ${processes} processes`);
  const directory = privateDirectory();
  const since = performance.now();
  const titles = new Map(cases.map(({ operationId, title }) => [operationId as string, title]));
  const results: CaseResult[] = [];
  const players = new Set<ChildProcess>();
  const end = (): void => {
    for (const child of players) child.disconnect();
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  const parts = await startParts(directory, new Set(['postgres', 'rabbitmq']));
  try {
    const env = { ...parts.env, [patienceVariable]: process.env[patienceVariable] ?? '3' };
    const onResult = (result: CaseResult): void => {
      results.push(result);
      const { operationId, failure } = result;
      if (failure !== null) say(`FAILED (${failure.kind}) ${titles.get(operationId) ?? 'at the end'}\n${failure.text}`);
      if (results.length % 50 === 0) {
        const minutes = ((performance.now() - since) / 60_000).toFixed(1);
        say(`${results.length} of ${cases.length} after ${minutes} min`);
      }
    };
    // Dealt out in turn, so that each has some of everything and all end at nearly the same time.
    const hands = Array.from({ length: processes }, (_, hand) =>
      cases.filter((_case, index) => index % processes === hand),
    );
    await Promise.all(hands.map((hand) => play(hand, env, players, onResult)));
  } finally {
    await parts.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const rows = tally(cases, results);
  const takeover = spreadOf(results.flatMap(({ takeoverMs }) => takeoverMs ?? []));
  const seconds = (performance.now() - since) / 1000;
  say(`\n${tableText(rows)}`);
  say(
    `takeovers: ${takeover.count}, p50 ${takeover.p50Ms.toFixed(0)} ms, p99 ${takeover.p99Ms.toFixed(0)} ms, longest ${takeover.longestMs.toFixed(0)} ms`,
  );
  say(`took ${(seconds / 60).toFixed(1)} min`);
  const failed = results.flatMap(({ operationId, failure }) =>
    failure === null ? [] : [titles.get(operationId) ?? ''],
  );
  for (const title of failed) say(`failed: ${title}`);
  if (values.json !== undefined) {
    const figures = { date: new Date().toISOString(), share: values.share, seed: values.seed, rows, takeover, seconds };
    writeFileSync(values.json, `${JSON.stringify({ ...figures, failed }, null, 2)}\n`);
  }
  const zombieTotal = allZombies().length;
  recordMatrix({ rows, takeover, seconds, total: allCases().length + zombieTotal, zombieTotal });
  process.exitCode = rows.every(isClean) ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
