// Drain: each process of the service is told to end (SIGTERM) in turn while clients create and delete. It ends by itself, with code 0,
// within its ten seconds; it is started again, and nothing that was answered 202 is lost. `SAGGAR_DRAINS=500` for a long run.
import assert from 'node:assert/strict';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../harness/environment.js';
import { waitFor } from '../harness/wait-for.js';
import { ApiProcess } from '../integration/block-storage/api-process.js';
import { judge } from '../soak/judge.js';
import { acceptedCount, actAsClient, nothingAccepted, type Requester } from '../soak/load.js';
import { assertNothingLeft } from './nothing-left.js';
import { Stage } from './stage.js';

/** What shutdown.ts allows, milliseconds. */
const LIMIT_MS = 10_000;
const CLIENTS = 4;
/** So many more promises between two drains: there is always work under way. */
const BETWEEN = 4;
const drains = Number(process.env['SAGGAR_DRAINS'] ?? 14);

interface Drained {
  readonly name: string;
  readonly pid: () => number | null;
  /** Code of the end, or the signal that ended it; null while it runs. */
  readonly exit: () => number | NodeJS.Signals | null;
  /** Until it is started again. */
  readonly again: () => Promise<void>;
}

describe('drain under load', function () {
  this.timeout(300_000 + drains * 20_000);
  let testDatabase: TestDatabase;
  let stage: Stage;
  let api: ApiProcess;
  let failed = true;

  before(async () => {
    testDatabase = await freshDatabase();
    const broker = await freshBroker();
    stage = await Stage.open({ databaseUrl: testDatabase.url, amqpUrl: broker.url }, []);
    api = new ApiProcess({ databaseUrl: testDatabase.url });
    await api.start();
  });
  after(async () => {
    await api.close();
    await stage.close(failed);
    await testDatabase.drop();
    await closeOwnParts();
  });

  function daemons(): readonly Drained[] {
    const supervised = stage.processes.map(
      (one, index): Drained => ({
        name: `${one.name} ${index}`,
        pid: () => one.pid,
        exit: () => one.lastExit,
        again: () =>
          waitFor('a process to be started again', () => one.isAlive, { timeoutMs: 20_000 }).then(() => undefined),
      }),
    );
    const front: Drained = {
      name: 'api',
      pid: () => (api.exitCode === null ? api.pid : null),
      exit: () => api.exitCode,
      again: () => api.start(),
    };
    return [front, ...supervised];
  }

  function requester(token: string): Requester {
    return {
      call: async (method, path, body) => {
        const response = await fetch(`${api.base}/volume/v3${path}`, {
          method,
          headers: { 'x-auth-token': token, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
      },
    };
  }

  async function drain(one: Drained): Promise<number> {
    const pid = await waitFor(`${one.name} to run`, () => one.pid(), { timeoutMs: 60_000 });
    const told = performance.now();
    process.kill(pid, 'SIGTERM');
    await waitFor(`${one.name} to end`, () => !isThere(pid), { timeoutMs: 30_000 });
    const took = performance.now() - told;
    assert.equal(one.exit(), 0, `${one.name} ended by ${one.exit()} after ${Math.round(took)} ms`);
    assert.ok(took <= LIMIT_MS, `${one.name} took ${Math.round(took)} ms`);
    await one.again();
    return took;
  }

  it(`${drains} times: each process ends within 10 s, and no promise is lost`, async () => {
    const token = await api.login('admin');
    const client = requester(token);
    const project: { id: string } | undefined = await stage
      .db('identity_projects')
      .where({ name: 'admin' })
      .first('id');
    const quota = { quota_set: { volumes: -1, gigabytes: -1 } };
    assert.equal((await client.call('PUT', `/os-quota-sets/${project?.id}`, quota)).status, 200);
    const accepted = nothingAccepted();
    let going = true;
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => actAsClient(client, accepted, () => going)));
    const took = new Map<string, number[]>();
    try {
      const all = daemons();
      for (let turn = 0; turn < drains; turn += 1) {
        const before = acceptedCount(accepted);
        const work = (): boolean => acceptedCount(accepted) >= before + BETWEEN;
        await waitFor('more to be promised', work, { timeoutMs: 60_000 });
        const one = all[turn % all.length];
        assert.ok(one !== undefined);
        took.set(one.name, [...(took.get(one.name) ?? []), await drain(one)]);
      }
    } finally {
      going = false;
      await clients;
    }
    const open = () => stage.db('operations').whereNotIn('state', ['done', 'failed']).select('id', 'state');
    await waitFor('every operation to rest', async () => (await open()).length === 0, {
      timeoutMs: 120_000,
      intervalMs: 100,
    });
    const judged = await judge(stage.db, accepted);
    assert.deepEqual([judged.lost, judged.failed], [[], []]);
    await assertNothingLeft(stage, [], { files: new Set(), outgrown: new Set() });
    const longest = [...took].map(([name, times]) => `${name} ${Math.round(Math.max(...times))} ms`).join(', ');
    process.stdout.write(`      ${acceptedCount(accepted)} promises, 0 lost; longest ends: ${longest}\n`);
    failed = false;
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
