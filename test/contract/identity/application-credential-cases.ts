// Application credentials: made once, used to log in, never more than their maker has, and gone with what they rest on.
import assert from 'node:assert/strict';
import { revokeRole } from '../../../services/core/db/identity/roles.js';
import type { Answer, ApiRig } from './api-rig.js';
import { waitsOrEnds } from './waits-or-ends.js';

interface Made {
  readonly id: string;
  readonly secret: string;
}

export function applicationCredentialCases(rig: () => ApiRig): void {
  const pathOf = (userId: string) => `/identity/v3/users/${userId}/application_credentials`;
  const create = (user: { id: string; token: string }, wish: object) =>
    rig().ask('POST', pathOf(user.id), { token: user.token, body: { application_credential: wish } });

  async function made(user: { id: string; token: string }, wish: object): Promise<Made> {
    const answer = await create(user, wish);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.application_credential as Made;
  }

  function logInWith(application_credential: object, scope?: unknown): Promise<Answer> {
    const identity = { methods: ['application_credential'], application_credential };
    const body = { auth: { identity, ...(scope === undefined ? {} : { scope }) } };
    return rig().ask('POST', '/identity/v3/auth/tokens', { body });
  }

  async function tokenOf({ id, secret }: Made): Promise<string> {
    const answer = await logInWith({ id, secret });
    assert.equal(answer.status, 201);
    return answer.headers.get('x-subject-token') ?? assert.fail('no token');
  }

  const use = async (token: string) => (await rig().ask('GET', '/compute/v2.1/flavors', { token })).status;

  it('are made with the roles of the token, shown without the secret, listed and deleted', async () => {
    const user = await rig().newUser('app-crud', 'apps', 'member');
    const answer = await create(user, { name: 'ci', description: 'for builds' });
    assert.equal(answer.status, 201);
    const { secret, ...shown } = answer.body.application_credential;
    assert.match(secret, /^[\w-]{86}$/);
    assert.deepEqual(
      shown.roles.map((role: { name: string }) => role.name),
      ['member', 'reader'],
    );
    assert.deepEqual([shown.project_id, shown.expires_at, shown.unrestricted], [user.projectId, null, false]);
    const one = await rig().ask('GET', `${pathOf(user.id)}/${shown.id as string}`, { token: user.token });
    assert.deepEqual(one.body.application_credential, shown);
    const listed = await rig().ask('GET', `${pathOf(user.id)}?name=ci`, { token: user.token });
    assert.deepEqual(listed.body.application_credentials, [shown]);
    assert.equal((await create(user, { name: 'ci' })).status, 409);
    const path = `${pathOf(user.id)}/${shown.id as string}`;
    assert.equal((await rig().ask('DELETE', path, { token: user.token })).status, 204);
    assert.equal((await rig().ask('DELETE', path, { token: user.token })).status, 404);
    assert.equal((await rig().ask('GET', path, { token: user.token })).status, 404);
  });

  it('log in by id, or by name and user, without a scope, and say so in the token', async () => {
    const user = await rig().newUser('app-login', 'apps', 'member');
    const { id, secret } = await made(user, { name: 'ci', roles: [{ name: 'reader' }] });
    const byId = await logInWith({ id, secret });
    assert.equal(byId.status, 201);
    const { token } = byId.body;
    assert.deepEqual(token.methods, ['application_credential']);
    assert.deepEqual(token.application_credential, { id, name: 'ci', restricted: true });
    assert.deepEqual(
      token.roles.map((role: { name: string }) => role.name),
      ['reader'],
    );
    assert.equal(token.project.id, user.projectId);
    const domain = { id: 'default' };
    assert.equal((await logInWith({ name: 'ci', user: { name: 'app-login', domain }, secret })).status, 201);
    assert.equal((await logInWith({ name: 'ci', user: { id: user.id }, secret })).status, 201);
    for (const wrong of [
      { id, secret: 'x' },
      { id: 'f'.repeat(32), secret },
      { name: 'other', user: { id: user.id }, secret },
    ])
      assert.equal((await logInWith(wrong)).status, 401);
    assert.equal((await logInWith({ name: 'ci', secret })).status, 400);
    assert.equal(
      (await logInWith({ id, secret }, { project: { id: user.projectId } })).status,
      401,
      'no scope with it',
    );
    assert.equal((await logInWith({ id, secret }, 'unscoped')).status, 401);
  });

  it('take a secret of the client’s choice and store none', async () => {
    const user = await rig().newUser('app-secret', 'apps', 'member');
    const { id, secret } = await made(user, { name: 'chosen', secret: 'my own secret' });
    assert.equal(secret, 'my own secret');
    assert.equal((await logInWith({ id, secret })).status, 201);
    const { rows } = (await rig().database.raw('select c::text as text from identity_application_credentials c')) as {
      rows: { text: string }[];
    };
    assert.ok(rows.every((row) => !row.text.includes(secret)));
  });

  it('give no more than their maker has, and stay in their project', async () => {
    const user = await rig().newUser('app-limits', 'apps', 'member');
    assert.equal((await create(user, { name: 'up', roles: [{ name: 'admin' }] })).status, 400);
    assert.equal((await create(user, { name: 'up', roles: [{ id: 'f'.repeat(32) }] })).status, 400);
    const other = await rig().newUser('app-other', 'apps', 'member');
    const foreign = { id: other.id, token: user.token };
    assert.equal((await create(foreign, { name: 'x' })).status, 403);
    assert.equal(
      (await create({ id: user.id, token: await rig().admin() }, { name: 'x' })).status,
      403,
      'not even admin',
    );
    assert.equal((await rig().ask('GET', pathOf(other.id), { token: user.token })).status, 403);
    const token = await tokenOf(await made(user, { name: 'ci' }));
    const rescope = async (scope: unknown) =>
      (
        await rig().ask('POST', '/identity/v3/auth/tokens', {
          body: { auth: { identity: { methods: ['token'], token: { id: token } }, scope } },
        })
      ).status;
    const project = await rig().newUser('app-limits-2', 'elsewhere', 'member');
    assert.equal(await rescope({ project: { id: project.projectId } }), 401);
    assert.equal(await rescope('unscoped'), 401);
    assert.equal(await rescope({ project: { id: user.projectId } }), 201);
  });

  it('may manage others only when they are unrestricted', async () => {
    const user = await rig().newUser('app-nested', 'apps', 'member');
    const plain = { id: user.id, token: await tokenOf(await made(user, { name: 'plain' })) };
    assert.equal((await create(plain, { name: 'child' })).status, 403);
    const free = await made(user, { name: 'free', unrestricted: true, roles: [{ name: 'reader' }] });
    const nested = { id: user.id, token: await tokenOf(free) };
    assert.equal((await create(nested, { name: 'more', roles: [{ name: 'member' }] })).status, 400, 'not lent');
    assert.equal((await create(nested, { name: 'child' })).status, 201);
    const path = `${pathOf(user.id)}/${free.id}`;
    assert.equal((await rig().ask('DELETE', path, { token: plain.token })).status, 403);
    assert.equal((await rig().ask('DELETE', path, { token: nested.token })).status, 204);
    assert.equal(await use(nested.token), 401, 'its tokens go with it');
  });

  it('end at their expiry, and their tokens not after it', async () => {
    const user = await rig().newUser('app-expiry', 'apps', 'member');
    for (const expires_at of ['yesterday', '2020-01-01T00:00:00', '2099-02-30T00:00:00']) {
      assert.equal((await create(user, { name: 'x', expires_at })).status, 400, expires_at);
    }
    const soon = new Date(Date.now() + 600_000).toISOString().slice(0, 19);
    const credential = await made(user, { name: 'short', expires_at: soon });
    const token = await tokenOf(credential);
    const shown = await rig().ask('GET', '/identity/v3/auth/tokens', { token, headers: { 'X-Subject-Token': token } });
    assert.equal(shown.body.token.expires_at, `${soon}.000000Z`);
    const far = await made(user, { name: 'far', expires_at: '2099-01-01T00:00:00.5' });
    const { expires_at } = (await rig().ask('GET', `${pathOf(user.id)}/${far.id}`, { token: user.token })).body
      .application_credential as { expires_at: string };
    assert.equal(expires_at, '2099-01-01T00:00:00.500000');
    await rig()
      .database('identity_application_credentials')
      .where({ id: credential.id })
      .update({ expires_at: '2020-01-01' });
    assert.equal((await logInWith(credential)).status, 401);
  });

  it('end with a role taken away, a project disabled or deleted, a user disabled', async () => {
    const admin = await rig().admin();
    const user = await rig().newUser('app-ends', 'ending', 'member');
    const credential = await made(user, { name: 'ci' });
    const token = await tokenOf(credential);
    const patch = (path: string, body: object) => rig().ask('PATCH', `/identity/v3${path}`, { token: admin, body });
    await patch(`/projects/${user.projectId}`, { project: { enabled: false } });
    assert.deepEqual([await use(token), (await logInWith(credential)).status], [401, 401]);
    await patch(`/projects/${user.projectId}`, { project: { enabled: true } });
    assert.equal(await use(token), 200);
    await patch(`/users/${user.id}`, { user: { enabled: false } });
    assert.equal((await logInWith(credential)).status, 401);
    await patch(`/users/${user.id}`, { user: { enabled: true } });
    const again = await tokenOf(credential);
    const grants = `/identity/v3/projects/${user.projectId}/users/${user.id}/roles`;
    const [role] = (await rig().ask('GET', grants, { token: admin })).body.roles as { id: string }[];
    await rig().ask('DELETE', `${grants}/${role?.id ?? ''}`, { token: admin });
    assert.equal(await use(again), 401);
    await rig().ask('PUT', `${grants}/${role?.id ?? ''}`, { token: admin });
    assert.equal((await logInWith(credential)).status, 401, 'a later grant does not bring it back');
  });

  it('cannot be made beside a role that is being taken away', async () => {
    const admin = await rig().admin();
    const user = await rig().newUser('app-race', 'racing', 'member');
    const grants = `/identity/v3/projects/${user.projectId}/users/${user.id}/roles`;
    const [role] = (await rig().ask('GET', grants, { token: admin })).body.roles as { id: string }[];
    const roleId = role?.id ?? '';
    const taking = await rig().database.transaction();
    await revokeRole(taking, user.id, { projectId: user.projectId }, roleId);
    const creating = create(user, { name: 'ci' });
    await waitsOrEnds(rig().database, creating);
    await taking.commit();
    assert.equal((await creating).status, 400);
    await rig().ask('PUT', `${grants}/${roleId}`, { token: admin });
    const token = await rig().login('app-race', 'app-race', 'racing');
    assert.deepEqual((await rig().ask('GET', pathOf(user.id), { token })).body.application_credentials, []);
  });

  it('end with a role that is deleted', async () => {
    const admin = await rig().admin();
    await rig().ask('POST', '/identity/v3/roles', { token: admin, body: { role: { name: 'passing' } } });
    const user = await rig().newUser('app-role', 'apps', 'passing');
    const credential = await made(user, { name: 'ci' });
    const [role] = (await rig().ask('GET', '/identity/v3/roles?name=passing', { token: admin })).body.roles;
    await rig().ask('DELETE', `/identity/v3/roles/${role.id as string}`, { token: admin });
    assert.equal((await logInWith(credential)).status, 401);
  });

  it('refuse access rules and a token without a project, and keep nothing of either', async () => {
    const user = await rig().newUser('app-refused', 'apps', 'member');
    const rules = [{ path: '/v3/volumes', method: 'GET', service: 'block-storage' }];
    assert.equal((await create(user, { name: 'x', access_rules: rules })).status, 501);
    const unscoped = await rig().login('app-refused', 'app-refused', null);
    assert.equal((await create({ id: user.id, token: unscoped }, { name: 'x' })).status, 400);
    const listed = await rig().ask('GET', pathOf(user.id), { token: user.token });
    assert.deepEqual(listed.body.application_credentials, []);
  });
}
