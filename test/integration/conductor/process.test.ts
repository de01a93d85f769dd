// The conductor as a process: what it does with a bad configuration, without a database, with an old schema, and when told to end.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate, openDatabase } from '../../../services/core/db/connection.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

interface Ended {
  readonly code: number | null;
  readonly ms: number;
}

describe('conductor: process', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(path.join(tmpdir(), 'saggar-conductor-'));
  const log = path.join(directory, 'log');
  const configFile = path.join(directory, 'conductor.yaml');
  let child: ChildProcess | null = null;
  let database: TestDatabase;
  let amqpUrl: string;

  before(async () => {
    database = await freshDatabase();
    amqpUrl = (await freshBroker()).url;
  });
  after(async () => {
    await database.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });
  afterEach(() => {
    if (child?.exitCode === null) child.kill('SIGKILL');
  });

  function start(config: object): void {
    writeFileSync(configFile, JSON.stringify(config));
    writeFileSync(log, '');
    const main = path.join(projectRoot(), 'services', 'conductor', 'main.ts');
    child = spawn(process.execPath, ['--import', 'tsx', main, '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => writeFileSync(log, text, { flag: 'a' }));
  }

  const said = (): string => readFileSync(log, 'utf8');
  const says = (text: string): Promise<unknown> =>
    waitFor(`"${text}" in the log: ${said()}`, () => said().includes(text), { timeoutMs: 20_000 });

  function ended(): Promise<Ended> {
    const started = performance.now();
    const running = child;
    assert.ok(running);
    return new Promise((resolve) => {
      const answer = (code: number | null): void => resolve({ code, ms: performance.now() - started });
      if (running.exitCode !== null) answer(running.exitCode);
      else running.once('exit', answer);
    });
  }

  const good = () => ({ database: { url: database.url }, amqp: { url: amqpUrl, prefix: 'conductor-process' } });

  it('refuses a configuration with an unknown key, and says which', async () => {
    start({ ...good(), reconcileMilliseconds: 5 });
    assert.equal((await ended()).code, 1);
    assert.match(said(), /reconcileMilliseconds/);
  });

  it('waits for a database that is not there, and ends at once when told to', async () => {
    start({ ...good(), database: { url: `postgresql:///x?host=${directory}&user=x` } });
    await says('waiting for the database');
    assert.ok(!said().includes('"ready"'));
    child?.kill('SIGTERM');
    const { code, ms } = await ended();
    assert.equal(code, 0);
    assert.ok(ms < 5000, `${ms} ms`);
  });

  it('waits until the schema is there, serves, and ends within its limit', async () => {
    const db = openDatabase({ url: database.url, poolSize: 1 });
    try {
      await db.raw("update knex_migrations set name = name || ' old' where name = '0001-core'");
      start(good());
      await says('waiting for the schema');
      await db.raw("update knex_migrations set name = '0001-core' where name = '0001-core old'");
      await migrate(db);
      await says('"ready"');
    } finally {
      await db.destroy();
    }
    child?.kill('SIGTERM');
    const { code, ms } = await ended();
    assert.equal(code, 0, said());
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.ok(!said().includes(new URL(amqpUrl).password), 'no password in the log');
  });

  it('serves although the broker is away, and ends all the same', async () => {
    start({ ...good(), amqp: { url: 'amqp://nobody@127.0.0.1:1', prefix: 'x' } });
    await says('"ready"');
    child?.kill('SIGTERM');
    const { code, ms } = await ended();
    assert.equal(code, 0, said());
    assert.ok(ms < 10_000, `${ms} ms`);
  });
});
