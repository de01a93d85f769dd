// What was done to a server, told from the operations on record.
import assert from 'node:assert/strict';
import { extendVolume } from '../../integration/engine/requests.js';
import { place } from '../../integration/engine/rig.js';
import { type ComputePeople, missingId } from './compute-people.js';

export function instanceActionCases(people: () => ComputePeople): void {
  const path = (id: string) => `/servers/${id}/os-instance-actions`;
  const ask = (way: string, token: string, version = '2.1') =>
    people().rig.api.ask('GET', `/compute/v2.1${way}`, {
      token,
      headers: { 'OpenStack-API-Version': `compute ${version}` },
    });
  const names = (body: { instanceActions: { action: string }[] }) => body.instanceActions.map(({ action }) => action);

  describe('actions of a server', () => {
    it('are its life and the growth of its volumes, the newest first, a reboot as one', async () => {
      const { ann, bob, rig, admin } = people();
      const { id } = await rig.activeServer(ann.token, ann.projectId);
      const volumeId = await rig.volume(ann.projectId);
      const grow = async (newSizeGib: number) => {
        await extendVolume(rig.api.database, place, volumeId, newSizeGib);
        await rig.engine.settle();
      };
      const done = async (method: string, way: string, body?: object) => {
        const answer = await people().ask(method, `/servers/${id}${way}`, ann.token, body);
        assert.ok(answer.status < 300, JSON.stringify(answer.body));
        await rig.engine.settle();
      };
      await grow(2);
      await done('POST', '/os-volume_attachments', { volumeAttachment: { volumeId } });
      await grow(3);
      await done('POST', '/action', { reboot: { type: 'SOFT' } });
      await done('DELETE', `/os-volume_attachments/${volumeId}`);
      await grow(4);

      const listed = await ask(path(id), ann.token);
      assert.deepEqual(names(listed.body), ['detach_volume', 'reboot', 'extend_volume', 'attach_volume', 'create']);
      assert.ok(!('updated_at' in listed.body.instanceActions[0]));
      const [, reboot, growth] = listed.body.instanceActions as { request_id: string }[];
      const show = (one: { request_id: string } | undefined, token: string, version?: string) =>
        ask(`${path(id)}/${one?.request_id ?? ''}`, token, version);

      const seen = (await show(growth, admin)).body.instanceAction.events;
      assert.equal(seen.length, 1);
      assert.deepEqual([seen[0].event, seen[0].result, seen[0].traceback], ['compute_extend_volume', 'Success', null]);
      assert.ok(seen[0].finish_time >= seen[0].start_time);
      assert.deepEqual(
        (await show(reboot, admin)).body.instanceAction.events.map((one: { event: string }) => one.event),
        ['compute_reboot_instance', 'compute_reboot_instance'],
      );
      assert.ok(!('events' in (await show(growth, ann.token)).body.instanceAction), 'events are for administrators');
      const later = (await show(growth, ann.token, '2.51')).body.instanceAction.events[0];
      assert.ok(!('traceback' in later), 'and their traces in every version');

      assert.equal((await ask(path(id), bob.token)).status, 404);
      assert.equal((await show({ request_id: 'req-nothing' }, ann.token)).status, 404);
      assert.equal((await ask(path(missingId), admin)).status, 404);
      assert.equal((await ask(path('nonsense'), admin)).status, 404);

      const first = await ask(`${path(id)}?limit=2`, ann.token, '2.58');
      assert.deepEqual(names(first.body), ['detach_volume', 'reboot']);
      assert.match(first.body.instanceActions[0].updated_at, /^\d{4}-/);
      const next = new URL(first.body.links[0].href as string);
      const second = await ask(`${path(id)}${next.search}`, ann.token, '2.58');
      assert.deepEqual(names(second.body), ['extend_volume', 'attach_volume']);
      assert.equal((await ask(`${path(id)}?marker=x`, ann.token, '2.58')).status, 400);
      assert.equal((await ask(`${path(id)}?changes-since=x`, ann.token, '2.58')).status, 400);
      assert.deepEqual(names((await ask(`${path(id)}?changes-since=2999-01-01`, ann.token, '2.58')).body), []);

      await done('DELETE', '');
      assert.equal((await ask(path(id), ann.token)).status, 404);
      assert.equal(names((await ask(path(id), ann.token, '2.21')).body)[0], 'delete');
      assert.equal((await ask(path(id), bob.token, '2.21')).status, 404, 'what is gone stays its owner\u2019s');
    });

    it('name the failure, with its reason for administrators', async () => {
      const { ann, rig, admin } = people();
      const { id } = await rig.activeServer(ann.token, ann.projectId);
      const [made] = (await ask(path(id), ann.token)).body.instanceActions as { request_id: string }[];
      const failure = { state: 'failed', error: JSON.stringify({ code: 'internal', message: 'no such thing' }) };
      await rig.api.database('operations').whereRaw("params ->> 'serverId' = ?", [id]).update(failure);
      const shown = (await ask(`${path(id)}/${made?.request_id ?? ''}`, admin)).body.instanceAction;
      assert.equal(shown.message, 'Error');
      assert.deepEqual([shown.events[0].result, shown.events[0].traceback], ['Error', 'no such thing']);
      await people().ask('DELETE', `/servers/${id}`, ann.token);
      await rig.engine.settle();
    });
  });

  it('a server has no addresses', async () => {
    const { ann, rig } = people();
    const { id } = await rig.activeServer(ann.token, ann.projectId);
    assert.deepEqual((await ask(`/servers/${id}/ips`, ann.token)).body, { addresses: {} });
    await people().ask('DELETE', `/servers/${id}`, ann.token);
    await rig.engine.settle();
  });
}
