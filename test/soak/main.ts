// `npm run soak`: creates and deletes through the real API of a whole service (API, two conductors, two workers of each kind, a PostgreSQL
// and a RabbitMQ of its own) while the broker and the database are killed and started again in turn. When the clients have stopped and
// the engines are back, every request that was answered 202 must have come to its end: a volume that was created is there, one whose
// deletion was accepted is gone. Prints accepted, settled and lost; the exit code is 1 when one is lost or anything is left.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosStack } from '../chaos/whole/chaos-stack.js';
import { assertNothingLeft } from '../fault/nothing-left.js';
import { readProgramOptions, wholeNumberOf } from '../harness/program-options.js';
import { waitFor } from '../harness/wait-for.js';
import { recordFigure } from '../reliability/page.js';
import { judge } from './judge.js';
import { acceptedCount, actAsClient, nothingAccepted, type Requester } from './load.js';

const GOAL_REQUESTS = 100_000;
const GOAL_EVERY_SECONDS = 20;
/** For what is under way when the engines are back for good. */
const SETTLE_MS = 300_000;
const ANSWER_LIMIT_MS = 30_000;

const usage = `Usage: npm run soak -- [options]

Clients create and delete volumes through the API of a whole service of its own while its broker and its database are killed and started
again in turn. Afterwards every request that was answered 202 must have come to its end. Exit code 1 when one is lost or anything is left.

  --minutes M    how long clients ask (default 3)
  --requests N   instead: until so many were answered 202
  --every S      seconds between two kills of the same engine; the two take turns (default ${GOAL_EVERY_SECONDS})
  --clients C    at the same time (default 8)
  --json FILE    the figures as JSON too
  -h, --help     this text
`;

const { values } = readProgramOptions(usage, {
  options: {
    minutes: { type: 'string', default: '3' },
    requests: { type: 'string' },
    every: { type: 'string', default: String(GOAL_EVERY_SECONDS) },
    clients: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});
const everySeconds = wholeNumberOf('--every', values.every);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Against the API, whose port may change when it is started again. A long soak outlives its token, so that a 401 is followed by a login. */
function requesterOf(stack: ChaosStack): Requester {
  let token: Promise<string> | null = null;
  const askOnce = async (method: string, path: string, body?: object) => {
    token ??= stack.api.login('admin');
    const used = token;
    // One that failed is not kept.
    const text = await used.catch((thrown: unknown) => {
      if (token === used) token = null;
      throw thrown;
    });
    const response = await fetch(`${stack.api.base}/volume/v3${path}`, {
      method,
      headers: { 'x-auth-token': text, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    if (response.status === 401 && token === used) token = null;
    const answer = await response.text();
    return { status: response.status, body: answer.startsWith('{') ? (JSON.parse(answer) as unknown) : answer };
  };
  return {
    call: async (method, path, body) => {
      const first = await askOnce(method, path, body);
      return first.status === 401 ? askOnce(method, path, body) : first;
    },
  };
}

interface Kills {
  broker: number;
  database: number;
}

/** One engine at a time, so that the other's outage has its own moment. */
async function killInTurn(stack: ChaosStack, kills: Kills, goOn: () => boolean): Promise<void> {
  let next = performance.now() + (everySeconds * 1000) / 2;
  for (let round = 0; ; round += 1) {
    while (goOn() && performance.now() < next) await sleep(100);
    if (!goOn()) return;
    next += (everySeconds * 1000) / 2;
    if (round % 2 === 0) {
      await stack.killBroker(false);
      kills.broker += 1;
    } else {
      await stack.killDatabase();
      kills.database += 1;
    }
  }
}

async function main(): Promise<void> {
  say('starting a service of its own');
  const stack = await ChaosStack.open();
  let keep = true;
  try {
    const api = requesterOf(stack);
    const project: { id: string } | undefined = await stack.stage
      .db('identity_projects')
      .where({ name: 'admin' })
      .first('id');
    await api.call('PUT', `/os-quota-sets/${project?.id}`, { quota_set: { volumes: -1, gigabytes: -1 } });
    const accepted = nothingAccepted();
    const kills: Kills = { broker: 0, database: 0 };
    const wanted = values.requests === undefined ? null : wholeNumberOf('--requests', values.requests);
    const until = performance.now() + wholeNumberOf('--minutes', values.minutes) * 60_000;
    const since = performance.now();
    const goOn = (): boolean => (wanted === null ? performance.now() < until : acceptedCount(accepted) < wanted);
    const told = setInterval(
      () => say(`${acceptedCount(accepted)} accepted, broker killed ${kills.broker}, database ${kills.database} times`),
      30_000,
    );
    await Promise.all([
      killInTurn(stack, kills, goOn),
      ...Array.from({ length: wholeNumberOf('--clients', values.clients) }, () => actAsClient(api, accepted, goOn)),
    ]);
    clearInterval(told);
    const minutes = (performance.now() - since) / 60_000;
    const rest = performance.now();
    const open = () => stack.stage.db('operations').whereNotIn('state', ['done', 'failed']).select('id', 'state');
    await waitFor('every operation to rest', async () => (await open()).length === 0, {
      timeoutMs: SETTLE_MS,
      intervalMs: 200,
    }).catch((thrown: unknown) => say(String(thrown)));
    const restSeconds = (performance.now() - rest) / 1000;
    const { settled, lost, failed } = await judge(stack.stage.db, accepted);
    for (const line of lost) say(`LOST: ${line}`);
    for (const id of failed) say(`ended in an error: ${id}`);
    await assertNothingLeft(stack.stage, [], { files: new Set(), outgrown: new Set() });
    const count = acceptedCount(accepted);
    const refused = [...accepted.refused.values()].reduce((sum, times) => sum + times, 0);
    for (const [text, times] of accepted.refused) say(`refused ${times} times: ${text}`);
    say(
      `accepted ${count} (created ${accepted.created.size}, deleted ${accepted.deleted.size}), settled ${settled}, lost ${lost.length}, ended in an error ${failed.length}`,
    );
    say(
      `in ${minutes.toFixed(1)} min: broker killed ${kills.broker} times, database ${kills.database} times; unanswered ${accepted.unanswered}, refused ${refused}, asked to delete before it was there ${accepted.notReady}; all at rest ${restSeconds.toFixed(1)} s after the last request`,
    );
    const whole = count >= GOAL_REQUESTS && everySeconds <= GOAL_EVERY_SECONDS;
    const number = (value: number): string => value.toLocaleString('en-US');
    recordFigure('soak', {
      value: `${lost.length} lost of ${number(count)} accepted, ${failed.length} ended in an error; in ${minutes.toFixed(1)} min the broker was killed ${kills.broker} times, the database ${kills.database} times`,
      verdict: lost.length + failed.length > 0 ? 'missed' : whole ? 'met' : 'part',
    });
    if (values.json !== undefined) {
      const figures = { accepted: count, settled, lost: lost.length, failed: failed.length, kills, minutes };
      writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), ...figures }, null, 2)}\n`);
    }
    keep = lost.length + failed.length > 0;
    process.exitCode = keep ? 1 : 0;
  } finally {
    if (keep) say(`logs: ${stack.stage.directory}`);
    await stack.close(keep);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
