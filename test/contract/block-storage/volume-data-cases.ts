// Uploads and downloads of volumes: what is asked, what is answered once, who may, and what becomes of the rows. The bytes themselves pass a
// data server, which has tests of its own; the world in memory takes and gives them at once.
import assert from 'node:assert/strict';
import { ticketFits } from '../../../services/core/domain/transfer-ticket.js';
import { type Answer, type BlockRig, backendHost, missingId, type Person } from './block-rig.js';

export function volumeDataCases(rig: () => BlockRig): void {
  afterEach(() => rig().clear());

  const upload = (wish: object, as: Person = 'ann'): Promise<Answer> =>
    rig().ask('POST', '/saggar/volume-uploads', { as, body: { volume_upload: wish } });
  const download = (wish: object, as: Person = 'ann'): Promise<Answer> =>
    rig().ask('POST', '/saggar/volume-downloads', { as, body: { volume_download: wish } });
  const stateOf = async (id: string, as: Person = 'ann'): Promise<Answer> =>
    rig().ask('GET', `/saggar/data-transfers/${id}`, { as });
  const sized = { size: 1, disk_format: 'qcow2' };

  async function snapshot(): Promise<{ volume: string; id: string }> {
    const volume = await rig().volume();
    const made = await rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: volume } } });
    await rig().engine.settle();
    return { volume, id: made.body.snapshot.id as string };
  }

  it('an upload is a volume that is being created, a place and a ticket; its data makes it available', async () => {
    const listens = { backend_host: backendHost, boot_id: missingId, url: 'https://store1:8780/' };
    await rig().database('data_servers').insert(listens);
    const wish = { ...sized, name: 'data', metadata: { a: 'b' }, bytes: 1_000_000 };
    const { status, body } = await upload(wish);
    assert.equal(status, 202, JSON.stringify(body));
    const { id, volume_id, ticket, url, snapshot_id, expires_at, idle_seconds } = body.volume_upload;
    assert.equal(url, `https://store1:8780/transfers/${id as string}`);
    assert.deepEqual([snapshot_id, expires_at, idle_seconds], [null, null, 120]);
    assert.equal(await rig().statusOf(volume_id as string), 'creating');
    const row: { params: { ticketSha256: string } } = await rig().database('operations').where({ id }).first('params');
    assert.ok(ticketFits(ticket as string, row.params.ticketSha256), 'only its hash is stored');
    assert.ok(!JSON.stringify(row).includes(ticket as string));
    const open = await stateOf(id as string);
    const { kind, status: seen, url: again, error } = open.body.data_transfer;
    assert.deepEqual([kind, seen, again, error], ['upload', 'open', url, null]);
    assert.equal((await stateOf(id as string, 'bob')).status, 404, 'nobody else’s');
    await rig().engine.settle();
    const { volume } = (await rig().ask('GET', `/volumes/${volume_id as string}`)).body;
    assert.deepEqual([volume.status, volume.name, volume.size, volume.metadata], ['available', 'data', 1, { a: 'b' }]);
    const over = (await stateOf(id as string)).body.data_transfer;
    assert.deepEqual([over.status, over.url], ['done', null]);
  });

  it('an upload whose data is refused is a volume in error, with a message and without a file', async () => {
    const files = rig().engine.world.files.size;
    rig().engine.world.received = { bytes: 10 * 1024 ** 3, virtualSizeBytes: null, detected: [] };
    try {
      const { body } = await upload(sized);
      await rig().engine.settle();
      const { id, volume_id } = body.volume_upload;
      assert.equal(await rig().statusOf(volume_id as string), 'error');
      const failed = (await stateOf(id as string)).body.data_transfer;
      assert.deepEqual([failed.status, failed.error.code], ['failed', 'body_too_large']);
      const { messages } = (
        await rig().ask('GET', `/messages?resource_uuid=${volume_id as string}`, { version: '3.71' })
      ).body;
      assert.match(messages[0].user_message as string, /create volume from the data of a client/);
      assert.equal(rig().engine.world.files.size, files);
    } finally {
      rig().engine.world.received = { bytes: null, virtualSizeBytes: null, detected: [] };
    }
  });

  it('a type that wants raw gets a raw copy of a qcow2, and nothing else stays', async () => {
    const specs = { 'saggar:volume_format': 'raw' };
    const body = { volume_type: { name: 'raw-only', extra_specs: specs } };
    assert.equal((await rig().ask('POST', '/types', { as: 'admin', body })).status, 200);
    const made = await upload({ ...sized, volume_type: 'raw-only' });
    await rig().engine.settle();
    const id = made.body.volume_upload.volume_id as string;
    assert.equal(await rig().statusOf(id), 'available');
    const layers: object[] = await rig().database('chain_layers').where({ volume_id: id }).select('file', 'format');
    assert.deepEqual(layers, [{ file: `volume-${id}`, format: 'raw' }]);
    const files = [...rig().engine.world.files.keys()];
    assert.deepEqual(
      files.filter((name) => name.startsWith('upload-')),
      [],
    );
  });

  it('refuses what cannot be, and makes nothing of it', async () => {
    const count = async () => (await rig().database('volumes').count('id as n').first()) as { n: string };
    const before = await count();
    assert.equal((await upload({ ...sized, size: 0 })).status, 400);
    assert.equal((await upload({ ...sized, disk_format: 'vmdk' })).status, 400);
    assert.equal((await upload({ ...sized, volume_type: 'no such type' })).status, 404);
    assert.equal((await upload({ ...sized, bytes: 0 })).status, 400);
    assert.equal((await upload({ ...sized, path: '/etc/passwd' })).status, 400);
    const large = await upload({ ...sized, size: 500_000 });
    assert.ok([400, 413].includes(large.status));
    assert.deepEqual(await count(), before);
    assert.equal((await download({ disk_format: 'raw' })).status, 400);
    assert.equal((await download({ volume_id: missingId, snapshot_id: missingId, disk_format: 'raw' })).status, 400);
    assert.equal((await download({ volume_id: missingId, disk_format: 'raw' })).status, 404);
    assert.equal((await download({ snapshot_id: missingId, disk_format: 'raw' })).status, 404);
    assert.equal((await stateOf(missingId)).status, 404);
    assert.equal((await stateOf('no-id')).status, 404);
  });

  it('a snapshot is read as it lies there, or from a copy that goes again', async () => {
    const { volume, id } = await snapshot();
    for (const disk_format of ['qcow2', 'raw']) {
      const { status, body } = await download({ snapshot_id: id, disk_format });
      assert.equal(status, 202, JSON.stringify(body));
      const opened = body.volume_download;
      assert.deepEqual([opened.volume_id, opened.snapshot_id], [volume, id]);
      assert.match(opened.expires_at as string, /^20\d\d-.*Z$/);
      await rig().engine.settle();
      assert.equal((await stateOf(opened.id as string)).body.data_transfer.status, 'done');
    }
    const files = [...rig().engine.world.files.keys()];
    assert.deepEqual(
      files.filter((name) => name.startsWith('download-')),
      [],
    );
    assert.equal((await download({ snapshot_id: id, disk_format: 'raw' }, 'bob')).status, 404);
  });

  it('a volume is read from a snapshot that nobody sees and that goes with the download', async () => {
    const volume = await rig().volume();
    const { body } = await download({ volume_id: volume, disk_format: 'raw' });
    assert.equal(body.volume_download.snapshot_id, null);
    assert.deepEqual((await rig().ask('GET', '/snapshots')).body.snapshots, []);
    await rig().engine.settle();
    assert.equal((await stateOf(body.volume_download.id as string)).body.data_transfer.status, 'done');
    assert.equal(await rig().statusOf(volume), 'available');
    assert.deepEqual(await rig().database('snapshots').where({ volume_id: volume }).select('id'), []);
    assert.equal((await download({ volume_id: volume, disk_format: 'raw' }, 'bob')).status, 404);
  });

  it('an upload and a download want the role of a member', async () => {
    const { id } = await snapshot();
    assert.equal((await upload(sized, 'reader')).status, 403);
    assert.equal((await download({ snapshot_id: id, disk_format: 'raw' }, 'reader')).status, 403);
  });
}
