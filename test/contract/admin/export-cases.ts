// Volumes and snapshots become plain files that say what they are; the originals stay as they were.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, missingId } from '../block-storage/block-rig.js';

export function exportCases(getRig: () => BlockRig): void {
  describe('exports', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      rig.engine.world.exports.clear();
      await rig.clear();
    });

    const directory = 'leave-2026-11-21';
    const ask = (body: object) => rig.askAdmin('POST', '/v1/volume-exports', { body: { directory, ...body } });
    const made = async (body: object): Promise<{ file: string; copied: boolean; operation_id: string }> => {
      const answer = await ask(body);
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
      await rig.engine.settle();
      return answer.body.volume_export as { file: string; copied: boolean; operation_id: string };
    };
    const textOf = (name: string) =>
      JSON.parse(rig.engine.world.exports.get(`${directory}/${name}`) ?? '{}') as Record<string, unknown>;
    const copies = () => rig.engine.commands.filter(({ type }) => type === 'image.copy').length;

    it('are of volumes alone: what holds an image’s data is none, by the very words', async () => {
      const volume = await rig.volume();
      await rig.database('volumes').where({ id: volume }).update({ purpose: 'image' });
      try {
        const answer = await ask({ volume_id: volume });
        assert.equal(answer.status, 404);
        const none = await ask({ volume_id: missingId });
        assert.equal(JSON.stringify(answer.body).replace(volume, missingId), JSON.stringify(none.body));
      } finally {
        await rig.database('volumes').where({ id: volume }).update({ purpose: 'volume' });
      }
    });

    it('leave a volume that is one plain file where it is, and say what it is', async () => {
      const volume = await rig.volume({ name: 'data', metadata: { a: 'b' } });
      const before = [...rig.engine.world.files.keys()];
      const { file, copied } = await made({ volume_id: volume });
      assert.deepEqual([file, copied], [`volume-${volume}`, false]);
      const text = textOf(`volume-${volume}.qcow2`);
      assert.deepEqual([text['file'], text['format'], text['snapshot']], [`volume-${volume}`, 'qcow2', null]);
      const { id, name, metadata } = text['volume'] as Record<string, unknown>;
      assert.deepEqual([id, name, metadata], [volume, 'data', { a: 'b' }]);
      assert.match(String(text['sha256']), /^[0-9a-f]{64}$/);
      assert.deepEqual([...rig.engine.world.files.keys()], before);
    });

    it('are not read for a hash where nobody wants that, unless they are copied', async () => {
      const [plain, deep] = [await rig.volume(), await rig.volume()];
      await rig.snapshot(deep);
      await made({ volume_id: plain, checksum: false });
      assert.equal('sha256' in textOf(`volume-${plain}.qcow2`), false);
      await made({ volume_id: deep, checksum: false });
      assert.match(String(textOf(`volume-${deep}.qcow2`)['sha256']), /^[0-9a-f]{64}$/);
      const sums = rig.engine.commands.flatMap(({ type, params }) =>
        type === 'export.place' && 'sum' in params ? [params.sum] : [],
      );
      assert.deepEqual(sums.at(-1), { path: `volume-${deep}.qcow2`, sha256: '0'.repeat(64) });
    });

    it('copy what is more than one layer, in the format that is wished for, and once', async () => {
      const volume = await rig.volume();
      const snapshot = await rig.snapshot(volume, { name: 'kept' });
      const before = [...rig.engine.world.files.keys()];
      const start = copies();
      const whole = await made({ volume_id: volume, format: 'raw' });
      assert.deepEqual([whole.file, whole.copied], [`${directory}/volume-${volume}.raw`, true]);
      const kept = await made({ volume_id: volume, snapshot_id: snapshot });
      assert.equal(kept.file, `${directory}/volume-${volume}.${snapshot}.qcow2`);
      const text = textOf(`volume-${volume}.${snapshot}.qcow2`);
      assert.equal((text['snapshot'] as Record<string, unknown>)['name'], 'kept');
      assert.equal(copies() - start, 2);
      await made({ volume_id: volume, format: 'raw' });
      assert.equal(copies() - start, 2, 'what is there is not copied again');
      assert.deepEqual([...rig.engine.world.files.keys()], before, 'no temporary file is left');
      assert.equal(await rig.statusOf(volume), 'available');
    });

    it('of a volume in use are refused, of its snapshot not', async () => {
      const volume = await rig.volume();
      const snapshot = await rig.snapshot(volume);
      const attach = { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere', mode: 'rw' } };
      assert.equal((await rig.act(volume, attach, { version: '3.71' })).status, 202);
      const refused = await ask({ volume_id: volume });
      assert.equal(refused.status, 409);
      assert.match(refused.body.conflictingRequest.message, /is attached: export a snapshot/);
      assert.equal((await made({ volume_id: volume, snapshot_id: snapshot })).copied, true);
    });

    it('of an encrypted volume are plain copies, and wanted in so many words', async () => {
      const volume = await rig.volume();
      const keyId = randomUUID();
      await rig.database('volumes').where({ id: volume }).update({ encrypted: true, encryption_key_id: keyId });
      const refused = await ask({ volume_id: volume });
      assert.equal(refused.status, 400);
      assert.match(refused.body.badRequest.message, /is encrypted, and its export is a plain file.*decrypt/);
      const { file, copied } = await made({ volume_id: volume, decrypt: true });
      assert.deepEqual([file, copied], [`${directory}/volume-${volume}.qcow2`, true]);
      assert.equal(textOf(`volume-${volume}.qcow2`)['decrypted'], true);
      await rig.database('volumes').where({ id: volume }).update({ encrypted: false, encryption_key_id: null });
    });

    it('of a failed copy leave nothing', async () => {
      const volume = await rig.volume();
      await rig.snapshot(volume);
      const before = [...rig.engine.world.files.keys()];
      rig.engine.interfere = ({ type }) =>
        type === 'export.place'
          ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false }
          : null;
      const { operation_id: id } = await made({ volume_id: volume });
      rig.engine.interfere = () => null;
      assert.equal((await rig.engine.operation(id)).state, 'failed');
      assert.deepEqual([...rig.engine.world.files.keys()], before);
      assert.equal(rig.engine.world.exports.size, 0);
    });

    it('refuse directories and formats that could be anything else, and what is not there', async () => {
      const volume = await rig.volume();
      for (const bad of [
        { directory: 'elsewhere' },
        { directory: 'leave-../x' },
        { directory: 'leave-a/b' },
        { format: 'vmdk' },
      ])
        assert.equal((await ask({ volume_id: volume, ...bad })).status, 400, JSON.stringify(bad));
      assert.equal((await ask({})).status, 400);
      assert.equal((await ask({ volume_id: missingId })).status, 404);
      assert.equal((await ask({ volume_id: volume, snapshot_id: missingId })).status, 404);
    });
  });
}
