// Actions on volumes: growth, flags, resets, and the older way to attach.
import assert from 'node:assert/strict';
import { type BlockRig, missingId } from './block-rig.js';

const instance = '11111111-2222-4333-8444-555555555555';

export function actionCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  it('names what is wrong with an action', async () => {
    const id = await rig().volume();
    const message = async (body: unknown) => (await rig().act(id, body as object)).body.badRequest.message as string;
    assert.match(await message({ 'os-dance': {} }), /There is no such action: os-dance/);
    assert.match(await message({ 'os-extend': { new_size: 2 }, 'os-reserve': null }), /Malformed request body/);
    assert.match(await message({}), /Malformed request body/);
    assert.match(await message({ 'os-extend': {} }), /'new_size' is a required property/);
  });

  it('extends: larger only, in use from 3.42, and gives the promise back when it fails', async () => {
    const id = await rig().volume({ size: 2 });
    const extend = (size: unknown, version = '3.0') => rig().act(id, { 'os-extend': { new_size: size } }, { version });
    assert.equal((await extend(2)).status, 400);
    assert.equal((await extend('x')).status, 400);
    assert.equal((await extend('3')).status, 202);
    assert.equal(await rig().statusOf(id), 'extending');
    const busy = await extend(4);
    assert.equal(busy.status, 400);
    assert.match(busy.body.badRequest.message, /current status is: extending\. It is busy with volume-extend/);
    await rig().engine.settle();
    assert.equal((await rig().ask('GET', `/volumes/${id}`)).body.volume.size, 3);
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.equal((await extend(4, '3.41')).status, 400);
    assert.equal((await extend(4, '3.42')).status, 202);
    await rig().engine.settle();
    assert.equal((await rig().act(missingId, { 'os-extend': { new_size: 2 } })).status, 404);
    const full = await rig().act(id, { 'os-extend': { new_size: 900 } });
    assert.equal(full.status, 202);
    rig().engine.interfere = (command) =>
      command.type === 'image.extend'
        ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false }
        : null;
    await rig().engine.settle();
    rig().engine.interfere = () => null;
    assert.equal(await rig().statusOf(id), 'error_extending');
  });

  it('resets statuses for administrators', async () => {
    const id = await rig().volume();
    const reset = (what: object, as: 'ann' | 'admin' = 'admin') => rig().act(id, { 'os-reset_status': what }, { as });
    assert.equal((await reset({ status: 'error' }, 'ann')).status, 403);
    assert.equal((await reset({ status: 'error' })).status, 202);
    assert.equal(await rig().statusOf(id), 'error');
    assert.equal((await reset({ status: 'weird' })).status, 400);
    assert.equal((await reset({})).status, 400);
    assert.equal(
      (await reset({ status: 'available', attach_status: 'detached', migration_status: 'none' })).status,
      202,
    );
    assert.equal(await rig().statusOf(id), 'available');
  });

  it('sets flags', async () => {
    const id = await rig().volume();
    assert.equal((await rig().act(id, { 'os-set_bootable': { bootable: 'True' } })).status, 200);
    assert.equal((await rig().act(id, { 'os-set_bootable': { bootable: 'sure' } })).status, 400);
    assert.equal((await rig().act(id, { 'os-update_readonly_flag': { readonly: true } })).status, 202);
    const shown = (await rig().ask('GET', `/volumes/${id}`)).body.volume;
    assert.deepEqual([shown.bootable, shown.metadata.readonly], ['true', 'True']);
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.equal((await rig().act(id, { 'os-update_readonly_flag': { readonly: false } })).status, 400);
  });

  it('force-deletes for administrators', async () => {
    const id = await rig().volume();
    await rig().database('volumes').where({ id }).update({ status: 'maintenance' });
    assert.equal((await rig().act(id, { 'os-force_delete': {} })).status, 403);
    assert.equal((await rig().act(id, { 'os-force_delete': {} }, { as: 'admin' })).status, 202);
  });

  it('attaches and detaches the older way', async () => {
    const id = await rig().volume();
    const act = (action: object, as: 'ann' | 'admin' = 'ann') => rig().act(id, action, { as });
    assert.equal((await act({ 'os-unreserve': null })).status, 202);
    assert.equal((await act({ 'os-reserve': null })).status, 202);
    assert.equal(await rig().statusOf(id), 'attaching');
    assert.equal((await act({ 'os-reserve': null })).status, 400);
    const connector = { 'os-initialize_connection': { connector: { host: 'h' } } };
    const opened = await rig().act(id, connector, { headers: { 'X-Service-Token': 'service' } });
    assert.deepEqual(opened.body.connection_info.driver_volume_type, 'glusterfs');
    assert.equal(opened.body.connection_info.data.name, `volume-${id}`);
    for (const as of ['ann', 'admin'] as const) {
      assert.deepEqual((await act(connector, as)).body.connection_info.data, {}, 'people do not learn where files lie');
    }
    assert.equal((await act({ 'os-attach': { mountpoint: '/dev/vdb' } })).status, 400);
    const attach = { 'os-attach': { mountpoint: '/dev/vdb', instance_uuid: instance, mode: 'rw' } };
    assert.equal((await act(attach)).status, 202);
    const shown = (await rig().ask('GET', `/volumes/${id}`)).body.volume;
    assert.deepEqual(
      [shown.status, shown.attachments[0].server_id, shown.metadata.attached_mode],
      ['in-use', instance, 'rw'],
    );
    assert.equal(shown.attachments[0].id, id);
    assert.equal((await act({ 'os-begin_detaching': null })).status, 202);
    assert.equal((await act({ 'os-begin_detaching': null })).status, 400);
    assert.equal((await act({ 'os-roll_detaching': null })).status, 202);
    assert.equal(await rig().statusOf(id), 'in-use');
    assert.equal((await rig().ask('DELETE', `/volumes/${id}`)).status, 400);
    assert.equal((await act({ 'os-detach': { attachment_id: missingId } })).status, 400);
    assert.equal((await act({ 'os-terminate_connection': { connector: {} } })).status, 202);
    assert.equal((await act({ 'os-detach': {} })).status, 202);
    assert.equal(await rig().statusOf(id), 'available');
    assert.equal((await act({ 'os-detach': null })).status, 202, 'nothing to detach');
    assert.equal((await act(attach)).status, 202);
    assert.equal((await act({ 'os-force_detach': {} })).status, 403);
    assert.equal((await act({ 'os-force_detach': {} }, 'admin')).status, 202);
    assert.equal(await rig().statusOf(id), 'available');
  });

  it('refuses to freeze, copy or grow what a guest elsewhere writes to', async () => {
    const id = await rig().volume();
    await rig().act(id, { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere' } });
    const snapshot = { snapshot: { volume_id: id, force: true } };
    for (const answer of [
      await rig().ask('POST', '/snapshots', { body: snapshot }),
      await rig().ask('POST', '/volumes', { body: { volume: { size: 1, source_volid: id } } }),
      await rig().act(id, { 'os-extend': { new_size: 2 } }, { version: '3.42' }),
    ]) {
      assert.equal(answer.status, 400);
      assert.match(answer.body.badRequest.message, /a server that this service does not run/);
    }
  });
}
