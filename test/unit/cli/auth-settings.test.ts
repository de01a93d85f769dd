// Where the login comes from, and what is sent to the identity service.
import assert from 'node:assert/strict';
import { collectSettings, readAuthSettings, type SettingValues } from '../../../services/cli/auth/auth-settings.js';
import { identityRoot, loginBody } from '../../../services/cli/auth/keystone-login.js';

const noCloud = (): Promise<SettingValues> => Promise.reject(new Error('no cloud was named'));
const environment = {
  OS_AUTH_URL: 'http://keystone/v3/',
  OS_USERNAME: 'anna',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'demo',
  OS_USER_DOMAIN_NAME: 'People',
};

describe('collectSettings', () => {
  it('prefers options to the environment', async () => {
    const values = await collectSettings({ 'os-username': 'bert' }, environment, noCloud);
    assert.equal(values.get('username'), 'bert');
    assert.equal(values.get('password'), 'secret');
  });

  it('reads the older names of openrc files', async () => {
    const values = await collectSettings({}, { OS_TENANT_NAME: 'old' }, noCloud);
    assert.equal(values.get('project-name'), 'old');
  });

  it('never mixes the environment into a named cloud, but for a missing password', async () => {
    const cloud: SettingValues = new Map([
      ['auth-url', 'http://other/v3'],
      ['username', 'carl'],
    ]);
    const values = await collectSettings({ 'os-cloud': 'other' }, environment, () => Promise.resolve(cloud));
    assert.equal(values.get('username'), 'carl');
    assert.equal(values.get('auth-url'), 'http://other/v3');
    assert.equal(values.get('project-name'), undefined);
    assert.equal(values.get('password'), 'secret');
  });
});

describe('readAuthSettings', () => {
  const read = async (options: Record<string, string>, env: NodeJS.ProcessEnv = environment) =>
    readAuthSettings(await collectSettings(options, env, noCloud), false);

  it('logs in by password, with domains', async () => {
    assert.deepEqual(loginBody(await read({})), {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'anna', domain: { name: 'People' }, password: 'secret' } },
        },
        scope: { project: { name: 'demo', domain: { id: 'default' } } },
      },
    });
  });

  it('logs in by user id without a domain', async () => {
    const { credentials } = await read({ 'os-user-id': 'abc' });
    assert.deepEqual(credentials, { method: 'password', user: { id: 'abc' }, password: 'secret' });
  });

  it('logs in by token', async () => {
    const settings = await read({}, { OS_AUTH_URL: 'http://keystone', OS_TOKEN: 'tok', OS_PROJECT_ID: 'p' });
    assert.deepEqual(loginBody(settings), {
      auth: { identity: { methods: ['token'], token: { id: 'tok' } }, scope: { project: { id: 'p' } } },
    });
  });

  it('logs in by application credential, which carries its own scope', async () => {
    const settings = await read({ 'os-application-credential-id': 'ac', 'os-application-credential-secret': 's' });
    assert.deepEqual(loginBody(settings), {
      auth: {
        identity: { methods: ['application_credential'], application_credential: { id: 'ac', secret: 's' } },
      },
    });
  });

  it('logs in by the name of an application credential with its user', async () => {
    const settings = await read({ 'os-application-credential-name': 'n', 'os-application-credential-secret': 's' });
    assert.deepEqual(settings.credentials, {
      method: 'application_credential',
      name: 'n',
      user: { name: 'anna', domain: { name: 'People' } },
      secret: 's',
    });
  });

  it('says what is missing and how to give it', async () => {
    const without = (name: string): NodeJS.ProcessEnv => ({ ...environment, [name]: undefined });
    for (const [name, words] of [
      ['OS_AUTH_URL', /OS_CLOUD/],
      ['OS_USERNAME', /OS_USERNAME/],
      ['OS_PASSWORD', /OS_PASSWORD/],
    ] as const) {
      await assert.rejects(read({}, without(name)), (error) => {
        assert.match(String((error as { cure?: string }).cure), words);
        return (error as { exitCode?: number }).exitCode === 2;
      });
    }
  });

  it('refuses login types, interfaces and URLs that it does not know', async () => {
    await assert.rejects(read({ 'os-auth-type': 'v3oidc' }), /v3oidc/);
    await assert.rejects(read({ 'os-interface': 'secret' }), /public, internal or admin/);
    await assert.rejects(read({ 'os-auth-url': 'keystone:5000' }), /not an http/);
    assert.equal((await read({ 'os-interface': 'internalURL' })).endpointInterface, 'internal');
  });
});

describe('identityRoot', () => {
  it('adds the version where it is missing', () => {
    assert.equal(identityRoot('http://k/identity'), 'http://k/identity/v3');
    assert.equal(identityRoot('http://k/identity/v3'), 'http://k/identity/v3');
    assert.equal(identityRoot('http://k/v2.0'), 'http://k/v3');
  });
});
