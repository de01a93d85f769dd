// Attachments of 3.27, and the guard that keeps a volume from being pulled from under a running guest.
import assert from 'node:assert/strict';
import { type BlockRig, missingId, projectOf } from './block-rig.js';

const instance = '11111111-2222-4333-8444-555555555555';
const serviceToken = { 'X-Service-Token': 'service' };
const connector = { host: 'elsewhere', ip: '10.0.0.9', mountpoint: '/dev/vdb', initiator: null };

export function attachmentCases(rig: () => BlockRig): void {
  const version = '3.44';
  afterEach(() => rig().clear());
  const create = (attachment: object, asking: Parameters<BlockRig['ask']>[2] = {}) =>
    rig().ask('POST', '/attachments', { version, ...asking, body: { attachment } });

  it('does not exist below 3.27, and completing not below 3.44', async () => {
    const id = await rig().volume();
    assert.equal((await create({ volume_uuid: id }, { version: '3.26' })).status, 404);
    const made = (await create({ volume_uuid: id }, { version: '3.27' })).body.attachment;
    const complete = (at: string) =>
      rig().ask('POST', `/attachments/${made.id}/action`, { version: at, body: { 'os-complete': {} } });
    assert.equal((await complete('3.43')).status, 404);
    assert.equal((await complete('3.44')).status, 400, 'not connected yet');
    assert.equal((await create({ volume_uuid: id, mode: 'ro' }, { version: '3.53' })).status, 400);
  });

  it('reserves, connects, completes and ends', async () => {
    const volume = await rig().volume();
    const made = await create({ volume_uuid: volume, instance_uuid: instance });
    assert.equal(made.status, 200);
    const { id } = made.body.attachment as { id: string };
    assert.deepEqual([made.body.attachment.status, made.body.attachment.attached_at], ['reserved', '']);
    assert.equal(await rig().statusOf(volume), 'reserved');
    assert.equal((await create({ volume_uuid: volume })).status, 400);
    assert.equal((await create({ volume_uuid: missingId })).status, 404);
    const update = (body: object, headers: Record<string, string> = {}) =>
      rig().ask('PUT', `/attachments/${id}`, { version, headers, body: { attachment: body } });
    assert.equal((await update({ connector: {} })).status, 400);
    const connected = (await update({ connector }, serviceToken)).body.attachment;
    assert.equal(connected.status, 'attaching');
    assert.equal(connected.connection_info.export, '10.0.0.1:/vols');
    assert.equal(connected.connection_info.name, `volume-${volume}`);
    assert.equal(connected.connection_info.attachment_id, id);
    assert.deepEqual((await update({ connector })).body.attachment.connection_info, {}, 'not for users');
    const done = await rig().ask('POST', `/attachments/${id}/action`, { version, body: { 'os-complete': null } });
    assert.equal(done.status, 204);
    const shown = (await rig().ask('GET', `/volumes/${volume}`, { as: 'admin' })).body.volume;
    assert.equal(shown.status, 'in-use');
    assert.deepEqual(
      [shown.attachments[0].attachment_id, shown.attachments[0].host_name, shown.attachments[0].device],
      [id, 'elsewhere', '/dev/vdb'],
    );
    assert.equal((await rig().ask('GET', `/attachments/${id}`, { version })).body.attachment.attach_mode, 'rw');
    assert.equal((await rig().ask('GET', '/attachments', { version })).body.attachments.length, 1);
    const detail = await rig().ask('GET', `/attachments/detail?instance_id=${instance}`, { version });
    assert.equal(detail.body.attachments[0].id, id);
    assert.equal(
      (await rig().ask('GET', `/attachments?volume_id=${missingId}`, { version })).body.attachments.length,
      0,
    );
    assert.equal((await rig().ask('GET', `/attachments/${id}`, { as: 'bob', version })).status, 404);
    const ended = await rig().ask('DELETE', `/attachments/${id}`, { version });
    assert.deepEqual([ended.status, ended.body], [200, { attachments: [] }]);
    assert.equal(await rig().statusOf(volume), 'available');
    assert.equal((await rig().ask('DELETE', `/attachments/${id}`, { version })).status, 404);
  });

  it('connects at once when the connector comes with the creation, read-only from 3.54', async () => {
    const volume = await rig().volume();
    const made = await create(
      { volume_uuid: volume, connector, mode: 'ro' },
      { headers: serviceToken, version: '3.54' },
    );
    assert.deepEqual(
      [made.body.attachment.status, made.body.attachment.connection_info.access_mode],
      ['attaching', 'ro'],
    );
  });

  it('follows the active file after a snapshot', async () => {
    const volume = await rig().volume();
    const snapshot = await rig().snapshot(volume);
    const made = await create({ volume_uuid: volume, connector }, { headers: serviceToken });
    assert.equal(made.body.attachment.connection_info.name, `volume-${volume}.${snapshot}`);
  });

  it('connects nobody to files that are about to change', async () => {
    const volume = await rig().volume();
    const reserved = (await create({ volume_uuid: volume })).body.attachment.id as string;
    await rig().ask('DELETE', `/attachments/${reserved}`, { version });
    const accepted = await rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } });
    assert.equal(accepted.status, 202);
    const early = await create({ volume_uuid: volume, connector });
    assert.equal(early.status, 400);
    assert.match(early.body.badRequest.message, /busy with snapshot-create/);
    const attach = { 'os-attach': { host_name: 'elsewhere', mountpoint: '/dev/vdb' } };
    assert.equal((await rig().act(volume, attach)).status, 400);
    assert.equal((await rig().act(volume, { 'os-initialize_connection': { connector } })).status, 400);
    assert.equal(await rig().statusOf(volume), 'available', 'nothing was left behind');
    const kept = (await create({ volume_uuid: volume })).body.attachment.id as string;
    const update = () =>
      rig().ask('PUT', `/attachments/${kept}`, { version, headers: serviceToken, body: { attachment: { connector } } });
    assert.equal((await update()).status, 400, 'reserved, not connected');
    await rig().engine.settle();
    const connected = (await update()).body.attachment.connection_info;
    assert.equal(connected.name, `volume-${volume}.${accepted.body.snapshot.id as string}`);
  });

  it('lets only a service end the attachment of a server of ours, and through its hypervisor', async () => {
    const volume = await rig().volume();
    const { database, engine } = rig();
    const server = {
      id: instance,
      project_id: projectOf('ann'),
      user_id: 'u',
      name: 's',
      flavor_id: '1',
      vm_state: 'stopped',
    };
    await database('servers').insert({ ...server, flavor: '{"vcpus":1,"ram_mib":64}', compute_host: 'host' });
    const id = '99999999-2222-4333-8444-555555555555';
    await database('attachments').insert({
      id,
      volume_id: volume,
      project_id: projectOf('ann'),
      instance_uuid: instance,
      managed_server_id: instance,
      status: 'attached',
      attached_at: database.raw('utc_now()'),
    });
    await database('volumes').where({ id: volume }).update({ status: 'in-use', attach_status: 'attached' });
    try {
      for (const as of ['ann', 'admin'] as const) {
        const answer = await rig().ask('DELETE', `/attachments/${id}`, { as, version });
        assert.equal(answer.status, 409, as);
        assert.match(answer.body.conflictingRequest.message, /Detach volume from instance .* using the Compute API/);
        for (const action of [
          { 'os-detach': {} },
          { 'os-begin_detaching': null },
          { 'os-terminate_connection': { connector: {} } },
        ]) {
          assert.equal((await rig().act(volume, action, { as })).status, 409, JSON.stringify(action));
        }
      }
      const forget = { 'os-reset_status': { status: 'available', attach_status: 'detached' } };
      assert.equal((await rig().act(volume, forget, { as: 'admin' })).status, 409);
      assert.equal(
        (await rig().act(volume, { 'os-reset_status': { status: 'available' } }, { as: 'admin' })).status,
        409,
      );
      assert.equal((await rig().act(volume, { 'os-reset_status': { status: 'in-use' } }, { as: 'admin' })).status, 202);
      const headers = { 'X-Service-Token': 'service' };
      const ended = await rig().ask('DELETE', `/attachments/${id}`, { version, headers });
      assert.equal(ended.status, 200);
      assert.equal(await rig().statusOf(volume), 'detaching');
      await engine.settle();
      assert.equal(await rig().statusOf(volume), 'available');
    } finally {
      await database('attachments').delete();
      await database('servers').delete();
    }
  });
}
