// The contract of a volume driver, verb by verb, run against every implementation: what each verb makes, that asking twice is asking
// once, and that whatever was cut off can be asked again. Data is checked by reading patterns as a guest would.
// Longer than other files, because the verbs stand in one list in the order of the driver's interface; larger subjects have suites beside it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import {
  appendOverlay,
  type Chain,
  extendActive,
  findChainDifference,
  type Layer,
  replaceActive,
} from '../../../services/core/domain/chain.js';
import { planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';
import {
  type DriverPlace,
  filesOn,
  freshIds,
  guest,
  type Ids,
  MIB,
  quietWork,
  readAll,
  top,
  trashOn,
} from './harness.js';

export interface DriverCase {
  place(): DriverPlace;
  driver(): ShareVolumeDriver;
}

/** A volume of 64 MiB with a pattern per layer: layer n writes byte n+1 at n MiB. */
export async function makeChain(t: DriverCase, ids: Ids, format: Layer['format'], overlays: number): Promise<Chain> {
  const { share } = t.place();
  const base = await t
    .driver()
    .createImage({ share, file: ids.file, format, sizeBytes: 64 * MIB, preallocation: 'off' });
  let chain: Chain = [base];
  guest(t.place(), base, 'write -P 1 0 1M');
  for (let n = 1; n <= overlays; n++) {
    const { snapshotId, file } = ids.overlay();
    await t.driver().prepareOverlay({ share, chain, overlayFile: file });
    chain = appendOverlay(chain, file, snapshotId);
    guest(t.place(), top(chain), `write -P ${n + 1} ${n}M 1M`);
  }
  return chain;
}

export function describeDriverVerbs(t: DriverCase): void {
  const target = (file: string, format: Layer['format'] = 'raw', sizeBytes = 64 * MIB) =>
    ({ share: t.place().share, file, format, sizeBytes, preallocation: 'off' }) as const;

  describe('between drivers, and beside the active layer', () => {
    it('copies from a share that another driver of the same process serves', async () => {
      const other = await t.place().openDriver();
      try {
        const chain = await makeChain(t, freshIds(), 'qcow2', 1);
        const { file } = freshIds();
        const spec = { share: t.place().share, sourceDriver: other, source: chain, target: target(file) };
        const copy = await t.driver().copyChain(spec, quietWork());
        guest(t.place(), copy, 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 0 2M 62M');
        assert.deepEqual(await t.driver().copyChain(spec, quietWork()), copy, 'asked again');
      } finally {
        await other.close();
      }
    });

    for (const format of ['raw', 'qcow2'] as const) {
      it(`puts a fresh overlay beside the active one of a ${format} base: the frozen state again`, async () => {
        const ids = freshIds();
        const chain = await makeChain(t, ids, format, 1);
        const fresh = replaceActive(chain, ids.overlay().file);
        const spec = { share: t.place().share, chain: chain.slice(0, -1), overlayFile: top(fresh).file };
        await t.driver().prepareOverlay(spec);
        await t.driver().prepareOverlay(spec);
        assert.equal(findChainDifference(fresh, await t.driver().readChain({ share: spec.share, chain: fresh })), null);
        guest(t.place(), top(fresh), 'read -P 1 0 1M', 'read -P 0 1M 63M');
        guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M');
        await t.driver().removeFiles({ share: spec.share, files: [top(chain).file] });
        guest(t.place(), top(fresh), 'read -P 1 0 1M', 'read -P 0 1M 63M');
      });
    }
  });

  describe('createImage', () => {
    for (const format of ['raw', 'qcow2'] as const) {
      it(`makes a blank ${format} file that reads as zeroes, private to its owner and group; twice is once`, async () => {
        const { file } = freshIds();
        const first = await t.driver().createImage(target(file, format));
        assert.deepEqual(first, { file, format, virtualSizeBytes: 64 * MIB, snapshotId: null });
        guest(t.place(), first, 'read -P 0 0 64M', 'write -P 7 0 1M');
        assert.deepEqual(await t.driver().createImage(target(file, format)), first);
        guest(t.place(), first, 'read -P 7 0 1M');
        assert.equal(statSync(path.join(t.place().path, file)).mode & 0o777, 0o660);
        assert.equal(statSync(path.join(t.place().path, file)).size % 512, 0);
      });
    }

    it('refuses a name that is taken by something else, and sizes no disk has', async () => {
      const { file } = freshIds();
      await t.driver().createImage(target(file));
      await assert.rejects(t.driver().createImage(target(file, 'raw', 32 * MIB)), { code: 'chain_mismatch' });
      await assert.rejects(t.driver().createImage(target(file, 'qcow2')), { code: 'chain_mismatch' });
      await assert.rejects(t.driver().createImage(target(freshIds().file, 'raw', 1000)), { code: 'bad_request' });
      assert.equal(statSync(path.join(t.place().path, file)).size, 64 * MIB);
    });

    const hostileNames = [
      '',
      '.',
      '..',
      '.hidden',
      '../up',
      'a/b',
      '/etc/passwd',
      'nbd:127.0.0.1:1',
      'a\0b',
      '-o',
      'x'.repeat(250),
      'volume-x.info',
    ];
    for (const name of hostileNames) {
      it(`refuses the name ${JSON.stringify(name).slice(0, 30)} before anything is touched`, async () => {
        const before = filesOn(t.place());
        const layer = { file: name, format: 'raw', virtualSizeBytes: 64 * MIB, snapshotId: null } as const;
        const { share } = t.place();
        const good = freshIds().file;
        const refused = { code: 'bad_request' };
        const driver = t.driver();
        await assert.rejects(driver.createImage(target(name)), refused);
        await assert.rejects(driver.copyChain({ share, source: [layer], target: target(good) }, quietWork()), refused);
        await assert.rejects(driver.extendImage({ share, chain: [layer], newSizeBytes: 128 * MIB }), refused);
        await assert.rejects(driver.prepareOverlay({ share, chain: [layer], overlayFile: good }), refused);
        await assert.rejects(
          driver.prepareOverlay({ share, chain: [{ ...layer, file: good }], overlayFile: name }),
          refused,
        );
        await assert.rejects(driver.readChain({ share, chain: [layer] }), refused);
        await assert.rejects(driver.removeFiles({ share, files: [name] }), refused);
        await assert.rejects(driver.manageImage({ share, sourceFile: name, targetFile: good, format: 'raw' }), refused);
        await assert.rejects(driver.manageImage({ share, sourceFile: good, targetFile: name, format: 'raw' }), refused);
        assert.deepEqual(filesOn(t.place()), before);
      });
    }
  });

  describe("owners: a file belongs to whom the share's root belongs, an overlay to whom the layer below belongs", () => {
    const ownerOf = (file: string) => statSync(path.join(t.place().path, file)).uid;
    after(() => chownSync(t.place().path, 0, 0));

    it('holds for blank files, copies and overlays, and no file is open to the world', async () => {
      const { share, path: folder } = t.place();
      chownSync(folder, 107, 107);
      const ids = freshIds();
      const base = await t.driver().createImage(target(ids.file));
      const copy = freshIds().file;
      await t.driver().copyChain({ share, source: [base], target: target(copy) }, quietWork());
      chownSync(path.join(folder, ids.file), 64_055, 64_055);
      const overlay = ids.overlay().file;
      await t.driver().prepareOverlay({ share, chain: [base], overlayFile: overlay });
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain: [base] });
      const record = `volume-${ids.volumeId}.info`;
      assert.deepEqual([ids.file, copy, overlay, record].map(ownerOf), [64_055, 107, 64_055, 107]);
      for (const file of [ids.file, copy, overlay, record]) {
        assert.equal(statSync(path.join(folder, file)).mode & 0o007, 0);
      }
    });
  });

  describe('extendImage', () => {
    for (const [format, overlays] of [
      ['raw', 0],
      ['qcow2', 0],
      ['raw', 2],
    ] as const) {
      it(`grows a ${format} volume with ${overlays} snapshots, keeps its data, twice is once`, async () => {
        const chain = await makeChain(t, freshIds(), format, overlays);
        const spec = { share: t.place().share, chain, newSizeBytes: 128 * MIB };
        const grown = await t.driver().extendImage(spec);
        assert.equal(grown.virtualSizeBytes, 128 * MIB);
        assert.deepEqual(await t.driver().extendImage(spec), grown);
        guest(t.place(), grown, 'read -P 1 0 1M', `read -P ${overlays + 1} ${overlays}M 1M`, 'read -P 0 64M 64M');
        await t.driver().readChain({ share: t.place().share, chain: extendActive(chain, 128 * MIB) });
        assert.equal(statSync(path.join(t.place().path, grown.file)).size % 512, 0);
      });
    }

    it('never shrinks', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 0);
      const spec = { share: t.place().share, chain, newSizeBytes: 32 * MIB };
      await assert.rejects(t.driver().extendImage(spec), { code: 'bad_request' });
    });
  });

  describe('copyChain', () => {
    for (const format of ['raw', 'qcow2'] as const) {
      it(`copies what a chain shows into a larger ${format} file, sparse, with progress; twice is once`, async () => {
        const source = await makeChain(t, freshIds(), 'raw', 2);
        const { file } = freshIds();
        const work = quietWork();
        const spec = { share: t.place().share, source, target: target(file, format, 128 * MIB) };
        const copy = await t.driver().copyChain(spec, work);
        assert.deepEqual(copy, { file, format, virtualSizeBytes: 128 * MIB, snapshotId: null });
        guest(
          t.place(),
          copy,
          'read -P 1 0 1M',
          'read -P 2 1M 1M',
          'read -P 3 2M 1M',
          'read -P 0 3M 125M',
          'write -P 9 0 1M',
        );
        assert.equal(work.percents.at(-1), 100);
        assert.ok(statSync(path.join(t.place().path, file)).blocks * 512 < 16 * MIB);
        assert.deepEqual(await t.driver().copyChain(spec, quietWork()), copy);
        guest(t.place(), copy, 'read -P 9 0 1M');
        guest(t.place(), top(source), 'read -P 1 0 1M');
      });
    }

    it('compares a copy with its source byte by byte, whatever the headers say', async () => {
      const source = await makeChain(t, freshIds(), 'raw', 2);
      const { share } = t.place();
      for (const format of ['raw', 'qcow2'] as const) {
        const spec = { share, source, target: target(freshIds().file, format, 128 * MIB) };
        await assert.rejects(t.driver().compareCopy(spec, quietWork()), { code: 'not_found' });
        const copy = await t.driver().copyChain(spec, quietWork());
        const work = quietWork();
        await t.driver().compareCopy(spec, work);
        assert.equal(work.percents.at(-1), 100);
        guest(t.place(), copy, 'write -P 9 127M 512');
        await assert.rejects(t.driver().compareCopy(spec, quietWork()), { code: 'chain_mismatch' });
        const smaller = { ...spec, target: { ...spec.target, sizeBytes: 64 * MIB } };
        await assert.rejects(t.driver().compareCopy(smaller, quietWork()), { code: 'chain_mismatch' });
      }
    });

    it('copies the state of each snapshot of a chain (1st to nth)', async () => {
      const chain = await makeChain(t, freshIds(), 'qcow2', 5);
      for (let depth = 1; depth <= 5; depth++) {
        const spec = { share: t.place().share, source: chain.slice(0, depth), target: target(freshIds().file) };
        const copy = await t.driver().copyChain(spec, quietWork());
        guest(t.place(), copy, `read -P ${depth} ${depth - 1}M 1M`, `read -P 0 ${depth}M 1M`);
      }
    });

    it('refuses a smaller target and a missing source, and leaves nothing', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 0);
      const before = filesOn(t.place());
      const { share } = t.place();
      const small = { share, source: chain, target: target(freshIds().file, 'raw', 32 * MIB) };
      await assert.rejects(t.driver().copyChain(small, quietWork()), { code: 'bad_request' });
      const source = [{ ...top(chain), file: freshIds().file }];
      await assert.rejects(t.driver().copyChain({ share, source, target: target(freshIds().file) }, quietWork()), {
        code: 'not_found',
      });
      assert.deepEqual(filesOn(t.place()), before);
    });

    it('T-X05 stops when cancelled and removes what it made', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 0);
      const before = filesOn(t.place());
      const abort = new AbortController();
      abort.abort();
      const spec = { share: t.place().share, source: chain, target: target(freshIds().file) };
      await assert.rejects(t.driver().copyChain(spec, quietWork(abort.signal)), { code: 'cancelled' });
      assert.deepEqual(filesOn(t.place()), before);
    });
  });

  describe('prepareOverlay', () => {
    it('makes an empty overlay with a relative name; asked again after guest writes it changes nothing', async () => {
      const ids = freshIds();
      const chain = await makeChain(t, ids, 'raw', 1);
      const { snapshotId, file } = ids.overlay();
      const spec = { share: t.place().share, chain, overlayFile: file };
      const layer = await t.driver().prepareOverlay(spec);
      assert.deepEqual(layer, { file, format: 'qcow2', virtualSizeBytes: 64 * MIB, snapshotId });
      guest(t.place(), layer, 'read -P 1 0 1M', 'read -P 2 1M 1M', 'write -P 8 0 1M');
      assert.deepEqual(await t.driver().prepareOverlay(spec), layer);
      guest(t.place(), layer, 'read -P 8 0 1M');
      guest(t.place(), top(chain), 'read -P 1 0 1M');
      const seen = await t
        .driver()
        .readChain({ share: t.place().share, chain: appendOverlay(chain, file, snapshotId) });
      assert.deepEqual(
        seen.map(({ backingFile }) => backingFile),
        [null, chain[0]?.file, chain[1]?.file],
      );
    });

    it('makes two overlays above one layer at the same time, each with its record, and each again without harm', async () => {
      const [ids, copy] = [freshIds(), freshIds()];
      const chain = await makeChain(t, ids, 'raw', 1);
      const { share, path: folder } = t.place();
      const { snapshotId, file } = ids.overlay();
      const own = { share, volumeId: ids.volumeId, chain: appendOverlay(chain, file, snapshotId), foreignLayers: 0 };
      const first = { file: copy.file, format: 'qcow2', virtualSizeBytes: 128 * MIB, snapshotId: null } as const;
      const copied = { share, volumeId: copy.volumeId, chain: [...chain, first], foreignLayers: chain.length };
      const append = () => Promise.all([t.driver().appendOverlay(own), t.driver().appendOverlay(copied)]);
      const [ownLayers, copiedLayers] = await append();
      assert.deepEqual(
        [ownLayers, copiedLayers].map((layers) => layers.at(-1)?.backingFile),
        [top(chain).file, top(chain).file],
      );
      guest(t.place(), top(own.chain), 'read -P 1 0 1M', 'write -P 8 0 1M');
      guest(t.place(), first, 'read -P 1 0 1M', 'read -P 0 96M 1M', 'write -P 9 0 1M');
      assert.deepEqual(await append(), [ownLayers, copiedLayers]);
      guest(t.place(), top(own.chain), 'read -P 8 0 1M');
      guest(t.place(), first, 'read -P 9 0 1M');
      const record = (id: string): unknown => JSON.parse(readFileSync(path.join(folder, `volume-${id}.info`), 'utf8'));
      assert.deepEqual(record(copy.volumeId), { active: copy.file });
      assert.equal((record(ids.volumeId) as { active: string }).active, file);
      await assert.rejects(t.driver().appendOverlay({ ...own, chain: [top(chain)] }), { code: 'bad_request' });
    });

    it('refuses when the files are not what the record says', async () => {
      const ids = freshIds();
      const chain = await makeChain(t, ids, 'raw', 1);
      const wrong = chain.map((layer) => ({ ...layer, virtualSizeBytes: layer.virtualSizeBytes * 2 }));
      const spec = { share: t.place().share, chain: wrong, overlayFile: ids.overlay().file };
      await assert.rejects(t.driver().prepareOverlay(spec), { code: 'chain_mismatch' });
      assert.ok(!filesOn(t.place()).includes(spec.overlayFile));
    });
  });

  describe('commitLayer', () => {
    const merge = async (chain: Chain, index: number) => {
      const layer = chain[index];
      assert.ok(layer?.snapshotId !== undefined && layer.snapshotId !== null);
      const spec = { share: t.place().share, chain, file: layer.file };
      const result = await t.driver().commitLayer(spec, quietWork());
      assert.deepEqual(result, planSnapshotDelete(chain, layer.snapshotId)?.result);
      return { spec, result, merged: layer };
    };

    for (const [format, index] of [
      ['raw', 1],
      ['raw', 2],
      ['qcow2', 2],
      ['qcow2', 3],
    ] as const) {
      it(`merges layer ${index} of 3 over a ${format} base; all data stays; the merged file stays until it is removed`, async () => {
        const chain = await makeChain(t, freshIds(), format, 3);
        const { result, merged } = await merge(chain, index);
        guest(
          t.place(),
          top(result),
          'read -P 1 0 1M',
          'read -P 2 1M 1M',
          'read -P 3 2M 1M',
          'read -P 4 3M 1M',
          'read -P 0 4M 60M',
        );
        assert.ok(existsSync(path.join(t.place().path, merged.file)));
        await t.driver().removeFiles({ share: t.place().share, files: [merged.file] });
        guest(t.place(), top(result), 'read -P 2 1M 1M');
      });
    }

    it('asked again after a guest wrote to the merged base, it does not push old data over it', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 1);
      const { spec, result } = await merge(chain, 1);
      guest(t.place(), top(result), 'write -P 9 1M 1M');
      assert.deepEqual(await t.driver().commitLayer(spec, quietWork()), result);
      guest(t.place(), top(result), 'read -P 9 1M 1M');
      await t.driver().removeFiles({ share: t.place().share, files: [spec.file] });
      assert.deepEqual(await t.driver().commitLayer(spec, quietWork()), result);
    });

    it('does not either when an old Cinder made the overlay, whose header has no room for the mark: it gets one first', async () => {
      for (const format of ['raw', 'qcow2'] as const) {
        const chain = await makeChain(t, freshIds(), format, 1);
        const overlay = path.join(t.place().path, top(chain).file);
        const { share } = t.place();
        const versions = async () => (await t.driver().measureChain({ share, chain })).map((one) => one.qcow2Version);
        assert.deepEqual(await versions(), [undefined, undefined]);
        execFileSync('qemu-img', ['amend', '-f', 'qcow2', '-o', 'compat=0.10', overlay]);
        assert.deepEqual(await versions(), [undefined, 2]);
        const { spec, result } = await merge(chain, 1);
        guest(t.place(), top(result), 'read -P 2 1M 1M', 'write -P 9 1M 1M');
        assert.deepEqual(await t.driver().commitLayer(spec, quietWork()), result);
        guest(t.place(), top(result), 'read -P 9 1M 1M', 'read -P 1 0 1M');
      }
    });

    it('grows the base when the merged layer is larger', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 1);
      const { share } = t.place();
      await t.driver().extendImage({ share, chain, newSizeBytes: 128 * MIB });
      const { result } = await merge(extendActive(chain, 128 * MIB), 1);
      assert.equal(top(result).virtualSizeBytes, 128 * MIB);
      guest(t.place(), top(result), 'read -P 2 1M 1M', 'read -P 0 64M 64M');
    });

    it('refuses to merge the base, and a layer that is gone while the one above still names it', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 2);
      const { share, path: folder } = t.place();
      await assert.rejects(t.driver().commitLayer({ share, chain, file: chain[0]?.file ?? '' }, quietWork()), {
        code: 'bad_request',
      });
      const middle = chain[1]?.file ?? '';
      rmSync(path.join(folder, middle));
      await assert.rejects(t.driver().commitLayer({ share, chain, file: middle }, quietWork()), {
        code: 'chain_mismatch',
      });
    });
  });

  describe('removeFiles', () => {
    it('removes a whole chain and its records; absent files are success; nothing is left', async () => {
      const ids = freshIds();
      const chain = await makeChain(t, ids, 'raw', 2);
      const { share } = t.place();
      const before = filesOn(t.place()).filter((name) => !name.includes(ids.volumeId));
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain });
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain: null });
      const files = chain.map((layer) => layer.file).reverse();
      await t.driver().removeFiles({ share, files });
      await t.driver().removeFiles({ share, files });
      assert.deepEqual(filesOn(t.place()), before);
      assert.deepEqual(trashOn(t.place()), []);
    });

    it('keeps what was asked to be kept, whatever the grace time', async () => {
      const [plain] = await makeChain(t, freshIds(), 'raw', 0);
      const file = plain?.file ?? '';
      const { share } = t.place();
      await t.driver().removeFiles({ share, files: [file], keepSeconds: 3600 });
      await t.driver().emptyTrash();
      assert.ok(!filesOn(t.place()).includes(file));
      const [kept = ''] = trashOn(t.place()).filter((name) => name.startsWith(file));
      const later = Number(kept.slice(file.length + 1)) - Date.now();
      assert.ok(later > 3_500_000 && later <= 3_600_000, `${kept} is due in ${later} ms`);
      rmSync(path.join(t.place().path, '.saggar/trash', kept));
    });

    it('refuses while any header on the share names the file', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 2);
      const { share } = t.place();
      await assert.rejects(t.driver().removeFiles({ share, files: [chain[1]?.file ?? ''] }), {
        code: 'chain_mismatch',
      });
      guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M');
    });

    it('keeps files in the trash for the grace time, then removes them unless a header names them again', async () => {
      const patient = await t.place().openDriver(undefined, { saggar_trash_grace_seconds: 3600 });
      try {
        const { share } = t.place();
        const [plain] = await makeChain(t, freshIds(), 'raw', 0);
        const ids = freshIds();
        const chain = await makeChain(t, ids, 'raw', 1);
        await patient.removeFiles({ share, files: [plain?.file ?? '', chain[1]?.file ?? ''] });
        await patient.removeFiles({ share, files: [chain[0]?.file ?? ''] });
        assert.equal(trashOn(t.place()).length, 3);
        await patient.emptyTrash();
        assert.equal(trashOn(t.place()).length, 3);
        await t.driver().emptyTrash();
        assert.deepEqual(trashOn(t.place()), []);
      } finally {
        await patient.close();
      }
    });
  });

  describe('writeRecord', () => {
    it("writes Cinder's record, replaces it, removes it", async () => {
      const ids = freshIds();
      const chain = await makeChain(t, ids, 'raw', 1);
      const { share } = t.place();
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain });
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain });
      const overlay = top(chain);
      const lines = [`"${overlay.snapshotId}": "${overlay.file}"`, `"active": "${overlay.file}"`].sort();
      assert.equal(readAll(t.place(), `volume-${ids.volumeId}.info`).toString(), `{\n ${lines.join(',\n ')}\n}`);
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain: null });
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain: null });
      assert.ok(!filesOn(t.place()).includes(`volume-${ids.volumeId}.info`));
    });
  });

  describe('reportPools and setup', () => {
    it('reports the share with its size', async () => {
      const report = (await t.driver().reportPools()).find(({ access }) => access.share === t.place().share);
      assert.equal(report?.state, 'up');
      assert.ok((report?.totalBytes ?? 0) >= (report?.freeBytes ?? 0) && (report?.freeBytes ?? 0) > 0);
    });

    it('finds everything again after a restart of the driver', async () => {
      const chain = await makeChain(t, freshIds(), 'qcow2', 1);
      const other = await t.place().openDriver();
      try {
        const seen = await other.readChain({ share: t.place().share, chain });
        assert.deepEqual(
          seen.map(({ file }) => file),
          chain.map(({ file }) => file),
        );
      } finally {
        await other.close();
      }
    });

    it('refuses a share that is not configured', async () => {
      const spec = { ...target(freshIds().file), share: 'dir:/etc' };
      await assert.rejects(t.driver().createImage(spec), { code: 'backend_offline' });
    });
  });
}
