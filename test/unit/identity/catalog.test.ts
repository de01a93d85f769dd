// The catalog and the body of a token, as clients look things up in them.
import assert from 'node:assert/strict';
import { buildCatalog } from '../../../services/api/identity/catalog.js';
import { zuluMicroseconds } from '../../../services/api/identity/times.js';
import { viewToken } from '../../../services/api/identity/token-view.js';
import type { TokenFacts } from '../../../services/core/db/identity/tokens.js';

const options = { publicUrl: 'http://api:8776', region: 'RegionOne' };
const projectId = '0123456789abcdef0123456789abcdef';

describe('catalog', () => {
  it('publishes block storage under both names, compute, image, administration and identity, each with three interfaces', () => {
    const catalog = buildCatalog(options, projectId);
    assert.deepEqual(
      catalog.map((entry) => entry.type),
      ['block-storage', 'volumev3', 'compute', 'image', 'saggar-admin', 'identity'],
    );
    for (const entry of catalog) {
      assert.deepEqual(
        entry.endpoints.map((endpoint) => endpoint.interface),
        ['public', 'internal', 'admin'],
      );
      for (const endpoint of entry.endpoints) assert.match(endpoint.id, /^[0-9a-f]{32}$/);
    }
    const urls = new Map(catalog.map((entry) => [entry.type, entry.endpoints[0]?.url]));
    assert.equal(urls.get('volumev3'), `http://api:8776/volume/v3/${projectId}`);
    assert.equal(urls.get('block-storage'), `http://api:8776/volume/v3/${projectId}`);
    assert.equal(urls.get('compute'), 'http://api:8776/compute/v2.1');
    assert.equal(urls.get('identity'), 'http://api:8776/identity/v3');
  });

  it('has the same ids at every start and different ones for different endpoints', () => {
    assert.deepEqual(buildCatalog(options, projectId), buildCatalog(options, projectId));
    const ids = buildCatalog(options, projectId).flatMap((entry) => entry.endpoints.map((endpoint) => endpoint.id));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('leaves out what needs a project when there is none', () => {
    assert.deepEqual(
      buildCatalog(options, null).map((entry) => entry.type),
      ['compute', 'image', 'saggar-admin', 'identity'],
    );
  });
});

describe('token view', () => {
  const domain = { id: 'default', name: 'Default' };
  const facts: TokenFacts = {
    user: { id: 'u', name: 'ann', domain },
    project: { id: projectId, name: 'demo', domain },
    domain: null,
    roles: [{ id: 'r', name: 'member' }],
    methods: ['password'],
    auditIds: ['x'],
    issuedAt: '2026-11-21T01:32:34',
    expiresAt: '2026-11-21T02:32:34.5',
    remainingMs: 1,
    applicationCredential: null,
  };

  it('writes times with six digits and a Z', () => {
    assert.equal(viewToken(facts, options).issued_at, '2026-11-21T01:32:34.000000Z');
    assert.equal(viewToken(facts, options).expires_at, '2026-11-21T02:32:34.500000Z');
    assert.equal(zuluMicroseconds('2026-11-21T01:32:34.000120'), '2026-11-21T01:32:34.000120Z');
  });

  it('shows scope, roles and catalog for a scoped token, without the catalog when asked', () => {
    const view = viewToken(facts, options);
    assert.equal(view.project?.id, projectId);
    assert.equal(view.is_domain, false);
    assert.equal(view.catalog?.length, 6);
    assert.ok(!('catalog' in viewToken(facts, null)));
  });

  it('shows neither scope nor roles nor catalog for an unscoped token', () => {
    const view = viewToken({ ...facts, project: null, roles: [] }, options);
    assert.deepEqual(Object.keys(view).sort(), ['audit_ids', 'expires_at', 'issued_at', 'methods', 'user']);
  });
});
