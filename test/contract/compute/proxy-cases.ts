// Volumes and snapshots as older clients ask the compute API for them.
import assert from 'node:assert/strict';
import { type ComputePeople, missingId } from './compute-people.js';

export function proxyCases(people: () => ComputePeople): void {
  const ask = (method: string, path: string, token: string, body?: unknown) => people().ask(method, path, token, body);

  describe('volumes and snapshots by the compute API', () => {
    it('are made, listed in pages, shown and deleted', async () => {
      const { bob, admin, rig } = people();
      // The others have made many, and the newest come first.
      const ann = await rig.api.newUser('olaf', 'project-older', 'member');
      const wish = { size: '1', display_name: 'older', display_description: 'way', metadata: { Type: 'work' } };
      const made = await ask('POST', '/os-volumes', ann.token, { volume: wish });
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const { id } = made.body.volume;
      await rig.engine.settle();
      const shown = (await ask('GET', `/os-volumes/${id}`, ann.token)).body.volume;
      assert.deepEqual(
        [shown.status, shown.size, shown.displayName, shown.displayDescription, shown.metadata, shown.attachments],
        ['available', 1, 'older', 'way', { Type: 'work' }, [{}]],
      );
      const other = (await ask('POST', '/os-volumes', ann.token, { volume: { size: 1 } })).body.volume.id;
      await rig.engine.settle();
      const all = (await ask('GET', '/os-volumes', ann.token)).body.volumes as { id: string }[];
      assert.deepEqual([all[0]?.id, all[1]?.id], [other, id]);
      assert.deepEqual((await ask('GET', '/os-volumes/detail?limit=1&offset=1', ann.token)).body.volumes, [all[1]]);
      const others = (await ask('GET', '/os-volumes', bob.token)).body.volumes as { id: string }[];
      assert.ok(!others.some((one) => [id, other].includes(one.id)), 'of one project only');
      assert.equal((await ask('GET', `/os-volumes/${id}`, bob.token)).status, 404);
      assert.equal((await ask('GET', `/os-volumes/${id}`, admin)).status, 200);

      const path = '/os-snapshots';
      const snapped = await ask('POST', path, ann.token, { snapshot: { volume_id: id, display_name: 'older' } });
      assert.equal(snapped.status, 200, JSON.stringify(snapped.body));
      const snapshotId = snapped.body.snapshot.id;
      await rig.engine.settle();
      const snapshot = (await ask('GET', `${path}/${snapshotId}`, ann.token)).body.snapshot;
      assert.deepEqual(
        [snapshot.status, snapshot.volumeId, snapshot.size, snapshot.displayName],
        ['available', id, 1, 'older'],
      );
      assert.deepEqual((await ask('GET', path, ann.token)).body.snapshots, [snapshot]);
      assert.deepEqual((await ask('GET', `${path}/detail?limit=1`, ann.token)).body.snapshots, [snapshot]);
      const copied = await ask('POST', '/os-volumes', ann.token, { volume: { size: 1, snapshot_id: snapshotId } });
      assert.equal(copied.body.volume.snapshotId, snapshotId);
      await rig.engine.settle();
      for (const one of [copied.body.volume.id, other]) {
        assert.equal((await ask('DELETE', `/os-volumes/${one}`, ann.token)).status, 202);
      }
      assert.equal((await ask('DELETE', `/os-volumes/${id}`, ann.token)).status, 400, 'it has a snapshot');
      await rig.engine.settle();
      assert.equal((await ask('DELETE', `${path}/${snapshotId}`, bob.token)).status, 404);
      assert.equal((await ask('DELETE', `${path}/${snapshotId}`, ann.token)).status, 202);
      await rig.engine.settle();
      assert.equal((await ask('DELETE', `/os-volumes/${id}`, ann.token)).status, 202);
      await rig.engine.settle();
      assert.deepEqual((await ask('GET', '/os-volumes', ann.token)).body.volumes, []);
      assert.equal((await ask('GET', `${path}/${snapshotId}`, ann.token)).status, 404);
    });

    it('show the server that has a volume', async () => {
      const { ann, rig } = people();
      const { id, volumeId } = await rig.activeServer(ann.token, ann.projectId);
      const shown = (await ask('GET', `/os-volumes/${volumeId}`, ann.token)).body.volume;
      assert.deepEqual(shown.attachments, [{ id: volumeId, volumeId, serverId: id, device: '/dev/vda' }]);
      const refused = await ask('POST', '/os-snapshots', ann.token, { snapshot: { volume_id: volumeId } });
      assert.equal(refused.status, 400, 'in use, and not forced');
      await ask('DELETE', `/servers/${id}`, ann.token);
      await rig.engine.settle();
    });

    it('refuse what is wrong, in words', async () => {
      const { ann } = people();
      const wish = (volume: object) => ask('POST', '/os-volumes', ann.token, { volume });
      for (const size of ['#$%', '', '0', 0, -1, null, '99999999999']) assert.equal((await wish({ size })).status, 400);
      assert.equal((await wish({})).status, 400);
      assert.equal((await wish({ size: 1, availability_zone: 'nowhere' })).status, 400);
      assert.equal((await wish({ size: 1, snapshot_id: missingId })).status, 404);
      assert.equal((await wish({ size: 1, name: 'newer spelling' })).status, 400);
      for (const path of [`/os-volumes/${missingId}`, '/os-volumes/x', `/os-snapshots/${missingId}`]) {
        assert.equal((await ask('GET', path, ann.token)).status, 404, path);
        assert.equal((await ask('DELETE', path, ann.token)).status, 404, path);
      }
      assert.equal((await ask('POST', '/os-snapshots', ann.token, { snapshot: { volume_id: missingId } })).status, 404);
    });

    it('are gone in 2.36', async () => {
      const { ann, rig } = people();
      for (const path of ['/os-volumes', '/os-volumes/detail', '/os-snapshots', `/os-snapshots/${missingId}`]) {
        const at = (version: string) =>
          rig.api.ask('GET', `/compute/v2.1${path}`, {
            token: ann.token,
            headers: { 'OpenStack-API-Version': `compute ${version}` },
          });
        assert.equal((await at('2.35')).status, path.endsWith(missingId) ? 404 : 200, path);
        assert.equal((await at('2.36')).status, 404, path);
      }
    });
  });
}
