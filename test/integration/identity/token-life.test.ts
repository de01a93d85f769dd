// What ends a token, and when: expiry to the second, revocation, disabled and deleted users, projects and domains, roles taken
// away, passwords changed. Against a real database, without a cache and with one.
import assert from 'node:assert/strict';
import { ApiRig } from '../../contract/identity/api-rig.js';

describe('life of a token', function () {
  this.timeout(60_000);
  let rig: ApiRig;
  let admin: string;

  before(async () => {
    rig = await ApiRig.open({ cacheSeconds: 0 });
    admin = await rig.admin();
  });
  after(() => rig.close());

  const use = async (token: string) => (await rig.ask('GET', '/compute/v2.1/flavors', { token })).status;
  const patch = (path: string, body: object) => rig.ask('PATCH', `/identity/v3${path}`, { token: admin, body });

  it('ends at its expiry, not a second before or after', async () => {
    const { token } = await rig.newUser('expiring', 'life', 'member');
    const move = (seconds: string) =>
      rig
        .database('identity_tokens')
        .whereIn('user_id', rig.database('identity_users').where({ name: 'expiring' }).select('id'))
        .update({ expires_at: rig.database.raw('utc_now() + ?::interval', [seconds]) });
    await move('1 second');
    assert.equal(await use(token), 200);
    await move('0 seconds');
    assert.equal(await use(token), 401);
    await move('-1 second');
    assert.equal(await use(token), 401);
  });

  it('opens nothing of the identity API after its expiry, not even beside a service’s token', async () => {
    const user = await rig.newUser('ended', 'life', 'member');
    const service = await rig.newUser('tempted-service', 'life', 'service');
    const headers = { 'X-Service-Token': service.token };
    const path = `/identity/v3/users/${user.id}/application_credentials`;
    const make = (name: string) =>
      rig.ask('POST', path, { token: user.token, headers, body: { application_credential: { name } } });
    assert.equal((await make('in-time')).status, 201);
    await rig
      .database('identity_tokens')
      .where({ user_id: user.id })
      .update({ expires_at: rig.database.raw(`utc_now() - interval '10 seconds'`) });
    const compute = await rig.ask('GET', '/compute/v2.1/flavors', { token: user.token, headers });
    assert.equal(compute.status, 200, 'what was begun goes on');
    assert.equal((await make('for-ever')).status, 401, 'but nothing is made of it that lasts longer');
    assert.equal((await rig.ask('GET', `/identity/v3/users/${user.id}`, { token: user.token, headers })).status, 401);
  });

  it('is accepted for a while after its expiry beside a service’s token, never after a revocation', async () => {
    const user = await rig.newUser('long-runner', 'life', 'member');
    const service = await rig.newUser('some-service', 'life', 'service');
    const plain = await rig.newUser('no-service', 'life', 'member');
    const move = (seconds: string) =>
      rig
        .database('identity_tokens')
        .where({ user_id: user.id })
        .update({ expires_at: rig.database.raw('utc_now() - ?::interval', [seconds]) });
    const beside = async (serviceToken: string) =>
      (
        await rig.ask('GET', '/compute/v2.1/flavors', {
          token: user.token,
          headers: { 'X-Service-Token': serviceToken },
        })
      ).status;
    const show = async (token: string, query: string) =>
      (
        await rig.ask('GET', `/identity/v3/auth/tokens${query}`, {
          token,
          headers: { 'X-Subject-Token': user.token },
        })
      ).status;
    await move('3599 seconds');
    assert.equal(await use(user.token), 401);
    assert.equal(await beside(service.token), 200);
    assert.equal(await beside(plain.token), 401);
    assert.equal(await beside('f'.repeat(43)), 401);
    assert.deepEqual([await show(service.token, ''), await show(service.token, '?allow_expired=1')], [404, 200]);
    assert.equal(await show(plain.token, '?allow_expired=1'), 404, 'only those who validate for others');
    await assert.rejects(
      async () => {
        const identity = { methods: ['token'], token: { id: user.token } };
        const answer = await rig.ask('POST', '/identity/v3/auth/tokens', { body: { auth: { identity } } });
        assert.equal(answer.status, 201);
      },
      /401/,
      'no new token for an expired one',
    );
    await rig.login('admin', 'first-password', 'admin');
    assert.equal(await beside(service.token), 200, 'a login sweeps only what is older than the window');
    await move('3601 seconds');
    assert.equal(await beside(service.token), 401);
    await move('10 seconds');
    await patch(`/users/${user.id}`, { user: { password: 'other' } });
    assert.equal(await beside(service.token), 401);
  });

  it('tells its expiry in whole seconds, exactly the configured time after issue', async () => {
    const rows: { life: number }[] = await rig
      .database('identity_tokens')
      .select(rig.database.raw('extract(epoch from expires_at - issued_at)::int as life'));
    assert.ok(rows.length > 0);
    const { rows: fractions } = (await rig.database.raw(
      "select count(*)::int as n from identity_tokens where date_trunc('second', issued_at) <> issued_at",
    )) as { rows: { n: number }[] };
    assert.equal(fractions[0]?.n, 0);
  });

  it('ends with its user disabled, and does not come back with it', async () => {
    const { id, token } = await rig.newUser('disabled', 'life', 'member');
    await patch(`/users/${id}`, { user: { enabled: false } });
    assert.equal(await use(token), 401);
    await assert.rejects(rig.login('disabled', 'disabled', 'life'));
    await patch(`/users/${id}`, { user: { enabled: true } });
    assert.equal(await use(token), 401);
    assert.equal(await use(await rig.login('disabled', 'disabled', 'life')), 200);
  });

  it('ends with its user deleted', async () => {
    const { id, token } = await rig.newUser('deleted', 'life', 'member');
    await rig.ask('DELETE', `/identity/v3/users/${id}`, { token: admin });
    assert.equal(await use(token), 401);
  });

  it('ends with its password changed by an administrator', async () => {
    const { id, token } = await rig.newUser('changed', 'life', 'member');
    await patch(`/users/${id}`, { user: { password: 'other' } });
    assert.equal(await use(token), 401);
  });

  it('rests while its project or domain is disabled, and ends with the project deleted', async () => {
    const { token, projectId } = await rig.newUser('resting', 'resting', 'member');
    await patch(`/projects/${projectId}`, { project: { enabled: false } });
    assert.equal(await use(token), 401);
    await patch(`/projects/${projectId}`, { project: { enabled: true } });
    assert.equal(await use(token), 200);
    await rig.ask('DELETE', `/identity/v3/projects/${projectId}`, { token: admin });
    assert.equal(await use(token), 401);
  });

  it('loses what its role gave as soon as the role is taken away', async () => {
    const { id, token, projectId } = await rig.newUser('demoted', 'life', 'member');
    const assigned = (await rig.ask('GET', `/identity/v3/projects/${projectId}/users/${id}/roles`, { token: admin }))
      .body.roles;
    await rig.ask('DELETE', `/identity/v3/projects/${projectId}/users/${id}/roles/${assigned[0].id as string}`, {
      token: admin,
    });
    assert.equal(await use(token), 401);
  });

  it('gives nothing for a project when it is unscoped or for a domain', async () => {
    await rig.newUser('unscoped', 'life', 'member');
    assert.equal(await use(await rig.login('unscoped', 'unscoped', null)), 403);
  });

  it('leaves no row for a login that was refused, and no plain secret for one that was not', async () => {
    const count = async () => Number((await rig.database('identity_tokens').count({ n: '*' }))[0]?.['n']);
    const earlier = await count();
    await assert.rejects(rig.login('admin', 'wrong', 'admin'));
    await assert.rejects(rig.login('admin', 'first-password', 'service'));
    assert.equal(await count(), earlier);
    const rows = (await rig.database.raw('select t::text as text from identity_tokens t')) as {
      rows: { text: string }[];
    };
    assert.ok(rows.rows.every((row) => !row.text.includes(admin)));
  });

  it('is swept when long expired', async () => {
    await rig.database('identity_tokens').insert({
      token_hash: Buffer.alloc(32, 7),
      user_id: rig.database('identity_users').where({ name: 'admin' }).select('id'),
      methods: '[]',
      audit_ids: '[]',
      issued_at: '2020-01-01',
      expires_at: '2020-01-02',
    });
    await rig.admin();
    assert.equal(await rig.database('identity_tokens').where({ expires_at: '2020-01-02' }).first('user_id'), undefined);
  });
});

