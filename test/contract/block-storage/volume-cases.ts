// Volumes: create in all its ways, show, lists, update, delete, metadata.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, insertPool, missingId, poolName, projectOf } from './block-rig.js';

const adminKeys = ['os-vol-host-attr:host', 'os-vol-mig-status-attr:migstat', 'os-vol-mig-status-attr:name_id'];

export function volumeCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  it('creates: accepted with the row as it is, without os-vol-* fields, then available', async () => {
    const body = { volume: { size: '2', name: ' data ', description: 'd', metadata: { a: 'b' } } };
    const answer = await rig().ask('POST', '/volumes', { body });
    assert.equal(answer.status, 202);
    const { volume } = answer.body;
    assert.deepEqual([volume.status, volume.size, volume.name, volume.bootable], ['creating', 2, 'data', 'false']);
    assert.deepEqual(volume.metadata, { a: 'b' });
    assert.equal(volume.volume_type, '__DEFAULT__');
    assert.ok(!Object.keys(volume).some((key) => key.startsWith('os-vol')));
    await rig().engine.settle();
    const shown = (await rig().ask('GET', `/volumes/${volume.id}`)).body.volume;
    assert.equal(shown.status, 'available');
    assert.equal(shown['os-vol-tenant-attr:tenant_id'], projectOf('ann'));
    for (const key of adminKeys) assert.ok(!(key in shown));
    const asAdmin = (await rig().ask('GET', `/volumes/${volume.id}`, { as: 'admin' })).body.volume;
    assert.equal(asAdmin['os-vol-host-attr:host'], poolName);
    for (const key of adminKeys) assert.ok(key in asAdmin);
  });

  it('shows every field of 3.71 and none of it at 3.0', async () => {
    const id = await rig().volume();
    const gated = ['group_id', 'service_uuid', 'shared_targets', 'volume_type_id', 'consumes_quota'];
    const old = (await rig().ask('GET', `/volumes/${id}`)).body.volume;
    const now = (await rig().ask('GET', `/volumes/${id}`, { version: '3.71' })).body.volume;
    for (const key of gated) assert.deepEqual([key in old, key in now], [false, true], key);
    assert.equal(now.shared_targets, false);
  });

  it('refuses bad sizes with the reason', async () => {
    for (const size of ['', '#$%', 0, -1, null, '0', 1.5, 2 ** 31]) {
      const answer = await rig().ask('POST', '/volumes', { body: { volume: { size } } });
      assert.equal(answer.status, 400, String(size));
      assert.match(answer.body.badRequest.message, /size/i);
    }
    assert.equal((await rig().ask('POST', '/volumes', { body: { volume: {} } })).status, 400);
    const zero = await rig().ask('POST', '/volumes', { body: { volume: { size: 0 } } });
    assert.equal(
      zero.body.badRequest.message,
      'Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1',
    );
    const none = await rig().ask('POST', '/volumes', { body: {} });
    assert.equal(none.body.badRequest.message, "'volume' is a required property");
  });

  it('answers 404 for an unknown type, snapshot or source, and 400 for what it has not got', async () => {
    for (const more of [
      { volume_type: 'nope' },
      { volume_type: missingId },
      { snapshot_id: missingId },
      { source_volid: missingId },
    ]) {
      const answer = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, ...more } } });
      assert.equal(answer.status, 404, JSON.stringify(more));
      assert.ok(answer.body.itemNotFound);
    }
    for (const more of [{ imageRef: missingId }, { multiattach: true }, { availability_zone: 'mars' }]) {
      const answer = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, ...more } } });
      assert.equal(answer.status, 400, JSON.stringify(more));
    }
    const both = { size: 1, snapshot_id: missingId, source_volid: missingId };
    assert.equal((await rig().ask('POST', '/volumes', { body: { volume: both } })).status, 400);
  });

  it('refuses unknown keys from 3.53 on', async () => {
    const body = { volume: { size: 1, colour: 'red' } };
    assert.equal((await rig().ask('POST', '/volumes', { body, version: '3.52' })).status, 202);
    await rig().engine.settle();
    const answer = await rig().ask('POST', '/volumes', { body, version: '3.53' });
    assert.equal(answer.status, 400);
    assert.match(answer.body.badRequest.message, /'colour' was unexpected/);
  });

  it('copies a snapshot and a volume, never smaller than the source', async () => {
    const source = await rig().volume({ size: 2 });
    const snapshot = await rig().snapshot(source);
    const small = await rig().ask('POST', '/volumes', { body: { volume: { size: 1, snapshot_id: snapshot } } });
    assert.equal(small.status, 400);
    assert.match(small.body.badRequest.message, /cannot be smaller/);
    const copy = await rig().volume({ size: null, snapshot_id: snapshot });
    const shown = (await rig().ask('GET', `/volumes/${copy}`)).body.volume;
    assert.deepEqual(
      [shown.status, shown.size, shown.snapshot_id, shown.source_volid],
      ['available', 2, snapshot, null],
    );
    const clone = await rig().volume({ size: 3, source_volid: source });
    const cloned = (await rig().ask('GET', `/volumes/${clone}`)).body.volume;
    assert.deepEqual([cloned.status, cloned.size, cloned.source_volid], ['available', 3, source]);
    assert.deepEqual((await rig().ask('GET', '/snapshots')).body.snapshots.length, 1, 'the clone left no snapshot');
  });

  it('deletes a volume that is being copied when its copy is independent of it', async () => {
    const source = await rig().volume();
    const body = { volume: { size: 1, source_volid: source } };
    const made = await rig().ask('POST', '/volumes', { body });
    assert.equal(made.status, 202);
    assert.equal((await rig().ask('DELETE', `/volumes/${source}`)).status, 202);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(source), 'deleting');
    assert.equal(await rig().statusOf(made.body.volume.id as string), 'available');
    await rig().engine.flattenAll();
    assert.equal(await rig().statusOf(source), 404);
    assert.equal(await rig().statusOf(made.body.volume.id as string), 'available');
  });

  it('makes a copy at once beside its source, and in full where the type wants that', async () => {
    const source = await rig().volume();
    const type = async (name: string, copy: string): Promise<Answer> =>
      rig().ask('POST', '/types', {
        as: 'admin',
        body: { volume_type: { name, extra_specs: { 'saggar:copy': copy } } },
      });
    const refused = await type('odd-copy', 'sometimes');
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message as string, /saggar:copy must be one of: instant, full/);
    const full = await type('full-copy', 'full');
    assert.equal(full.status, 200);
    const made = rig().engine.commands;
    made.length = 0;
    await rig().volume({ source_volid: source });
    assert.deepEqual(
      made.map((command) => command.type),
      ['overlay.fork'],
    );
    made.length = 0;
    await rig().volume({ source_volid: source, volume_type: full.body.volume_type.id as string });
    assert.ok(made.some((command) => command.type === 'image.copy'));
    const id = full.body.volume_type.id as string;
    const changed = await rig().ask('PUT', `/types/${id}/extra_specs/saggar:copy`, {
      as: 'admin',
      body: { 'saggar:copy': 'never' },
    });
    assert.equal(changed.status, 400);
  });

  it('puts a volume that fits nowhere into error and tells its owner', async () => {
    const answer = await rig().ask('POST', '/volumes', { body: { volume: { size: 900 } } });
    assert.equal(answer.status, 202);
    const tooLarge = await rig().ask('POST', '/volumes', { body: { volume: { size: 100 } } });
    assert.equal(tooLarge.status, 202);
    await rig()
      .database('quota_limits')
      .insert({ project_id: projectOf('ann'), resource: 'gigabytes', hard_limit: -1 });
    const huge = await rig().ask('POST', '/volumes', { body: { volume: { size: 5000 } } });
    assert.equal(huge.body.volume.status, 'error');
    const messages = (await rig().ask('GET', '/messages', { version: '3.3' })).body.messages;
    assert.equal(messages[0].resource_uuid, huge.body.volume.id);
    assert.match(messages[0].user_message, /Could not find any available weighted backend/);
    assert.equal((await rig().ask('GET', `/messages/${messages[0].id}`, { version: '3.3' })).status, 200);
    assert.equal((await rig().ask('GET', `/messages/${messages[0].id}`)).status, 404, 'below 3.3');
    assert.equal((await rig().ask('DELETE', `/messages/${messages[0].id}`, { version: '3.3' })).status, 204);
    await rig().engine.settle();
    assert.equal((await rig().ask('DELETE', `/volumes/${huge.body.volume.id}`)).status, 202);
    assert.equal(await rig().statusOf(huge.body.volume.id), 404);
  });

  it('spreads over pools by room, and never onto one that is down', async () => {
    const other = 'node2@gluster#10.0.0.2:/more';
    await insertPool(rig().database, other, { total_bytes: 500 * 1024 ** 3, free_bytes: 400 * 1024 ** 3 });
    try {
      const hostOf = async (id: string) =>
        (await rig().ask('GET', `/volumes/${id}`, { as: 'admin' })).body.volume['os-vol-host-attr:host'];
      assert.equal(await hostOf(await rig().volume()), other);
      await rig().database('pools').where({ name: other }).update({ state: 'down' });
      assert.equal(await hostOf(await rig().volume()), poolName);
    } finally {
      await rig().clear();
      await rig().database('pools').where({ name: other }).delete();
      await rig().database('services').where({ host: 'node2@gluster' }).delete();
    }
  });

  it('shows nothing of another project, with the same words as for what is nowhere', async () => {
    const id = await rig().volume();
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/metadata'],
      ['GET', '/encryption'],
    ] as const) {
      const foreign = await rig().ask(method, `/volumes/${id}${path}`, { as: 'bob' });
      const nowhere = await rig().ask(method, `/volumes/${missingId}${path}`, { as: 'bob' });
      assert.equal(foreign.status, 404);
      assert.equal(
        foreign.body.itemNotFound.message.replace(id, ''),
        nowhere.body.itemNotFound.message.replace(missingId, ''),
      );
    }
    assert.equal((await rig().ask('GET', '/volumes/some-name')).status, 404);
    assert.deepEqual((await rig().ask('GET', '/volumes', { as: 'bob' })).body.volumes, []);
    assert.equal((await rig().ask('POST', '/volumes', { as: 'reader', body: { volume: { size: 1 } } })).status, 403);
    assert.deepEqual((await rig().ask('GET', `/volumes/${id}/encryption`)).body, { encryption_key_id: null });
  });

  it('updates name, description and metadata', async () => {
    const id = await rig().volume({ name: 'one', metadata: { a: '1' } });
    const answer = await rig().ask('PUT', `/volumes/${id}`, {
      body: { volume: { display_name: 'two', description: null } },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual([answer.body.volume.name, answer.body.volume.metadata], ['two', { a: '1' }]);
    assert.ok(!('os-vol-tenant-attr:tenant_id' in answer.body.volume));
    assert.equal((await rig().ask('PUT', `/volumes/${id}`, { body: { volume: {} }, version: '3.52' })).status, 200);
    assert.equal((await rig().ask('PUT', `/volumes/${id}`, { body: { volume: {} }, version: '3.53' })).status, 400);
    const long = await rig().ask('PUT', `/volumes/${id}`, { body: { volume: { name: 'x'.repeat(256) } } });
    assert.match(long.body.badRequest.message, /is too long$/);
  });

  it('deletes until 404, not while something depends on it', async () => {
    const id = await rig().volume();
    const snapshot = await rig().snapshot(id);
    const refused = await rig().ask('DELETE', `/volumes/${id}`);
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /still has 1 dependent snapshots/);
    assert.equal((await rig().ask('DELETE', `/volumes/${id}?cascade=true`)).status, 202);
    assert.equal(await rig().statusOf(id), 'deleting');
    const again = await rig().ask('DELETE', `/volumes/${id}`);
    assert.equal(again.status, 400, 'one deletion is enough');
    assert.match(again.body.badRequest.message, /current status is: deleting/);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 404);
    assert.equal((await rig().ask('GET', `/snapshots/${snapshot}`)).status, 404);
    assert.equal((await rig().ask('DELETE', `/volumes/${id}`)).status, 404);
  });

  it('deletes by force for administrators only, from 3.23 on', async () => {
    const id = await rig().volume();
    await rig().database('volumes').where({ id }).update({ status: 'maintenance' });
    assert.equal((await rig().ask('DELETE', `/volumes/${id}`, { as: 'admin' })).status, 400);
    assert.equal((await rig().ask('DELETE', `/volumes/${id}?force=true`, { as: 'admin' })).status, 400, 'below 3.23');
    assert.equal((await rig().ask('DELETE', `/volumes/${id}?force=true`, { version: '3.23' })).status, 403);
    const forced = await rig().ask('DELETE', `/volumes/${id}?force=true`, { as: 'admin', version: '3.23' });
    assert.equal(forced.status, 202);
  });

  it('keeps metadata as a resource, with an ETag from 3.15 on', async () => {
    const id = await rig().volume({ metadata: { a: '1' } });
    const path = `/volumes/${id}/metadata`;
    assert.equal((await rig().ask('GET', path)).headers.get('etag'), null);
    const read = await rig().ask('GET', path, { version: '3.15' });
    const etag = read.headers.get('etag') ?? '';
    assert.match(etag, /^"[0-9a-f]{32}"$/);
    const merged = await rig().ask('POST', path, { body: { metadata: { b: '2' } } });
    assert.deepEqual(merged.body, { metadata: { a: '1', b: '2' } });
    const stale = { body: { metadata: {} }, version: '3.15', headers: { 'If-Match': etag } };
    assert.equal((await rig().ask('PUT', path, stale)).status, 412);
    const replaced = await rig().ask('PUT', path, { body: { metadata: { c: '3' } } });
    assert.deepEqual(replaced.body, { metadata: { c: '3' } });
    assert.deepEqual((await rig().ask('GET', `${path}/c`)).body, { meta: { c: '3' } });
    assert.equal((await rig().ask('PUT', `${path}/c`, { body: { meta: { d: '4' } } })).status, 400);
    assert.equal((await rig().ask('PUT', `${path}/c`, { body: { meta: { c: '4' } } })).status, 200);
    assert.equal((await rig().ask('GET', `${path}/x`)).status, 404);
    assert.equal((await rig().ask('DELETE', `${path}/c`)).status, 200);
    assert.equal((await rig().ask('DELETE', `${path}/c`)).status, 404);
    assert.equal((await rig().ask('PUT', path, { body: { metadata: { k: 1 } } })).status, 400);
  });
}
