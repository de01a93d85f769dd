// A POST with an Idempotency-Key is executed once: repeated, side by side, and after the process was killed between the commit and the
// reply. What may not be shared (other users) is not, and what is not lasting is not kept.
import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { purgeAnswers } from '../../../services/core/db/idempotency/answers.js';
import { insertPool, poolName } from '../../contract/block-storage/block-rig.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { ApiProcess } from './api-process.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

describe('Idempotency-Key', function () {
  this.timeout(120_000);
  let testDatabase: TestDatabase;
  let db: Database;
  let api: ApiProcess;
  let token: string;

  before(async () => {
    testDatabase = await freshDatabase();
    db = openDatabase({ url: testDatabase.url, poolSize: 3 });
    await insertPool(db);
    const kill = { point: 'api:after-commit', match: { operationId: 'createVolume' }, occurrence: 1 };
    api = new ApiProcess({
      databaseUrl: testDatabase.url,
      faultPlan: { rules: [{ ...kill, react: { kill: 'SIGKILL' } }] },
    });
    await api.start();
    token = await api.login('demo');
  });
  after(async () => {
    await api.close();
    await db.destroy();
    await testDatabase.drop();
    await closeOwnParts();
  });

  async function post(
    url: string,
    key: string | null,
    body: unknown,
    { as = token, version }: { as?: string; version?: string } = {},
  ): Promise<Answer> {
    const response = await fetch(`${api.base}${url}`, {
      method: 'POST',
      headers: {
        'X-Auth-Token': as,
        'Content-Type': 'application/json',
        ...(key === null ? {} : { 'Idempotency-Key': key }),
        ...(version === undefined ? {} : { 'OpenStack-API-Version': `volume ${version}` }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  const volume = (name: string) => ({ volume: { size: 1, name } });
  const create = (key: string | null, name: string, more: { as?: string; version?: string } = {}) =>
    post('/volume/v3/volumes', key, volume(name), more);
  const idOf = (answer: Answer): string => (JSON.parse(answer.text) as { volume: { id: string } }).volume.id;
  async function count(name: string): Promise<number> {
    return (await db('volumes').where({ name }).select('id')).length;
  }
  const promised = async (): Promise<number> => {
    const row: { provisioned_gib: number } | undefined = await db('pools')
      .where({ name: poolName })
      .first('provisioned_gib');
    return row?.provisioned_gib ?? -1;
  };

  it('gives the first result after a kill between commit and reply', async () => {
    await assert.rejects(create('crash-1', 'crashed'), 'the process was to die before it replied');
    assert.equal(await api.ended(), 'SIGKILL');
    assert.equal(await count('crashed'), 1);
    await api.start();
    token = await api.login('demo');
    const again = await create('crash-1', 'crashed');
    assert.equal(again.status, 202, again.text);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    const row: { id: string } | undefined = await db('volumes').where({ name: 'crashed' }).first('id');
    assert.equal(idOf(again), row?.id);
    assert.equal(await count('crashed'), 1);
    assert.equal(await promised(), 1);
    assert.equal((await db('operations').where({ type: 'volume-create' }).select('id')).length, 1);
  });

  it('replays status, headers and body, with and without quotation marks', async () => {
    const first = await create('"replay-1"', 'replayed', { version: '3.60' });
    assert.equal(first.status, 202);
    assert.equal(first.headers.get('idempotency-replayed'), null);
    const second = await create('replay-1', 'replayed', { version: '3.60' });
    assert.deepEqual([second.status, second.text], [first.status, first.text]);
    for (const name of ['openstack-api-version', 'content-type', 'content-length', 'vary'])
      assert.equal(second.headers.get(name), first.headers.get(name), name);
    assert.notEqual(second.headers.get('x-openstack-request-id'), first.headers.get('x-openstack-request-id'));
    assert.equal(await count('replayed'), 1);
  });

  it('executes one of many that arrive together; the others wait for nothing', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('together-1', 'together')));
    assert.equal(await count('together'), 1);
    const executed = answers.filter((one) => one.status === 202 && !one.headers.has('idempotency-replayed'));
    assert.equal(executed.length, 1);
    for (const answer of answers) {
      if (answer.status === 409) assert.match(answer.text, /conflictingRequest.*still being processed/);
      else assert.equal(idOf(answer), idOf(executed[0] ?? answer), answer.text);
    }
  });

  it('says 409 while the first request is under way', async () => {
    // The first request waits for the pool's row, which the test holds.
    const holding = await db.transaction();
    try {
      await holding('pools').where({ name: poolName }).forUpdate().first('name');
      const both = [create('flight-1', 'in flight'), create('flight-1', 'in flight')];
      // Whichever came to the latch first waits for the pool; the other one is refused at once.
      const refused = await Promise.race(both);
      assert.equal(refused.status, 409, refused.text);
      assert.equal(refused.headers.get('retry-after'), '1');
      await holding.rollback();
      const statuses = (await Promise.all(both)).map((answer) => answer.status);
      assert.deepEqual(statuses.sort(), [202, 409]);
    } finally {
      if (!holding.isCompleted()) await holding.rollback();
    }
    assert.equal(await count('in flight'), 1);
  });

  it('refuses a key that was used for another request with 422', async () => {
    assert.equal((await create('other-1', 'other')).status, 202);
    const answers = [
      await create('other-1', 'another'),
      await create('other-1', 'other', { version: '3.50' }),
      await post('/volume/v3/snapshots', 'other-1', {
        snapshot: { volume_id: '00000000-0000-4000-8000-000000000000' },
      }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 422, answer.text);
      assert.match(answer.text, /Idempotency-Key: the key was used for another request/);
    }
    assert.equal(await count('another'), 0);
  });

  it('refuses a malformed key and changes nothing', async () => {
    for (const key of ['a b', '"open', 'a,b', '""', 'x'.repeat(256), '"a" ;p=1']) {
      const answer = await create(key, 'malformed');
      assert.equal(answer.status, 400, key);
      assert.match(answer.text, /Idempotency-Key/);
    }
    assert.equal(await count('malformed'), 0);
  });

  it('is refused where the answer shows a secret once', async () => {
    const offered = { transfer: { volume_id: '00000000-0000-4000-8000-000000000000' } };
    for (const path of ['volume-transfers', 'os-volume-transfer']) {
      const refused = await post(`/volume/v3/${path}`, 'secret-1', offered, { version: '3.55' });
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, /Idempotency-Key: not possible here/);
      assert.equal((await post(`/volume/v3/${path}`, null, offered, { version: '3.55' })).status, 404);
    }
    const credential = { application_credential: { name: 'one' } };
    const made = await post('/identity/v3/users/none/application_credentials', 'secret-2', credential);
    assert.equal(made.status, 400, made.text);
    assert.match(made.text, /Idempotency-Key/);
  });

  it('keeps a refusal, but none that the client may correct by waiting', async () => {
    const path = '/volume/v3/snapshots';
    const missing = { snapshot: { volume_id: '00000000-0000-4000-8000-000000000000' } };
    const first = await post(path, 'refused-1', missing);
    assert.equal(first.status, 404, first.text);
    const second = await post(path, 'refused-1', missing);
    assert.deepEqual([second.status, second.text], [404, first.text]);
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    // A body that does not fit the schema never was a request; the corrected one may use the key.
    assert.equal((await post('/volume/v3/volumes', 'fixed-1', { volume: { size: 'x' } })).status, 400);
    assert.equal((await create('fixed-1', 'fixed')).status, 202);
  });

  it('keeps nothing of a failure of ours', async () => {
    await db.raw('alter table operations rename to operations_away');
    const failed = await create('failed-1', 'failed');
    await db.raw('alter table operations_away rename to operations');
    assert.equal(failed.status, 500, failed.text);
    assert.equal(await count('failed'), 0);
    const again = await create('failed-1', 'failed');
    assert.equal(again.status, 202, again.text);
    assert.equal(again.headers.get('idempotency-replayed'), null);
  });

  it('belongs to the user and the project, and needs no project', async () => {
    const user = { user: { name: 'second', password: 'first-password', domain_id: 'default' } };
    const made = await post('/identity/v3/users', 'user-1', user);
    assert.equal(made.status, 201, made.text);
    assert.equal((await post('/identity/v3/users', 'user-1', user)).text, made.text);
    const mine = await create('shared-1', 'shared');
    const otherProject = await create('shared-1', 'shared', { as: await api.login('admin') });
    assert.deepEqual([mine.status, otherProject.status], [202, 202], otherProject.text);
    assert.notEqual(idOf(mine), idOf(otherProject));
    const password = { user: { original_password: 'first-password', password: 'first-password' } };
    const userId = (JSON.parse(made.text) as { user: { id: string } }).user.id;
    const unscoped = await api.login(null, 'second');
    const changed = await post(`/identity/v3/users/${userId}/password`, 'shared-1', password, { as: unscoped });
    assert.equal(changed.status, 204, changed.text);
  });

  it('forgets after a day, and stores neither key nor request', async () => {
    const first = await create('old-1', 'old');
    const rows: { id: string; fingerprint: string }[] = await db('idempotency_answers').select('id', 'fingerprint');
    for (const row of rows) assert.match(`${row.id} ${row.fingerprint}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
    const { rows: stored } = (await db.raw('select a::text as text from idempotency_answers a')) as {
      rows: { text: string }[];
    };
    assert.ok(!stored.some(({ text }) => text.includes(idOf(first)) || text.includes('old-1')));
    await db('idempotency_answers').update({ created_at: db.raw("utc_now() - interval '25 hours'") });
    const second = await create('old-1', 'old');
    assert.equal(second.status, 202);
    assert.notEqual(idOf(second), idOf(first));
    assert.equal(await purgeAnswers(db, 3), 3);
    assert.ok((await purgeAnswers(db, 1000)) > 0);
    assert.equal(idOf(await create('old-1', 'old')), idOf(second), 'the renewed answer is kept');
    assert.equal((await db('idempotency_answers').select('id')).length, 1);
  });
});
