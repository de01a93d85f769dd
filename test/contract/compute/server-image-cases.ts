// Servers whose disks are made for them: of an image, as a root disk of their own or as a volume, of a snapshot, and blank.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ComputePeople } from './compute-people.js';

interface ShownVolume {
  readonly id: string;
  readonly status: string;
  readonly size_gib: number;
  readonly bootable: boolean;
}

export function serverImageCases(people: () => ComputePeople): void {
  const ask = (method: string, path: string, token: string, body?: unknown) => people().ask(method, path, token, body);
  const database = () => people().rig.api.database;

  /** A volume that is made an image's data. */
  async function image(): Promise<string> {
    const { projectId } = people().ann;
    const volumeId = await people().rig.volume(projectId);
    await database()('volumes').where({ id: volumeId }).update({ purpose: 'image' });
    const id = randomUUID();
    await database()('images').insert({
      id,
      project_id: projectId,
      name: 'debian',
      status: 'active',
      container_format: 'bare',
      disk_format: 'qcow2',
      size: 196_616,
      volume_id: volumeId,
    });
    return id;
  }

  async function boot(server: object): Promise<string> {
    const made = await ask('POST', '/servers', people().ann.token, {
      server: { name: 'srv', flavorRef: '1', ...server },
    });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    return made.body.server.id as string;
  }

  const shown = async (id: string) => (await ask('GET', `/servers/${id}`, people().ann.token)).body.server;

  const volumesOf = (id: string): Promise<ShownVolume[]> =>
    database()('volumes as v')
      .join('attachments as a', 'a.volume_id', 'v.id')
      .where({ 'a.managed_server_id': id })
      .orderByRaw('a.boot_index nulls last, a.created_at, a.id')
      .select('v.id', 'v.status', 'v.size_gib', 'v.bootable');

  const settle = () => people().rig.engine.settle();
  const count = async (): Promise<number> =>
    Number((await database()('volumes').where({ purpose: 'volume' }).count({ n: '*' }).first())?.n);

  async function remove(id: string): Promise<void> {
    assert.equal((await ask('DELETE', `/servers/${id}`, people().ann.token)).status, 204);
    await settle();
  }

  describe('servers with disks of their own', () => {
    const limit = () => ({ project_id: people().ann.projectId, resource: 'volumes' });
    before(async () => {
      await database()('quota_limits').insert({ ...limit(), hard_limit: -1 });
    });
    after(async () => {
      await database()('quota_limits').where(limit()).delete();
    });

    it('boot from an image, with a root disk that goes with them', async () => {
      const imageRef = await image();
      const before = await count();
      const id = await boot({ imageRef });
      const building = await shown(id);
      assert.deepEqual([building.status, building.image.id], ['BUILD', imageRef]);
      const [root] = await volumesOf(id);
      assert.equal(root?.status, 'creating');
      await settle();
      assert.equal((await shown(id)).status, 'ACTIVE');
      const [active] = await volumesOf(id);
      assert.deepEqual([active?.status, active?.bootable], ['in-use', true]);
      // In Nova's words it is a local disk.
      assert.deepEqual((await shown(id))['os-extended-volumes:volumes_attached'], []);
      const attached = await people().ask('GET', `/servers/${id}/os-volume_attachments`, people().ann.token);
      assert.deepEqual(attached.body.volumeAttachments, []);
      await remove(id);
      assert.equal(await count(), before);
    });

    it('boot from volumes that are made of an image, of a snapshot and of nothing', async () => {
      const imageId = await image();
      const snapshotId = await people().rig.snapshot(await people().rig.volume(people().ann.projectId), 'available');
      await database()('snapshots').where({ id: snapshotId }).update({ project_id: people().ann.projectId });
      const id = await boot({
        block_device_mapping_v2: [
          { source_type: 'image', destination_type: 'volume', uuid: imageId, boot_index: 0, volume_size: 2 },
          { source_type: 'snapshot', destination_type: 'volume', uuid: snapshotId, delete_on_termination: true },
          { source_type: 'blank', destination_type: 'volume', volume_size: 3, delete_on_termination: true },
        ],
      });
      await settle();
      const server = await shown(id);
      assert.deepEqual([server.status, server.image], ['ACTIVE', '']);
      const disks = await volumesOf(id);
      assert.deepEqual(
        disks.map(({ status, size_gib }) => [status, size_gib]),
        [
          ['in-use', 2],
          ['in-use', 1],
          ['in-use', 3],
        ],
      );
      await remove(id);
      const left: ShownVolume[] = await database()('volumes').whereIn(
        'id',
        disks.map((disk) => disk.id),
      );
      assert.deepEqual(
        left.map((one) => [one.id, one.status]),
        [[disks[0]?.id, 'available']],
      );
    });

    it('end in ERROR without their volumes when one of them cannot be made', async () => {
      const imageRef = await image();
      const before = await count();
      const { volume_id: data }: { volume_id: string } = await database()('images').where({ id: imageRef }).first();
      const id = await boot({ imageRef });
      // What the image stands on is not as it should be: the overlay is refused.
      const [layer] = await database()('chain_layers').where({ volume_id: data });
      const { files } = people().rig.engine.world;
      const [name, file] = [String(layer?.file), files.get(String(layer?.file))];
      assert.ok(file);
      files.delete(name);
      await settle();
      // Other cases hold the share against the record.
      files.set(name, file);
      const server = await shown(id);
      assert.equal(server.status, 'ERROR');
      assert.match(server.fault.message, /could not be made/);
      assert.equal(await count(), before);
      await remove(id);
    });

    it('refuse images that cannot be had', async () => {
      const missing = randomUUID();
      for (const server of [
        { imageRef: missing },
        {
          block_device_mapping_v2: [
            { source_type: 'image', destination_type: 'volume', uuid: missing, boot_index: 0, volume_size: 1 },
          ],
        },
        { block_device_mapping_v2: [{ source_type: 'snapshot', uuid: missing, boot_index: 0 }] },
        { imageRef: 'no-id' },
      ]) {
        const answer = await ask('POST', '/servers', people().ann.token, {
          server: { name: 's', flavorRef: '1', ...server },
        });
        assert.equal(answer.status, 400, JSON.stringify(server));
      }
    });
  });
}
