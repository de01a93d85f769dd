// Every act on a chain, with encrypted layers, at rest and in a running QEMU: contents stay what they were, and nothing on the share shows them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import { appendOverlay, type Chain, findChainDifference, volumeFileName } from '../../../services/core/domain/chain.js';
import { beginCopy } from '../../../services/core/domain/shared-layers.js';
import {
  addOverlay,
  DISK_BYTES,
  diskOf,
  type EncryptedPlace,
  expectMarks,
  expectNothingDisclosed,
  type MadeVolume,
  MIB,
  makeVolume,
  openEncryptedPlace,
  read,
  work,
  write,
} from './encrypted-disk.js';

describe('chains of encrypted volumes', function suite() {
  this.timeout(120_000);
  let place: EncryptedPlace;
  const keyIds: string[] = [];
  const make = async (overlays: number, bits: 256 | 512 = 512): Promise<MadeVolume> => {
    const made = await makeVolume(place, overlays, bits);
    keyIds.push(made.keyId);
    return made;
  };
  const file = (chain: Chain, position: number) => chain[position]?.file ?? '';

  before(async () => {
    place = await openEncryptedPlace();
  });
  after(async () => {
    await place.close();
  });
  afterEach(async () => {
    await expectNothingDisclosed(place, keyIds);
  });

  describe('at rest', () => {
    for (const bits of [256, 512] as const) {
      it(`hold what was written, with a key of ${bits} bits and the whole size`, async () => {
        const { chain } = await make(2, bits);
        await expectMarks(place, chain, 3);
        await write(place, chain, 'last', DISK_BYTES / MIB - 1);
        assert.equal(await read(place, chain, DISK_BYTES / MIB - 1), 'last');
      });
    }

    for (const direction of ['down', 'up'] as const) {
      for (const position of direction === 'down' ? [1, 2, 3] : [0, 1, 2]) {
        it(`merge layer ${position} of four ${direction}`, async () => {
          const { chain } = await make(3);
          const spec = { share: place.shareName, chain, file: file(chain, position), direction };
          const result = await place.driver.commitLayer(spec, work());
          assert.equal(result.length, 3);
          assert.ok(result.every(({ keyId }) => keyId === chain[0]?.keyId));
          await expectMarks(place, result, 4);
        });
      }
    }

    it('give a copy in full a key of its own, and compare with it', async () => {
      const { chain } = await make(1);
      const keyId = await place.keys.ensureKey(randomUUID(), 256);
      keyIds.push(keyId);
      const { shareName: share } = place;
      const target = { file: volumeFileName(randomUUID()), format: 'qcow2', sizeBytes: 2 * DISK_BYTES } as const;
      const spec = { share, source: chain, target: { ...target, share, preallocation: 'off', keyId } } as const;
      const copy = await place.driver.copyChain(spec, work());
      await place.driver.compareCopy(spec, work());
      await expectMarks(place, [copy], 2);
    });

    it('flatten a copy that stands on them', async () => {
      const { chain } = await make(1);
      const { shareName: share } = place;
      const overlayFile = volumeFileName(randomUUID());
      await place.driver.prepareOverlay({ share, chain, overlayFile, sizeBytes: 2 * DISK_BYTES });
      const { chain: copy } = beginCopy(chain, overlayFile, 2 * DISK_BYTES);
      await write(place, copy, 'copy', 40);
      const flat = await place.driver.flattenLayer({ share, chain: copy, file: overlayFile }, work());
      await expectMarks(place, flat, 2);
      assert.equal(await read(place, flat, 40), 'copy');
      assert.equal(await read(place, chain, 40), '');
    });

    for (const preallocation of ['off', 'metadata', 'falloc', 'full'] as const) {
      it(`grow, allocated beforehand: ${preallocation}`, async () => {
        const keyId = await place.keys.ensureKey(randomUUID(), 512);
        keyIds.push(keyId);
        const { shareName: share } = place;
        const spec = { share, file: volumeFileName(randomUUID()), format: 'qcow2', sizeBytes: DISK_BYTES } as const;
        const layer = await place.driver.createImage({ ...spec, preallocation, keyId });
        await write(place, [layer], 'a', 0);
        const grown = await place.driver.extendImage({
          share,
          chain: [layer],
          newSizeBytes: 2 * DISK_BYTES,
          preallocation,
        });
        assert.equal(grown.virtualSizeBytes, 2 * DISK_BYTES);
        await write(place, [grown], 'b', 127);
        assert.deepEqual([await read(place, [grown], 0), await read(place, [grown], 127)], ['a', 'b']);
        const tall = await addOverlay(place, randomUUID(), [grown]);
        const higher = await place.driver.extendImage({ share, chain: tall, newSizeBytes: 3 * DISK_BYTES });
        assert.equal(await read(place, [grown, higher], 127), 'b');
      });
    }
  });

  describe('records and headers that disagree', () => {
    const plain = (chain: Chain) => chain.map(({ keyId: _, ...layer }) => layer);

    it('refuse an encrypted file that is plain on record, before any tool opens it', async () => {
      const { chain, volumeId } = await make(1);
      const { shareName: share, driver } = place;
      const spec = { share, chain: plain(chain), file: file(chain, 1) };
      await assert.rejects(driver.commitLayer(spec, work()), { code: 'hostile_image' });
      await assert.rejects(driver.readChain({ share, chain: plain(chain) }), { code: 'hostile_image' });
      const seen = await driver.inspectChain({ share, volumeId, chain: plain(chain) });
      assert.deepEqual(
        seen.files.map(({ problem }) => problem),
        ['an encryption method', 'an encryption method'],
      );
    });

    it('refuse a plain file that is encrypted on record', async () => {
      const { shareName: share, driver } = place;
      const name = { share, file: volumeFileName(randomUUID()), format: 'qcow2', sizeBytes: DISK_BYTES } as const;
      const layer = await driver.createImage({ ...name, preallocation: 'off' });
      const chain = [{ ...layer, keyId: keyIds[0] ?? '' }];
      const spec = { share, chain, overlayFile: volumeFileName(randomUUID()) };
      await assert.rejects(driver.prepareOverlay(spec), { code: 'chain_mismatch' });
      const observed = await driver.readChain({ share, chain });
      assert.match(findChainDifference(chain, observed) ?? '', /is not encrypted, on record it is/);
      const seen = await driver.inspectChain({ share, volumeId: randomUUID(), chain });
      assert.match(seen.files[0]?.problem ?? '', /no encryption/);
    });

    it('refuse to make an encrypted file that is not qcow2', async () => {
      const spec = { share: place.shareName, file: volumeFileName(randomUUID()), format: 'raw' } as const;
      const made = place.driver.createImage({ ...spec, sizeBytes: MIB, preallocation: 'off', keyId: keyIds[0] ?? '' });
      await assert.rejects(made, { code: 'bad_request' });
    });

    it('say what is missing when the key is gone, and open nothing', async () => {
      const { chain, keyId, volumeId } = await makeVolume(place, 0);
      await place.keys.removeKey(keyId);
      await assert.rejects(read(place, chain, 0), { code: 'not_found' });
      await assert.rejects(addOverlay(place, volumeId, chain), { code: 'not_found' });
      assert.ok(!readdirSync(place.share).some((name) => name.startsWith(`volume-${volumeId}.`)));
    });
  });

  describe('in a running QEMU', () => {
    const serverId = randomUUID();
    let driver: QemuHypervisor;
    let argv: readonly string[] = [];
    let volume: MadeVolume;
    let other: MadeVolume;
    let chain: Chain;
    let flat: Chain = [];
    const secrets = async () => {
      // The worker has the other socket, which serves one client.
      const one = new GuestMonitor(path.join(place.directory, 'servers', serverId, 'qmp-human.sock'));
      const found = (await one.execute('qom-list', { path: '/objects' })) as { name: string; type: string }[];
      await one.close();
      return found.filter(({ type }) => type === 'child<secret>');
    };

    before(async () => {
      const { keys, directory } = place;
      driver = new QemuHypervisor({
        stateDirectory: directory,
        keys,
        accelerator: 'tcg',
        runner: {
          run: (words, options) => {
            argv = words;
            return systemCommandRunner.run(words, options);
          },
        },
      });
      await driver.setup();
      volume = await make(2);
      other = await make(0, 256);
      chain = volume.chain;
      const disks = [diskOf(place, volume)];
      await driver.startServer({ serverId, name: 'guest', vcpus: 1, memoryMib: 64, disks });
    });
    after(async () => {
      await driver.deleteServer(serverId);
      await driver.close();
    });

    it('start with the disk, and know no secret afterwards', async () => {
      const seen = await driver.inspectServer(serverId);
      assert.ok(seen.disks[0]?.layers.every(({ encrypted }) => encrypted === true));
      assert.deepEqual(await secrets(), []);
      const secret = (await place.keys.readKey(volume.keyId)).reveal();
      assert.ok(!argv.join(' ').includes(secret));
      const pid = readFileSync(path.join(place.directory, 'servers', serverId, 'pid'), 'utf8').trim();
      assert.ok(!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(secret));
      assert.ok(!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(secret));
      assert.equal(readFileSync(`/proc/${pid}/fd/3`, 'utf8').includes(secret), false);
      assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /Max core file size +0 +0/);
    });

    it('plug another one, with another key', async () => {
      const disk = await driver.attachDisk(serverId, diskOf(place, other));
      assert.deepEqual(
        disk.layers.map(({ encrypted }) => encrypted),
        [true],
      );
      assert.deepEqual(await secrets(), []);
      assert.deepEqual((await driver.attachDisk(serverId, diskOf(place, other))).layers, disk.layers);
    });

    it('refuse one whose file is encrypted and whose record is not', async () => {
      const disk = diskOf(place, await make(0));
      const plain = { ...disk, chain: disk.chain.map(({ keyId: _, ...layer }) => layer) };
      await assert.rejects(driver.attachDisk(serverId, plain), { code: 'chain_mismatch' });
    });

    it('switch to an overlay', async () => {
      const before = chain;
      chain = await addOverlay(place, volume.volumeId, chain);
      const overlayFile = chain.at(-1)?.file ?? '';
      const disks = [{ volumeId: volume.volumeId, chain: before, overlayFile }];
      const outcome = await driver.switchToOverlays({ serverId, disks });
      assert.equal(findChainDifference(chain, outcome.disks[0]?.layers ?? []), null);
      assert.deepEqual(await secrets(), []);
    });

    it('refuse an overlay that is not encrypted', async () => {
      const { volumeId } = volume;
      const snapshotId = randomUUID();
      const overlayFile = `volume-${volumeId}.${snapshotId}`;
      const below = chain.map(({ keyId: _, ...layer }) => layer).slice(-1);
      await assert.rejects(
        place.driver.prepareOverlay({ share: place.shareName, chain: below, overlayFile }),
        { code: 'hostile_image' },
        'the worker makes none',
      );
      assert.throws(() => appendOverlay(chain, overlayFile, chain[1]?.snapshotId ?? ''));
    });

    it('merge in the middle, downwards and upwards, and from the active layer', async () => {
      const spec = { serverId, volumeId: volume.volumeId };
      await driver.mergeLayer({ ...spec, chain, file: file(chain, 1) }, work());
      chain = chain.filter((_, index) => index !== 1);
      await driver.mergeLayer({ ...spec, chain, file: file(chain, 0), direction: 'up' }, work());
      const [, receiver, ...above] = chain;
      assert.ok(receiver !== undefined);
      chain = [{ ...receiver, snapshotId: null }, ...above];
      const disk = await driver.mergeLayer({ ...spec, chain, file: file(chain, 1) }, work());
      chain = chain.slice(0, 1);
      assert.equal(findChainDifference(chain, disk.layers), null);
    });

    it('grow', async () => {
      const disk = await driver.resizeDisk(serverId, volume.volumeId, chain, 2 * DISK_BYTES);
      chain = chain.map((layer) => ({ ...layer, virtualSizeBytes: 2 * DISK_BYTES }));
      assert.equal(findChainDifference(chain, disk.layers), null);
    });

    it('flatten a copy', async () => {
      const { chain: below } = await make(1);
      const copyId = randomUUID();
      const overlayFile = volumeFileName(copyId);
      await place.driver.prepareOverlay({ share: place.shareName, chain: below, overlayFile });
      const copy = beginCopy(below, overlayFile, DISK_BYTES);
      const disk = { ...diskOf(place, { volumeId: copyId, keyId: '', chain: copy.chain }), foreignLayers: 2 };
      await driver.attachDisk(serverId, disk);
      await driver.flattenDisk({ serverId, volumeId: copyId, chain: copy.chain, file: overlayFile }, work());
      flat = copy.chain.slice(-1);
    });

    it('leave the contents as they were', async () => {
      await driver.stopServer(serverId, 0);
      await expectMarks(place, flat, 2);
      await expectMarks(place, chain, 3);
      await expectMarks(place, other.chain, 1);
      const record = readFileSync(path.join(place.directory, 'servers', serverId, 'server.json'), 'utf8');
      assert.ok(record.includes(volume.keyId), 'the host knows which key, to open the disk anew after an outage');
    });
  });
});
