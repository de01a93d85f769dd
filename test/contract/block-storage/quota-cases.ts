// Quotas, quota classes and limits: what is refused, what is shown, and that requests over a limit are 413.
import assert from 'node:assert/strict';
import { type BlockRig, poolName, projectOf } from './block-rig.js';

export function quotaCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  it('keeps quotas at once, with 413', async () => {
    const project = projectOf('ann');
    const path = `/os-quota-sets/${project}`;
    const as = 'admin';
    const put = (quota: object) => rig().ask('PUT', path, { as, body: { quota_set: quota } });
    const changed = await put({ volumes: 1, gigabytes: 3, snapshots: 1 });
    assert.equal(changed.status, 200);
    assert.ok(!('id' in changed.body.quota_set));
    assert.deepEqual([changed.body.quota_set.volumes, changed.body.quota_set['volumes___DEFAULT__']], [1, -1]);
    for (const bad of [
      {},
      { volumes: -2 },
      { volumes: 'x' },
      { volumes: 2 ** 31 },
      { volumes: 1.5 },
      { volumes: true },
    ]) {
      assert.equal((await put(bad)).status, 400, JSON.stringify(bad));
      if (!('volumes' in bad)) continue;
      const refused = await put({ snapshots: 5, ...bad });
      assert.match(refused.body.badRequest.message as string, /volumes/);
    }
    const unknown = await put({ snapshots: 5, nonsense: 1, volumes_none: 2 });
    assert.equal(
      unknown.body.badRequest.message,
      'Invalid input received: Bad key(s) in quota set: nonsense, volumes_none',
    );
    assert.equal((await rig().ask('GET', path)).body.quota_set.snapshots, 1, 'a refused change changes nothing');
    assert.equal((await put({ tenant_id: project })).body.quota_set.snapshots, 1, 'no quota, and no error');
    assert.equal((await put({ volumes: '1' })).status, 200, 'digits, as older clients send them');
    assert.equal((await rig().ask('PUT', path, { body: { quota_set: { volumes: 2 } } })).status, 403);
    const id = await rig().volume({ size: 2 });
    const over = async (method: string, at: string, body: unknown): Promise<string> => {
      const answer = await rig().ask(method, at, { body });
      assert.equal(answer.status, 413, JSON.stringify(answer.body));
      assert.equal(answer.headers.get('retry-after'), '0');
      assert.equal(answer.body.overLimit.retryAfter, '0');
      return answer.body.overLimit.message as string;
    };
    assert.equal(
      await over('POST', '/volumes', { volume: { size: 1 } }),
      "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.",
    );
    assert.match(
      await over('POST', `/volumes/${id}/action`, { 'os-extend': { new_size: 4 } }),
      /^VolumeSizeExceedsAvailableQuota/,
    );
    assert.match(await over('POST', '/snapshots', { snapshot: { volume_id: id } }), /gigabytes quota/);
    const low = await put({ gigabytes: 1 });
    assert.equal(
      low.body.badRequest.message,
      'Quota gigabytes limit must be equal or greater than existing resources. Current usage is 2 and the requested limit is 1.',
    );
    for (const fits of [
      { gigabytes: 2 },
      { gigabytes: -1 },
      { per_volume_gigabytes: 1 },
      { gigabytes: 3, per_volume_gigabytes: -1 },
    ])
      assert.equal((await put(fits)).status, 200, JSON.stringify(fits));
    assert.equal(
      (await rig().ask('PUT', '/os-quota-sets/class:default', { as, body: { quota_set: { volumes: 1 } } })).status,
      400,
    );
    const usage = (await rig().ask('GET', `${path}?usage=True`)).body.quota_set;
    assert.deepEqual(usage.gigabytes, { limit: 3, in_use: 2, reserved: 0 });
    assert.equal(usage.id, project);
    assert.equal((await rig().ask('GET', path, { as: 'bob' })).status, 404);
    assert.equal((await rig().ask('GET', `${path}?usage=perhaps`)).status, 400);
    assert.deepEqual(usage['volumes___DEFAULT__'], { limit: -1, in_use: 1, reserved: 0 });
    assert.deepEqual(usage['per_volume_gigabytes'], { limit: -1, in_use: 0, reserved: 0 });
    const limits = (await rig().ask('GET', '/limits')).body.limits.absolute;
    assert.deepEqual([limits.maxTotalVolumes, limits.totalVolumesUsed, limits.totalGigabytesUsed], [1, 1, 2]);
    const foreign = await rig().ask('GET', `/limits?project_id=${project}`, { as, version: '3.39' });
    assert.equal(foreign.body.limits.absolute.maxTotalVolumes, 1);
    const before = await rig().ask('GET', `/limits?project_id=${project}`, { as, version: '3.38' });
    assert.equal(before.body.limits.absolute.maxTotalVolumes, 10, 'the own project’s');
    const asBob = await rig().ask('GET', `/limits?project_id=${project}`, { as: 'bob', version: '3.39' });
    assert.equal(asBob.body.limits.absolute.maxTotalVolumes, 10, 'the own project’s');
    assert.equal((await rig().ask('DELETE', path, { as })).status, 200);
    assert.equal((await rig().ask('GET', path)).body.quota_set.volumes, 10);
    assert.equal((await rig().ask('GET', `${path}/defaults`)).body.quota_set.gigabytes, 1000);
  });

  it('never goes over a quota however many ask at once', async () => {
    await rig()
      .database('quota_limits')
      .insert({ project_id: projectOf('ann'), resource: 'volumes', hard_limit: 3 });
    const asks = Array.from({ length: 10 }, () => rig().ask('POST', '/volumes', { body: { volume: { size: 1 } } }));
    const codes = (await Promise.all(asks)).map((answer) => answer.status).sort();
    assert.deepEqual(codes, [202, 202, 202, 413, 413, 413, 413, 413, 413, 413]);
    await rig().engine.settle();
  });

  it('changes the default quotas', async () => {
    const as = 'admin';
    const changed = await rig().ask('PUT', '/os-quota-class-sets/default', {
      as,
      body: { quota_class_set: { volumes: 7 } },
    });
    assert.equal(changed.body.quota_class_set.volumes, 7);
    assert.equal((await rig().ask('GET', '/os-quota-class-sets/default', { as })).body.quota_class_set.volumes, 7);
    assert.equal(
      (await rig().ask('GET', `/os-quota-sets/${projectOf('bob')}`, { as: 'bob' })).body.quota_set.volumes,
      7,
    );
    const other = (body?: object) =>
      rig().ask(body === undefined ? 'GET' : 'PUT', '/os-quota-class-sets/gold', { as, body });
    const { id, ...values } = (await other()).body.quota_class_set;
    assert.deepEqual([id, values.volumes, values.gigabytes], ['gold', 7, 1000], 'what it lacks is the default class’s');
    assert.equal((await other({ quota_class_set: { volumes: 99 } })).body.quota_class_set.volumes, 99);
    assert.equal((await other()).body.quota_class_set.volumes, 99);
    const bobs = await rig().ask('GET', `/os-quota-sets/${projectOf('bob')}`, { as: 'bob' });
    assert.equal(bobs.body.quota_set.volumes, 7, 'another class is given to nobody');
    assert.equal((await other({ quota_class_set: { nonsense: 1 } })).status, 400);
    const long = `/os-quota-class-sets/${'x'.repeat(256)}`;
    assert.equal((await rig().ask('PUT', long, { as, body: { quota_class_set: { volumes: 1 } } })).status, 400);
    assert.equal((await rig().ask('GET', '/os-quota-class-sets/default')).status, 403);
  });

  it('limits each volume type, by its name', async () => {
    const as = 'admin';
    const project = projectOf('ann');
    const quota = { 'volumes_my type': 1, 'gigabytes_my type': 5, 'snapshots_my type': 1 };
    const type = await rig().ask('POST', '/types', { as, body: { volume_type: { name: 'my type' } } });
    assert.equal(type.status, 200);
    const put = await rig().ask('PUT', `/os-quota-sets/${project}`, { as, body: { quota_set: quota } });
    assert.deepEqual({ ...put.body.quota_set, ...quota }, put.body.quota_set);
    const volume = await rig().volume({ volume_type: 'my type', size: 2 });
    const codes = [
      (await rig().ask('POST', '/volumes', { body: { volume: { size: 1, volume_type: 'my type' } } })).status,
      (await rig().ask('POST', '/volumes', { body: { volume: { size: 2, source_volid: volume } } })).status,
      (await rig().act(volume, { 'os-extend': { new_size: 6 } })).status,
    ];
    assert.deepEqual(codes, [413, 413, 413]);
    await rig().snapshot(volume);
    const over = await rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } });
    assert.equal(
      over.body.overLimit.message,
      "SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded for quota 'snapshots_my type'.",
    );
    const usage = (await rig().ask('GET', `/os-quota-sets/${project}?usage=True`)).body.quota_set;
    assert.deepEqual(usage['gigabytes_my type'], { limit: 5, in_use: 4, reserved: 0 });
    assert.deepEqual(usage['gigabytes___DEFAULT__'], { limit: -1, in_use: 0, reserved: 0 });
    await rig().clear();
    await rig().ask('DELETE', `/types/${type.body.volume_type.id as string}`, { as });
    const keys = Object.keys((await rig().ask('GET', `/os-quota-sets/${project}`)).body.quota_set as object);
    assert.ok(!keys.includes('volumes_my type'));
  });

  it('reserves what a volume grows by until it has grown', async () => {
    const path = `/os-quota-sets/${projectOf('ann')}?usage=True`;
    const gigabytes = async (): Promise<object> => (await rig().ask('GET', path)).body.quota_set.gigabytes as object;
    const volume = await rig().volume({ size: 2 });
    assert.equal((await rig().act(volume, { 'os-extend': { new_size: 5 } })).status, 202);
    assert.deepEqual(await gigabytes(), { limit: 1000, in_use: 2, reserved: 3 });
    await rig().engine.settle();
    assert.deepEqual(await gigabytes(), { limit: 1000, in_use: 5, reserved: 0 });
  });

  it('takes no file as a volume that is larger than the quota, and leaves it where it is', async () => {
    const as = 'admin';
    const { world } = rig().engine;
    const row = { project_id: projectOf('admin'), resource: 'gigabytes', hard_limit: 2 };
    await rig().database('quota_limits').insert(row);
    world.files.set('large', { format: 'qcow2', virtualSizeBytes: 3 * 1024 ** 3, backingFile: null });
    const volume = { host: poolName, ref: { 'source-name': 'large' } };
    const made = await rig().ask('POST', '/os-volume-manage', { as, body: { volume } });
    assert.equal(made.status, 202);
    await rig().engine.settle();
    const id = made.body.volume.id as string;
    const [shown]: { status: string; size_gib: number }[] = await rig().database('volumes').where({ id });
    assert.deepEqual([shown?.status, shown?.size_gib], ['error_managing', 0]);
    const { messages } = (await rig().ask('GET', `/messages?resource_uuid=${id}`, { as, version: '3.5' })).body;
    assert.equal(messages[0].user_message, 'manage volume:Not enough quota resource for operation.');
    assert.equal((await rig().ask('DELETE', `/volumes/${id}`, { as })).status, 202);
    await rig().engine.settle();
    assert.equal(await rig().statusOf(id), 404);
    assert.ok(world.files.delete(`volume-${id}`), 'the file is still there');
  });
}
