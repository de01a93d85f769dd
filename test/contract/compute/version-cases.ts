// What newer microversions add to the compute API.
import assert from 'node:assert/strict';
import { type ComputePeople, missingId } from './compute-people.js';

export function versionCases(people: () => ComputePeople): void {
  const askAt = (version: string, method: string, path: string, token: string, body?: unknown) =>
    people().rig.api.ask(method, `/compute/v2.1${path}`, {
      token,
      headers: { 'OpenStack-API-Version': `compute ${version}` },
      ...(body === undefined ? {} : { body }),
    });

  describe('newer versions', () => {
    it('boot without a network by word, with description, tags and a tagged disk', async () => {
      const { rig, ann } = people();
      const uuid = await rig.volume(ann.projectId);
      const disk = { source_type: 'volume', destination_type: 'volume', uuid, boot_index: 0, tag: 'root' };
      const server = {
        name: 'new',
        flavorRef: '1',
        networks: 'none',
        description: 'first',
        tags: ['a', 'b'],
        block_device_mapping_v2: [disk],
      };
      assert.equal((await askAt('2.36', 'POST', '/servers', ann.token, { server })).status, 400);
      const made = await askAt('2.60', 'POST', '/servers', ann.token, { server });
      assert.equal(made.status, 202, JSON.stringify(made.body));
      await rig.engine.settle();
      const path = `/servers/${made.body.server.id as string}`;
      const shown = (await askAt('2.60', 'GET', path, people().admin)).body.server;
      assert.deepEqual(
        [shown.description, shown.tags, shown.locked, shown.host_status, shown.flavor.original_name],
        ['first', ['a', 'b'], false, 'UP', 'm1.tiny'],
      );
      assert.equal(shown['OS-EXT-SRV-ATTR:root_device_name'], '/dev/vda');
      const change = { server: { description: null } };
      assert.equal((await askAt('2.18', 'PUT', path, ann.token, change)).status, 400);
      assert.equal((await askAt('2.19', 'PUT', path, ann.token, change)).body.server.description, null);
      assert.equal((await askAt('2.37', 'GET', '/servers?status=nonsense', ann.token)).body.servers.length, 0);
      assert.equal((await askAt('2.38', 'GET', '/servers?status=nonsense', ann.token)).status, 400);
      assert.equal((await askAt('2.38', 'GET', '/servers?status=ACTIVE', ann.token)).body.servers.length, 1);
      await askAt('2.1', 'DELETE', path, ann.token);
      await rig.engine.settle();
    });

    it('tag servers', async () => {
      const { rig, ann, bob } = people();
      const { id } = await rig.activeServer(ann.token, ann.projectId);
      const tags = `/servers/${id}/tags`;
      const tell = (method: string, path: string, body?: unknown) => askAt('2.26', method, path, ann.token, body);
      assert.deepEqual((await tell('GET', tags)).body, { tags: [] });
      assert.equal((await tell('PUT', `${tags}/red`)).status, 201);
      assert.equal((await tell('PUT', `${tags}/red`)).status, 204);
      assert.equal((await tell('GET', `${tags}/red`)).status, 204);
      assert.equal((await tell('GET', `${tags}/blue`)).status, 404);
      assert.equal((await tell('PUT', `${tags}/a%2Cb`)).status, 400);
      assert.deepEqual((await tell('PUT', tags, { tags: ['x', 'y'] })).body, { tags: ['x', 'y'] });
      assert.equal((await tell('PUT', tags, { tags: ['a/b'] })).status, 400);
      assert.equal((await tell('DELETE', `${tags}/x`)).status, 204);
      assert.equal((await tell('DELETE', `${tags}/x`)).status, 404);
      assert.equal((await tell('DELETE', tags)).status, 204);
      assert.deepEqual((await tell('GET', tags)).body, { tags: [] });
      assert.equal((await askAt('2.26', 'PUT', `${tags}/mine`, bob.token)).status, 404);
      await tell('DELETE', `/servers/${id}`);
      await rig.engine.settle();
    });

    it('change the shape of flavors, services, limits, attachments and events', async () => {
      const { rig, ann, admin, service } = people();
      assert.ok(!('description' in (await askAt('2.54', 'GET', '/flavors/1', ann.token)).body.flavor));
      assert.equal((await askAt('2.55', 'GET', '/flavors/1', ann.token)).body.flavor.description, null);
      const services = async (version: string) => (await askAt(version, 'GET', '/os-services', admin)).body.services[0];
      assert.ok(!('forced_down' in (await services('2.10'))) && 'forced_down' in (await services('2.11')));
      assert.equal(typeof (await services('2.52')).id, 'number');
      assert.match((await services('2.53')).id as string, /^[0-9a-f-]{36}$/);
      const limits = async (version: string) =>
        (await askAt(version, 'GET', '/limits', ann.token)).body.limits.absolute as object;
      assert.ok('maxSecurityGroups' in (await limits('2.35')) && !('maxSecurityGroups' in (await limits('2.36'))));
      assert.ok('maxPersonality' in (await limits('2.56')) && !('maxPersonality' in (await limits('2.57'))));
      const wish = { volumeAttachment: { volumeId: missingId, tag: 'x' } };
      const { id } = await rig.activeServer(ann.token, ann.projectId);
      const attachments = `/servers/${id}/os-volume_attachments`;
      assert.equal((await askAt('2.48', 'POST', attachments, ann.token, wish)).status, 400);
      assert.equal((await askAt('2.49', 'POST', attachments, ann.token, wish)).status, 404);
      const events = { events: [{ name: 'volume-extended', server_uuid: id, tag: missingId }] };
      const send = (version: string) => askAt(version, 'POST', '/os-server-external-events', service.token, events);
      assert.equal((await send('2.50')).status, 400);
      assert.equal((await send('2.51')).status, 200);
      await askAt('2.1', 'DELETE', `/servers/${id}`, ann.token);
      await rig.engine.settle();
    });
  });
}
