// Identity mode `keystone` against Debian's real Keystone: who may come in, what ends that and how fast, and what happens while the
// Keystone is away. The APIs run in this process over a real PostgreSQL; several with different settings share one database.
// Needs root and the package keystone; says so and skips where they are missing. Takes about 40 s on an idle machine.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { type ApiService, startApiService } from '../../services/api/api-service.js';
import { type Database, openDatabase } from '../../services/core/db/connection.js';
import { parseConfig } from '../../services/core/runtime/config.js';
import { inertFaultPoint } from '../../services/core/runtime/fault-points.js';
import { insertPool } from '../contract/block-storage/block-rig.js';
import { closeOwnParts, freshDatabase, privateDirectory, type TestDatabase } from '../harness/environment.js';
import {
  askPeer,
  freePort,
  type PeerKeystone,
  startPeerKeystone,
  whyNoPeerKeystone,
} from '../harness/peer-keystone.js';
import { waitFor } from '../harness/wait-for.js';
import { askKeystone, logIn, logInByCredential, makePeople, type People } from './keystone-people.js';

interface Api {
  readonly base: string;
  readonly log: { readonly lines: readonly string[] };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API are checked against its document elsewhere
  readonly body: any;
}

describe('identity by a Keystone', function () {
  this.timeout(120_000);
  let directory: string | null = null;
  let keystone: PeerKeystone;
  let people: People;
  let testDatabase: TestDatabase;
  let database: Database;
  const services: ApiService[] = [];
  /** Asks for every request; and one that believes an answer for a minute. */
  let strict: Api;
  let cached: Api;

  before(async function () {
    const reason = whyNoPeerKeystone();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    directory = privateDirectory();
    [keystone, testDatabase] = await Promise.all([
      startPeerKeystone({ directory: path.join(directory, 'keystone') }),
      freshDatabase(),
    ]);
    database = openDatabase({ url: testDatabase.url });
    await insertPool(database);
    people = await makePeople(keystone);
    writeFileSync(path.join(directory, 'ticket'), '0123456789abcdef0123456789abcdef');
    strict = await openApi({ cacheSeconds: 0 });
    cached = await openApi({ cacheSeconds: 60 });
  });

  after(async () => {
    if (directory === null) return;
    for (const service of services) await service.stop();
    await keystone?.stop();
    await database?.destroy();
    await testDatabase?.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });

  /** An API process's worth of services, configured as an operator would. `service`: who validates. */
  async function openApi(wish: { cacheSeconds: number; service?: object; region?: string }): Promise<Api> {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const folder = path.join(directory ?? '', `api-${port}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'password'), 'saggar\n');
    const text = JSON.stringify({
      listen: { host: '127.0.0.1', port },
      publicUrl: base,
      database: { url: testDatabase.url },
      identity: {
        mode: 'keystone',
        cacheSeconds: wish.cacheSeconds,
        keystone: {
          authUrl: keystone.url,
          publicAuthUrl: 'https://keystone.example',
          timeoutSeconds: 5,
          service: wish.service ?? { username: 'saggar', passwordFile: 'password' },
        },
      },
      ticketSecretFile: '../ticket',
    });
    const config = parseConfig('api', text, { source: 'api.yaml', directory: folder, environment: {} });
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const service = await startApiService({
      ...{ config, logger, signal: new AbortController().signal },
      faultPoint: inertFaultPoint,
    });
    assert.ok(service !== null);
    services.push(service);
    return { base, log: { lines } };
  }

  async function ask(
    api: Api,
    token: string | null,
    {
      method = 'GET',
      at = '/volume/v3/volumes',
      body,
      headers = {},
    }: {
      method?: string;
      at?: string;
      body?: unknown;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer> {
    const response = await fetch(`${api.base}${at}`, {
      method,
      headers: {
        ...(token === null ? {} : { 'X-Auth-Token': token }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  const statusFor = async (api: Api, token: string, headers: Record<string, string> = {}): Promise<number> =>
    (await ask(api, token, { headers })).status;

  const newVolume = { method: 'POST', body: { volume: { size: 1, name: 'by-keystone' } } };

  describe('who comes in', () => {
    it('somebody with a token of the Keystone: creates a volume, which belongs to the project', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      const made = await ask(strict, token, newVolume);
      assert.equal(made.status, 202, JSON.stringify(made.body));
      const listed = await ask(strict, token, { at: `/volume/v3/${people.projects.get('crew') ?? ''}/volumes/detail` });
      const [volume] = listed.body.volumes as Record<string, unknown>[];
      assert.equal(volume?.['os-vol-tenant-attr:tenant_id'], people.projects.get('crew'));
      assert.equal(volume?.['user_id'], people.users.get('ann'));
      const others = await ask(strict, await logIn(keystone, 'bob', 'others'));
      assert.deepEqual(others.body.volumes, []);
    });

    it('with the same token in the compute and image APIs', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      for (const at of ['/compute/v2.1/servers', '/image/v2/images']) {
        assert.equal((await ask(strict, token, { at })).status, 200, at);
      }
    });

    it('the openstack client, by the Keystone’s catalog', async () => {
      const token = await logIn(keystone, 'admin', 'admin');
      const wish = { type: 'volumev3', name: 'cinderv3' };
      const made = await askKeystone(keystone, 'POST', '/services', { token, body: { service: wish } });
      const endpoint = {
        ...{ interface: 'public', region_id: 'RegionOne', service_id: made.body.service.id as string },
        url: `${strict.base}/volume/v3/%(project_id)s`,
      };
      assert.equal((await askKeystone(keystone, 'POST', '/endpoints', { token, body: { endpoint } })).status, 201);
      const asAnn = { OS_USERNAME: 'ann', OS_PASSWORD: 'ann', OS_PROJECT_NAME: 'crew' };
      const volumes = (await askPeer(keystone, ['volume', 'list', '-f', 'json'], asAnn)) as { Name: string }[];
      assert.deepEqual(
        volumes.map(({ Name }) => Name),
        ['by-keystone'],
      );
    });

    it('an application credential of the Keystone', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      const wish = { name: 'ci', roles: [{ name: 'reader' }] };
      const path = `/users/${people.users.get('ann') ?? ''}/application_credentials`;
      const { body } = await askKeystone(keystone, 'POST', path, { token, body: { application_credential: wish } });
      const { id, secret } = body.application_credential as { id: string; secret: string };
      const lent = await logInByCredential(keystone, id, secret);
      assert.equal(await statusFor(strict, lent), 200);
      assert.equal((await ask(strict, lent, newVolume)).status, 403, 'it lends reader only');
      await askKeystone(keystone, 'DELETE', `${path}/${id}`, { token });
      assert.equal(await statusFor(strict, lent), 401);
    });
  });

  describe('who does not', () => {
    it('nobody without a token, with a wrong one or with junk; the 401 names the Keystone', async () => {
      for (const token of [null, 'f'.repeat(43), 'gAAAAABnope', 'x', 'a'.repeat(5000)]) {
        const answer = await ask(strict, token);
        assert.equal(answer.status, 401, String(token));
        assert.equal(answer.headers.get('www-authenticate'), 'Keystone uri="https://keystone.example/v3"');
      }
    });

    it('no reader where a member is needed, and no member where an administrator is', async () => {
      const reader = await logIn(keystone, 'rea', 'crew');
      assert.equal(await statusFor(strict, reader), 200);
      assert.equal((await ask(strict, reader, newVolume)).status, 403);
      const at = '/volume/v3/os-services';
      assert.equal((await ask(strict, await logIn(keystone, 'ann', 'crew'), { at })).status, 403);
      assert.equal((await ask(strict, await logIn(keystone, 'admin', 'admin'), { at })).status, 200);
    });

    it('nobody in another’s project by its URL, nor by headers that only a proxy may set', async () => {
      const token = await logIn(keystone, 'bob', 'others');
      const crew = people.projects.get('crew') ?? '';
      assert.equal((await ask(strict, token, { at: `/volume/v3/${crew}/volumes` })).status, 400);
      const forged = {
        'X-Identity-Status': 'Confirmed',
        'X-Roles': 'admin',
        'X-Project-Id': crew,
        'X-User-Id': people.users.get('ann') ?? '',
        'X-Is-Admin-Project': 'True',
      };
      const answer = await ask(strict, token, { at: '/volume/v3/volumes?all_tenants=1', headers: forged });
      assert.deepEqual(answer.body.volumes, []);
      assert.equal((await ask(strict, null, { headers: forged })).status, 401);
    });

    it('nobody through an identity API of ours: there is none', async () => {
      for (const at of ['/identity', '/identity/v3', '/identity/v3/auth/tokens']) {
        assert.equal((await ask(strict, null, { at })).status, 404, at);
      }
      const tables = await database('identity_users').count({ n: '*' });
      assert.equal(Number(tables[0]?.['n']), 0, 'no administrator with a password of ours');
    });
  });

  describe('what ends it', () => {
    it('a revocation: at once without a cache, within the cache’s time with one', async () => {
      const brief = await openApi({ cacheSeconds: 1 });
      const token = await logIn(keystone, 'ann', 'crew');
      for (const api of [strict, cached, brief]) assert.equal(await statusFor(api, token), 200);
      const revoked = await askKeystone(keystone, 'DELETE', '/auth/tokens', {
        token,
        headers: { 'X-Subject-Token': token },
      });
      assert.equal(revoked.status, 204);
      assert.equal(await statusFor(strict, token), 401);
      await waitFor('the short cache to forget', async () => (await statusFor(brief, token)) === 401);
      assert.equal(await statusFor(cached, token), 200, 'a minute is a minute');
    });

    it('a role taken away, and a user that is disabled', async () => {
      const admin = await logIn(keystone, 'admin', 'admin');
      const [user, project] = [people.users.get('bob') ?? '', people.projects.get('others') ?? ''];
      const grant = `/projects/${project}/users/${user}/roles/${people.roles.get('member') ?? ''}`;
      const token = await logIn(keystone, 'bob', 'others');
      await askKeystone(keystone, 'DELETE', grant, { token: admin });
      assert.equal(await statusFor(strict, token), 401);
      await askKeystone(keystone, 'PUT', grant, { token: admin });
      const again = await logIn(keystone, 'bob', 'others');
      assert.equal(await statusFor(strict, again), 200);
      await askKeystone(keystone, 'PATCH', `/users/${user}`, { token: admin, body: { user: { enabled: false } } });
      assert.equal(await statusFor(strict, again), 401);
    });
  });

  describe('our own account', () => {
    it('may be an application credential', async () => {
      const token = await logIn(keystone, 'saggar', 'service');
      const path = `/users/${people.users.get('saggar') ?? ''}/application_credentials`;
      const wish = { application_credential: { name: 'validator' } };
      const { body } = await askKeystone(keystone, 'POST', path, { token, body: wish });
      const { id, secret } = body.application_credential as { id: string; secret: string };
      const secretFile = placeOf('secret');
      writeFileSync(secretFile, secret);
      const service = { applicationCredentialId: id, applicationCredentialSecretFile: secretFile };
      const api = await openApi({ cacheSeconds: 0, service });
      assert.equal(await statusFor(api, await logIn(keystone, 'ann', 'crew')), 200);
    });

    it('that is refused, or may not validate, makes requests 503 and says why in the log, without the secret', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      for (const [username, secret, said] of [
        ['saggar', 'not-the-password', /refuses this account/],
        ['nobody', 'nobody', /does not let this service validate/],
      ] as const) {
        const passwordFile = placeOf(`password-${username}`);
        writeFileSync(passwordFile, secret);
        const api = await openApi({ cacheSeconds: 0, service: { username, passwordFile } });
        const answer = await ask(api, token);
        assert.equal(answer.status, 503);
        const log = api.log.lines.join('');
        assert.match(log, said);
        assert.ok(!log.includes('not-the-password') && !log.includes(token));
      }
    });
  });

  function placeOf(name: string): string {
    return path.join(directory ?? '', name);
  }

  describe('while the Keystone is away', () => {
    it('known tokens go on, others get 503 and when to come back; afterwards all is as before', async () => {
      const known = await logIn(keystone, 'ann', 'crew');
      const unknown = await logIn(keystone, 'rea', 'crew');
      assert.equal(await statusFor(cached, known), 200);
      await keystone.stop();
      const refused = await ask(cached, unknown);
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.equal(refused.body.serviceUnavailable.code, 503);
      assert.equal(await statusFor(strict, known), 503);
      assert.equal(await statusFor(cached, known), 200);
      const health = await ask(cached, null, { at: '/healthcheck' });
      assert.equal(health.status, 200, 'taking the API away would help nobody');
      await keystone.start();
      for (const api of [strict, cached]) {
        await waitFor('the API to recover', async () => (await statusFor(api, unknown)) === 200);
      }
    });
  });

  describe('tokens that expire', () => {
    const TOKEN_SECONDS = 8;
    const WINDOW_SECONDS = 10;
    let api: Api;

    before(async () => {
      await keystone.stop();
      await keystone.start({ tokenSeconds: TOKEN_SECONDS, allowExpiredSeconds: WINDOW_SECONDS });
      api = await openApi({ cacheSeconds: 60 });
    });

    it('are refused after their end, cached or not, but for a service within the window', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      assert.equal(await statusFor(api, token), 200);
      assert.equal(await statusFor(strict, token), 200);
      for (const one of [api, strict]) {
        await waitFor('the token to expire', async () => (await statusFor(one, token)) === 401, { intervalMs: 100 });
      }
      // Fresh for each question: a service's own token has to be valid, and lives as short here.
      const withService = async (one: Api, name: string): Promise<number> =>
        statusFor(one, token, { 'X-Service-Token': await logIn(keystone, name, 'service') });
      assert.equal(await withService(strict, 'nova'), 200);
      assert.equal(await withService(api, 'nova'), 200);
      assert.equal(await withService(strict, 'nobody'), 401, 'a token without the role service opens nothing');
      assert.equal(await statusFor(strict, token, { 'X-Service-Token': 'f'.repeat(43) }), 401);
      assert.equal(await statusFor(strict, token, { 'X-Service-Token': token }), 401, 'not one that expired');
      assert.equal(await statusFor(strict, token), 401, 'and nothing of it is kept');
      await waitFor('the window to close', async () => (await withService(api, 'nova')) === 401, {
        timeoutMs: 30_000,
        intervalMs: 200,
      });
    });

    it('do not stop us: our own is renewed', async () => {
      // The API above has validated for longer than one of its own tokens lived, and goes on.
      assert.equal(await statusFor(api, await logIn(keystone, 'ann', 'crew')), 200);
    });

    it('refuse an invalid service token also beside a valid token of a user', async () => {
      const token = await logIn(keystone, 'ann', 'crew');
      assert.equal(await statusFor(strict, token, { 'X-Service-Token': 'f'.repeat(43) }), 401);
    });
  });
});