describe('bootstrap of identity', function () {
  this.timeout(60_000);

  it('lets the operator change the password by the file, and keeps one that was changed through the API', async () => {
    const rig = await ApiRig.open();
    try {
      const { bootstrapIdentity } = await import('../../../services/api/identity/bootstrap.js');
      const admin = await rig.admin();
      const users = await rig.ask('GET', '/identity/v3/users?name=admin', { token: admin });
      const path = `/identity/v3/users/${users.body.users[0].id as string}`;
      await rig.ask('PATCH', path, { token: admin, body: { user: { password: 'by-api' } } });
      assert.equal(await bootstrapIdentity(rig.database, 'first-password'), 'unchanged');
      assert.ok(await rig.login('admin', 'by-api', 'admin'));
      assert.equal(await bootstrapIdentity(rig.database, 'by-file'), 'password-changed');
      await assert.rejects(rig.login('admin', 'by-api', 'admin'));
      assert.ok(await rig.login('admin', 'by-file', 'admin'));
    } finally {
      await rig.close();
    }
  });

  it('happens once although several processes start together', async () => {
    const rig = await ApiRig.open();
    try {
      const { bootstrapIdentity } = await import('../../../services/api/identity/bootstrap.js');
      await rig.database('identity_users').delete();
      await rig.database('identity_projects').delete();
      const outcomes = await Promise.all([1, 2, 3].map(() => bootstrapIdentity(rig.database, 'first-password')));
      assert.deepEqual(outcomes.sort(), ['created', 'unchanged', 'unchanged']);
    } finally {
      await rig.close();
    }
  });
});
