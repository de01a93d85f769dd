// Rules of attachments beyond the plain flow: servers that move, duplicate connectors, errored volumes, modes of access, and the two ways
// to attach over the same rows. Facts: cinder/volume/api.py and manager.py; tempest's volume actions, with their admin half.
import assert from 'node:assert/strict';
import { type Answer, BlockRig } from './block-rig.js';

const instance = '11111111-2222-4333-8444-555555555555';
const another = '66666666-2222-4333-8444-555555555555';
const serviceToken = { 'X-Service-Token': 'service' };

describe('rules of attachments', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  before(async () => {
    rig = await BlockRig.open();
  });
  after(() => rig.close());
  afterEach(() => rig.clear());

  const create = (attachment: object, version = '3.71'): Promise<Answer> =>
    rig.ask('POST', '/attachments', { version, body: { attachment } });
  const update = (id: string, connector: object, version = '3.71'): Promise<Answer> =>
    rig.ask('PUT', `/attachments/${id}`, { version, headers: serviceToken, body: { attachment: { connector } } });
  const complete = (id: string): Promise<Answer> =>
    rig.ask('POST', `/attachments/${id}/action`, { version: '3.44', body: { 'os-complete': {} } });
  const end = (id: string): Promise<Answer> => rig.ask('DELETE', `/attachments/${id}`, { version: '3.27' });
  const shown = async (volume: string) => (await rig.ask('GET', `/volumes/${volume}`)).body.volume;

  async function attached(volume: string, host: string): Promise<string> {
    const made = await create({ volume_uuid: volume, instance_uuid: instance, connector: { host } });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.equal((await complete(made.body.attachment.id as string)).status, 204);
    return made.body.attachment.id as string;
  }

  it('lets a server move: a second attachment for it, on another host', async () => {
    const volume = await rig.volume();
    const source = await attached(volume, 'a');
    const other = await create({ volume_uuid: volume, instance_uuid: another });
    assert.equal(other.status, 400);
    assert.match(other.body.badRequest.message, /status must be available to reserve, but current status is: in-use/);
    assert.equal((await create({ volume_uuid: volume })).status, 400, 'for no server at all');
    const made = await create({ volume_uuid: volume, instance_uuid: instance });
    assert.deepEqual([made.status, made.body.attachment.status], [200, 'reserved']);
    assert.equal(await rig.statusOf(volume), 'in-use', 'the strongest attachment counts');
    const target = made.body.attachment.id as string;
    const same = await update(target, { host: 'a' });
    assert.equal(same.status, 409);
    assert.match(same.body.conflictingRequest.message, /duplicate connectors detected on volume/);
    assert.equal((await update(target, { ip: '10.0.0.9' })).status, 409, 'a host without a name may be the same');
    assert.equal((await update(target, { host: 'b' })).status, 200);
    assert.equal((await end(source)).body.attachments[0].id, target);
    assert.equal(await rig.statusOf(volume), 'attaching');
    assert.equal((await complete(target)).status, 204);
    assert.deepEqual((await shown(volume)).attachments.length, 1);
    assert.equal((await end(target)).status, 200);
    assert.equal(await rig.statusOf(volume), 'available');
  });

  it('attaches nothing to an errored volume', async () => {
    const volume = await rig.volume();
    const reserved = (await create({ volume_uuid: volume })).body.attachment.id as string;
    await rig.database('volumes').where({ id: volume }).update({ status: 'error' });
    const created = await create({ volume_uuid: volume });
    assert.equal(created.status, 400);
    assert.match(created.body.badRequest.message, /can not be created if the volume is in an error state/);
    const updated = await update(reserved, { host: 'a' });
    assert.equal(updated.status, 409);
    assert.match(updated.body.conflictingRequest.message, /can not be updated if the volume is in an error state/);
  });

  it('knows who said how a volume is attached', async () => {
    const volume = await rig.volume();
    const modes = async (version: string, wish: object, connector: object): Promise<unknown[]> => {
      const made = (await create({ volume_uuid: volume, ...wish }, version)).body.attachment;
      const connected = (await update(made.id as string, connector, version)).body.attachment;
      assert.equal((await end(made.id as string)).status, 200);
      return [made.attach_mode, connected.attach_mode, connected.connection_info.access_mode];
    };
    assert.deepEqual(await modes('3.53', {}, { host: 'a' }), ['null', 'rw', 'rw']);
    assert.deepEqual(await modes('3.53', {}, { host: 'a', mode: 'ro' }), ['null', 'ro', 'ro']);
    assert.deepEqual(await modes('3.54', {}, { host: 'a' }), ['rw', 'rw', 'rw']);
    assert.deepEqual(await modes('3.54', { mode: 'ro' }, { host: 'a', mode: 'rw' }), ['ro', 'ro', 'ro']);
    await rig.act(volume, { 'os-update_readonly_flag': { readonly: true } });
    assert.deepEqual(await modes('3.54', { mode: 'rw' }, { host: 'a', mode: 'rw' }), ['rw', 'ro', 'ro']);
    await rig.act(volume, { 'os-update_readonly_flag': { readonly: false } });
    assert.deepEqual(await modes('3.54', { mode: 'rw' }, { host: 'a' }), ['rw', 'rw', 'rw']);
    assert.equal((await create({ volume_uuid: volume, mode: 'wo' })).status, 400);
  });

  it('updates what is reserved and completes what is connected, as often as asked', async () => {
    const volume = await rig.volume();
    const id = (await create({ volume_uuid: volume, instance_uuid: instance })).body.attachment.id as string;
    assert.equal((await complete(id)).status, 400, 'not connected');
    assert.equal((await update(id, { host: 'a' })).status, 200);
    assert.equal((await update(id, { host: 'a' })).status, 200, 'again for the same host');
    assert.equal((await complete(id)).status, 204);
    assert.equal((await complete(id)).status, 204, 'repeated');
    assert.equal((await update(id, { host: 'a' })).status, 400, 'attached already');
    const one = (await rig.ask('GET', `/attachments/${id}`, { version: '3.27' })).body.attachment;
    assert.match(one.attached_at as string, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/);
    assert.deepEqual([one.status, one.instance, one.volume_id, one.detached_at], ['attached', instance, volume, '']);
    for (const [query, count] of [
      [`volume_id=${volume}`, 1],
      ['status=attached', 1],
      ['attach_status=reserved', 0],
      [`instance_id=${instance}`, 1],
      [`instance_id=${another}`, 0],
    ] as const) {
      const found = await rig.ask('GET', `/attachments?${query}`, { version: '3.31' });
      assert.equal(found.body.attachments.length, count, query);
    }
  });

  it('older way: a read-only volume is attached read-only, and shows how', async () => {
    const volume = await rig.volume();
    const act = (body: object, more: object = {}) => rig.act(volume, body, more);
    await act({ 'os-update_readonly_flag': { readonly: true } });
    const attach = (mode?: string) =>
      act({
        'os-attach': { mountpoint: '/dev/vdb', instance_uuid: instance, ...(mode === undefined ? {} : { mode }) },
      });
    for (const refused of [await attach(), await attach('rw')]) {
      assert.equal(refused.status, 400);
      assert.match(refused.body.badRequest.message, /InvalidVolumeAttachMode: Invalid attaching mode 'rw' for volume/);
    }
    assert.equal((await attach('ro')).status, 202);
    assert.deepEqual((await shown(volume)).metadata, { readonly: 'True', attached_mode: 'ro' });
    const opened = await act({ 'os-initialize_connection': { connector: {} } }, { headers: serviceToken });
    assert.equal(opened.body.connection_info.data.access_mode, 'ro');
    assert.equal((await act({ 'os-detach': {} })).status, 202);
    assert.deepEqual((await shown(volume)).metadata, { readonly: 'True' });
  });

  it('both ways are one: what the older way attached, the newer one ends', async () => {
    const volume = await rig.volume();
    await rig.act(volume, { 'os-reserve': null });
    await rig.act(volume, { 'os-attach': { mountpoint: '/dev/vdb', instance_uuid: instance } });
    const { attachments, metadata } = await shown(volume);
    // As the real service says it: the flag is written down by the first attachment.
    assert.deepEqual(metadata, { readonly: 'False', attached_mode: 'rw' });
    assert.equal((await end(attachments[0].attachment_id as string)).status, 200);
    const after = await shown(volume);
    assert.deepEqual([after.status, after.attachments, after.metadata], ['available', [], { readonly: 'False' }]);
    const id = await attached(volume, 'a');
    await rig.act(volume, { 'os-begin_detaching': null });
    assert.equal((await rig.act(volume, { 'os-detach': { attachment_id: id } })).status, 202);
    assert.equal(await rig.statusOf(volume), 'available');
  });

  it('needs to be told which of two attachments is meant', async () => {
    const volume = await rig.volume();
    const source = await attached(volume, 'a');
    await create({ volume_uuid: volume, instance_uuid: instance, connector: { host: 'b' } });
    const unnamed = await rig.act(volume, { 'os-detach': {} });
    assert.equal(unnamed.status, 400);
    assert.match(unnamed.body.badRequest.message, /More than one attachment, but no attachment_id provided/);
    assert.equal((await rig.act(volume, { 'os-detach': { attachment_id: source } })).status, 202);
  });

  it('force-detaches an errored volume for administrators, as tempest does', async () => {
    const volume = await rig.volume();
    await rig.act(volume, { 'os-attach': { mountpoint: '/dev/vdc', instance_uuid: instance } });
    const { attachments } = await shown(volume);
    await rig.act(volume, { 'os-reset_status': { status: 'error' } }, { as: 'admin' });
    const force = { 'os-force_detach': { attachment_id: attachments[0].attachment_id, connector: {} } };
    assert.equal((await rig.act(volume, force)).status, 403);
    assert.equal((await rig.act(volume, force, { as: 'admin' })).status, 202);
    const after = await shown(volume);
    assert.deepEqual([after.status, after.attachments], ['available', []]);
  });
});
