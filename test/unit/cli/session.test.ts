// A session outlives its token, and finds endpoints by region and interface.
import assert from 'node:assert/strict';
import type { AuthSettings } from '../../../services/cli/auth/auth-settings.js';
import { findEndpoint, services } from '../../../services/cli/auth/catalog-endpoint.js';
import type { Login } from '../../../services/cli/auth/keystone-login.js';
import { ApiClient } from '../../../services/cli/http/api-client.js';
import type { HttpRequest } from '../../../services/cli/http/http-call.js';

interface Paths {
  '/v3/things/{id}': { get: { responses: { 200: { content: { 'application/json': { ok: boolean } } } } } };
}

describe('ApiClient', () => {
  function client(again: boolean): { api: ApiClient<Paths>; sent: HttpRequest[] } {
    const sent: HttpRequest[] = [];
    let token = 'old';
    const api = new ApiClient<Paths>({
      name: 'things',
      versionPath: '/v3',
      microversion: () => Promise.resolve(null),
      endpoint: () => Promise.resolve({ url: 'http://host/things/v3/p', token }),
      logInAgain: () => {
        token = 'new';
        return Promise.resolve(again);
      },
      send: (request) => {
        sent.push(request);
        const ok = request.headers['x-auth-token'] === 'new';
        return Promise.resolve({ status: ok ? 200 : 401, headers: {}, text: '{"ok":true}' });
      },
    });
    return { api, sent };
  }

  it('logs in again once when the token has run out', async () => {
    const { api, sent } = client(true);
    assert.deepEqual(await api.get('/v3/things/{id}', { path: { id: 'a/b' } }), { ok: true });
    assert.deepEqual(
      sent.map(({ url }) => url),
      ['http://host/things/v3/p/things/a%2Fb', 'http://host/things/v3/p/things/a%2Fb'],
    );
  });

  it('reports the 401 when that cannot be done', async () => {
    const { api, sent } = client(false);
    await assert.rejects(api.get('/v3/things/{id}', { path: { id: 'x' } }), { status: 401 });
    assert.equal(sent.length, 1);
  });

  it('refuses an empty id, which would address the whole collection', async () => {
    const { api, sent } = client(true);
    await assert.rejects(api.get('/v3/things/{id}', { path: { id: '' } }), /must not be empty/);
    assert.equal(sent.length, 0);
  });
});

describe('findEndpoint', () => {
  const settings = { region: null, endpointInterface: 'public' } as AuthSettings;
  const login = (type: string, url: string, region = 'One'): Login => ({
    token: 't',
    expiresAt: '',
    userId: 'u',
    projectId: 'p',
    projectName: 'demo',
    roles: [],
    catalog: [{ type, endpoints: [{ interface: 'public', region_id: region, url }] }],
  });

  for (const [type, url, found] of [
    ['volumev3', 'http://h/volume/v3/p/', 'http://h/volume/v3/p'],
    ['block-storage', 'http://h:8776', 'http://h:8776/v3'],
    ['block-storage', 'http://v3.example.org/volume', 'http://v3.example.org/volume/v3'],
  ] as const) {
    it(`makes ${found} of ${type} ${url}`, () => {
      assert.equal(findEndpoint(login(type, url), services.volume, settings), found);
    });
  }

  it('takes compute at 2.1 as it stands, and identity with or without its version', () => {
    assert.equal(findEndpoint(login('compute', 'http://h/v2.1'), services.compute, settings), 'http://h/v2.1');
    assert.equal(findEndpoint(login('identity', 'http://h/id'), services.identity, settings), 'http://h/id/v3');
  });

  it('keeps to the region, and says what there is', () => {
    const wanted = { ...settings, region: 'Two' };
    assert.throws(() => findEndpoint(login('volumev3', 'http://h/v3'), services.volume, wanted), /in region Two/);
    const unscoped = { ...login('identity', 'http://h/v3'), projectId: null };
    assert.throws(
      () => findEndpoint(unscoped, services.volume, settings),
      (error) => /OS_PROJECT_NAME/.test(String((error as { cure?: string }).cure)),
    );
  });
});
