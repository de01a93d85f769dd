// Version lists in the forms that services use, and the places where they are asked for.
import assert from 'node:assert/strict';
import type { AuthSettings } from '../../../services/cli/auth/auth-settings.js';
import type { Login } from '../../../services/cli/auth/keystone-login.js';
import { type EndpointWish, readVersions, unversionedRoot } from '../../../services/cli/http/service-versions.js';

const settings = { region: null, endpointInterface: 'public' } as AuthSettings;
const bodies: Readonly<Record<string, unknown>> = {
  'http://one/volume/': {
    versions: [
      {
        id: 'v3.0',
        status: 'CURRENT',
        version: '3.71',
        min_version: '3.0',
        links: [{ rel: 'self', href: 'http://one/volume/v3/' }],
      },
    ],
  },
  'http://one/identity/': { versions: { values: [{ id: 'v3.14', status: 'stable', links: [] }] } },
  'http://two/compute/': { version: { id: 'v2.1', status: 'CURRENT', version: '', min_version: '' } },
};

const place = (url: string, region = 'One', kind = 'public') => ({ interface: kind, region_id: region, url });
const login: Login = {
  token: 't',
  expiresAt: '',
  userId: 'u',
  projectId: 'p',
  projectName: 'demo',
  roles: [],
  catalog: [
    {
      type: 'block-storage',
      endpoints: [place('http://one/volume/v3/0123'), place('http://in/volume/v3', 'One', 'internal')],
    },
    { type: 'identity', endpoints: [place('http://one/identity')] },
    { type: 'compute', endpoints: [place('http://two/compute/v2.1', 'Two')] },
    { type: 'broken', endpoints: [place('http://one/html/')] },
  ],
};

describe('versions of services', () => {
  async function read(wish: EndpointWish = {}): Promise<{ asked: string[]; rows: unknown[][] }> {
    const asked: string[] = [];
    const found = await readVersions(login, settings, wish, ({ url, headers }) => {
      asked.push(url);
      assert.deepEqual(headers, {}, 'no token is sent to an endpoint that may be anybody');
      const body = bodies[url];
      return Promise.resolve({ status: 300, headers: {}, text: body === undefined ? '<html>' : JSON.stringify(body) });
    });
    const rows = found.map((entry) => [entry.type, entry.version, entry.status, entry.endpoint, entry.maxMicroversion]);
    return { asked, rows };
  }

  it('are read in all their forms, and what is no list is left out', async () => {
    const { rows } = await read();
    assert.deepEqual(rows, [
      ['block-storage', '3.0', 'CURRENT', 'http://one/volume/v3/', '3.71'],
      ['identity', '3.14', 'CURRENT', 'http://one/identity/', null],
      ['compute', '2.1', 'CURRENT', 'http://two/compute/', null],
    ]);
  });

  it('are asked for in the region and of the endpoints that were wished', async () => {
    assert.deepEqual((await read({ region: 'Two' })).asked, ['http://two/compute/']);
    assert.deepEqual((await read({ kinds: ['internal'] })).asked, ['http://in/volume/']);
  });

  for (const [url, root] of [
    ['http://h/volume/v3/0123', 'http://h/volume/'],
    ['http://h:8776/v3', 'http://h:8776/'],
    ['http://h/compute/v2.1/', 'http://h/compute/'],
    ['http://h:9292', 'http://h:9292/'],
  ] as const) {
    it(`${url} belong to ${root}`, () => assert.equal(unversionedRoot(url), root));
  }
});
