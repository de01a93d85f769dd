// Group snapshots, and groups that are made of them or of other groups.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Answer, type BlockRig, missingId, projectOf } from './block-rig.js';

const version = '3.71';

interface ShownSnapshot {
  readonly id: string;
  readonly volume_id: string;
  readonly status: string;
  readonly group_snapshot_id: string | null;
}

export function groupSnapshotCases(rig: () => BlockRig): void {
  afterEach(async () => {
    rig().engine.interfere = () => null;
    await rig().clear();
    await rig().database('user_messages').delete();
  });

  const take = (group: string, more: object = {}, as: 'ann' | 'bob' | 'reader' = 'ann'): Promise<Answer> =>
    rig().ask('POST', '/group_snapshots', { as, version, body: { group_snapshot: { group_id: group, ...more } } });
  const show = async (id: string): Promise<string | number> => {
    const answer = await rig().ask('GET', `/group_snapshots/${id}`, { version });
    return answer.status === 200 ? (answer.body.group_snapshot.status as string) : answer.status;
  };
  const remove = (id: string): Promise<Answer> => rig().ask('DELETE', `/group_snapshots/${id}`, { version });
  const snapshots = async (): Promise<ShownSnapshot[]> =>
    (await rig().ask('GET', '/snapshots/detail?sort=volume_id:asc', { version })).body.snapshots as ShownSnapshot[];
  const copy = (source: object): Promise<Answer> =>
    rig().ask('POST', '/groups/action', { version, body: { 'create-from-src': source } });
  const group = async (id: string): Promise<Answer['body']> =>
    (await rig().ask('GET', `/groups/${id}?list_volume=1`, { version })).body.group;
  const messageOf = (answer: Answer): string => {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    return answer.body.badRequest.message as string;
  };
  async function filled(type: object = {}): Promise<{ id: string; volumes: string[] }> {
    const id = await rig().group(['__DEFAULT__'], 'ann', type);
    return { id, volumes: [await rig().volumeIn(id), await rig().volumeIn(id)].sort() };
  }
  async function taken(id: string): Promise<string> {
    const answer = await take(id, { name: 'gs' });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await rig().engine.settle();
    return answer.body.group_snapshot.id as string;
  }
  /** Fails the commands that name the volume. */
  function failFor(volume: string, kind: string): void {
    const error = { code: 'no_space', message: 'full' } as const;
    rig().engine.interfere = ({ type, params }) =>
      type === kind && JSON.stringify(params).includes(volume) ? { kind: 'failed', error, partial: false } : null;
  }

  it('takes one snapshot of each volume', async () => {
    const { id, volumes } = await filled();
    const made = await take(id, { name: ' gs ', description: 'd' });
    assert.equal(made.status, 202);
    const { group_snapshot: said } = made.body as { group_snapshot: { id: string; name: string } };
    assert.deepEqual([said.name, Object.keys(said).sort()], ['gs', ['group_type_id', 'id', 'name']]);
    assert.equal(await show(said.id), 'creating');
    await rig().engine.settle();
    const shown = (await rig().ask('GET', `/group_snapshots/${said.id}`, { version })).body.group_snapshot;
    assert.deepEqual([shown.status, shown.group_id, shown.description], ['available', id, 'd']);
    assert.ok(!('project_id' in shown));
    const forAdmin = await rig().ask('GET', `/group_snapshots/${said.id}`, { as: 'admin', version });
    assert.equal(forAdmin.body.group_snapshot.project_id, projectOf('ann'));
    const rows = await snapshots();
    assert.deepEqual(
      rows.map((one) => [one.volume_id, one.status, one.group_snapshot_id]),
      volumes.map((volume) => [volume, 'available', said.id]),
    );
    const blocked = await rig().ask('POST', `/groups/${id}/action`, {
      version,
      body: { delete: { 'delete-volumes': true } },
    });
    assert.match(messageOf(blocked), /Group has existing snapshots/);
    assert.equal((await remove(said.id)).status, 202);
    assert.equal(await show(said.id), 'deleting');
    await rig().engine.settle();
    assert.deepEqual([await show(said.id), await snapshots()], [404, []]);
    assert.equal((await remove(said.id)).status, 404);
  });

  it('lists by page, order and filter since 3.29', async () => {
    const { id } = await filled();
    const ids = [await taken(id), await taken(id)];
    const list = async (query: string, at = version): Promise<string[]> =>
      (
        (await rig().ask('GET', `/group_snapshots${query}`, { version: at })).body.group_snapshots as { id: string }[]
      ).map((one) => one.id);
    assert.deepEqual(await list('?sort=created_at:asc'), ids);
    assert.deepEqual(await list('/detail?limit=1&sort=created_at:asc'), ids.slice(0, 1));
    assert.deepEqual(await list(`?group_id=${missingId}`), []);
    assert.equal((await list(`?group_id=${id}&status=available`)).length, 2);
    assert.equal((await list(`?limit=1&group_id=${missingId}`, '3.28')).length, 2, 'no parameters before');
    assert.equal((await rig().ask('GET', '/group_snapshots?description=x', { version })).status, 400);
    const shown = (await rig().ask('GET', '/group_snapshots', { version })).body.group_snapshots[0];
    assert.deepEqual(Object.keys(shown).sort(), ['id', 'name']);
    assert.equal((await rig().ask('GET', '/group_snapshots', { version: '3.13' })).status, 404);
    const foreign = await rig().ask('GET', '/group_snapshots/detail', { as: 'bob', version });
    assert.deepEqual(foreign.body.group_snapshots, []);
  });

  it('is accepted whole or not at all', async () => {
    const { id, volumes } = await filled();
    await rig().database('volumes').where({ id: volumes[1] }).update({ status: 'extending' });
    assert.equal((await take(id)).status, 400);
    await rig().database('volumes').where({ id: volumes[1] }).update({ status: 'available' });
    await rig()
      .database('quota_limits')
      .insert({ project_id: projectOf('ann'), resource: 'snapshots', hard_limit: 1 });
    assert.equal((await take(id)).status, 413);
    assert.deepEqual(await snapshots(), []);
    assert.equal((await rig().database('group_snapshots')).length, 0);
    assert.equal((await take(missingId)).status, 404);
    assert.equal((await take(id, {}, 'bob')).status, 404);
    assert.equal((await take(id, {}, 'reader')).status, 403);
    assert.equal((await take('x')).status, 400);
    assert.equal((await take(id, { colour: 'red' })).status, 400);
  });

  it('of an empty group is done at once', async () => {
    const made = await take(await rig().group());
    assert.equal(await show(made.body.group_snapshot.id as string), 'available');
  });

  it('keeps its snapshots together', async () => {
    const { id, volumes } = await filled();
    const made = await taken(id);
    const [one] = await snapshots();
    const alone = await rig().ask('DELETE', `/snapshots/${one?.id}`);
    assert.match(messageOf(alone), /must not be part of a group/);
    const forced = { as: 'admin', body: { 'os-force_delete': {} } } as const;
    assert.match(
      messageOf(await rig().ask('POST', `/snapshots/${one?.id}/action`, forced)),
      /must not be part of a group/,
    );
    // A volume that has left the group still has a snapshot that belongs to the group snapshot.
    await rig().ask('PUT', `/groups/${id}`, { version, body: { group: { remove_volumes: volumes.join() } } });
    const cascade = await rig().ask('DELETE', `/volumes/${volumes[0]}?cascade=true`);
    assert.match(messageOf(cascade), /must not be part of a group/);
    const transfer = await rig().ask('POST', '/os-volume-transfer', { body: { transfer: { volume_id: volumes[0] } } });
    assert.match(messageOf(transfer), /must not be part of a group/);
    assert.equal((await remove(made)).status, 202);
    await rig().engine.settle();
    assert.deepEqual(await snapshots(), []);
  });

  it('promises one instant where all are idle or at one server, and nowhere else', async () => {
    const specs = { consistent_group_snapshot_enabled: '<is> True' };
    const { id, volumes } = await filled({ group_specs: specs });
    assert.equal(await show(await taken(id)), 'available');
    const { database } = rig();
    const serverAt = async (volume: string, server: string): Promise<void> => {
      const row = {
        id: server,
        project_id: projectOf('ann'),
        user_id: 'u',
        name: 's',
        flavor_id: '1',
        vm_state: 'stopped',
      };
      const flavor = '{"vcpus":1,"ram_mib":64}';
      await database('servers')
        .insert({ ...row, flavor, compute_host: 'host' })
        .onConflict('id')
        .ignore();
      await database('attachments').insert({
        id: randomUUID(),
        volume_id: volume,
        project_id: projectOf('ann'),
        instance_uuid: server,
        managed_server_id: server,
        status: 'attached',
      });
      await database('volumes').where({ id: volume }).update({ status: 'in-use', attach_status: 'attached' });
    };
    const [one, two] = [randomUUID(), randomUUID()];
    try {
      await serverAt(volumes[0] ?? '', one);
      assert.equal(await show(await taken(id)), 'available');
      await serverAt(volumes[1] ?? '', two);
      const before = await snapshots();
      const refused = messageOf(await take(id));
      assert.match(refused, /^Invalid Group: .*attached to 2 servers, which have no instant in common/);
      assert.deepEqual(await snapshots(), before);
      await database('group_types').update({ group_specs: '{}' });
      assert.equal(
        await show(await taken(id)),
        'available',
        'a group without the promise has one moment for each server',
      );
    } finally {
      await database('attachments').whereNotNull('managed_server_id').delete();
      await database('servers').delete();
    }
  });

  it('ends in error when one fails, says so, and goes when it is deleted', async () => {
    const { id, volumes } = await filled();
    failFor(volumes[0] ?? '', 'overlay.prepare');
    const made = await taken(id);
    assert.equal(await show(made), 'error');
    assert.deepEqual(
      (await snapshots()).map((one) => one.status),
      ['error', 'error'],
      'together or not at all',
    );
    const told = (await rig().ask('GET', `/messages?resource_uuid=${made}`, { version })).body.messages;
    assert.match(told[0].user_message, /^create group snapshot:One of its volumes failed/);
    assert.match(messageOf(await copy({ group_snapshot_id: made })), /status must be available/);
    rig().engine.interfere = () => null;
    // None of them has files, so all is done within the request.
    assert.equal((await remove(made)).status, 202);
    assert.equal(await show(made), 404);
  });

  it('goes with its last snapshot, though one has nothing to delete', async () => {
    const { id, volumes } = await filled();
    const made = await taken(id);
    const row = { id: randomUUID(), volume_id: volumes[0], project_id: projectOf('ann'), user_id: 'u', size_gib: 1 };
    await rig()
      .database('snapshots')
      .insert({ ...row, status: 'error', group_snapshot_id: made });
    // The deletion of the one without files is done within the request. It must not end the others' waiting.
    assert.equal((await remove(made)).status, 202);
    assert.equal(await show(made), 'deleting');
    await rig().engine.settle();
    assert.equal(await show(made), 404);
  });

  it('stays in error when one of its snapshots stays', async () => {
    const { id, volumes } = await filled();
    const made = await taken(id);
    failFor(volumes[1] ?? '', 'layer.commit');
    assert.equal((await remove(made)).status, 202);
    await rig().engine.settle();
    assert.equal(await show(made), 'error');
    assert.deepEqual(
      (await snapshots()).map((one) => [one.volume_id, one.status]),
      [[volumes[1], 'error_deleting']],
    );
    rig().engine.interfere = () => null;
    assert.equal((await remove(made)).status, 202);
    await rig().engine.settle();
    assert.equal(await show(made), 404);
  });

  it('makes a group, and so does another group', async () => {
    const { id } = await filled();
    const source = await taken(id);
    for (const [from, field] of [
      [{ group_snapshot_id: source }, 'group_snapshot_id'],
      [{ source_group_id: id }, 'source_group_id'],
    ] as const) {
      const made = await copy({ name: ' copy ', ...from });
      assert.deepEqual([made.status, made.body.group.name], [202, 'copy']);
      const copyId = made.body.group.id as string;
      const begun = await group(copyId);
      assert.equal(begun.status, 'creating');
      assert.equal(begun.volumes.length, 2);
      if (field === 'group_snapshot_id') assert.match(messageOf(await remove(source)), /currently using it as source/);
      const early = await rig().ask('POST', `/groups/${id}/action`, {
        version,
        body: { delete: { 'delete-volumes': true } },
      });
      assert.equal(early.status, 400);
      await rig().engine.settle();
      const ended = await group(copyId);
      assert.deepEqual([ended.status, ended[field]], ['available', Object.values(from)[0]]);
      for (const volume of begun.volumes) assert.equal(await rig().statusOf(volume as string), 'available');
    }
    assert.equal((await snapshots()).length, 2, 'those of the clones are gone');
  });

  it('is a source that must be there, filled and named once', async () => {
    const empty = await rig().group();
    assert.match(messageOf(await copy({ source_group_id: empty })), /Source Group is empty. No group will be created/);
    const none = (await take(empty)).body.group_snapshot.id as string;
    assert.match(messageOf(await copy({ group_snapshot_id: none })), /Group snapshot is empty/);
    assert.equal((await copy({ source_group_id: missingId })).status, 404);
    assert.equal((await copy({ group_snapshot_id: missingId })).status, 404);
    assert.equal((await copy({})).status, 400);
    assert.equal((await copy({ source_group_id: empty, group_snapshot_id: none })).status, 400);
    assert.equal((await copy({ source_group_id: 'x' })).status, 400);
    const early = { version: '3.13', body: { 'create-from-src': { source_group_id: empty } } };
    assert.equal((await rig().ask('POST', '/groups/action', early)).status, 404);
    assert.equal((await rig().database('volume_groups')).length, 1);
  });

  it('leaves the new group in error when a volume of it fails', async () => {
    const { id } = await filled();
    const source = await taken(id);
    let failed = 0;
    rig().engine.interfere = ({ type }) => {
      if (type !== 'overlay.append' || failed > 0) return null;
      failed += 1;
      return { kind: 'failed', error: { code: 'hostile_image', message: 'no' }, partial: false };
    };
    const made = (await copy({ group_snapshot_id: source })).body.group.id as string;
    await rig().engine.settle();
    assert.equal((await group(made)).status, 'error');
    const gone = await rig().ask('POST', `/groups/${made}/action`, {
      version,
      body: { delete: { 'delete-volumes': true } },
    });
    assert.equal(gone.status, 202);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/groups/${made}`, { version })).status, 404);
  });

  it('makes nothing at all when the quota of volumes has no room for the group', async () => {
    const { id } = await filled();
    const source = await taken(id);
    await rig()
      .database('quota_limits')
      .insert({ project_id: projectOf('ann'), resource: 'volumes', hard_limit: 3 });
    // Volumes of other cases that hold the data of images stay in the database.
    const before: unknown[] = await rig().database('volumes').orderBy('id').select('id');
    assert.equal((await copy({ group_snapshot_id: source })).status, 413);
    assert.equal((await rig().database('volume_groups')).length, 1);
    assert.deepEqual(await rig().database('volumes').orderBy('id').select('id'), before);
  });

  it('has statuses that administrators reset', async () => {
    const made = (await take(await rig().group())).body.group_snapshot.id as string;
    const reset = (status: unknown, as: 'ann' | 'admin' = 'admin', at = version): Promise<Answer> =>
      rig().ask('POST', `/group_snapshots/${made}/action`, { as, version: at, body: { reset_status: { status } } });
    for (const status of ['creating', 'available', 'error']) {
      assert.equal((await reset(status)).status, 202);
      assert.equal(await show(made), status);
    }
    assert.match(messageOf(await reset('busy')), /Group snapshot status: busy is invalid/);
    assert.equal((await reset('error', 'ann')).status, 403);
    assert.equal((await reset('error', 'admin', '3.18')).status, 404);
    const missing = { as: 'admin', version, body: { reset_status: { status: 'error' } } } as const;
    assert.equal((await rig().ask('POST', `/group_snapshots/${missingId}/action`, missing)).status, 404);
  });
}
