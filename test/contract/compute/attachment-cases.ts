// Volumes of servers, and what volume services call.
import assert from 'node:assert/strict';
import type { ComputePeople } from './compute-people.js';
import { missingId } from './compute-people.js';

export function attachmentCases(people: () => ComputePeople): void {
  const ask = (method: string, path: string, token: string, body?: unknown) => people().ask(method, path, token, body);
  const volumeStatus = (id: string) => people().rig.engine.statusOf('volumes', id);
  describe('volume attachments', () => {
    it('attach, list, show, detach', async () => {
      const { id, volumeId: rootId } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const volumeId = await people().rig.volume(people().ann.projectId);
      const path = `/servers/${id}/os-volume_attachments`;
      const attached = await ask('POST', path, people().ann.token, {
        volumeAttachment: { volumeId: volumeId.toUpperCase() },
      });
      assert.equal(attached.status, 200);
      assert.deepEqual(attached.body.volumeAttachment, { id: volumeId, serverId: id, volumeId, device: '/dev/vdb' });
      assert.equal(await volumeStatus(volumeId), 'attaching');
      await people().rig.engine.settle();
      assert.equal(await volumeStatus(volumeId), 'in-use');
      const listed = (await ask('GET', path, people().ann.token)).body.volumeAttachments as {
        id: string;
        device: string;
      }[];
      assert.deepEqual(
        listed.map((one) => [one.id, one.device]),
        [
          [rootId, '/dev/vda'],
          [volumeId, '/dev/vdb'],
        ],
      );
      assert.equal(
        (await ask('GET', `${path}?limit=1&offset=1`, people().ann.token)).body.volumeAttachments[0].id,
        volumeId,
      );
      assert.equal(
        (await ask('GET', `${path}/${volumeId}`, people().ann.token)).body.volumeAttachment.device,
        '/dev/vdb',
      );
      assert.equal((await ask('GET', `${path}/${missingId}`, people().ann.token)).status, 404);
      assert.equal(
        (await ask('POST', path, people().ann.token, { volumeAttachment: { volumeId } })).status,
        400,
        'in-use',
      );
      assert.equal((await ask('DELETE', `${path}/${rootId}`, people().ann.token)).status, 403, 'the root disk stays');
      assert.equal((await ask('DELETE', `${path}/${volumeId}`, people().ann.token)).status, 202);
      assert.equal((await ask('DELETE', `${path}/${volumeId}`, people().ann.token)).status, 400, 'one is under way');
      await people().rig.engine.settle();
      assert.equal(await volumeStatus(volumeId), 'available');
      assert.equal((await ask('DELETE', `${path}/${volumeId}`, people().ann.token)).status, 404);
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
      await people().rig.engine.assertNothingLeft();
    });

    it('honour a wished device name and read-only volumes', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const volumeId = await people().rig.volume(people().ann.projectId);
      await people()
        .rig.api.database('volumes')
        .where({ id: volumeId })
        .update({ admin_metadata: JSON.stringify({ readonly: 'True' }) });
      const wish = { volumeAttachment: { volumeId, device: '/dev/vdf' } };
      assert.equal(
        (await ask('POST', `/servers/${id}/os-volume_attachments`, people().ann.token, wish)).body.volumeAttachment
          .device,
        '/dev/vdf',
      );
      await people().rig.engine.settle();
      const asked = people().rig.engine.commands.findLast((command) => command.type === 'disk.attach');
      assert.ok(asked);
      assert.equal((asked.params as { disk: { readOnly: boolean } }).disk.readOnly, true);
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('refuse a volume of another project as one that does not exist, and a server in a wrong state with 409', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const foreign = await people().rig.volume(people().bob.projectId);
      const path = `/servers/${id}/os-volume_attachments`;
      const attach = (volumeId: string) => ask('POST', path, people().ann.token, { volumeAttachment: { volumeId } });
      assert.equal((await attach(foreign)).status, 404);
      assert.equal((await attach(missingId)).status, 404);
      assert.equal((await attach('nonsense')).status, 400);
      await ask('POST', `/servers/${id}/action`, people().ann.token, { 'os-stop': null });
      assert.equal(
        (await attach(await people().rig.volume(people().ann.projectId))).status,
        200,
        'a stopped guest gets it at its start',
      );
      await people().rig.engine.settle();
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      assert.equal((await attach(missingId)).status, 409);
      await people().rig.engine.settle();
    });
  });

  describe('calls of a volume service', () => {
    it('switch a guest to an overlay and merge it again, for services and administrators only', async () => {
      const { id, volumeId } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const snapshotId = await people().rig.snapshot(volumeId, 'deleting');
      const file = `volume-${volumeId}.${snapshotId}`;
      const remove = (token: string, info: unknown) =>
        ask(
          'DELETE',
          `/os-assisted-volume-snapshots/${snapshotId}?delete_info=${encodeURIComponent(typeof info === 'string' ? info : JSON.stringify(info))}`,
          token,
        );
      const info = { volume_id: volumeId, file_to_merge: file, merge_target_file: `volume-${volumeId}` };
      assert.equal((await remove(people().ann.token, info)).status, 403);
      assert.equal((await remove(people().service.token, 'not json')).status, 400);
      assert.equal((await remove(people().service.token, { ...info, merge_target_file: 'other' })).status, 400);
      assert.equal((await remove(people().service.token, { ...info, file_to_merge: null })).status, 400);
      assert.equal((await remove(people().service.token, info)).status, 204);
      await people().rig.engine.settle();
      assert.deepEqual(await people().rig.engine.chainFiles(volumeId), [`volume-${volumeId}`]);
      const row = await people().rig.api.database('snapshots').where({ id: snapshotId }).first('progress', 'status');
      assert.deepEqual({ ...row }, { progress: '90%', status: 'deleting' });

      await people()
        .rig.api.database('snapshots')
        .where({ id: snapshotId })
        .update({ status: 'creating', progress: '0%' });
      people().rig.engine.world.files.delete(file);
      const create = (token: string, more: object) =>
        ask('POST', '/os-assisted-volume-snapshots', token, {
          snapshot: {
            volume_id: volumeId,
            create_info: { snapshot_id: snapshotId, type: 'qcow2', new_file: file, ...more },
          },
        });
      assert.equal((await create(people().ann.token, {})).status, 403);
      assert.equal((await create(people().service.token, { new_file: '../../etc/passwd' })).status, 400);
      assert.equal((await create(people().service.token, { type: 'raw' })).status, 400);
      assert.equal((await create(people().service.token, { snapshot_id: missingId })).status, 404);
      const base = people().rig.engine.world.files.get(`volume-${volumeId}`);
      people().rig.engine.world.files.set(file, {
        format: 'qcow2',
        virtualSizeBytes: base?.virtualSizeBytes ?? 0,
        backingFile: `volume-${volumeId}`,
      });
      const made = await create(people().service.token, {});
      assert.deepEqual([made.status, made.body.snapshot], [200, { id: null, volumeId }]);
      await people().rig.engine.settle();
      assert.deepEqual(await people().rig.engine.chainFiles(volumeId), [`volume-${volumeId}`, file]);
      await people().rig.api.database('snapshots').where({ id: snapshotId }).delete();
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('answer each event by itself', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const event = (server_uuid: string) => ({ name: 'network-changed', server_uuid, tag: missingId });
      const send = (token: string, events: unknown[]) => ask('POST', '/os-server-external-events', token, { events });
      assert.equal((await send(people().ann.token, [event(id)])).status, 403);
      const both = await send(people().service.token, [event(id), event(missingId)]);
      assert.deepEqual([both.status, both.body.events.map((one: { code: number }) => one.code)], [207, [200, 404]]);
      assert.equal((await send(people().service.token, [event(id)])).status, 200);
      assert.equal((await send(people().service.token, [event(missingId)])).status, 404);
      assert.equal((await send(people().service.token, [])).status, 400);
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });
  });
}
