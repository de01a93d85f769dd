// From headers to a principal: only the two token headers count, and identity headers of the request have no effect.
import assert from 'node:assert/strict';
import { authenticate } from '../../../services/api/auth/authenticate.js';
import type { TokenValidator } from '../../../services/api/auth/token-validator.js';
import { unauthorizedResponse } from '../../../services/api/auth/unauthorized-response.js';
import type { TokenFacts } from '../../../services/core/db/identity/tokens.js';

const domain = { id: 'default', name: 'Default' };

function facts(roles: string[], scope: 'project' | 'domain' | 'none' = 'project'): TokenFacts {
  return {
    user: { id: 'user-1', name: 'ann', domain },
    project: scope === 'project' ? { id: 'project-1', name: 'demo', domain } : null,
    domain: scope === 'domain' ? domain : null,
    roles: roles.map((name) => ({ id: name, name })),
    methods: ['password'],
    auditIds: ['a'],
    issuedAt: '2026-01-01T00:00:00',
    expiresAt: '2026-01-01T01:00:00',
    remainingMs: 1000,
    applicationCredential: null,
  };
}

const known: Record<string, TokenFacts> = {
  member: facts(['member', 'reader']),
  admin: facts(['admin', 'manager', 'member', 'reader']),
  domainAdmin: facts(['admin'], 'domain'),
  unscoped: facts([], 'none'),
  service: facts(['service']),
};
const expired: Record<string, TokenFacts> = { old: facts(['member']), oldService: facts(['service']) };
const validator: TokenValidator = {
  validate: (secret, { allowExpired = false } = {}) =>
    Promise.resolve(known[secret] ?? (allowExpired ? (expired[secret] ?? null) : null)),
  forgetAll: () => undefined,
};

function ask(headers: Record<string, string>) {
  return authenticate(validator, (name) => headers[name]);
}

const identityHeaders = {
  'x-roles': 'admin',
  'x-role': 'admin',
  'x-user-id': 'root',
  'x-user-name': 'root',
  'x-user-domain-id': 'default',
  'x-project-id': 'other',
  'x-project-name': 'other',
  'x-tenant-id': 'other',
  'x-tenant': 'other',
  'x-user': 'root',
  'x-identity-status': 'Confirmed',
  'x-service-identity-status': 'Confirmed',
  'x-service-roles': 'service',
  'x-service-user-id': 'svc',
  'x-is-admin-project': 'True',
  'x-domain-id': 'default',
  'x-system-scope': 'all',
  'openstack-system-scope': 'all',
  'x-service-catalog': '[]',
  'x-key-manager': 'x',
};

describe('authenticate', () => {
  it('refuses a request without a token, with an empty one and with an unknown one', async () => {
    for (const headers of [{}, { 'x-auth-token': '' }, { 'x-auth-token': 'nobody' }]) {
      await assert.rejects(ask(headers), { code: 'unauthorized' });
    }
  });

  it('tells user, project and roles from the token', async () => {
    const principal = await ask({ 'x-auth-token': 'member' });
    assert.equal(principal.userId, 'user-1');
    assert.equal(principal.projectId, 'project-1');
    assert.deepEqual(principal.roles, ['member', 'reader']);
    assert.equal(principal.isAdmin, false);
    assert.equal(principal.isServiceToken, false);
  });

  it('T-Z04 ignores every identity header of the request, with and without a token', async () => {
    assert.deepEqual(
      await ask({ ...identityHeaders, 'x-auth-token': 'member' }),
      await ask({ 'x-auth-token': 'member' }),
    );
    await assert.rejects(ask(identityHeaders), { code: 'unauthorized' });
  });

  it('makes an administrator only of the role admin on a project', async () => {
    assert.equal((await ask({ 'x-auth-token': 'admin' })).isAdmin, true);
    assert.equal((await ask({ 'x-auth-token': 'domainAdmin' })).isAdmin, false);
    assert.equal((await ask({ 'x-auth-token': 'unscoped' })).isAdmin, false);
  });

  it('accepts as service token only a valid one with the role service', async () => {
    const member = { 'x-auth-token': 'member' };
    assert.equal((await ask({ ...member, 'x-service-token': 'service' })).isServiceToken, true);
    assert.equal((await ask({ ...member, 'x-service-token': 'admin' })).isServiceToken, false);
    await assert.rejects(ask({ ...member, 'x-service-token': 'nobody' }), { code: 'unauthorized' });
    await assert.rejects(ask({ 'x-service-token': 'service' }), { code: 'unauthorized' });
  });

  it('T-Z05 accepts an expired token of a user only beside a valid one of a service', async () => {
    const old = { 'x-auth-token': 'old' };
    assert.equal((await ask({ ...old, 'x-service-token': 'service' })).userId, 'user-1');
    for (const headers of [old, ...['admin', 'oldService', 'old'].map((it) => ({ ...old, 'x-service-token': it }))]) {
      await assert.rejects(ask(headers), { code: 'unauthorized' });
    }
  });
});

describe('unauthorized response', () => {
  it('is that of keystonemiddleware', () => {
    assert.deepEqual(unauthorizedResponse('http://k:1/identity'), {
      status: 401,
      headers: { 'WWW-Authenticate': 'Keystone uri="http://k:1/identity"' },
      body: {
        error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
      },
    });
  });
});
