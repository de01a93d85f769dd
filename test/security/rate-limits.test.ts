// T-X10: who asks too much is told to wait, in Cinder's form, and nobody else notices. The whole API over a real PostgreSQL, with limits
// that a test can reach; requests come from several loopback addresses.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { type ApiService, startApiService } from '../../services/api/api-service.js';
import { openDatabase } from '../../services/core/db/connection.js';
import { parseConfig } from '../../services/core/runtime/config.js';
import { inertFaultPoint } from '../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../services/core/runtime/logger.js';
import { closeOwnParts, freshDatabase, privateDirectory, type TestDatabase } from '../harness/environment.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Question {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it comes from: any of 127.0.0.0/8. */
  readonly from?: string;
}

describe('T-X10 limits of requests', function () {
  this.timeout(60_000);
  let directory: string;
  let testDatabase: TestDatabase;
  let service: ApiService;

  async function start(limits: object): Promise<void> {
    const text = JSON.stringify({
      listen: { port: 0 },
      publicUrl: 'http://127.0.0.1:1',
      database: { url: testDatabase.url },
      identity: { mode: 'embedded', adminPasswordFile: 'password' },
      ticketSecretFile: 'ticket',
      limits,
    });
    const config = parseConfig('api', text, { source: 'api.yaml', directory, environment: {} });
    const started = await startApiService({
      ...{ config, logger: silentLogger(), signal: new AbortController().signal },
      faultPoint: inertFaultPoint,
    });
    assert.ok(started !== null);
    service = started;
  }

  function ask(
    where: string,
    { method = 'GET', body, headers = {}, from = '127.0.0.1' }: Question = {},
  ): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const options = {
        ...{ host: '127.0.0.1', port: service.port, path: where, method, localAddress: from, agent: false },
        headers: { ...headers, ...(text === undefined ? {} : { 'Content-Type': 'application/json' }) },
      };
      const request = http.request(options, (response) => {
        let all = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (all += piece));
        response.once('end', () => {
          const status = response.statusCode ?? 0;
          resolve({ status, headers: response.headers, body: JSON.parse(all === '' ? '{}' : all) as Answer['body'] });
        });
        response.once('error', reject);
      });
      request.once('error', reject);
      request.end(text);
    });
  }

  function logIn(password: string, question: Question = {}, name = 'admin'): Promise<Answer> {
    const user = { name, domain: { id: 'default' }, password };
    const scope = { project: { name: 'admin', domain: { id: 'default' } } };
    const body = { auth: { identity: { methods: ['password'], password: { user } }, scope } };
    return ask('/identity/v3/auth/tokens', { method: 'POST', body, ...question });
  }

  async function token(question: Question = {}): Promise<string> {
    const answer = await logIn('first-password', question);
    assert.equal(answer.status, 201);
    return String(answer.headers['x-subject-token']);
  }

  before(async () => {
    directory = privateDirectory();
    testDatabase = await freshDatabase();
    writeFileSync(path.join(directory, 'password'), 'first-password\n');
    writeFileSync(path.join(directory, 'ticket'), '0123456789abcdef0123456789abcdef');
  });
  afterEach(() => service.stop());
  after(async () => {
    await testDatabase.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });

  // One more in 1000 s: nothing is given back while the test runs, however slow it is.
  const never = { perSecond: 0.001, underWay: 100 };

  it('a project over its rate gets 413 overLimit with Retry-After, wherever it asks from', async () => {
    await start({ ofProject: { ...never, burst: 5 } });
    const headers = { 'X-Auth-Token': await token() };
    for (let count = 0; count < 5; count += 1)
      assert.equal((await ask('/volume/v3/volumes', { headers, from: `127.0.0.${2 + count}` })).status, 200);
    const refused = await ask('/volume/v3/volumes', { headers, from: '127.0.0.7' });
    assert.equal(refused.status, 413);
    const retryAfter = refused.headers['retry-after'] ?? '';
    assert.ok(Number(retryAfter) > 900 && Number(retryAfter) <= 1000, retryAfter);
    const details = 'Only 0.001 requests can be made every second.';
    const message = 'This request was rate-limited.';
    assert.deepEqual(refused.body, { overLimit: { code: 413, message, retryAfter, details } });
    assert.equal((await ask('/volume/', {})).status, 300, 'who names no project is not concerned');
  });

  it('an address over its rate is refused before its token is looked at; others are not', async () => {
    await start({ ofAddress: { ...never, burst: 5 } });
    const headers = { 'X-Auth-Token': 'no-such-token' };
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1)
      statuses.push((await ask('/volume/v3/volumes', { headers, from: '127.0.0.9' })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 413]);
    assert.equal((await ask('/volume/v3/volumes', { headers, from: '127.0.0.8' })).status, 401);
  });

  it('what a stranger says of its own address counts for nothing; a trusted proxy is believed', async () => {
    const limits = { ofAddress: { ...never, burst: 3 } };
    const flood = async (): Promise<Set<number>> => {
      const statuses = new Set<number>();
      for (let count = 0; count < 5; count += 1)
        statuses.add((await ask('/volume/v3/volumes', { headers: { 'X-Forwarded-For': `192.0.2.${count}` } })).status);
      return statuses;
    };
    await start(limits);
    assert.deepEqual(await flood(), new Set([401, 413]));
    await service.stop();
    await start({ ...limits, trustedProxies: ['127.0.0.0/8'] });
    assert.deepEqual(await flood(), new Set([401]));
  });

  it('senders who are slow on purpose keep nobody else out', async () => {
    await start({ underWay: 5 });
    const head = [
      ...['POST /identity/v3/auth/tokens HTTP/1.1', 'Host: a', 'Content-Type: application/json'],
      ...['Content-Length: 100', 'Expect: 100-continue', '', ''],
    ].join('\r\n');
    const slow = Array.from({ length: 8 }, () =>
      connect({ host: '127.0.0.1', port: service.port, localAddress: '127.0.0.5' }),
    );
    try {
      for (const socket of slow) socket.on('error', () => undefined).write(head);
      // Told to go on, it has begun.
      const words = await Promise.all(slow.map((socket) => new Promise((resolve) => socket.once('data', resolve))));
      for (const word of words) assert.match(String(word), /^HTTP\/1\.1 100 /);
      assert.equal((await ask('/volume/', { from: '127.0.0.6' })).status, 300);
    } finally {
      for (const socket of slow) socket.destroy();
    }
  });

  it('guessed tokens leave no row', async () => {
    await start({});
    const database = openDatabase({ url: testDatabase.url });
    const rows = async (): Promise<unknown> => {
      const tables = await database('pg_tables')
        .where({ schemaname: 'public' })
        .orderBy('tablename')
        .pluck<string[]>('tablename');
      // Who serves is told by the process itself, every few seconds.
      const counted = tables.filter((name) => !name.startsWith('knex_') && name !== 'services');
      return Promise.all(counted.map(async (name) => [name, await database(name).count('* as n').first()]));
    };
    try {
      const before = await rows();
      for (let lane = 0; lane < 20; lane += 1) {
        const guesses = Array.from({ length: 20 }, (_, index) =>
          ask('/volume/v3/volumes', { headers: { 'X-Auth-Token': `${lane}-${index}`.padStart(43, 'A') } }),
        );
        for (const { status } of await Promise.all(guesses)) assert.equal(status, 401);
      }
      assert.deepEqual(await rows(), before);
    } finally {
      await database.destroy();
    }
  });

  it('wrong passwords: an address may guess so often, and the user elsewhere is not locked out', async () => {
    await start({ failedLogins: { ofUser: { perMinute: 0.01, burst: 3 }, ofAddress: { perMinute: 0.01, burst: 6 } } });
    const guess = async (question: Question, name?: string): Promise<number> =>
      (await logIn('a guess', question, name)).status;
    const stranger = { from: '127.0.0.66' };
    for (const _ of [1, 2, 3]) assert.equal(await guess(stranger), 401);
    const refused = await logIn('first-password', stranger);
    assert.equal(refused.status, 429, 'even the right one');
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.deepEqual(refused.body, {
      error: { code: 429, title: 'Too Many Requests', message: 'This request was rate-limited.' },
    });
    assert.equal((await logIn('first-password', { from: '127.0.0.1' })).status, 201, 'the user itself');
    // Nobody's name is told by the refusals: one that is not there is counted alike.
    const other = { from: '127.0.0.77' };
    for (const _ of [1, 2, 3]) assert.equal(await guess(other, 'nobody'), 401);
    assert.deepEqual((await logIn('a guess', other, 'nobody')).body, refused.body);
    for (const name of ['one', 'two', 'three']) assert.equal(await guess(other, name), 401);
    assert.equal(await guess(other, 'four'), 429, 'the address itself');
    // The other door at which a password can be tried.
    const change = { user: { original_password: 'a guess', password: 'mine' } };
    const asked = { method: 'POST', body: change, from: '127.0.0.88' };
    const tries: number[] = [];
    for (let count = 0; count < 4; count += 1)
      tries.push((await ask('/identity/v3/users/nobody/password', asked)).status);
    assert.deepEqual(tries, [401, 401, 401, 429]);
  });
});
