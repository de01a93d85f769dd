// Files that no row explains: found, kept with a reason where there is any doubt, and moved to the trash when they are named.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, missingId, poolName } from '../block-storage/block-rig.js';
import { targets } from '../policy/targets.js';

const file = (name: string, change: object = {}, backingFile: string | null = null) => ({
  ...{ kind: 'file', name, sizeBytes: 2 ** 20, allocatedBytes: 4096, modifiedMs: 0, mode: 0o660, linkCount: 1 },
  verdict: {
    ...{ format: 'qcow2', version: 3, virtualSizeBytes: 2 ** 30, backingFile, backingFormat: null, hostile: null },
  },
  ...change,
});

export function orphanCases(getRig: () => BlockRig): void {
  describe('orphans', () => {
    let rig: BlockRig;
    before(() => {
      rig = getRig();
    });
    afterEach(async () => {
      rig.engine.world.scanned = [];
      await rig.database('share_scans').delete();
      await rig.clear();
    });

    const scan = async (): Promise<string> => {
      const begun = await rig.askAdmin('POST', '/v1/share-scans', { body: { share_scan: { pool: poolName } } });
      assert.equal(begun.status, 202, JSON.stringify(begun.body));
      await rig.engine.settle();
      return begun.body.share_scan.id as string;
    };

    it('are listed with the reason why each is kept, and files of volumes are none', async () => {
      const volume = await rig.volume();
      const snapshot = await rig.snapshot(volume);
      const [lost, recorded, infoed, base, young] = [1, 2, 3, 4, 5].map(() => randomUUID());
      const overlay = `volume-${base}.${randomUUID()}`;
      rig.engine.world.scanned = [
        file(`volume-${volume}`),
        file(`volume-${volume}.${snapshot}`, {}, `volume-${volume}`),
        file(`volume-${volume}.stray`),
        file(`volume-${lost}`),
        file(`volume-${recorded}`),
        { kind: 'record', name: recorded, text: null, reason: 'it cannot be read' },
        file(`volume-${infoed}`),
        { kind: 'info', name: `volume-${infoed}.info`, info: null, reason: 'it is empty' },
        file(`volume-${base}`),
        file(overlay, {}, `volume-${base}`),
        file(`volume-${young}`, { modifiedMs: Date.now() }),
        file('holiday.iso'),
        { kind: 'other', name: 'directory', reason: 'a directory' },
      ];
      const id = await scan();
      const { body } = await rig.askAdmin('GET', `/v1/share-scans/${id}/orphans`);
      assert.deepEqual(
        body.orphans.map((one: Record<string, unknown>) => [one['file'], one['removable'], one['kept_because']]),
        [
          [`volume-${lost}`, true, null],
          [`volume-${recorded}`, false, 'a record beside it names its volume: "saggar admin share adopt" says more'],
          [`volume-${infoed}`, false, 'a record beside it names its volume: "saggar admin share adopt" says more'],
          [`volume-${base}`, false, 'another file or record names it'],
          [overlay, true, null],
          [`volume-${young}`, false, 'it was changed within the last hour'],
          ['holiday.iso', false, 'its name is none of ours: remove it by hand'],
        ],
      );
      assert.equal(body.total, 7);
      const page = await rig.askAdmin('GET', `/v1/share-scans/${id}/orphans?limit=2&offset=5`);
      assert.equal(page.body.orphans.length, 2);
    });

    it('are moved by an operation when they are named; all of them, or none', async () => {
      const { scan_id: id, file: lost } = await targets.orphan(rig);
      const ask = (files: unknown) =>
        rig.askAdmin('POST', `/v1/share-scans/${id}/orphan-removals`, { body: { files } });
      const removals = () => rig.engine.commands.filter(({ type }) => type === 'files.remove').length;
      const before = removals();
      for (const bad of [[], 'x', [1], undefined]) assert.equal((await ask(bad)).status, 400);
      assert.equal((await ask([lost, 'another'])).status, 409);
      assert.equal(removals(), before);
      const begun = await ask([lost]);
      assert.equal(begun.status, 202, JSON.stringify(begun.body));
      await rig.engine.settle();
      const told = rig.engine.commands.filter(({ type }) => type === 'files.remove').at(-1)?.params;
      assert.deepEqual(told !== undefined && 'files' in told && told.files, [lost]);
      assert.equal(told !== undefined && 'keepSeconds' in told && told.keepSeconds, 604_800);
    });

    it('are none once a volume has them: what is on record is asked again', async () => {
      const { scan_id: id, file: lost } = await targets.orphan(rig);
      const volume = await rig.volume();
      await rig.database('chain_layers').where({ volume_id: volume }).update({ file: lost });
      const body = { files: [lost] };
      assert.equal((await rig.askAdmin('POST', `/v1/share-scans/${id}/orphan-removals`, { body })).status, 409);
      await rig
        .database('chain_layers')
        .where({ volume_id: volume })
        .update({ file: `volume-${volume}` });
    });

    it('of a scan that is too old, running or unknown are not removed', async () => {
      const { scan_id: id, file: lost } = await targets.orphan(rig);
      const ask = (scanId: string) =>
        rig.askAdmin('POST', `/v1/share-scans/${scanId}/orphan-removals`, { body: { files: [lost] } });
      await rig.database('share_scans').update({ finished_at: '2020-01-01' });
      assert.match((await ask(id)).body.conflictingRequest.message, /too old/);
      assert.equal((await ask(missingId)).status, 404);
      await rig.database('share_scans').update({ state: 'running', finished_at: null });
      assert.equal((await ask(id)).status, 409);
    });
  });
}
