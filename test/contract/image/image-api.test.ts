// The image API as clients meet it: found, and empty.
import assert from 'node:assert/strict';
import { ApiRig } from '../identity/api-rig.js';

describe('image API', function () {
  this.timeout(60_000);
  let rig: ApiRig;
  let token: string;

  before(async () => {
    rig = await ApiRig.open();
    token = await rig.admin();
  });
  after(() => rig.close());

  it('is discovered without a token', async () => {
    const root = await rig.ask('GET', '/image/');
    assert.equal(root.status, 300);
    assert.equal(root.body.versions[0].links[0].href, 'http://saggar.test:8776/image/v2/');
    assert.equal((await rig.ask('GET', '/image/versions')).status, 200);
  });

  it('has no images', async () => {
    assert.equal((await rig.ask('GET', '/image/v2/images')).status, 401);
    assert.deepEqual((await rig.ask('GET', '/image/v2/images?limit=20', { token })).body.images, []);
    const missing = await rig.ask('GET', '/image/v2/images/11111111-1111-4111-8111-111111111111', { token });
    assert.equal(missing.status, 404);
    // `imageShowImage` has no success, so the recorder cannot have seen it; everything else must have been answered.
    assert.deepEqual(rig.recorders.get('/image')?.missing(), ['imageShowImage']);
  });
});
