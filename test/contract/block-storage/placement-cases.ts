// Where volumes land: several backends and pools, types, hints, ratios; and the reason when nothing fits.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, backendHost, insertPool, missingId, poolName } from './block-rig.js';

const GIB = 1024 ** 3;
const version = '3.3';

export function placementCases(rig: () => BlockRig): void {
  const more = `${backendHost}#10.0.0.1:/more`;
  const second = 'node1@second#10.0.0.1:/second';

  beforeEach(async () => {
    await rig()
      .database('quota_limits')
      .insert(['gigabytes', 'volumes'].map((resource) => ({ project_id: 'class:default', resource, hard_limit: -1 })));
    await insertPool(rig().database, more, { total_bytes: 50 * GIB, free_bytes: 45 * GIB });
    const row: { capabilities: object } = await rig().database('pools').where({ name: more }).first('capabilities');
    const capabilities = JSON.stringify({ ...row.capabilities, volumeBackendName: 'second' });
    await insertPool(rig().database, second, { total_bytes: 30 * GIB, free_bytes: 25 * GIB, capabilities });
  });
  afterEach(async () => {
    await rig().clear();
    await rig().database('pools').whereIn('name', [more, second]).delete();
    await rig().database('services').where({ host: 'node1@second' }).delete();
    await rig().database('user_messages').delete();
    await rig().database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
  });

  const hostOf = async (id: string): Promise<string | null> =>
    (await rig().ask('GET', `/volumes/${id}`, { as: 'admin' })).body.volume['os-vol-host-attr:host'];
  const makeType = (name: string, extra_specs: object) =>
    rig().ask('POST', '/types', { as: 'admin', body: { volume_type: { name, extra_specs } } });
  const create = (volume: object, hints?: unknown) =>
    rig().ask('POST', '/volumes', {
      body: { volume: { size: 1, ...volume }, ...(hints === undefined ? {} : { 'OS-SCH-HNT:scheduler_hints': hints }) },
    });
  const placed = async (volume: object, hints?: unknown): Promise<string | null> => {
    const { status, body } = await create(volume, hints);
    assert.equal(status, 202, JSON.stringify(body));
    await rig().engine.settle();
    return hostOf(body.volume.id);
  };
  /** The text that the user reads about a volume that found no pool. */
  const reason = async (volume: object, hints?: unknown): Promise<string> => {
    const { body } = await create(volume, hints);
    assert.equal(body.volume.status, 'error', JSON.stringify(body));
    const path = `/messages?resource_uuid=${body.volume.id as string}`;
    const { messages } = (await rig().ask('GET', path, { version: '3.5' })).body;
    assert.equal(messages.length, 1);
    return messages[0].user_message as string;
  };

  it('makes the file that the type asks for, and refuses a type that asks for nonsense', async () => {
    const specs = { 'saggar:volume_format': 'raw', 'saggar:preallocation': 'falloc' };
    await makeType('thick-raw', specs);
    const fileOf = async (id: string) => {
      const row: object | undefined = await rig()
        .database('volumes')
        .where({ id })
        .first('base_format', 'preallocation', 'backing_volume_id');
      return { ...row };
    };
    const { body } = await create({ volume_type: 'thick-raw' });
    await rig().engine.settle();
    const thick = { base_format: 'raw', preallocation: 'falloc', backing_volume_id: null };
    assert.deepEqual(await fileOf(body.volume.id), thick);
    const copy = await create({ source_volid: body.volume.id });
    assert.deepEqual(await fileOf(copy.body.volume.id), thick, 'a copy that stands on layers would be neither');
    await rig().engine.settle();
    for (const bad of [
      { 'saggar:volume_format': 'vmdk' },
      { 'saggar:preallocation': 'thick' },
      { ...specs, 'saggar:preallocation': 'metadata' },
    ]) {
      const refusal = await makeType('bad', bad);
      assert.equal(refusal.status, 400);
      assert.match(refusal.body.badRequest.message as string, /saggar:(volume_format|preallocation)/);
    }
  });

  it('puts a volume on the backend that its type names', async () => {
    await makeType('on-second', { volume_backend_name: 'second' });
    await makeType('scoped', { 'capabilities:volume_backend_name': '<or> second <or> third' });
    await makeType('both', { storage_protocol: 'glusterfs', vendor_name: 'Open Source', 'other:scope': 'x' });
    assert.equal(await placed({ volume_type: 'on-second' }), second);
    assert.equal(await placed({ volume_type: 'scoped' }), second);
    assert.equal(await placed({ volume_type: 'both' }), poolName, 'the pool with most room');
    const source = await rig().volume({ volume_type: 'on-second' });
    const snapshot = await rig().snapshot(source);
    assert.equal(await placed({ source_volid: source }), second, 'a clone stays on its backend');
    assert.equal(await placed({ snapshot_id: snapshot }), second);
    assert.match(await reason({ source_volid: source, volume_type: '__DEFAULT__', size: 900 }), /enough room/);
  });

  it('T-X06 heeds hints, by what the asker can see, and no more than 64 of them', async () => {
    await makeType('on-second', { volume_backend_name: 'second' });
    const there = await rig().volume({ volume_type: 'on-second' });
    const here = await rig().volume();
    assert.equal(await hostOf(here), poolName);
    assert.equal(await placed({}, { same_host: there }), second);
    assert.equal(await placed({}, { same_host: [there.replaceAll('-', '').toUpperCase()] }), second);
    assert.equal(await placed({}, { different_host: here }), more);
    assert.equal(await placed({}, { different_host: [here, missingId] }), more);
    const most = Array.from({ length: 63 }, () => randomUUID());
    assert.equal(await placed({}, { different_host: [here, ...most] }), more);
    assert.equal(await placed({}, { same_host: [here, there], different_host: [here] }), second);
    assert.equal(
      await placed({}, { same_host: [], other: ['of', 'no', 'meaning'], query: '["=", "$x", "y"]' }),
      poolName,
    );
    assert.equal(await placed({}, null), poolName);
    assert.match(await reason({}, { same_host: missingId }), /hint/);
    const foreign = await rig().volume({ volume_type: 'on-second' }, 'bob');
    assert.match(await reason({}, { same_host: foreign }), /hint/, 'of another project nothing is learnt');
    assert.equal(await placed({}, { different_host: foreign }), poolName);
    for (const bad of [
      { same_host: 'name' },
      { same_host: [here, here] },
      { different_host: Array.from({ length: 65 }, () => randomUUID()) },
      { different_host: [1] },
      { same_host: null },
      { query: 5 },
      { local_to_instance: 'x' },
      'near',
    ]) {
      assert.equal((await create({}, bad)).status, 400, JSON.stringify(bad));
    }
  });

  it('tells why nothing fits', async () => {
    await makeType('bogus', { storage_protocol: 'bogus', vendor_name: 'bogus' });
    await makeType('on-second', { volume_backend_name: 'second' });
    const there = await rig().volume({ volume_type: 'on-second' });
    assert.match(await reason({ volume_type: 'bogus' }), /volume type/);
    assert.match(await reason({ size: 5000 }), /enough room/);
    assert.match(await reason({ volume_type: 'on-second' }, { different_host: there }), /hint/);
    await rig().database('pools').where({ name: second }).update({ zone: 'far' });
    assert.match(await reason({ volume_type: 'on-second', availability_zone: 'nova' }), /volume type/);
    await rig().database('pools').whereNot({ name: second }).update({ state: 'down' });
    assert.match(await reason({ availability_zone: 'nova' }), /availability zone/);
    await rig().database('services').where({ host: 'node1@second' }).update({ disabled: true });
    assert.match(await reason({}), /down or disabled/);
    await rig().database('services').where({ host: 'node1@second' }).update({ disabled: false, frozen: true });
    assert.match(await reason({}), /down or disabled/);
    await rig().database('pools').update({ state: 'up', zone: 'nova' });
    await rig().database('services').update({ frozen: false });
    const { messages } = (await rig().ask('GET', '/messages', { version })).body;
    assert.ok(messages.every((one: { event_id: string }) => /^VOLUME_VOLUME_001_/.test(one.event_id)));
  });

  it('promises within reserve and ratio, which "auto" follows from use', async () => {
    await rig().database('pools').whereNot({ name: second }).update({ state: 'down' });
    const set = (changes: object) =>
      rig().database.raw('update pools set capabilities = capabilities || ?::jsonb where name = ?', [
        JSON.stringify(changes),
        second,
      ]);
    // 30 GiB, 25 free. Half is reserved: 15 may be promised twice, 10 are really free beyond the reserve.
    await set({ reservedPercentage: 50, maxOverSubscriptionRatio: 2 });
    assert.equal(await placed({ size: 20 }), second);
    assert.match(await reason({ size: 11 }), /enough room/);
    assert.equal(await placed({ size: 10 }), second);
    assert.match(await reason({ size: 1 }), /enough room/);
    // Promised 30 of which 5 are used: 1 + 30 / (5 + 1) = 6.
    await set({ reservedPercentage: 0, maxOverSubscriptionRatio: 'auto' });
    const shown = (await rig().ask('GET', '/scheduler-stats/get_pools?detail=true', { as: 'admin' })).body.pools;
    const pool = shown.find((one: { name: string }) => one.name === second);
    assert.equal(pool.capabilities.max_over_subscription_ratio, 'auto');
    assert.match(await reason({ size: 151 }), /enough room/);
    assert.equal(await placed({ size: 150 }), second);
    await rig().database('pools').update({ state: 'up' });
  });
}
