// What operators do with backends: freezing, hosts, capabilities, log levels, and the answers about what is not here (clusters, failover).
import assert from 'node:assert/strict';
import { type BlockRig, backendHost, poolName, projectOf } from './block-rig.js';

export function backendCases(rig: () => BlockRig): void {
  const as = 'admin';
  afterEach(() => rig().clear());

  const put = (path: string, body: object, version = '3.0') => rig().ask('PUT', path, { as, body, version });
  const freeze = (verb: 'freeze' | 'thaw', body: object = { host: backendHost }, version?: string) =>
    put(`/os-services/${verb}`, body, version);

  it('freezes a backend: its volumes can be used, not made, changed or deleted', async () => {
    const volume = await rig().volume();
    const snapshot = await rig().snapshot(volume);
    const listed = async () =>
      (await rig().ask('GET', '/os-services?binary=cinder-volume', { as })).body.services[0].frozen as boolean;
    assert.equal((await freeze('thaw')).status, 400, 'it is not frozen');
    const frozen = await freeze('freeze');
    assert.deepEqual([frozen.status, frozen.body], [200, undefined]);
    assert.equal((await freeze('freeze')).status, 400, 'it is frozen already');
    assert.equal(await listed(), true);
    const shown = async () => {
      const service = (await rig().ask('GET', '/os-services?binary=cinder-volume', { as })).body.services[0];
      return [service.status, service.disabled_reason];
    };
    assert.deepEqual(await shown(), ['disabled', 'frozen'], 'as manager.freeze_host leaves it');
    const refused = [
      await rig().ask('DELETE', `/volumes/${volume}?cascade=true`),
      await rig().act(volume, { 'os-extend': { new_size: 2 } }),
      await rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } }),
      await rig().ask('DELETE', `/snapshots/${snapshot}`),
      await rig().ask('POST', '/os-volume-manage', {
        as,
        body: { volume: { host: poolName, ref: { 'source-name': 'x' } } },
      }),
    ];
    for (const { status, body } of refused) {
      assert.equal(status, 400);
      assert.match(body.badRequest.message, /frozen/);
    }
    const made = await rig().ask('POST', '/volumes', { body: { volume: { size: 1 } } });
    assert.equal(made.body.volume.status, 'error');
    const copied = await rig().ask('POST', '/volumes', { body: { volume: { source_volid: volume } } });
    assert.equal(copied.body.volume.status, 'error', 'a clone stays on its backend');
    assert.equal((await rig().act(volume, { 'os-reserve': {} })).status, 202);
    assert.equal((await rig().act(volume, { 'os-unreserve': {} })).status, 202);
    for (const id of [made.body.volume.id, copied.body.volume.id]) {
      assert.equal((await rig().ask('DELETE', `/volumes/${id as string}`)).status, 202, 'it lies nowhere');
    }
    assert.equal((await freeze('thaw', { host: 'node1' })).status, 200, 'the host means all its backends');
    assert.equal(await listed(), false);
    assert.deepEqual(await shown(), ['enabled', '']);
    assert.equal((await rig().ask('DELETE', `/volumes/${volume}?cascade=true`)).status, 202);
  });

  it('refuses to freeze or fail over what is not there', async () => {
    const unknown = await freeze('freeze', { host: 'invalid_host' });
    assert.deepEqual(
      [unknown.status, unknown.body.badRequest.message],
      [400, 'No service found with host=invalid_host'],
    );
    assert.equal((await freeze('thaw', { host: 'invalid_host' })).status, 400);
    assert.equal((await freeze('freeze', {})).status, 400);
    assert.equal((await freeze('freeze', { cluster: 'c' }, '3.26')).status, 400);
    assert.equal((await freeze('freeze', { cluster: 'c', host: backendHost }, '3.26')).status, 400);
    assert.equal((await rig().ask('PUT', '/os-services/freeze', { body: { host: backendHost } })).status, 403);
    const failover = (path: string, version: string, host = backendHost) =>
      put(`/os-services/${path}`, { host, backend_id: 'b' }, version);
    const refused = await failover('failover_host', '3.0');
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /replication_status in \['node1@gluster'\] must be enabled/);
    assert.equal((await failover('failover_host', '3.0', 'nowhere')).status, 400);
    assert.equal((await failover('failover', '3.25')).status, 404);
    assert.equal((await failover('failover', '3.26')).status, 400);
  });

  it('shows hosts, and what lies on one for each project', async () => {
    const { hosts } = (await rig().ask('GET', '/os-hosts', { as })).body;
    assert.deepEqual(
      hosts.map((one: Record<string, unknown>) => [one['host_name'], one['service'], one['service-status']]),
      [
        ['node1', 'cinder-scheduler', 'available'],
        [backendHost, 'cinder-volume', 'available'],
      ],
    );
    assert.deepEqual((await rig().ask('GET', '/os-hosts?zone=nowhere', { as })).body.hosts, []);
    const mine = await rig().volume({ size: 2 });
    await rig().snapshot(mine);
    await rig().volume({ size: 3 }, 'bob');
    const show = (host: string) => rig().ask('GET', `/os-hosts/${encodeURIComponent(host)}`, { as });
    const shown = (await show(backendHost)).body.host as { resource: Record<string, string> }[];
    const line = (project: string) => shown.find(({ resource }) => resource['project'] === project)?.resource;
    const counts = (volumes: string, gib: string, snapshots: string, snapshotGib: string) => ({
      host: backendHost,
      volume_count: volumes,
      total_volume_gb: gib,
      snapshot_count: snapshots,
      total_snapshot_gb: snapshotGib,
    });
    assert.equal(shown.length, 3);
    assert.deepEqual(line('(total)'), { project: '(total)', ...counts('2', '5', '1', '2') });
    assert.deepEqual(line(projectOf('ann')), { project: projectOf('ann'), ...counts('1', '2', '1', '2') });
    assert.deepEqual(line(projectOf('bob')), { project: projectOf('bob'), ...counts('1', '3', '0', '0') });
    assert.deepEqual([(await show('nowhere')).status, (await show('node1')).status], [404, 404]);
    const update = (host: string, status: string) => put(`/os-hosts/${host}`, { status });
    assert.deepEqual((await update(backendHost, 'disable')).body, { host: backendHost, status: 'disabled' });
    assert.equal((await show(backendHost)).status, 404, 'of a disabled backend nothing is shown');
    assert.deepEqual((await update(backendHost, 'enable')).body, { host: backendHost, status: 'enabled' });
    assert.deepEqual([(await update('nowhere', 'enable')).status, (await update(backendHost, 'x')).status], [404, 400]);
    assert.equal((await rig().ask('GET', '/os-hosts')).status, 403);
  });

  it('tells the capabilities of a backend as its pools do', async () => {
    const show = (host: string) => rig().ask('GET', `/capabilities/${host}`, { as });
    const shown = (await show(backendHost)).body;
    assert.equal(Object.keys(shown).length, 11);
    assert.equal(shown.namespace, `OS::Storage::Capabilities::${backendHost}`);
    const [pool] = (await rig().ask('GET', '/scheduler-stats/get_pools?detail=true', { as })).body.pools;
    for (const key of ['vendor_name', 'volume_backend_name', 'storage_protocol', 'driver_version']) {
      assert.equal(shown[key], pool.capabilities[key], key);
    }
    assert.deepEqual([shown.vendor_name, shown.storage_protocol], ['Open Source', 'glusterfs']);
    // A client that hands over a pool's name sends what stands before the #; one that quotes it sends all.
    assert.deepEqual((await show(encodeURIComponent(poolName))).body, shown);
    assert.equal((await show('nowhere@x')).status, 404);
    assert.equal((await rig().ask('GET', `/capabilities/${backendHost}`)).status, 403);
  });

  it('records wished log levels and answers with those in force', async () => {
    const { database } = rig();
    const wishes = async () =>
      Object.fromEntries(
        (await database('services').select('binary', 'log_level')).map(
          ({ binary, log_level }: { binary: string; log_level: string | null }) => [binary, log_level],
        ),
      ) as Record<string, string | null>;
    const set = (body: object, version = '3.32') => put('/os-services/set-log', body, version);
    const get = async (body: object) => (await put('/os-services/get-log', body, '3.32')).body.log_levels as unknown[];
    assert.equal((await set({ level: 'debug' }, '3.31')).status, 404);
    assert.deepEqual(await get({}), [], 'no process has told its level yet');
    await database('services').where({ binary: 'saggar-volume' }).update({ log_level_in_force: 'info' });
    const told = { binary: 'cinder-volume', host: backendHost };
    assert.deepEqual(await get({ binary: '*' }), [{ ...told, levels: { saggar: 'INFO' } }]);
    assert.deepEqual(await get({ server: 'node1', prefix: 'sag' }), [{ ...told, levels: { saggar: 'INFO' } }]);
    assert.deepEqual(await get({ prefix: 'eventlet' }), [{ ...told, levels: {} }]);
    assert.deepEqual(await get({ binary: 'cinder-api' }), []);
    const recorded = await set({ level: 'WARNING', binary: 'cinder-volume', server: null, prefix: null });
    assert.deepEqual([recorded.status, recorded.body], [202, undefined]);
    assert.deepEqual(await wishes(), { 'saggar-volume': 'warn', 'saggar-conductor': null, 'saggar-api': null });
    assert.equal((await set({ level: 'error', prefix: 'eventlet' })).status, 202, 'no logger of ours');
    assert.equal((await set({ level: 'Debug', binary: '' })).status, 202);
    assert.deepEqual(await wishes(), { 'saggar-volume': 'debug', 'saggar-conductor': 'debug', 'saggar-api': 'debug' });
    for (const bad of [{}, { level: 'loud' }, { level: 'info', binary: 'nova' }, { level: 'info', color: 1 }]) {
      assert.equal((await set(bad)).status, 400, JSON.stringify(bad));
    }
    await database('services').update({ log_level: null, log_level_in_force: null });
  });

  it('knows no clusters', async () => {
    const list = (path: string, version = '3.7') => rig().ask('GET', path, { as, version });
    assert.deepEqual((await list('/clusters')).body, { clusters: [] });
    assert.deepEqual((await list('/clusters/detail?is_up=true&name=x')).body, { clusters: [] });
    assert.equal((await list('/clusters', '3.6')).status, 404);
    assert.equal((await list('/clusters?color=red')).status, 400);
    assert.equal((await list('/clusters?is_up=maybe')).status, 400);
    assert.deepEqual(
      [(await list('/clusters?frozen=true')).status, (await list('/clusters?frozen=true', '3.26')).status],
      [400, 200],
    );
    assert.equal((await list('/clusters/one')).status, 404);
    assert.equal((await put('/clusters/enable', { name: 'one' }, '3.7')).status, 404);
    assert.equal((await put('/clusters/enable', { name: 'one', disabled_reason: 'x' }, '3.7')).status, 400);
    assert.equal((await put('/clusters/disable', { name: 'one', disabled_reason: 'x' }, '3.7')).status, 404);
    assert.equal((await put('/clusters/disable', {}, '3.7')).status, 400);
  });

  it('begins no cleaning, and names the services that are down', async () => {
    const clean = (body: object, version = '3.24') => rig().ask('POST', '/workers/cleanup', { as, body, version });
    const none = { cleaning: [], unavailable: [] };
    assert.deepEqual((await clean({})).body, none);
    assert.equal((await clean({}, '3.23')).status, 404);
    await rig().database('services').where({ binary: 'saggar-volume' }).update({ updated_at: '2020-01-01' });
    const { unavailable } = (await clean({ binary: 'cinder-volume' })).body;
    assert.deepEqual(
      unavailable.map((one: Record<string, unknown>) => [one['binary'], one['host'], one['cluster_name']]),
      [['cinder-volume', backendHost, null]],
    );
    assert.deepEqual((await clean({ host: 'elsewhere' })).body, none);
    assert.deepEqual((await clean({ is_up: 'true' })).body, none);
    assert.deepEqual((await clean({ service_id: unavailable[0].id })).body.unavailable, unavailable);
    await rig()
      .database('services')
      .update({ updated_at: rig().database.raw('utc_now()') });
    assert.equal((await clean({ resource_type: 'server' })).status, 400);
    assert.equal((await clean({ resource_id: '00000000-0000-4000-8000-000000000000' })).status, 400);
    assert.equal((await clean({ color: 'red' })).status, 400);
  });

  it('tells what lists can be filtered by', async () => {
    const list = (query: string, version = '3.33') => rig().ask('GET', `/resource_filters${query}`, { version });
    assert.equal((await list('', '3.32')).status, 404);
    const all = (await list('')).body.resource_filters as { resource: string; filters: string[] }[];
    assert.ok(all.length >= 9);
    assert.deepEqual((await list('?resource=pool')).body.resource_filters, [
      { resource: 'pool', filters: ['name', 'volume_type'] },
    ]);
    assert.deepEqual((await list('?resource=none')).body.resource_filters, []);
    // What is told is what the list takes from a user: each name is accepted where unknown ones are refused.
    const lists = { volume: '/volumes', snapshot: '/snapshots', attachment: '/attachments', message: '/messages' };
    for (const [resource, path] of Object.entries(lists)) {
      const { filters } = all.find((one) => one.resource === resource) ?? { filters: [] };
      assert.ok(filters.length > 0, resource);
      const query = filters.map((name) => `${name}=${name.endsWith('_at') ? '2020-01-01' : '1'}`).join('&');
      assert.equal((await rig().ask('GET', `${path}?${query}`, { version: '3.71' })).status, 200, path);
      assert.equal((await rig().ask('GET', `${path}?color=red`, { version: '3.71' })).status, 400, path);
    }
  });

  it('lists extensions by what is served', async () => {
    const { extensions } = (await rig().ask('GET', '/extensions')).body;
    const names = extensions.map((one: { name: string }) => one.name) as string[];
    for (const name of ['Hosts', 'Capabilities', 'SchedulerHints', 'ExtendedServices']) assert.ok(names.includes(name));
  });
}
