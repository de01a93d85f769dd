// What servers do: boot, be shown, listed, hidden, stopped, deleted.
import assert from 'node:assert/strict';
import type { ComputePeople } from './compute-people.js';
import { missingId } from './compute-people.js';

export function serverCases(people: () => ComputePeople): void {
  const ask = (method: string, path: string, token: string, body?: unknown) => people().ask(method, path, token, body);
  const volumeStatus = (id: string) => people().rig.engine.statusOf('volumes', id);
  describe('servers', () => {
    it('boot from a volume, are shown on the way and at the end, and give the volume back when deleted', async () => {
      const volumeId = await people().rig.volume(people().ann.projectId);
      const boot = { source_type: 'volume', destination_type: 'volume', uuid: volumeId, boot_index: '0' };
      const server = {
        name: 'srv-1',
        flavorRef: '1',
        imageRef: '',
        block_device_mapping_v2: [boot],
        metadata: { a: 'b' },
      };
      const made = await ask('POST', '/servers', people().ann.token, { server });
      assert.equal(made.status, 202);
      const { id } = made.body.server as { id: string };
      assert.equal(made.headers.get('location'), `http://saggar.test:8776/compute/v2.1/servers/${id}`);
      const building = (await ask('GET', `/servers/${id}`, people().ann.token)).body.server;
      assert.deepEqual([building.status, building['OS-EXT-STS:task_state']], ['BUILD', 'spawning']);
      assert.equal(await volumeStatus(volumeId), 'attaching');
      await people().rig.engine.settle();
      const active = (await ask('GET', `/servers/${id}`, people().ann.token)).body.server;
      assert.deepEqual([active.status, active['OS-EXT-STS:power_state'], active.metadata], ['ACTIVE', 1, { a: 'b' }]);
      assert.deepEqual(active['os-extended-volumes:volumes_attached'], [{ id: volumeId }]);
      assert.ok(!('OS-EXT-SRV-ATTR:host' in active), 'users see no host');
      assert.equal(await volumeStatus(volumeId), 'in-use');
      assert.equal((await ask('GET', `/servers/${id}`, people().admin)).body.server['OS-EXT-SRV-ATTR:host'], 'host');
      assert.equal((await ask('DELETE', `/servers/${id}`, people().ann.token)).status, 204);
      assert.equal((await ask('DELETE', `/servers/${id}`, people().ann.token)).status, 204, 'twice is fine');
      await people().rig.engine.settle();
      assert.equal((await ask('GET', `/servers/${id}`, people().ann.token)).status, 404);
      assert.equal(await volumeStatus(volumeId), 'available');
      await people().rig.engine.assertNothingLeft();
    });

    it('take the volume with them when that was asked', async () => {
      const { id, volumeId } = await people().rig.activeServer(people().ann.token, people().ann.projectId, {
        delete_on_termination: true,
      });
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
      assert.equal(await volumeStatus(volumeId), null);
    });

    it('boot by the older form too', async () => {
      const volume_id = await people().rig.volume(people().ann.projectId);
      const server = {
        name: 'old',
        flavorRef: '1',
        block_device_mapping: [{ device_name: 'vda', volume_id, delete_on_termination: '0' }],
      };
      const made = await ask('POST', '/servers', people().ann.token, { server });
      assert.equal(made.status, 202);
      await people().rig.engine.settle();
      await ask('DELETE', `/servers/${made.body.server.id as string}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('refuse what cannot be had, and leave nothing behind', async () => {
      const volumeId = await people().rig.volume(people().ann.projectId);
      const foreign = await people().rig.volume(people().bob.projectId);
      const boot = (uuid: string) => [{ source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0 }];
      const wish = { name: 'x', flavorRef: '1', block_device_mapping_v2: boot(volumeId) };
      const wrongs: [object, number][] = [
        [{ ...wish, flavorRef: 'none' }, 400],
        [{ ...wish, block_device_mapping_v2: boot(missingId) }, 400],
        [
          {
            ...wish,
            block_device_mapping_v2: [...boot(volumeId), { source_type: 'volume', uuid: foreign, boot_index: 1 }],
          },
          400,
        ],
        [{ ...wish, block_device_mapping_v2: [] }, 400],
        [{ ...wish, imageRef: missingId }, 400],
        [{ ...wish, availability_zone: 'mars' }, 400],
        [{ ...wish, name: ' ' }, 400],
        [{ ...wish, surprise: 1 }, 400],
        [{ ...wish, host: 'host' }, 400],
      ];
      for (const [server, status] of wrongs) {
        const answer = await ask('POST', '/servers', people().ann.token, { server });
        assert.equal(answer.status, status, JSON.stringify(server));
        assert.ok('badRequest' in answer.body);
      }
      const foreignText = (
        await ask('POST', '/servers', people().ann.token, {
          server: { ...wish, block_device_mapping_v2: boot(foreign) },
        })
      ).body;
      const missingText = (
        await ask('POST', '/servers', people().ann.token, {
          server: { ...wish, block_device_mapping_v2: boot(missingId) },
        })
      ).body;
      assert.deepEqual(
        JSON.stringify(foreignText).replaceAll(foreign, 'ID'),
        JSON.stringify(missingText).replaceAll(missingId, 'ID'),
      );
      assert.equal(await volumeStatus(volumeId), 'available');
      assert.equal((await ask('GET', '/servers', people().ann.token)).body.servers.length, 0);
      await people().rig.engine.assertNothingLeft();
    });

    it('become ERROR when no compute worker is up, and go at once when deleted', async () => {
      const volumeId = await people().rig.volume(people().ann.projectId);
      await people().rig.lastHeard(61);
      const boot = { source_type: 'volume', uuid: volumeId, boot_index: 0 };
      const made = await ask('POST', '/servers', people().ann.token, {
        server: { name: 'x', flavorRef: '1', block_device_mapping_v2: [boot] },
      });
      await people().rig.lastHeard(0);
      assert.equal(made.status, 202);
      const path = `/servers/${made.body.server.id as string}`;
      const shown = (await ask('GET', path, people().ann.token)).body.server;
      assert.equal(shown.status, 'ERROR');
      assert.match(shown.fault.message, /No valid host/);
      assert.equal(await volumeStatus(volumeId), 'available');
      assert.equal((await ask('DELETE', path, people().ann.token)).status, 204);
      assert.equal((await ask('GET', path, people().ann.token)).status, 404);
    });

    it('are bounded by quota, told with 403', async () => {
      await people()
        .rig.api.database('quota_limits')
        .insert({ project_id: people().bob.projectId, resource: 'instances', hard_limit: 0 });
      const uuid = await people().rig.volume(people().bob.projectId);
      const server = {
        name: 'x',
        flavorRef: '1',
        block_device_mapping_v2: [{ source_type: 'volume', uuid, boot_index: 0 }],
      };
      const answer = await ask('POST', '/servers', people().bob.token, { server });
      await people().rig.api.database('quota_limits').where({ project_id: people().bob.projectId }).delete();
      assert.equal(answer.status, 403);
      assert.match(
        answer.body.forbidden.message,
        /^Quota exceeded for instances: Requested 1, but already used 0 of 0/,
      );
    });

    it('are renamed, listed, filtered and paged', async () => {
      const made = [
        await people().rig.activeServer(people().ann.token, people().ann.projectId),
        await people().rig.activeServer(people().ann.token, people().ann.projectId),
      ];
      const ids = made.map((one) => one.id);
      const renamed = await ask('PUT', `/servers/${ids[0] ?? ''}`, people().ann.token, { server: { name: 'web_1' } });
      assert.equal(renamed.body.server.name, 'web_1');
      const list = async (query: string) =>
        (await ask('GET', `/servers${query}`, people().ann.token)).body.servers.map(
          (one: { id: string }) => one.id,
        ) as string[];
      assert.deepEqual(await list(''), [ids[1], ids[0]]);
      assert.deepEqual(await list('?name=web'), [ids[0]]);
      assert.deepEqual(await list('?name=web.1'), [], 'text, not a pattern');
      assert.deepEqual(await list('?name=%5Eweb_1%24'), [ids[0]]);
      assert.deepEqual(await list('?status=ACTIVE&sort_key=created_at&sort_dir=asc'), ids);
      assert.deepEqual(await list('?status=ERROR'), []);
      assert.deepEqual(await list('?limit=0'), []);
      const first = await ask('GET', '/servers/detail?limit=1', people().ann.token);
      const next = new URL(first.body.servers_links[0].href as string);
      assert.deepEqual(await list(next.search), [ids[0]]);
      assert.equal((await ask('GET', '/servers?sort_key=flavor', people().ann.token)).status, 400);
      assert.equal((await ask('GET', `/servers?marker=${missingId}`, people().ann.token)).status, 400);
      assert.equal((await ask('GET', '/servers?all_tenants=1', people().ann.token)).status, 403);
      assert.ok((await ask('GET', '/servers/detail?all_tenants=1', people().admin)).body.servers.length >= 2);
      assert.equal((await ask('GET', '/servers/detail', people().admin)).body.servers.length, 0);
      for (const id of ids) await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('do not exist for other projects', async () => {
      const { id, volumeId } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const text = async (serverId: string, method: string, path: string, body?: unknown) => {
        const answer = await ask(method, `/servers/${serverId}${path}`, people().bob.token, body);
        assert.equal(answer.status, 404, `${method} ${path}`);
        return JSON.stringify(answer.body).replaceAll(serverId, 'ID');
      };
      const deeds: [string, string, unknown?][] = [
        ['GET', ''],
        ['PUT', '', { server: { name: 'mine' } }],
        ['DELETE', ''],
        ['POST', '/action', { 'os-stop': null }],
        ['POST', '/action', { 'os-getConsoleOutput': {} }],
        ['GET', '/metadata'],
        ['GET', '/os-volume_attachments'],
        ['POST', '/os-volume_attachments', { volumeAttachment: { volumeId: missingId } }],
        ['GET', `/os-volume_attachments/${volumeId}`],
        ['DELETE', `/os-volume_attachments/${volumeId}`],
      ];
      for (const [method, path, body] of deeds) {
        assert.equal(
          await text(id, method, path, body),
          await text(missingId, method, path, body),
          `${method} ${path}`,
        );
      }
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('stop, start and reboot; a wrong state is 409', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const act = async (body: object) => (await ask('POST', `/servers/${id}/action`, people().ann.token, body)).status;
      const status = async () => (await ask('GET', `/servers/${id}`, people().ann.token)).body.server.status as string;
      assert.equal(await act({ 'os-start': null }), 409);
      assert.equal(await act({ 'os-stop': null }), 202);
      assert.equal(await act({ 'os-stop': null }), 409, 'one is under way');
      await people().rig.engine.settle();
      assert.equal(await status(), 'SHUTOFF');
      assert.equal(await act({ reboot: { type: 'SOFT' } }), 409);
      assert.equal(await act({ 'os-start': null }), 202);
      await people().rig.engine.settle();
      assert.equal(await status(), 'ACTIVE');
      assert.equal(await act({ reboot: { type: 'HARD' } }), 202);
      assert.equal(await status(), 'HARD_REBOOT');
      await people().rig.engine.settle();
      assert.equal(await status(), 'ACTIVE');
      assert.equal(await act({ reboot: { type: 'WARM' } }), 400);
      assert.equal(await act({ dance: null }), 400);
      assert.equal(await act({ 'os-start': null, 'os-stop': null }), 400);
      assert.equal(await act({ forceDelete: null }), 202);
      await people().rig.engine.settle();
      await people().rig.engine.assertNothingLeft();
    });

    it('show their console through the worker', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      const read = (length?: unknown) =>
        ask('POST', `/servers/${id}/action`, people().ann.token, {
          'os-getConsoleOutput': length === undefined ? {} : { length },
        });
      assert.equal((await read()).status, 404, 'the worker has no such guest');
      people().rig.consoles.set(id, 'Linux\r\n\u001b[0mready\n');
      assert.equal((await read('10')).body.output, 'Linux\n[0mready\n');
      assert.equal((await read(0)).body.output, '');
      assert.equal((await read('x')).status, 400);
      await people().rig.lastHeard(61);
      assert.equal((await read()).status, 503);
      await people().rig.lastHeard(0);
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });

    it('tell small things for display', async () => {
      const { id } = await people().rig.activeServer(people().ann.token, people().ann.projectId);
      assert.deepEqual((await ask('GET', `/servers/${id}/metadata`, people().ann.token)).body, { metadata: {} });
      assert.equal((await ask('GET', `/servers/${id}/tags`, people().ann.token)).status, 404, 'tags come with 2.26');
      assert.deepEqual((await ask('GET', `/servers/${id}/os-security-groups`, people().ann.token)).body, {
        security_groups: [],
      });
      assert.deepEqual((await ask('GET', `/servers/${id}/os-interface`, people().ann.token)).body, {
        interfaceAttachments: [],
      });
      await ask('DELETE', `/servers/${id}`, people().ann.token);
      await people().rig.engine.settle();
    });
  });
}
