// What operators see and do: services, zones, pools, taking files as volumes, extensions, versions.
import assert from 'node:assert/strict';
import { type BlockRig, backendHost, poolName } from './block-rig.js';

export function operatorCases(rig: () => BlockRig): void {
  const as = 'admin';
  afterEach(() => rig().clear());

  it('tells versions without a token at the root, and with one at /v3', async () => {
    for (const path of ['/', '']) {
      const root = await rig().askAt('GET', path, { as: null });
      assert.equal(root.status, 300);
      assert.deepEqual([root.body.versions[0].version, root.body.versions[0].min_version], ['3.71', '3.0']);
      assert.equal(root.body.versions[0].links[1].href, 'http://saggar.test:8776/volume/v3/');
    }
    assert.equal((await rig().askAt('GET', '/v3/', { as: null })).status, 401);
    for (const path of ['/v3/', '/v3']) assert.equal((await rig().askAt('GET', path)).body.versions[0].id, 'v3.0');
  });

  it('lists services under Cinder names and switches them', async () => {
    const list = async (query = '?binary=cinder-volume', version = '3.0') =>
      (await rig().ask('GET', `/os-services${query}`, { as, version })).body.services as Record<string, unknown>[];
    assert.equal((await rig().ask('GET', '/os-services')).status, 403);
    const [service] = await list();
    assert.deepEqual(
      [service?.['binary'], service?.['host'], service?.['state']],
      ['cinder-volume', backendHost, 'up'],
    );
    assert.ok(!('cluster' in (service ?? {})));
    const [newest] = await list('?host=node1&binary=cinder-volume', '3.49');
    assert.deepEqual([newest?.['cluster'], newest?.['backend_state']], [null, 'up']);
    assert.deepEqual(await list('?host=nowhere'), []);
    assert.deepEqual(
      (await list('?host=')).map((one) => [one['binary'], one['host'], 'frozen' in one]),
      [
        ['cinder-scheduler', 'node1', false],
        ['cinder-volume', backendHost, true],
      ],
      'compute hosts and API processes are no services of block storage',
    );
    assert.equal((await list('?service=cinder-scheduler')).length, 1);
    const body = { host: backendHost, binary: 'cinder-volume' };
    const put = (verb: string, more: object = {}) =>
      rig().ask('PUT', `/os-services/${verb}`, { as, body: { ...body, ...more } });
    assert.deepEqual((await put('disable')).body, { ...body, service: '', status: 'disabled', disabled: true });
    const unplaced = (await rig().ask('POST', '/volumes', { body: { volume: { size: 1 } } })).body.volume;
    assert.equal(unplaced.status, 'error', 'a disabled service gets nothing new');
    assert.equal((await put('disable-log-reason', { disabled_reason: 'repair' })).body.disabled_reason, 'repair');
    assert.equal((await put('disable-log-reason', { disabled_reason: ' ' })).status, 400);
    assert.equal((await list())[0]?.['disabled_reason'], 'repair');
    const { status, disabled_reason: why } = (await put('enable')).body;
    assert.deepEqual([status, why], ['enabled', undefined], 'as Cinder answers');
    assert.equal((await put('enable', { host: 'nowhere' })).status, 404);
    assert.equal((await put('disable', { binary: 'invalid' })).status, 404);
    assert.equal((await put('disable-log-reason', { disabled_reason: null })).status, 400);
    assert.equal((await rig().ask('PUT', '/os-services/enable', { as, body: { host: backendHost } })).status, 400);
  });

  it('lists zones and pools', async () => {
    const zones = (await rig().ask('GET', '/os-availability-zone')).body.availabilityZoneInfo;
    assert.deepEqual(zones, [{ zoneName: 'nova', zoneState: { available: true } }]);
    assert.equal((await rig().ask('GET', '/scheduler-stats/get_pools')).status, 403);
    const pools = (await rig().ask('GET', '/scheduler-stats/get_pools', { as })).body.pools;
    assert.deepEqual(pools, [{ name: poolName }]);
    const detail = (await rig().ask('GET', '/scheduler-stats/get_pools?detail=true', { as })).body.pools[0]
      .capabilities;
    assert.deepEqual(
      [detail.total_capacity_gb, detail.storage_protocol, detail.max_over_subscription_ratio],
      [100, 'glusterfs', '20'],
    );
    const named = async (version: string) =>
      (await rig().ask('GET', '/scheduler-stats/get_pools?name=x', { as, version })).body.pools.length as number;
    assert.deepEqual([await named('3.27'), await named('3.28')], [1, 0]);
    const typed = await rig().ask('GET', '/scheduler-stats/get_pools?volume_type=__DEFAULT__', { as, version: '3.35' });
    assert.equal(typed.body.pools.length, 1);
    const unknown = async (version: string) =>
      (await rig().ask('GET', '/scheduler-stats/get_pools?color=red', { as, version })).status;
    assert.deepEqual([await unknown('3.30'), await unknown('3.31')], [200, 400]);
    const early = await rig().ask('GET', '/scheduler-stats/get_pools?volume_type=none', { as, version: '3.34' });
    assert.equal(early.status, 400, 'volume_type is a filter from 3.35');
  });

  it('takes a file on a share as a volume', async () => {
    const { world } = rig().engine;
    world.files.set('old-disk', { format: 'qcow2', virtualSizeBytes: 3 * 1024 ** 3 - 5, backingFile: null });
    const manage = (volume: object, path = '/os-volume-manage', version = '3.0') =>
      rig().ask('POST', path, { as, version, body: { volume } });
    const wish = { host: poolName, ref: { 'source-name': 'old-disk' }, name: 'mine' };
    const made = await manage(wish);
    assert.deepEqual([made.status, made.body.volume.status], [202, 'creating']);
    await rig().engine.settle();
    const shown = (await rig().ask('GET', `/volumes/${made.body.volume.id}`, { as })).body.volume;
    assert.deepEqual([shown.status, shown.size, shown.name], ['available', 3, 'mine']);
    world.files.set('other', { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: null });
    const named = { host: backendHost, ref: { 'source-name': '10.0.0.1:/vols/other' } };
    assert.equal((await manage(named, '/manageable_volumes', '3.7')).status, 404);
    assert.equal((await manage(named, '/manageable_volumes', '3.8')).status, 202);
    await rig().engine.settle();
    for (const bad of [
      { ...wish, host: 'nowhere@x#y' },
      { ref: wish.ref },
      { host: poolName, ref: {} },
      { host: poolName, ref: { 'source-name': '../etc/passwd' } },
      { host: poolName, ref: { 'source-name': '..' } },
      { host: poolName, ref: { 'source-name': `volume-${made.body.volume.id as string}` } },
    ]) {
      assert.equal((await manage(bad)).status, 400, JSON.stringify(bad));
    }
    assert.equal((await rig().ask('POST', '/os-volume-manage', { body: { volume: wish } })).status, 403);
  });

  it('lists the extensions that are served', async () => {
    const { extensions } = (await rig().ask('GET', '/extensions')).body;
    assert.ok(extensions.some((one: { alias: string }) => one.alias === 'os-quota-sets'));
    assert.equal((await rig().ask('GET', '/extensions/os-quota-sets')).body.extension.name, 'Quotas');
    assert.equal((await rig().ask('GET', '/extensions/none')).status, 404);
  });
}
