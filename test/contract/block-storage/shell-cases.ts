// What holds for every request: tokens, versions, paths, bodies, ids, and the two kinds of "not found".
import assert from 'node:assert/strict';
import { gates } from '../../../services/api/block-storage/microversions.js';
import { type BlockRig, missingId, projectOf } from './block-rig.js';

export function shellCases(rig: () => BlockRig): void {
  it('wants a token before anything else', async () => {
    for (const path of ['/volumes', '/no/such/path']) {
      const answer = await rig().ask('GET', path, { as: null });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('www-authenticate'), 'Keystone uri="http://saggar.test:8776/identity"');
      assert.equal(answer.body.error.title, 'Unauthorized');
    }
  });

  it('believes no identity header', async () => {
    const headers = {
      'X-Roles': 'admin',
      'X-Is-Admin-Project': 'True',
      'X-Project-Id': projectOf('bob'),
      'X-User-Id': 'x',
    };
    assert.equal((await rig().ask('GET', '/os-services', { headers })).status, 403);
    assert.equal((await rig().ask('GET', '/os-services', { as: null, headers })).status, 401);
  });

  it('takes an own project id in the path and refuses another', async () => {
    assert.equal((await rig().ask('GET', `/${projectOf('ann')}/volumes`)).status, 200);
    const foreign = await rig().ask('GET', `/${projectOf('bob')}/volumes`);
    assert.deepEqual([foreign.status, foreign.body.badRequest.message], [400, 'Malformed request url']);
  });

  it('tells the path that is not served from the thing that is not there', async () => {
    for (const path of ['/no-such-collection', '/volumes/', '/volumes/a/b/c', `/${projectOf('ann')}/`]) {
      const unrouted = await rig().ask('GET', path);
      assert.deepEqual([unrouted.status, unrouted.body.code], [404, '404 Not Found'], path);
      assert.equal(unrouted.headers.get('openstack-api-version'), null);
    }
    const missing = await rig().ask('GET', `/volumes/${missingId}`);
    assert.equal(missing.body.itemNotFound.code, 404);
    assert.equal(missing.headers.get('openstack-api-version'), 'volume 3.0');
    const patched = await rig().ask('PATCH', '/volumes');
    assert.deepEqual([patched.status, patched.body.code], [404, '404 Not Found'], "Cinder's dispatcher");
  });

  it('answers in every version from 3.0 to 3.71 and refuses the rest', async () => {
    for (const version of ['3.0', ...Object.values(gates)]) {
      const answer = await rig().ask('GET', '/volumes/detail', { version });
      assert.equal(answer.status, 200, version);
      assert.equal(answer.headers.get('openstack-api-version'), `volume ${version}`);
      assert.equal(answer.headers.get('vary'), 'OpenStack-API-Version');
    }
    for (const version of ['3.72', '2.0', '4.0']) {
      const answer = await rig().ask('GET', '/volumes', { version });
      assert.equal(answer.status, 406);
      assert.match(answer.body.computeFault.message, /Minimum is 3\.0 and maximum is 3\.71/);
      assert.equal(answer.headers.get('openstack-api-version'), `volume ${version}`);
    }
    for (const version of ['3', 'x', '3.01', '3.1.1']) {
      const answer = await rig().ask('GET', '/volumes', { version });
      assert.equal(answer.status, 400, version);
      assert.equal(answer.headers.get('openstack-api-version'), null);
    }
    const many = { 'OpenStack-API-Version': 'compute 2.90, volume latest' };
    assert.equal(
      (await rig().ask('GET', '/volumes', { headers: many })).headers.get('openstack-api-version'),
      'volume 3.71',
    );
  });

  it('knows all 71 steps', () => {
    const steps = Object.values(gates).map((version) => Number(version.slice(2)));
    assert.deepEqual(
      steps,
      Array.from({ length: 71 }, (_, index) => index + 1),
    );
  });

  it('reads JSON within limits and nothing else', async () => {
    const send = async (text: string, headers: Record<string, string> = {}) =>
      (await rig().ask('POST', '/volumes', { text, headers })).status;
    assert.equal(await send('{'), 400);
    assert.equal(await send('[]'), 400);
    assert.equal(await send('{"volume":{"size":1,"size":2}}'), 400);
    assert.equal(await send('{"volume":{"size":1,"metadata":{"__proto__":"x"}}}'), 400);
    assert.equal(await send('{"volume":{"size":1,"name":"a\\u0000b"}}'), 400);
    assert.equal(await send('{"volume":{"size":1,"name":"\\ud800"}}'), 400);
    assert.equal(await send(`{"volume":${'['.repeat(40)}${']'.repeat(40)}}`), 400);
    assert.equal(await send(`{"volume":{"name":"${'x'.repeat(120_000)}"}}`), 413);
    assert.equal(await send('{"volume":{"size":0}}', { 'Content-Type': 'application/xml' }), 415);
    assert.equal(await send('{"volume":{"size":0}}', { 'Content-Type': 'application/vnd.openstack.volume+json' }), 400);
    const bad = await rig().ask('POST', '/volumes', { text: '{' });
    assert.equal(bad.body.badRequest.message, 'Malformed request body');
  });
}
