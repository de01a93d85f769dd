// The image API as clients meet it: every operation once as it is meant, and what it refuses in Glance's words.
import assert from 'node:assert/strict';
import { ImageRig } from './image-rig.js';

const missing = '11111111-1111-4111-8111-111111111111';

describe('image API', function () {
  this.timeout(60_000);
  let rig: ImageRig;
  let admin: string;
  let ann: { id: string; token: string; projectId: string };
  let bob: { id: string; token: string; projectId: string };

  before(async () => {
    rig = await ImageRig.open();
    admin = await rig.api.admin();
    ann = await rig.api.newUser('ann', 'anns', 'member');
    bob = await rig.api.newUser('bob', 'bobs', 'member');
  });
  after(() => rig.close());

  const show = async (id: string, token = ann.token) => (await rig.ask('GET', `/v2/images/${id}`, { token })).body;
  const list = async (query: string, token = ann.token): Promise<string[]> => {
    const answer = await rig.ask('GET', `/v2/images${query}`, { token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body.images as { id: string }[]).map(({ id }) => id);
  };

  it('is discovered without a token', async () => {
    const root = await rig.ask('GET', '/');
    assert.equal(root.status, 300);
    assert.equal(root.body.versions[0].links[0].href, 'http://saggar.test:8776/image/v2/');
    assert.equal((await rig.ask('GET', '/versions')).status, 200);
    assert.equal((await rig.ask('GET', '/v2/images')).status, 401);
  });

  it('tells its schemas and what it does not offer', async () => {
    for (const name of ['image', 'images', 'member', 'members']) {
      const answer = await rig.ask('GET', `/v2/schemas/${name}`, { token: ann.token });
      assert.equal(answer.body.name, name);
    }
    const methods = await rig.ask('GET', '/v2/info/import', { token: ann.token });
    assert.deepEqual(methods.body['import-methods'].value, []);
    assert.equal((await rig.ask('GET', '/v2/info/stores', { token: ann.token })).status, 404);
    assert.deepEqual((await rig.ask('GET', '/v2/tasks', { token: admin })).body.tasks, []);
    const id = await rig.image(ann.token);
    assert.deepEqual((await rig.ask('GET', `/v2/images/${id}/tasks`, { token: ann.token })).body, { tasks: [] });
    const staged = await rig.ask('PUT', `/v2/images/${id}/stage`, { token: ann.token });
    assert.match(staged.body.message, /'glance-direct' method is not available/);
    const imported = { method: { name: 'web-download', uri: 'http://example.test/' } };
    const answer = await rig.ask('POST', `/v2/images/${id}/import`, { token: ann.token, body: imported });
    assert.equal(answer.status, 400);
    assert.match(answer.body.message, /Unknown import method name 'web-download'/);
  });

  it('words refusals as a page for who takes pages, and escapes what it repeats', async () => {
    const url = `${rig.api.baseUrl}/image/v2/images/${encodeURIComponent('<b>')}`;
    const page = await fetch(url, { headers: { 'X-Auth-Token': ann.token } });
    assert.equal(page.headers.get('content-type'), 'text/html; charset=UTF-8');
    const text = await page.text();
    assert.ok(text.includes('<h1>404 Not Found</h1>\n  No image found with ID &lt;b&gt;<br /><br />'), text);
    const json = await rig.ask('GET', `/v2/images/${missing}`, { token: ann.token });
    assert.deepEqual(json.body, {
      message: `No image found with ID ${missing}<br /><br />\n\n\n`,
      code: '404 Not Found',
      title: 'Not Found',
    });
  });

  describe('records', () => {
    it('are made with what Glance begins with', async () => {
      const body = { name: 'fedora', tags: ['b', 'a', 'b'], os_distro: 'fedora', min_disk: 2 };
      const made = await rig.ask('POST', '/v2/images', { token: ann.token, body });
      assert.equal(made.status, 201);
      const { id, created_at: createdAt } = made.body;
      assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const expected = { status: 'queued', visibility: 'shared', protected: false, os_hidden: false, min_disk: 2 };
      for (const [key, value] of Object.entries(expected)) assert.equal(made.body[key], value, key);
      assert.equal(made.body.owner, ann.projectId);
      assert.equal(made.body.os_distro, 'fedora');
      assert.deepEqual([...made.body.tags].sort(), ['a', 'b']);
      assert.equal(made.body.file, `/v2/images/${id}/file`);
      assert.deepEqual(await show(id), made.body);
    });

    it('refuse what no client writes, and ids that are taken', async () => {
      const post = (body: object, token = ann.token) => rig.ask('POST', '/v2/images', { token, body });
      for (const key of ['status', 'checksum', 'size', 'direct_url', 'location', 'os_glance_stage_host']) {
        assert.equal((await post({ [key]: 'x' })).status, 403, key);
      }
      assert.equal((await post({ disk_format: 'floppy' })).status, 400);
      assert.equal((await post({ min_ram: -1 })).status, 400);
      assert.equal((await post({ custom: 5 })).status, 400);
      assert.equal((await post({ visibility: 'public' })).status, 403);
      assert.equal((await post({ visibility: 'public' }, admin)).status, 201);
      assert.equal((await post({ owner: bob.projectId })).status, 403);
      const id = await rig.image(ann.token, { id: missing.toUpperCase() });
      assert.equal(id, missing);
      assert.equal((await post({ id })).status, 409);
    });

    it('change by patches, all of them or none', async () => {
      const id = await rig.image(ann.token, { kept: 'yes', gone: 'soon' });
      const changed = await rig.patch(ann.token, id, [
        { op: 'replace', path: '/name', value: 'new' },
        { op: 'add', path: '/os~1distro', value: 'x' },
        { op: 'remove', path: '/gone' },
        { op: 'replace', path: '/tags', value: ['t'] },
        { op: 'replace', path: '/protected', value: true },
      ]);
      assert.equal(changed.status, 200, JSON.stringify(changed.body));
      assert.equal(changed.body.name, 'new');
      assert.equal(changed.body['os/distro'], 'x');
      assert.equal('gone' in changed.body, false);
      const before = await show(id);
      const refused: readonly [object, number][] = [
        [{ op: 'replace', path: '/status', value: 'active' }, 403],
        [{ op: 'replace', path: '/owner', value: bob.projectId }, 403],
        [{ op: 'replace', path: '/visibility', value: 'public' }, 403],
        [{ op: 'remove', path: '/name' }, 403],
        [{ op: 'remove', path: '/nothing' }, 409],
        [{ op: 'replace', path: '/nothing', value: 'x' }, 409],
        [{ op: 'move', path: '/name', value: 'x' }, 400],
        [{ op: 'add', path: '/a/b', value: 'x' }, 400],
        [{ op: 'add', path: 'name', value: 'x' }, 400],
        [{ op: 'add', path: '/custom', value: 7 }, 400],
        [{ op: 'add', path: '/__proto__', value: 'x' }, 403],
        [{ op: 'add', path: '/locations/-', value: {} }, 403],
        [{ op: 'replace', path: '/min_disk', value: 'x' }, 400],
      ];
      for (const [change, status] of refused) {
        const answer = await rig.patch(ann.token, id, [{ op: 'replace', path: '/name', value: 'never' }, change]);
        assert.equal(answer.status, status, `${JSON.stringify(change)}: ${JSON.stringify(answer.body)}`);
      }
      assert.deepEqual(await show(id), before);
      const asJson = await rig.ask('PATCH', `/v2/images/${id}`, { token: ann.token, body: [] });
      assert.equal(asJson.status, 415);
    });

    it('take patches of the older draft', async () => {
      const id = await rig.image(ann.token);
      const answer = await rig.patch(
        ann.token,
        id,
        [
          { add: '/colour', value: 'red' },
          { replace: '/name', value: 'n' },
        ],
        'v2.0',
      );
      assert.equal(answer.body.colour, 'red');
      const again = await rig.patch(ann.token, id, [{ add: '/colour', value: 'blue' }], 'v2.0');
      assert.equal(again.status, 409);
    });

    it('are found by filters, in order, page by page', async () => {
      const mark = { batch: 'filters' };
      const a = await rig.image(ann.token, { ...mark, name: 'a', tags: ['x', 'y'] });
      const b = await rig.image(ann.token, { ...mark, name: 'b', disk_format: 'qcow2', min_ram: 10 });
      const hidden = await rig.image(ann.token, { ...mark, name: 'c', os_hidden: true });
      assert.deepEqual(await list('?batch=filters&sort=name:asc'), [a, b]);
      assert.deepEqual(await list('?batch=filters&os_hidden=true'), [hidden]);
      assert.deepEqual(await list('?batch=filters&name=in:a,c'), [a]);
      assert.deepEqual(await list('?batch=filters&tag=x&tag=y'), [a]);
      assert.deepEqual(await list('?batch=filters&tag=x&tag=z'), []);
      assert.deepEqual(await list('?batch=filters&disk_format=qcow2'), [b]);
      assert.deepEqual(await list('?batch=filters&min_ram=gte:10'), [b]);
      assert.deepEqual(await list('?batch=filters&created_at=lt:2001-01-01T00:00:00Z'), []);
      assert.deepEqual(await list('?batch=other'), []);
      const first = await rig.ask('GET', '/v2/images?batch=filters&limit=1&sort_key=name&sort_dir=asc', {
        token: ann.token,
      });
      const { next } = first.body as { next: string };
      assert.deepEqual(await list(next.replace('/v2/images', '')), [b]);
      for (const query of [
        'limit=-1',
        'limit=x',
        'sort=colour',
        'sort_dir=up',
        'visibility=secret',
        'size_min=x',
        `marker=${missing}`,
        'protected=maybe',
        'created_at=yesterday',
      ]) {
        assert.equal(
          (await rig.ask('GET', `/v2/images?${query}`, { token: ann.token })).status,
          query.startsWith('marker') ? 200 : 400,
          query,
        );
      }
      assert.equal(
        (await rig.ask('GET', '/v2/images?marker=22222222-2222-4222-8222-222222222222', { token: ann.token })).status,
        400,
      );
    });

    it('are seen by whom their visibility says', async () => {
      const seen = async (visibility: string, query: string) => {
        const id = await rig.image(admin, { visibility, owner: ann.projectId, batch: visibility });
        const byId = (await rig.ask('GET', `/v2/images/${id}`, { token: bob.token })).status;
        return [byId, (await list(`?batch=${visibility}${query}`, bob.token)).length];
      };
      assert.deepEqual(await seen('private', ''), [404, 0]);
      assert.deepEqual(await seen('shared', ''), [404, 0]);
      assert.deepEqual(await seen('community', ''), [200, 0]);
      assert.deepEqual(await seen('public', ''), [200, 1]);
      assert.equal((await list('?batch=community&visibility=community', bob.token)).length, 1);
      assert.equal((await list('?batch=community&visibility=all', bob.token)).length, 1);
      const id = await rig.image(admin, { visibility: 'public' });
      assert.equal((await rig.patch(bob.token, id, [{ op: 'replace', path: '/name', value: 'mine' }])).status, 403);
      assert.equal((await rig.ask('DELETE', `/v2/images/${id}`, { token: bob.token })).status, 403);
    });

    it('take tags one by one', async () => {
      const id = await rig.image(ann.token);
      const tag = `/v2/images/${id}/tags/${encodeURIComponent('a b')}`;
      assert.equal((await rig.ask('PUT', tag, { token: ann.token })).status, 204);
      assert.deepEqual((await show(id)).tags, ['a b']);
      assert.equal((await rig.ask('DELETE', tag, { token: ann.token })).status, 204);
      assert.equal((await rig.ask('DELETE', tag, { token: ann.token })).status, 404);
    });

    it('go when they are deleted, unless they are protected', async () => {
      const id = await rig.image(ann.token, { protected: true });
      const refused = await rig.ask('DELETE', `/v2/images/${id}`, { token: ann.token });
      assert.equal(refused.status, 403);
      assert.match(refused.body.message, /is protected and cannot be deleted/);
      await rig.patch(ann.token, id, [{ op: 'replace', path: '/protected', value: false }]);
      assert.equal((await rig.ask('DELETE', `/v2/images/${id}`, { token: ann.token })).status, 204);
      assert.equal((await rig.ask('GET', `/v2/images/${id}`, { token: ann.token })).status, 404);
    });
  });

  describe('members', () => {
    it('see what was shared with them, and list what they accepted', async () => {
      const id = await rig.image(ann.token, { batch: 'members' });
      const members = `/v2/images/${id}/members`;
      const added = await rig.ask('POST', members, { token: ann.token, body: { member: bob.projectId } });
      assert.equal(added.body.status, 'pending');
      const again = await rig.ask('POST', members, { token: ann.token, body: { member: bob.projectId } });
      assert.equal(again.status, 409);
      assert.equal((await show(id, bob.token)).id, id);
      assert.deepEqual(await list('?batch=members', bob.token), []);
      assert.deepEqual(await list('?batch=members&member_status=all&visibility=shared', bob.token), [id]);
      const own = `${members}/${bob.projectId}`;
      const byOwner = await rig.ask('PUT', own, { token: ann.token, body: { status: 'accepted' } });
      assert.equal(byOwner.status, 403);
      const accepted = await rig.ask('PUT', own, { token: bob.token, body: { status: 'accepted' } });
      assert.equal(accepted.body.status, 'accepted');
      assert.deepEqual(await list('?batch=members', bob.token), [id]);
      const shown = await rig.ask('GET', own, { token: bob.token });
      assert.equal(shown.body.member_id, bob.projectId);
      assert.equal((await rig.ask('GET', members, { token: bob.token })).body.members.length, 1);
      const byMember = await rig.ask('POST', members, { token: bob.token, body: { member: 'c' } });
      assert.equal(byMember.status, 403);
      assert.equal((await rig.ask('DELETE', own, { token: bob.token })).status, 403);
      assert.equal((await rig.ask('DELETE', own, { token: ann.token })).status, 204);
      assert.equal((await rig.ask('GET', `/v2/images/${id}`, { token: bob.token })).status, 404);
    });

    it('are of shared images alone', async () => {
      const id = await rig.image(ann.token, { visibility: 'private' });
      const answer = await rig.ask('POST', `/v2/images/${id}/members`, { token: ann.token, body: { member: 'x' } });
      assert.equal(answer.status, 403);
    });
  });

  describe('data', () => {
    it('is sent in one piece or in chunks, and read back whole or in part', async () => {
      for (const chunked of [false, true]) {
        const id = await rig.image(ann.token);
        assert.equal((await rig.read(ann.token, id)).status, 204);
        const bytes = Buffer.from('0123456789'.repeat(100));
        const sent = await rig.send(ann.token, id, bytes, chunked);
        assert.equal(sent.status, 204, JSON.stringify(sent.body));
        const image = await show(id);
        assert.equal(image.status, 'active');
        assert.equal(image.size, 1000);
        assert.equal(image.virtual_size, 1000);
        assert.equal(image.os_hash_algo, 'sha512');
        const whole = await rig.read(ann.token, id);
        assert.equal(whole.status, 200);
        assert.deepEqual(whole.bytes, bytes);
        assert.equal(whole.headers.get('content-md5'), image.checksum);
        assert.equal(whole.headers.get('content-length'), '1000');
        const part = await rig.read(ann.token, id, { Range: 'bytes=1-3' });
        assert.equal(part.status, 206);
        assert.equal(part.bytes.toString(), '123');
        const again = await rig.send(ann.token, id, bytes);
        assert.equal(again.status, 409);
      }
    });

    it('needs formats, and cannot change them afterwards', async () => {
      const id = await rig.image(ann.token, { disk_format: null });
      const refused = await rig.send(ann.token, id, Buffer.alloc(10));
      assert.equal(refused.status, 400);
      assert.match(refused.body.message, /Properties disk_format must be set prior to saving data/);
      const active = await rig.activeImage(ann.token);
      const change = [{ op: 'replace', path: '/disk_format', value: 'qcow2' }];
      assert.equal((await rig.patch(ann.token, active, change)).status, 403);
    });

    it('is not kept when it does not show the format that was said, and can be sent again', async () => {
      const id = await rig.image(ann.token, { disk_format: 'vmdk' });
      rig.engine.world.received = { ...rig.engine.world.received, detected: ['vdi'] };
      const refused = await rig.send(ann.token, id, Buffer.alloc(512));
      assert.equal(refused.status, 400);
      assert.equal((await show(id)).status, 'queued');
      assert.deepEqual(await rig.api.database('volumes').where({ name: `image-${id}` }), []);
      rig.engine.world.received = { ...rig.engine.world.received, detected: ['vmdk'] };
      assert.equal((await rig.send(ann.token, id, Buffer.alloc(512))).status, 204);
      rig.engine.world.received = { ...rig.engine.world.received, detected: [] };
      assert.equal((await show(id)).virtual_size, null);
    });

    it('is given to nobody but administrators while an image is deactivated', async () => {
      const id = await rig.activeImage(ann.token);
      const act = (action: string) => rig.ask('POST', `/v2/images/${id}/actions/${action}`, { token: ann.token });
      assert.equal((await act('deactivate')).status, 204);
      assert.equal((await show(id)).status, 'deactivated');
      const refused = await rig.read(ann.token, id);
      assert.equal(refused.status, 403);
      assert.match(refused.bytes.toString(), /has been deactivated/);
      assert.equal((await rig.read(admin, id)).status, 200);
      assert.equal((await act('reactivate')).status, 204);
      assert.equal((await rig.read(ann.token, id)).status, 200);
      const queued = await rig.image(ann.token);
      const early = await rig.ask('POST', `/v2/images/${queued}/actions/deactivate`, { token: ann.token });
      assert.equal(early.status, 400);
    });

    it('counts for the project, and goes with its image', async () => {
      const usage = async () => (await rig.ask('GET', '/v2/info/usage', { token: bob.token })).body.usage;
      assert.deepEqual((await usage()).image_size_total, { limit: -1, usage: 0 });
      const id = await rig.activeImage(bob.token);
      assert.deepEqual((await usage()).image_size_total, { limit: -1, usage: 1 });
      const [{ id: volumeId }] = (await rig.api.database('volumes').where({ name: `image-${id}` })) as [{ id: string }];
      assert.equal((await rig.ask('DELETE', `/v2/images/${id}`, { token: bob.token })).status, 204);
      assert.equal((await rig.ask('GET', `/v2/images/${id}`, { token: bob.token })).status, 404);
      await rig.engine.settle();
      assert.deepEqual(await rig.api.database('volumes').where({ id: volumeId }), []);
      assert.deepEqual(await rig.api.database('images').where({ id }), []);
    });
  });

  describe('the document', () => {
    it('has no operation that was not answered here', () => {
      assert.deepEqual(rig.api.recorders.get('/image')?.missing(), []);
    });
  });
});
