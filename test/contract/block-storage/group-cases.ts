// Groups: records of volumes that belong together, who may join and leave, and what a volume in a group may not do by itself.
import assert from 'node:assert/strict';
import { type Answer, type BlockRig, missingId, projectOf } from './block-rig.js';

const version = '3.71';

export function groupCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  const show = async (id: string): Promise<Answer['body']> =>
    (await rig().ask('GET', `/groups/${id}?list_volume=True`, { as: 'admin', version })).body.group;
  const put = (id: string, group: object, as: 'ann' | 'bob' = 'ann'): Promise<Answer> =>
    rig().ask('PUT', `/groups/${id}`, { as, version, body: { group } });
  const act = (id: string, action: object, as: 'ann' | 'admin' | 'bob' = 'ann'): Promise<Answer> =>
    rig().ask('POST', `/groups/${id}/action`, { as, version, body: action });
  const remove = (id: string, withVolumes?: unknown): Promise<Answer> =>
    act(id, { delete: withVolumes === undefined ? {} : { 'delete-volumes': withVolumes } });
  const messageOf = (answer: Answer): string => {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    return answer.body.badRequest.message as string;
  };
  const typeOf = async (group: string): Promise<string> => (await show(group)).group_type as string;
  const create = (group: object, asking: object = {}): Promise<Answer> =>
    rig().ask('POST', '/groups', { version, body: { group }, ...asking });

  it('shows what each version knows', async () => {
    const id = await rig().group();
    const keys = async (at: string, as: 'ann' | 'admin' = 'ann', query = ''): Promise<string[]> =>
      Object.keys((await rig().ask('GET', `/groups/${id}${query}`, { as, version: at })).body.group).sort();
    const base = 'availability_zone created_at description group_type id name status volume_types'.split(' ');
    const from314 = [...base, 'group_snapshot_id', 'source_group_id'];
    assert.deepEqual(await keys('3.13'), base);
    assert.deepEqual(await keys('3.14'), from314.sort());
    assert.deepEqual(await keys('3.24', 'ann', '?list_volume=true'), from314);
    assert.deepEqual(await keys('3.25', 'ann', '?list_volume=true'), [...from314, 'volumes'].sort());
    assert.deepEqual(await keys('3.58'), [...from314, 'replication_status'].sort());
    assert.deepEqual(await keys('3.58', 'admin'), [...from314, 'replication_status', 'project_id'].sort());
    assert.equal((await rig().ask('GET', `/groups/${id}`, { version: '3.12' })).status, 404);
    assert.equal((await rig().ask('GET', `/groups/${id}`, { as: 'bob', version })).status, 404);
    assert.equal((await rig().ask('DELETE', `/groups/${id}`, { version })).status, 404, 'deleted by an action');
  });

  it('lists the own ones, by name and page, all for administrators', async () => {
    const type = await typeOf(await rig().group());
    for (const name of ['b', 'a']) {
      assert.equal((await create({ name, group_type: type, volume_types: ['__DEFAULT__'] })).status, 202);
    }
    const names = async (query: string, as: 'ann' | 'bob' | 'admin' = 'ann'): Promise<string> =>
      ((await rig().ask('GET', `/groups${query}`, { as, version })).body.groups as { name: string | null }[])
        .map((one) => one.name ?? '-')
        .join();
    assert.equal(await names('?sort=name:asc'), '-,a,b');
    assert.equal(await names('?name=a&list_volume=True'), 'a');
    assert.equal(await names('/detail?name~=A'), 'a');
    assert.equal(await names('', 'bob'), '');
    assert.equal(await names('', 'admin'), '');
    assert.equal(await names(`?all_tenants=1&project_id=${projectOf('ann')}&sort=name:asc`, 'admin'), '-,a,b');
    const page = await rig().ask('GET', '/groups?limit=1&sort=name:asc', { version });
    assert.match(page.body.group_links[0].href, /marker=/);
    assert.equal((await rig().ask('GET', '/groups?status=available', { version })).status, 400);
    assert.equal((await rig().ask('GET', '/groups?sort=colour', { version })).status, 400);
  });

  it('is made of types by id or name, in a zone that there is', async () => {
    const type = await typeOf(await rig().group());
    const named = (await rig().ask('GET', `/group_types/${type}`, { version })).body.group_type.name as string;
    const made = await create({
      name: ' n ',
      description: ' d ',
      group_type: named,
      volume_types: ['__DEFAULT__'],
      availability_zone: 'nova',
    });
    assert.deepEqual([made.status, Object.keys(made.body.group)], [202, ['id', 'name']]);
    const group = await show(made.body.group.id as string);
    assert.deepEqual(
      [group.name, group.description, group.status, group.group_type, group.volumes],
      ['n', 'd', 'available', type, []],
    );
    const types = (await rig().ask('GET', '/types')).body.volume_types as { id: string }[];
    assert.deepEqual(group.volume_types, [types[0]?.id]);
    const refused: readonly [object, number][] = [
      [{ group_type: type }, 400],
      [{ group_type: type, volume_types: [] }, 400],
      [{ group_type: type, volume_types: ['__DEFAULT__', '__DEFAULT__'] }, 400],
      [{ group_type: type, volume_types: ['nope'] }, 404],
      [{ group_type: type, volume_types: [missingId] }, 404],
      [{ group_type: 'nope', volume_types: ['__DEFAULT__'] }, 404],
      [{ group_type: missingId, volume_types: ['__DEFAULT__'] }, 404],
      [{ group_type: ' ', volume_types: ['__DEFAULT__'] }, 400],
      [{ group_type: type, volume_types: ['__DEFAULT__'], availability_zone: 'moon' }, 400],
      [{ group_type: type, volume_types: ['__DEFAULT__'], colour: 'red' }, 400],
      [{ group_type: type, volume_types: ['__DEFAULT__'], name: 'x'.repeat(256) }, 400],
    ];
    for (const [body, status] of refused) assert.equal((await create(body)).status, status, JSON.stringify(body));
    assert.equal((await create({ group_type: type, volume_types: ['__DEFAULT__'] }, { as: 'reader' })).status, 403);
  });

  it('keeps the volume types that it takes', async () => {
    const made = await rig().ask('POST', '/types', { as: 'admin', body: { volume_type: { name: 'other' } } });
    const path = `/types/${made.body.volume_type.id}`;
    const id = await rig().group(['other']);
    assert.match(messageOf(await rig().ask('DELETE', path, { as: 'admin' })), /Target volume type is still in use/);
    await remove(id);
    assert.equal((await rig().ask('DELETE', path, { as: 'admin' })).status, 202);
  });

  it('does not take a private type that the project may not use', async () => {
    const body = { volume_type: { name: 'closed', 'os-volume-type-access:is_public': false } };
    await rig().ask('POST', '/types', { as: 'admin', body });
    const type = await typeOf(await rig().group());
    assert.equal((await create({ group_type: type, volume_types: ['closed'] })).status, 404);
    await rig().database('volume_types').where({ name: 'closed' }).delete();
  });

  it('promises no more than backends keep', async () => {
    const body = { group_type: { name: 'cg', group_specs: { consistent_group_replication_enabled: '<is> True' } } };
    await rig().ask('POST', '/group_types', { as: 'admin', version, body });
    const made = await create({ group_type: 'cg', volume_types: ['__DEFAULT__'] });
    assert.equal(made.status, 202);
    const id = made.body.group.id as string;
    assert.equal((await show(id)).status, 'error');
    const told = (await rig().ask('GET', `/messages?resource_uuid=${id}`, { version })).body.messages;
    assert.equal(told[0].resource_type, 'GROUP');
    const volume = { size: 1, volume_type: '__DEFAULT__', group_id: id };
    const refused = await rig().ask('POST', '/volumes', { version, body: { volume } });
    assert.match(messageOf(refused), /Originating group status must be one of 'available' values/);
    await rig().database('user_messages').delete();
  });

  it('takes volumes that are made in it', async () => {
    const id = await rig().group();
    const volume = await rig().volumeIn(id);
    assert.deepEqual((await show(id)).volumes, [volume]);
    assert.equal((await rig().ask('GET', `/volumes/${volume}`, { version: '3.13' })).body.volume.group_id, id);
    const listed = async (at: string): Promise<number> =>
      (await rig().ask('GET', `/volumes?group_id=${missingId}`, { version: at })).body.volumes.length as number;
    assert.deepEqual([await listed('3.9'), await listed('3.10')], [1, 0]);
    const found = await rig().ask('GET', `/volumes?group_id=${id}`, { version });
    assert.equal(found.body.volumes.length, 1);
    const made = (more: object, as: 'ann' | 'bob' | 'admin' = 'ann'): Promise<Answer> =>
      rig().ask('POST', '/volumes', { as, version, body: { volume: { size: 1, group_id: id, ...more } } });
    assert.match(messageOf(await made({})), /volume_type must be provided when creating a volume in a group/);
    await rig().ask('POST', '/types', { as: 'admin', body: { volume_type: { name: 'other' } } });
    assert.match(messageOf(await made({ volume_type: 'other' })), /requested type must be supported by this group/);
    assert.equal((await made({ volume_type: '__DEFAULT__', group_id: missingId })).status, 404);
    assert.equal((await made({ volume_type: '__DEFAULT__' }, 'bob')).status, 404);
    assert.match(messageOf(await made({ volume_type: '__DEFAULT__' }, 'admin')), /different project/);
    await rig().clear();
    await rig().database('volume_types').where({ name: 'other' }).delete();
  });

  it('keeps its volumes from going their own way', async () => {
    const id = await rig().group();
    const volume = await rig().volumeIn(id);
    assert.match(messageOf(await rig().ask('DELETE', `/volumes/${volume}`)), /must not belong to a group/);
    assert.match(messageOf(await rig().ask('DELETE', `/volumes/${volume}?cascade=true`)), /must not belong to a group/);
    const forced = await rig().act(volume, { 'os-force_delete': {} }, { as: 'admin' });
    assert.match(messageOf(forced), /must not belong to a group/);
    const transfer = await rig().ask('POST', '/os-volume-transfer', { body: { transfer: { volume_id: volume } } });
    assert.match(messageOf(transfer), /must not be part of a consistency group/);
    const unmanaged = await rig().act(volume, { 'os-unmanage': {} }, { as: 'admin' });
    assert.equal(unmanaged.status, 400);
    assert.equal(await rig().statusOf(volume), 'available');
  });

  it('lets volumes join and leave', async () => {
    const id = await rig().group();
    const inside = await rig().volumeIn(id);
    const outside = await rig().volume();
    const joined = await put(id, { name: ' new ', description: 'd', add_volumes: `,${outside},${inside},` });
    assert.deepEqual([joined.status, joined.body], [202, undefined]);
    const group = await show(id);
    assert.deepEqual([group.name, group.description, group.volumes], ['new', 'd', [inside, outside]]);
    assert.equal((await put(id, { remove_volumes: `${inside},${outside}` })).status, 202);
    assert.deepEqual((await show(id)).volumes, []);
    assert.equal((await rig().ask('DELETE', `/volumes/${outside}`)).status, 202);
    await rig().engine.settle();
    assert.match(messageOf(await put(id, { name: 'new' })), /no valid name, description, add_volumes/);
    assert.match(messageOf(await put(id, { add_volumes: missingId })), /volume cannot be found/);
    assert.match(messageOf(await put(id, { add_volumes: 'x' })), /volume cannot be found/);
    assert.match(messageOf(await put(id, { remove_volumes: inside })), /it is not in the group/);
    const both = { add_volumes: inside, remove_volumes: inside };
    assert.match(messageOf(await put(id, both)), /are in both add and remove volume list/);
    assert.equal((await put(id, {})).status, 400);
    assert.equal((await put(id, { colour: 'red' })).status, 400);
    assert.equal((await put(missingId, { name: 'x' })).status, 404);
    assert.equal((await put(id, { name: 'x' }, 'bob')).status, 404);
  });

  it('takes only volumes that fit', async () => {
    const id = await rig().group();
    const other = await rig().group();
    const taken = await rig().volumeIn(other);
    assert.match(messageOf(await put(id, { add_volumes: taken })), /already in group/);
    const foreign = await rig().volume({}, 'bob');
    assert.match(messageOf(await put(id, { add_volumes: foreign })), /volume cannot be found/);
    const byAdmin = { as: 'admin', version, body: { group: { add_volumes: foreign } } } as const;
    assert.match(messageOf(await rig().ask('PUT', `/groups/${id}`, byAdmin)), /belong to different projects/);
    const busy = await rig().volume();
    for (const status of ['error', 'creating', 'awaiting-transfer']) {
      await rig().database('volumes').where({ id: busy }).update({ status });
      assert.match(
        messageOf(await put(id, { add_volumes: busy })),
        new RegExp(`invalid state: ${status}. Valid states`),
      );
    }
    await rig().ask('POST', '/types', { as: 'admin', body: { volume_type: { name: 'other' } } });
    const unfit = await rig().volume({ volume_type: 'other' });
    assert.match(messageOf(await put(id, { add_volumes: unfit })), /is not supported by the group/);
    await act(id, { reset_status: { status: 'error' } }, 'admin');
    await rig().database('volumes').where({ id: busy }).update({ status: 'available' });
    assert.match(messageOf(await put(id, { add_volumes: busy })), /Group status must be available/);
    assert.deepEqual((await show(id)).volumes, []);
    await rig().clear();
    await rig().database('volume_types').where({ name: 'other' }).delete();
  });

  it('is deleted with its volumes or without any', async () => {
    const empty = await rig().group();
    assert.equal((await remove(empty)).status, 202);
    assert.equal((await rig().ask('GET', `/groups/${empty}`, { version })).status, 404);
    const id = await rig().group();
    const volumes = [await rig().volumeIn(id), await rig().volumeIn(id)];
    assert.match(messageOf(await remove(id)), /still contains volumes. The delete-volumes flag is required/);
    assert.match(messageOf(await remove(id, false)), /still contains volumes/);
    const snapshot = await rig().snapshot(volumes[0] ?? '');
    assert.match(messageOf(await remove(id, true)), /Volume in group still has dependent snapshots/);
    await rig().ask('DELETE', `/snapshots/${snapshot}`);
    await rig().engine.settle();
    await rig().act(volumes[1] ?? '', { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere' } });
    assert.match(messageOf(await remove(id, true)), /is attached. Need to detach first/);
    await rig().act(volumes[1] ?? '', { 'os-detach': {} });
    await rig().database('volumes').where({ id: volumes[0] }).update({ status: 'extending' });
    assert.equal((await remove(id, true)).status, 400);
    assert.equal(await rig().statusOf(volumes[1] ?? ''), 'available', 'all or none');
    await rig().database('volumes').where({ id: volumes[0] }).update({ status: 'available' });
    assert.equal((await remove(id, true)).status, 202);
    assert.equal((await show(id)).status, 'deleting');
    await rig().engine.settle();
    for (const volume of volumes) assert.equal(await rig().statusOf(volume), 404);
    assert.equal((await rig().ask('GET', `/groups/${id}`, { version })).status, 404);
    assert.equal((await remove(id, true)).status, 404);
  });

  it('ends in error when a volume stays, says so, and can be deleted again', async () => {
    const id = await rig().group();
    const [first, second] = [await rig().volumeIn(id), await rig().volumeIn(id)];
    const error = { code: 'no_space', message: 'full' } as const;
    rig().engine.interfere = ({ type, params }) =>
      type === 'files.remove' && JSON.stringify(params).includes(first ?? '')
        ? { kind: 'failed', error, partial: false }
        : null;
    try {
      assert.equal((await remove(id, true)).status, 202);
      await rig().engine.settle();
    } finally {
      rig().engine.interfere = () => null;
    }
    assert.deepEqual([await rig().statusOf(first ?? ''), await rig().statusOf(second ?? '')], ['error_deleting', 404]);
    assert.equal((await show(id)).status, 'error');
    const told = (await rig().ask('GET', `/messages?resource_uuid=${id}`, { version })).body.messages;
    assert.match(told[0].user_message, /^delete group:One of its volumes failed/);
    assert.equal((await remove(id, true)).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/groups/${id}`, { version })).status, 404);
    await rig().database('user_messages').delete();
  });

  it('counts against a quota', async () => {
    const quotas = `/os-quota-sets/${projectOf('ann')}`;
    const group = await rig().group();
    await rig().ask('PUT', quotas, { as: 'admin', body: { quota_set: { groups: 1 } } });
    const used = (await rig().ask('GET', `${quotas}?usage=True`, { as: 'admin' })).body.quota_set.groups;
    assert.deepEqual([used.limit, used.in_use], [1, 1]);
    const refused = await create({ group_type: await typeOf(group), volume_types: ['__DEFAULT__'] });
    assert.deepEqual(
      [refused.status, refused.body.overLimit.message],
      [413, 'GroupLimitExceeded: Maximum number of groups allowed (1) exceeded'],
    );
    await rig().volumeIn(group);
    const copied = await rig().ask('POST', '/groups/action', {
      version,
      body: { 'create-from-src': { source_group_id: group } },
    });
    assert.equal(copied.status, 413);
    assert.equal((await rig().ask('PUT', quotas, { as: 'admin', body: { quota_set: { groups: 0 } } })).status, 400);
  });

  it('has statuses that administrators reset, and no replication', async () => {
    const id = await rig().group();
    const reset = (status: unknown, as: 'ann' | 'admin' = 'admin'): Promise<Answer> =>
      act(id, { reset_status: { status } }, as);
    assert.equal((await reset('ERROR')).status, 202);
    assert.equal((await show(id)).status, 'error');
    assert.match(messageOf(await reset('in-use')), /Group status: in-use is invalid/);
    assert.equal((await reset('')).status, 400);
    assert.equal((await reset('error', 'ann')).status, 403);
    const early = { as: 'admin', version: '3.19', body: { reset_status: { status: 'error' } } } as const;
    assert.equal((await rig().ask('POST', `/groups/${id}/action`, early)).status, 404);
    for (const name of ['enable', 'disable', 'failover']) {
      const text = messageOf(await act(id, { [`${name}_replication`]: {} }));
      assert.equal(text, `Invalid group type: Group ${id} is not a replication group type.`);
    }
    assert.equal((await act(id, { list_replication_targets: {} })).status, 400);
    assert.equal((await act(missingId, { list_replication_targets: {} })).status, 404);
  });
}
