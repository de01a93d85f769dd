// Every operation of the identity API against a real database; each answer is held against api-spec/identity.yaml by the rig.
import assert from 'node:assert/strict';
import { ApiRig, adminPassword } from './api-rig.js';
import { applicationCredentialCases } from './application-credential-cases.js';
import { passwordRaceCases } from './password-race-cases.js';

describe('identity API', function () {
  this.timeout(60_000);
  let rig: ApiRig;
  let admin: string;

  before(async () => {
    rig = await ApiRig.open();
    admin = await rig.admin();
  });
  after(async () => {
    const missing = rig.recorders.get('/identity')?.missing();
    await rig.close();
    assert.deepEqual(missing, [], 'operations without a test');
  });

  function loginBody(user: object, scope?: unknown) {
    return {
      auth: { identity: { methods: ['password'], password: { user } }, ...(scope === undefined ? {} : { scope }) },
    };
  }

  describe('versions', () => {
    it('answers the root with 300 and the version document with 200, without a token', async () => {
      const root = await rig.ask('GET', '/identity/');
      assert.equal(root.status, 300);
      assert.equal(root.headers.get('location'), 'http://saggar.test:8776/identity/v3/');
      assert.equal(root.body.versions.values[0].id, 'v3.14');
      for (const path of ['/identity/v3', '/identity/v3/']) assert.equal((await rig.ask('GET', path)).status, 200);
    });
  });

  describe('tokens', () => {
    it('logs in by name and domain name, with roles, implied roles and a catalog', async () => {
      const user = { name: 'admin', domain: { name: 'Default' }, password: adminPassword };
      const answer = await rig.ask('POST', '/identity/v3/auth/tokens', {
        body: loginBody(user, { project: { name: 'admin', domain: { name: 'Default' } } }),
      });
      assert.equal(answer.status, 201);
      assert.match(answer.headers.get('x-subject-token') ?? '', /^[\w-]{43}$/);
      const { token } = answer.body;
      assert.deepEqual(
        token.roles.map((role: { name: string }) => role.name),
        ['admin', 'manager', 'member', 'reader'],
      );
      assert.match(token.project.id, /^[0-9a-f]{32}$/);
      assert.equal(new Date(token.expires_at).getTime() - new Date(token.issued_at).getTime(), 3_600_000);
      const volume = token.catalog.find((entry: { type: string }) => entry.type === 'volumev3');
      assert.ok(volume.endpoints[0].url.endsWith(`/volume/v3/${token.project.id}`));
    });

    it('leaves the catalog out when asked', async () => {
      const user = { name: 'admin', domain: { id: 'default' }, password: adminPassword };
      const scope = { project: { name: 'admin', domain: { id: 'default' } } };
      const answer = await rig.ask('POST', '/identity/v3/auth/tokens?nocatalog', { body: loginBody(user, scope) });
      assert.ok(!('catalog' in answer.body.token));
    });

    it('gives the same 401 for every wrong part of a login', async () => {
      const right = { name: 'admin', domain: { id: 'default' }, password: adminPassword };
      const inDefault = (name: string) => ({ project: { name, domain: { id: 'default' } } });
      const wrongs = [
        loginBody({ ...right, password: 'wrong' }),
        loginBody({ ...right, name: 'nobody' }),
        loginBody({ ...right, domain: { name: 'Nowhere' } }),
        loginBody({ id: 'f'.repeat(32), password: adminPassword }),
        loginBody(right, inDefault('no-such-project')),
        loginBody(right, { project: { id: 'f'.repeat(32) } }),
        loginBody(right, inDefault('service')),
        loginBody(right, { domain: { name: 'Nowhere' } }),
        loginBody(right, { system: { all: true } }),
        { auth: { identity: { methods: ['token'], token: { id: 'x'.repeat(43) } } } },
        { auth: { identity: { methods: ['kerberos'] } } },
      ];
      const bodies = new Set<string>();
      for (const body of wrongs) {
        const answer = await rig.ask('POST', '/identity/v3/auth/tokens', { body });
        assert.equal(answer.status, 401, JSON.stringify(body));
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Keystone uri="/);
        bodies.add(JSON.stringify(answer.body));
      }
      assert.equal(bodies.size, 1);
    });

    it('refuses a login that says too little with 400', async () => {
      for (const body of [
        {},
        { auth: {} },
        { auth: { identity: { methods: [] } } },
        loginBody({ name: 'admin', password: 'x' }),
      ]) {
        assert.equal((await rig.ask('POST', '/identity/v3/auth/tokens', { body })).status, 400, JSON.stringify(body));
      }
    });

    it('scopes an unscoped token to a project, keeping expiry and audit chain', async () => {
      const unscoped = await rig.login('admin', adminPassword, null);
      const shown = await rig.ask('GET', '/identity/v3/auth/tokens', {
        token: unscoped,
        headers: { 'X-Subject-Token': unscoped },
      });
      assert.ok(!('project' in shown.body.token));
      const projects = await rig.ask('GET', '/identity/v3/auth/projects', { token: unscoped });
      assert.deepEqual(
        projects.body.projects.map((project: { name: string }) => project.name),
        ['admin', 'demo'],
      );
      const answer = await rig.ask('POST', '/identity/v3/auth/tokens', {
        body: {
          auth: {
            identity: { methods: ['token'], token: { id: unscoped } },
            scope: { project: { id: projects.body.projects[1].id } },
          },
        },
      });
      assert.equal(answer.status, 201);
      assert.equal(answer.body.token.project.name, 'demo');
      assert.equal(answer.body.token.expires_at, shown.body.token.expires_at);
      assert.equal(answer.body.token.audit_ids[1], shown.body.token.audit_ids[0]);
      assert.deepEqual(answer.body.token.methods, ['token', 'password']);
    });

    it('scopes to a domain', async () => {
      const user = { name: 'admin', domain: { id: 'default' }, password: adminPassword };
      const answer = await rig.ask('POST', '/identity/v3/auth/tokens', {
        body: loginBody(user, { domain: { name: 'Default' } }),
      });
      assert.equal(answer.status, 201);
      assert.equal(answer.body.token.domain.id, 'default');
      const token = answer.headers.get('x-subject-token') ?? '';
      assert.equal(
        (await rig.ask('GET', '/identity/v3/projects', { token })).status,
        403,
        'a domain role is no administrator',
      );
    });

    it('falls back to the default project of the user', async () => {
      const { id, projectId } = await rig.newUser('preferring', 'preferred', 'member');
      await rig.ask('PATCH', `/identity/v3/users/${id}`, {
        token: admin,
        body: { user: { default_project_id: projectId } },
      });
      const user = { name: 'preferring', domain: { id: 'default' }, password: 'preferring' };
      const scoped = await rig.ask('POST', '/identity/v3/auth/tokens', { body: loginBody(user) });
      assert.equal(scoped.body.token.project.id, projectId);
      await rig.ask('DELETE', `/identity/v3/projects/${projectId}`, { token: admin });
      const unscoped = await rig.ask('POST', '/identity/v3/auth/tokens', { body: loginBody(user) });
      assert.equal(unscoped.status, 201);
      assert.ok(!('project' in unscoped.body.token));
    });

    it('shows, checks and revokes a token; a revoked one is gone at once', async () => {
      const token = await rig.login('admin', adminPassword, 'demo');
      const subject = { 'X-Subject-Token': token };
      assert.equal((await rig.ask('GET', '/identity/v3/auth/tokens', { token: admin, headers: subject })).status, 200);
      assert.equal((await rig.ask('HEAD', '/identity/v3/auth/tokens', { token: admin, headers: subject })).status, 200);
      assert.equal((await rig.ask('GET', '/identity/v3/auth/catalog', { token })).status, 200);
      assert.equal((await rig.ask('GET', '/identity/v3/auth/domains', { token })).body.domains[0].id, 'default');
      assert.equal((await rig.ask('DELETE', '/identity/v3/auth/tokens', { token, headers: subject })).status, 204);
      assert.equal((await rig.ask('GET', '/identity/v3/auth/catalog', { token })).status, 401);
      assert.equal((await rig.ask('GET', '/identity/v3/auth/tokens', { token: admin, headers: subject })).status, 404);
      assert.equal((await rig.ask('HEAD', '/identity/v3/auth/tokens', { token: admin, headers: subject })).status, 404);
    });

    it('shows a token of somebody else only to administrators and services', async () => {
      const ann = await rig.newUser('ann-token', 'token-project', 'member');
      const bob = await rig.newUser('bob-token', 'token-project', 'member');
      const service = await rig.newUser('svc-token', 'service', 'service');
      const subject = { 'X-Subject-Token': ann.token };
      const show = (token: string) => rig.ask('GET', '/identity/v3/auth/tokens', { token, headers: subject });
      assert.equal((await show(bob.token)).status, 403);
      assert.equal((await show(ann.token)).status, 200);
      assert.equal((await show(service.token)).status, 200);
      const revoke = await rig.ask('DELETE', '/identity/v3/auth/tokens', { token: service.token, headers: subject });
      assert.equal(revoke.status, 403);
    });
  });

  describe('domains, projects, users, roles', () => {
    it('creates, lists, shows, changes and deletes a domain with what is in it', async () => {
      const made = await rig.ask('POST', '/identity/v3/domains', { token: admin, body: { domain: { name: 'd1' } } });
      assert.equal(made.status, 201);
      const path = `/identity/v3/domains/${made.body.domain.id as string}`;
      const project = { name: 'in-d1', domain_id: made.body.domain.id };
      const inside = await rig.ask('POST', '/identity/v3/projects', { token: admin, body: { project } });
      assert.equal(inside.body.project.parent_id, made.body.domain.id);
      assert.equal((await rig.ask('GET', '/identity/v3/domains?name=d1', { token: admin })).body.domains.length, 1);
      assert.equal((await rig.ask('GET', path, { token: admin })).body.domain.name, 'd1');
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 403, 'an enabled domain stays');
      const changed = await rig.ask('PATCH', path, {
        token: admin,
        body: { domain: { enabled: false, description: 'x' } },
      });
      assert.equal(changed.body.domain.enabled, false);
      assert.equal(
        (await rig.ask('GET', '/identity/v3/domains?enabled=false', { token: admin })).body.domains.length,
        1,
      );
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 204);
      assert.equal(
        (await rig.ask('GET', `/identity/v3/projects/${inside.body.project.id as string}`, { token: admin })).status,
        404,
      );
    });

    it('creates, lists, shows, changes and deletes a project, extras included', async () => {
      const body = { project: { name: 'p1', description: null, tags: ['t'], color: 'blue' } };
      const made = await rig.ask('POST', '/identity/v3/projects', { token: admin, body });
      assert.equal(made.status, 201);
      assert.equal(made.body.project.color, 'blue');
      assert.match(made.body.project.id, /^[0-9a-f]{32}$/);
      const path = `/identity/v3/projects/${made.body.project.id as string}`;
      assert.equal((await rig.ask('POST', '/identity/v3/projects', { token: admin, body })).status, 409);
      assert.equal(
        (await rig.ask('GET', '/identity/v3/projects?name=p1&domain_id=default', { token: admin })).body.projects
          .length,
        1,
      );
      const changed = await rig.ask('PATCH', path, { token: admin, body: { project: { name: 'p2', size: 'big' } } });
      assert.deepEqual(
        [changed.body.project.name, changed.body.project.color, changed.body.project.size],
        ['p2', 'blue', 'big'],
      );
      assert.equal((await rig.ask('GET', path, { token: admin })).body.project.name, 'p2');
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 204);
      assert.equal((await rig.ask('GET', path, { token: admin })).status, 404);
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 404);
    });

    it('finds projects by their tags, in Keystone’s four ways', async () => {
      for (const [name, tags] of [
        ['tag-ab', ['tag-a', 'tag-b']],
        ['tag-a', ['tag-a']],
        ['tag-none', []],
      ] as const) {
        const body = { project: { name, tags } };
        assert.equal((await rig.ask('POST', '/identity/v3/projects', { token: admin, body })).status, 201);
      }
      for (const [query, wanted] of [
        ['tags=tag-a,tag-b', 'tag-ab'],
        ['tags-any=tag-a,tag-b', 'tag-a tag-ab'],
        ['not-tags=tag-a,tag-b', 'tag-a tag-none'],
        ['not-tags-any=tag-a,tag-b', 'tag-none'],
      ] as const) {
        const { body } = await rig.ask('GET', `/identity/v3/projects?${query}`, { token: admin });
        const names = (body.projects as { name: string }[])
          .map(({ name }) => name)
          .filter((name) => /^tag-/.test(name));
        assert.equal(names.join(' '), wanted, query);
      }
    });

    it('never shows a password, nor lets extras pose as attributes', async () => {
      const wish = { name: 'u1', password: 'p', email: 'u@x', id: 'f'.repeat(32), links: {}, password_hash: 'x' };
      const made = await rig.ask('POST', '/identity/v3/users', { token: admin, body: { user: wish } });
      assert.equal(made.status, 201);
      assert.equal(made.body.user.email, 'u@x');
      assert.notEqual(made.body.user.id, 'f'.repeat(32));
      assert.ok(!('password_hash' in made.body.user) && !('password' in made.body.user));
      const path = `/identity/v3/users/${made.body.user.id as string}`;
      assert.equal((await rig.ask('POST', '/identity/v3/users', { token: admin, body: { user: wish } })).status, 409);
      assert.equal((await rig.ask('GET', path, { token: admin })).status, 200);
      assert.equal((await rig.ask('GET', '/identity/v3/users?name=u1', { token: admin })).body.users.length, 1);
      assert.equal(
        (await rig.ask('PATCH', path, { token: admin, body: { user: { name: 'u2' } } })).body.user.name,
        'u2',
      );
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 204);
      assert.equal((await rig.ask('GET', path, { token: admin })).status, 404);
    });

    it('lets users change their own password with the old one, which ends their tokens', async () => {
      const { id, token } = await rig.newUser('changer', 'demo', 'member');
      const path = `/identity/v3/users/${id}/password`;
      const change = (original_password: string) =>
        rig.ask('POST', path, { body: { user: { original_password, password: 'new' } } });
      assert.equal((await rig.ask('GET', `/identity/v3/users/${id}`, { token })).status, 200);
      assert.equal(
        (await rig.ask('GET', `/identity/v3/users/${id}/projects`, { token })).body.projects[0].name,
        'demo',
      );
      assert.equal((await change('wrong')).status, 401);
      assert.equal((await change('changer')).status, 204);
      assert.equal((await rig.ask('GET', `/identity/v3/users/${id}`, { token })).status, 401);
      await assert.rejects(rig.login('changer', 'changer', 'demo'));
      assert.ok(await rig.login('changer', 'new', 'demo'));
    });

    passwordRaceCases(() => rig);

    it('creates, lists, shows, changes and deletes a role, but not those policy speaks of', async () => {
      const made = await rig.ask('POST', '/identity/v3/roles', { token: admin, body: { role: { name: 'r1' } } });
      assert.equal(made.status, 201);
      const path = `/identity/v3/roles/${made.body.role.id as string}`;
      assert.equal((await rig.ask('GET', '/identity/v3/roles', { token: admin })).body.roles.length, 6);
      assert.equal((await rig.ask('GET', path, { token: admin })).status, 200);
      assert.equal(
        (await rig.ask('PATCH', path, { token: admin, body: { role: { name: 'r2' } } })).body.role.name,
        'r2',
      );
      assert.equal((await rig.ask('DELETE', path, { token: admin })).status, 204);
      const builtIn = (await rig.ask('GET', '/identity/v3/roles?name=member', { token: admin })).body.roles[0]
        .id as string;
      assert.equal((await rig.ask('DELETE', `/identity/v3/roles/${builtIn}`, { token: admin })).status, 403);
    });

    it('is for administrators: a member may look at itself and its projects only', async () => {
      const ann = await rig.newUser('ann-plain', 'plain-project', 'member');
      const bob = await rig.newUser('bob-plain', 'other-project', 'member');
      const { token } = ann;
      assert.equal((await rig.ask('GET', '/identity/v3/users', { token })).status, 403);
      assert.equal(
        (await rig.ask('POST', '/identity/v3/projects', { token, body: { project: { name: 'x' } } })).status,
        403,
      );
      assert.equal((await rig.ask('GET', `/identity/v3/users/${ann.id}`, { token })).status, 200);
      assert.equal((await rig.ask('GET', `/identity/v3/users/${bob.id}`, { token })).status, 403);
      assert.equal((await rig.ask('GET', `/identity/v3/users/${'f'.repeat(32)}`, { token })).status, 403);
      assert.equal((await rig.ask('GET', `/identity/v3/projects/${ann.projectId}`, { token })).status, 200);
      assert.equal((await rig.ask('GET', `/identity/v3/projects/${bob.projectId}`, { token })).status, 403);
      assert.equal((await rig.ask('GET', `/identity/v3/projects/${'f'.repeat(32)}`, { token })).status, 403);
      assert.equal((await rig.ask('GET', '/identity/v3/domains/default', { token })).status, 200);
    });
  });

  describe('role assignments', () => {
    for (const kind of ['projects', 'domains'] as const) {
      it(`are given, checked, listed and taken away on ${kind}`, async () => {
        const user = await rig.newUser(`grantee-${kind}`, 'demo', 'reader');
        const scopeId = kind === 'projects' ? user.projectId : 'default';
        const role = (await rig.ask('GET', '/identity/v3/roles?name=manager', { token: admin })).body.roles[0]
          .id as string;
        const grants = `/identity/v3/${kind}/${scopeId}/users/${user.id}/roles`;
        assert.equal((await rig.ask('HEAD', `${grants}/${role}`, { token: admin })).status, 404);
        assert.equal((await rig.ask('PUT', `${grants}/${role}`, { token: admin })).status, 204);
        assert.equal((await rig.ask('PUT', `${grants}/${role}`, { token: admin })).status, 204, 'twice is fine');
        for (const method of ['HEAD', 'GET'])
          assert.equal((await rig.ask(method, `${grants}/${role}`, { token: admin })).status, 204, method);
        const names = (await rig.ask('GET', grants, { token: admin })).body.roles.map(
          (one: { name: string }) => one.name,
        );
        assert.ok(names.includes('manager'));
        assert.equal((await rig.ask('DELETE', `${grants}/${role}`, { token: admin })).status, 204);
        assert.equal((await rig.ask('DELETE', `${grants}/${role}`, { token: admin })).status, 404);
        assert.equal((await rig.ask('PUT', `${grants}/${'f'.repeat(32)}`, { token: admin })).status, 404);
      });
    }

    it('are listed with names and expanded when asked', async () => {
      const { id } = await rig.newUser('listed', 'demo', 'member');
      const list = async (more: string) =>
        (await rig.ask('GET', `/identity/v3/role_assignments?user.id=${id}${more}`, { token: admin })).body
          .role_assignments;
      assert.ok(!('name' in (await list(''))[0].role));
      const named = await list('&include_names=True');
      assert.deepEqual(
        [named.length, named[0].role.name, named[0].scope.project.name, named[0].user.domain.name],
        [1, 'member', 'demo', 'Default'],
      );
      const effective = await list('&effective&include_names');
      assert.deepEqual(effective.map((one: { role: { name: string } }) => one.role.name).sort(), ['member', 'reader']);
    });
  });

  describe('application credentials', () => applicationCredentialCases(() => rig));

  describe('implied roles', () => {
    it('are listed as they are stored, one step each', async () => {
      const { role_inferences: inferences } = (await rig.ask('GET', '/identity/v3/role_inferences', { token: admin }))
        .body as { role_inferences: { prior_role: { id: string; name: string }; implies: { name: string }[] }[] };
      assert.deepEqual(
        inferences.map((one) => [one.prior_role.name, ...one.implies.map(({ name }) => name)]),
        [
          ['admin', 'manager'],
          ['manager', 'member'],
          ['member', 'reader'],
        ],
      );
      const prior = inferences[0]?.prior_role.id ?? '';
      const implied = await rig.ask('GET', `/identity/v3/roles/${prior}/implies`, { token: admin });
      const [one] = implied.body.role_inference.implies as { id: string; name: string }[];
      assert.equal(one?.name, 'manager');
      const path = `/identity/v3/roles/${prior}/implies`;
      assert.equal((await rig.ask('GET', `${path}/${one?.id ?? ''}`, { token: admin })).status, 200);
      assert.equal((await rig.ask('GET', `${path}/${prior}`, { token: admin })).status, 404);
      assert.equal((await rig.ask('HEAD', `${path}/${one?.id ?? ''}`, { token: admin })).status, 204);
    });
  });

  describe('what Keystone has and this service has not', () => {
    const empty = ['/groups', '/auth/system', '/system/users/x/roles', '/users/x/groups', '/users/x/access_rules'];
    for (const path of empty) {
      it(`is an empty list: ${path}`, async () => {
        const { links, ...rest } = (await rig.ask('GET', `/identity/v3${path}`, { token: admin })).body;
        assert.equal(links.self, `http://saggar.test:8776/identity/v3${path}`);
        assert.deepEqual(Object.values(rest), [[]]);
      });
    }

    for (const filter of ['group.id=x', 'scope.system=all', 'scope.OS-INHERIT:inherited_to=projects']) {
      it(`assigns nothing: role assignments with ${filter}`, async () => {
        const answer = await rig.ask('GET', `/identity/v3/role_assignments?${filter}`, { token: admin });
        assert.deepEqual(answer.body.role_assignments, []);
      });
    }

    const writes = [
      ...['services', 'endpoints', 'regions'].flatMap((kind) => [
        ['POST', `/${kind}`],
        ['PATCH', `/${kind}/x`],
        ['DELETE', `/${kind}/x`],
      ]),
      ['POST', '/groups'],
      ['PUT', '/system/users/x/roles/y'],
    ] as [string, string][];
    for (const [method, path] of writes) {
      it(`is refused with a reason: ${method} ${path}`, async () => {
        const answer = await rig.ask(method, `/identity/v3${path}`, { token: admin, body: {} });
        assert.equal(answer.status, 501);
        assert.match(answer.body.error.message, /here/);
        const { token } = await rig.newUser(`w-${method}-${path}`, 'demo', 'member');
        assert.equal((await rig.ask(method, `/identity/v3${path}`, { token, body: {} })).status, 403);
      });
    }
  });

  describe('catalog resources', () => {
    it('lists and shows services, endpoints and regions', async () => {
      const services = await rig.ask('GET', '/identity/v3/services?type=compute', { token: admin });
      const { id } = services.body.services[0];
      assert.equal((await rig.ask('GET', `/identity/v3/services/${id as string}`, { token: admin })).status, 200);
      assert.equal((await rig.ask('GET', '/identity/v3/services/nope', { token: admin })).status, 404);
      const endpoints = await rig.ask('GET', `/identity/v3/endpoints?service_id=${id as string}&interface=public`, {
        token: admin,
      });
      assert.deepEqual(
        endpoints.body.endpoints.map((one: { url: string }) => one.url),
        ['http://saggar.test:8776/compute/v2.1'],
      );
      const shown = await rig.ask('GET', `/identity/v3/endpoints/${endpoints.body.endpoints[0].id as string}`, {
        token: admin,
      });
      assert.deepEqual(shown.body.endpoint, endpoints.body.endpoints[0]);
      assert.equal((await rig.ask('GET', '/identity/v3/endpoints/nope', { token: admin })).status, 404);
      assert.equal((await rig.ask('GET', '/identity/v3/regions', { token: admin })).body.regions[0].id, 'RegionOne');
      assert.equal((await rig.ask('GET', '/identity/v3/regions/RegionOne', { token: admin })).status, 200);
      assert.equal((await rig.ask('GET', '/identity/v3/regions/nope', { token: admin })).status, 404);
    });

    it('answers odd query strings and names with a refusal or an empty list', async () => {
      for (const query of ['users?name=%00', 'role_assignments?user.id=%00', 'projects?domain_id=a%00']) {
        assert.equal((await rig.ask('GET', `/identity/v3/${query}`, { token: admin })).status, 400, query);
      }
      for (const query of [
        "users?name='%3B--",
        'users?domain_id=none',
        'projects?name=%F0%9F%98%80',
        'role_assignments?role.id=x',
      ]) {
        assert.equal((await rig.ask('GET', `/identity/v3/${query}`, { token: admin })).status, 200, query);
      }
      for (const name of ['a\u0000b', '', ' ', 'x'.repeat(65)]) {
        const answer = await rig.ask('POST', '/identity/v3/projects', { token: admin, body: { project: { name } } });
        assert.equal(answer.status, 400, JSON.stringify(name));
      }
    });
  });
});
