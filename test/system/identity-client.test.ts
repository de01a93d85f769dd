// Debian's `openstack` client, unchanged, against the embedded identity service alone: the commands by which people, projects, roles
// and application credentials are managed. The API runs in this process over a real PostgreSQL; nothing else is started.
// Every command costs about a second, so commands that do not need each other run side by side.
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { runProgram } from '../../deploy/programs.js';
import { type ApiService, startApiService } from '../../services/api/api-service.js';
import { parseConfig } from '../../services/core/runtime/config.js';
import { inertFaultPoint } from '../../services/core/runtime/fault-points.js';
import { closeOwnParts, freshDatabase, privateDirectory, type TestDatabase } from '../harness/environment.js';
import { freePort } from '../harness/peer-keystone.js';

const CLIENT = '/usr/bin/openstack';
type Row = Readonly<Record<string, unknown>>;

describe('the openstack client and the embedded identity service', function () {
  this.timeout(120_000);
  this.bail(true);
  let directory: string | null = null;
  let testDatabase: TestDatabase;
  let service: ApiService | null = null;
  let admin: Readonly<Record<string, string>>;

  before(async function () {
    if (!existsSync(CLIENT)) {
      process.stdout.write('      skipped: python3-openstackclient is not installed\n');
      this.skip();
    }
    directory = privateDirectory();
    testDatabase = await freshDatabase();
    writeFileSync(path.join(directory, 'password'), 'first-password\n');
    writeFileSync(path.join(directory, 'ticket'), '0123456789abcdef0123456789abcdef');
    const port = await freePort();
    const text = JSON.stringify({
      listen: { port },
      publicUrl: `http://127.0.0.1:${port}`,
      database: { url: testDatabase.url },
      identity: { mode: 'embedded', adminPasswordFile: 'password' },
      ticketSecretFile: 'ticket',
    });
    const config = parseConfig('api', text, { source: 'api.yaml', directory, environment: {} });
    service = await startApiService({
      ...{ config, logger: pino({ level: 'silent' }), signal: new AbortController().signal },
      faultPoint: inertFaultPoint,
    });
    admin = {
      OS_AUTH_URL: `http://127.0.0.1:${port}/identity/v3`,
      ...{ OS_IDENTITY_API_VERSION: '3', OS_USERNAME: 'admin', OS_PASSWORD: 'first-password' },
      ...{ OS_PROJECT_NAME: 'admin', OS_USER_DOMAIN_ID: 'default', OS_PROJECT_DOMAIN_ID: 'default' },
    };
  });

  after(async () => {
    await service?.stop();
    if (directory === null) return;
    await testDatabase.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });

  function type(command: string, env: Readonly<Record<string, string>> = admin) {
    return runProgram([CLIENT, ...command.split(' ')], { env, timeoutMs: 60_000 });
  }

  async function succeed(command: string, env?: Readonly<Record<string, string>>): Promise<string> {
    const { exitCode, stdout, stderr } = await type(command, env);
    assert.equal(exitCode, 0, `openstack ${command}: ${stderr}`);
    return stdout;
  }

  async function json<T = Row>(command: string, env?: Readonly<Record<string, string>>): Promise<T> {
    return JSON.parse(await succeed(`${command} -f json`, env)) as T;
  }

  it('shows the catalog as resources and refuses to change it, in words', async () => {
    const [services, endpoints, region, refused] = await Promise.all([
      json<Row[]>('service list --long'),
      json<Row[]>('endpoint list --service volumev3'),
      json('region show RegionOne'),
      type('service create --name x y'),
    ]);
    assert.ok(services.some((row) => row['Type'] === 'block-storage'));
    assert.deepEqual(endpoints.map((row) => row['Interface']).sort(), ['admin', 'internal', 'public']);
    assert.equal(region['region'], 'RegionOne');
    assert.equal((await json(`endpoint show ${String(endpoints[0]?.['ID'])}`))['service_type'], 'volumev3');
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /follows from the configuration/);
  });

  it('makes a domain, a project with tags and properties, and a user', async () => {
    const [made] = await Promise.all([
      json('domain create --description d dom'),
      json('project create --tag blue --property color=blue crew'),
      json('role create extra'),
    ]);
    assert.equal(made['enabled'], true);
    const [project, tagged, user] = await Promise.all([
      json('project show crew'),
      json<Row[]>('project list --tags blue'),
      json('user create --password pw --email a@b.c --project crew ann'),
      succeed('domain set --disable dom'),
    ]);
    assert.deepEqual([project['color'], project['tags'], tagged.length], ['blue', ['blue'], 1]);
    assert.match(String(user['id']), /^[0-9a-f]{32}$/);
    assert.equal(user['email'], 'a@b.c');
  });

  it('gives roles, lists them with names and with what they imply', async () => {
    await Promise.all([
      succeed('role add --user ann --project crew member'),
      succeed('role add --user ann --domain default reader'),
      succeed('domain delete dom'),
    ]);
    const [assigned, effective, implied, users] = await Promise.all([
      json<Row[]>('role assignment list --user ann --names'),
      json<Row[]>('role assignment list --user ann --project crew --names --effective'),
      json<Row[]>('implied role list'),
      json<Row[]>('user list --project crew'),
    ]);
    assert.deepEqual(assigned.map((row) => `${String(row['Role'])} ${String(row['Project'])}`).sort(), [
      'member crew@Default',
      'reader ',
    ]);
    assert.deepEqual(effective.map((row) => row['Role']).sort(), ['member', 'reader']);
    assert.equal(implied.length, 3);
    assert.deepEqual(
      users.map((row) => row['Name']),
      ['ann'],
    );
  });

  it('makes an application credential, logs in with it, and loses both with the role', async () => {
    const ann = { ...admin, OS_USERNAME: 'ann', OS_PASSWORD: 'pw', OS_PROJECT_NAME: 'crew' };
    const made = await json('application credential create --role reader --expiration 2039-01-01T00:00:00 ci', ann);
    const byCredential = {
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_AUTH_URL: admin['OS_AUTH_URL'] ?? '',
      OS_APPLICATION_CREDENTIAL_ID: String(made['id']),
      OS_APPLICATION_CREDENTIAL_SECRET: String(made['secret']),
    };
    const [listed, shown, rules, token, catalog] = await Promise.all([
      json<Row[]>('application credential list', ann),
      json('application credential show ci', ann),
      json<Row[]>('access rule list', ann),
      json('token issue', byCredential),
      json<Row[]>('catalog list', byCredential),
    ]);
    assert.deepEqual([listed.length, shown['roles'], rules.length, catalog.length], [1, 'reader', 0, 6]);
    assert.equal(token['project_id'], made['project_id']);
    await succeed('role remove --user ann --project crew member');
    assert.equal((await type('token issue', byCredential)).exitCode, 1);
  });

  it('revokes tokens, changes a password and deletes everything', async () => {
    const [token] = await Promise.all([json('token issue'), succeed('role add --user ann --project crew member')]);
    const ann = { ...admin, OS_USERNAME: 'ann', OS_PASSWORD: 'pw', OS_PROJECT_NAME: 'crew' };
    await succeed('user password set --original-password pw --password new', ann);
    const asToken = { OS_AUTH_TYPE: 'token', OS_TOKEN: String(token['id']), OS_AUTH_URL: admin['OS_AUTH_URL'] ?? '' };
    const [old, fresh] = await Promise.all([
      type('token issue', ann),
      type('token issue', { ...ann, OS_PASSWORD: 'new' }),
      succeed(`token revoke ${String(token['id'])}`),
    ]);
    assert.deepEqual([old.exitCode, fresh.exitCode], [1, 0]);
    assert.equal((await type('token issue', asToken)).exitCode, 1);
    await Promise.all([succeed('user delete ann'), succeed('role delete extra')]);
    await succeed('project delete crew');
    assert.deepEqual(
      (await json<Row[]>('project list')).map((row) => row['Name']),
      ['admin', 'demo', 'service'],
    );
  });
});
