// What every hypervisor driver must do, run against the real QEMU and the fake alike. The guests have no operating system, so
// nothing here needs one to answer; unplugging from a real guest is in the system test.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HypervisorDriver, ServerSpec } from '../../../drivers/hypervisor-driver.js';
import type { Chain } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';
import { DISK_BYTES, expectContents, hasMergedMark, MIB, makeDisk, makeLayer } from './disks.js';
import { describeLiveMerges } from './suite-merge.js';
import { describeMirrors } from './suite-mirror.js';

export interface DriverUnderTest {
  readonly name: string;
  /** False when unplugging needs a guest that answers. */
  readonly unplugs: boolean;
  make(stateDirectory: string): HypervisorDriver;
}

const work = () => ({ onProgress: () => undefined, signal: new AbortController().signal });
const files = (chain: readonly { file: string }[]) => chain.map(({ file }) => file);

export function describeHypervisor(driverUnderTest: DriverUnderTest): void {
  describe(`the hypervisor driver ${driverUnderTest.name}`, function () {
    this.timeout(30_000);
    let directory = '';
    let driver: HypervisorDriver;
    let spec: ServerSpec;

    beforeEach(async () => {
      directory = mkdtempSync(path.join(tmpdir(), 'sgr-hv-'));
      driver = driverUnderTest.make(directory);
      await driver.setup();
      spec = { serverId: newId(), name: 'guest', vcpus: 1, memoryMib: 64, disks: [makeDisk(directory, 'raw', 0)] };
    });

    afterEach(async () => {
      for (const { serverId } of await driver.listServers()) await driver.deleteServer(serverId);
      await driver.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const start = (disks = spec.disks) => driver.startServer({ ...spec, disks });

    it('does not know a server that never was', async () => {
      await assert.rejects(driver.inspectServer(spec.serverId), { code: 'not_found' });
      await assert.rejects(driver.attachDisk(spec.serverId, makeDisk(directory, 'raw', 0)), { code: 'not_found' });
      await assert.rejects(driver.consoleOutput(spec.serverId, null), { code: 'not_found' });
      await driver.stopServer(spec.serverId, 0);
      await driver.deleteServer(spec.serverId);
      await driver.detachDisk(spec.serverId, newId());
    });

    it('opens no disk anew of a guest that does not stand for it', async () => {
      await assert.rejects(driver.recoverDisks(spec.serverId), { code: 'not_found' });
      const before = await start([makeDisk(directory, 'qcow2', 1)]);
      assert.equal(await driver.recoverDisks(spec.serverId), 'not-needed');
      assert.deepEqual(await driver.inspectServer(spec.serverId), before);
    });

    it('starts a server once and shows its chain', async () => {
      const disk = makeDisk(directory, 'qcow2', 2);
      const first = await start([disk]);
      assert.equal(first.powerState, 1);
      assert.deepEqual(files(first.disks[0]?.layers ?? []), files(disk.chain));
      assert.deepEqual(await start([disk]), first);
      const { serverId } = spec;
      const open = [{ volumeId: disk.volumeId, files: files(disk.chain) }];
      assert.deepEqual(await driver.listServers(), [{ serverId, powerState: 1, disks: open }]);
    });

    it('T-A04 refuses to start on files that are not those on record, and leaves nothing running', async () => {
      const disk = makeDisk(directory, 'qcow2', 1);
      const wrong = disk.chain.map((layer) => ({ ...layer, virtualSizeBytes: layer.virtualSizeBytes + MIB }));
      await assert.rejects(start([{ ...disk, chain: wrong }]), { code: 'chain_mismatch' });
      const found = await driver.inspectServer(spec.serverId).catch(({ code }: { code: string }) => code);
      assert.ok(found === 'not_found' || (typeof found === 'object' && found.powerState === 4), JSON.stringify(found));
    });

    it('stops, says so, and starts again', async () => {
      await start();
      await driver.stopServer(spec.serverId, 0);
      await driver.stopServer(spec.serverId, 0);
      assert.deepEqual(await driver.inspectServer(spec.serverId), {
        serverId: spec.serverId,
        powerState: 4,
        disks: [],
      });
      await assert.rejects(driver.attachDisk(spec.serverId, makeDisk(directory, 'raw', 0)), {
        code: 'guest_not_running',
      });
      assert.equal((await start()).powerState, 1);
    });

    it('lets another worker find the guests again', async () => {
      const before = await start();
      await driver.close();
      driver = driverUnderTest.make(directory);
      await driver.setup();
      assert.deepEqual(await driver.inspectServer(spec.serverId), before);
    });

    it('attaches sixteen disks, each once', async () => {
      await start();
      const disks = Array.from({ length: 16 }, () => makeDisk(directory, 'qcow2', 0));
      for (const disk of disks)
        assert.deepEqual(files((await driver.attachDisk(spec.serverId, disk)).layers), files(disk.chain));
      for (const disk of disks.slice(0, 2)) await driver.attachDisk(spec.serverId, disk);
      assert.equal((await driver.inspectServer(spec.serverId)).disks.length, 17);
    });

    it('refuses a disk whose files are not those on record, and leaves nothing of it', async () => {
      await start();
      const disk = makeDisk(directory, 'qcow2', 1);
      const missing = [...disk.chain, { ...disk.chain[1], file: 'volume-missing' }] as Chain;
      await assert.rejects(driver.attachDisk(spec.serverId, { ...disk, chain: missing }), { code: 'chain_mismatch' });
      assert.equal((await driver.inspectServer(spec.serverId)).disks.length, 1);
      await driver.attachDisk(spec.serverId, disk);
      await assert.rejects(driver.attachDisk(spec.serverId, { ...disk, chain: missing }), { code: 'chain_mismatch' });
    });

    it('refuses names that could mean something else', async () => {
      await start();
      const disk = makeDisk(directory, 'raw', 0);
      for (const file of ['../etc/passwd', 'json:{}', 'a/b', '', '.hidden', 'nbd:host']) {
        const chain = [{ ...disk.chain[0], file }] as Chain;
        await assert.rejects(driver.attachDisk(spec.serverId, { ...disk, chain }), (error: { code: string }) =>
          ['bad_request', 'chain_mismatch'].includes(error.code),
        );
      }
    });

    if (driverUnderTest.unplugs) {
      it('detaches a disk, also one that is not attached', async () => {
        await start();
        const disk = makeDisk(directory, 'raw', 0);
        await driver.attachDisk(spec.serverId, disk);
        await driver.detachDisk(spec.serverId, disk.volumeId);
        await driver.detachDisk(spec.serverId, disk.volumeId);
        assert.equal((await driver.inspectServer(spec.serverId)).disks.length, 1);
      });
    }

    it('switches two disks to their overlays at one time, and again does nothing', async () => {
      const disks = [makeDisk(directory, 'raw', 0), makeDisk(directory, 'qcow2', 1)];
      await start(disks);
      const overlays = disks.map(({ volumeId, chain }) =>
        makeLayer(directory, `volume-${volumeId}.${newId()}`, 'qcow2', chain.at(-1) ?? null),
      );
      const wish = {
        serverId: spec.serverId,
        disks: disks.map(({ volumeId, chain }, index) => ({
          volumeId,
          chain,
          overlayFile: overlays[index]?.file ?? '',
        })),
      };
      assert.equal(await driver.closeOverlays(wish), 'not-switched');
      const seen = await driver.switchToOverlays(wish);
      for (const [index, disk] of disks.entries()) {
        assert.deepEqual(files(seen.disks[index]?.layers ?? []), [...files(disk.chain), overlays[index]?.file]);
      }
      assert.deepEqual(seen.freeze, { frozen: false, fileSystems: 0, reason: 'not_asked' });
      const again = await driver.switchToOverlays({ ...wish, freeze: 'try' });
      assert.deepEqual(again, { disks: seen.disks, freeze: { frozen: false, fileSystems: 0, reason: 'unknown' } });
      assert.equal(await driver.closeOverlays(wish), 'switched');
    });

    it('switches a guest without an agent as before, and says that nothing was frozen', async () => {
      const [disk] = spec.disks;
      assert.ok(disk !== undefined);
      await start();
      const overlay = makeLayer(directory, `volume-${disk.volumeId}.${newId()}`, 'qcow2', disk.chain.at(-1) ?? null);
      const wish = { volumeId: disk.volumeId, chain: disk.chain, overlayFile: overlay.file };
      const { freeze } = await driver.switchToOverlays({ serverId: spec.serverId, disks: [wish], freeze: 'try' });
      assert.deepEqual(freeze, { frozen: false, fileSystems: 0, reason: 'no_agent' });
    });

    it('switches nothing when one overlay is missing', async () => {
      const disks = [makeDisk(directory, 'raw', 0), makeDisk(directory, 'raw', 0)];
      const before = await start(disks);
      const [one, two] = disks;
      assert.ok(one !== undefined && two !== undefined);
      const overlay = makeLayer(directory, `volume-${one.volumeId}.${newId()}`, 'qcow2', one.chain[0] ?? null);
      const wish = {
        serverId: spec.serverId,
        disks: [
          { volumeId: one.volumeId, chain: one.chain, overlayFile: overlay.file },
          { volumeId: two.volumeId, chain: two.chain, overlayFile: 'volume-missing' },
        ],
      };
      await assert.rejects(driver.switchToOverlays(wish), { code: 'chain_mismatch' });
      assert.deepEqual((await driver.inspectServer(spec.serverId)).disks, before.disks);
      assert.equal(await driver.closeOverlays(wish), 'not-switched');
    });

    it('refuses an overlay that was not made for the active layer, before the guest writes to it', async () => {
      const disk = makeDisk(directory, 'qcow2', 1);
      const before = await start([disk]);
      const overlay = makeLayer(directory, `volume-${disk.volumeId}.${newId()}`, 'qcow2', disk.chain[0] ?? null);
      const wish = { volumeId: disk.volumeId, chain: disk.chain, overlayFile: overlay.file };
      await assert.rejects(driver.switchToOverlays({ serverId: spec.serverId, disks: [wish] }), {
        code: 'chain_mismatch',
      });
      assert.deepEqual((await driver.inspectServer(spec.serverId)).disks, before.disks);
      assert.equal(await driver.closeOverlays({ serverId: spec.serverId, disks: [wish] }), 'not-switched');
    });

    it('sends an unfinished switch forward when the guest is gone', async () => {
      await start();
      await driver.stopServer(spec.serverId, 0);
      const [disk] = spec.disks;
      assert.ok(disk !== undefined);
      const wish = {
        serverId: spec.serverId,
        disks: [{ volumeId: disk.volumeId, chain: disk.chain, overlayFile: 'x' }],
      };
      assert.equal(await driver.closeOverlays(wish), 'switched');
    });

    for (const format of ['raw', 'qcow2'] as const) {
      for (const position of [1, 2, 3]) {
        it(`merges layer ${position} of 3 above a ${format} base, once, and keeps every byte`, async () => {
          const disk = makeDisk(directory, format, 3);
          await start([disk]);
          const merge = {
            serverId: spec.serverId,
            volumeId: disk.volumeId,
            chain: disk.chain,
            file: disk.chain[position]?.file ?? '',
          };
          const rest = disk.chain.filter((_, index) => index !== position);
          assert.deepEqual(files((await driver.mergeLayer(merge, work())).layers), files(rest));
          assert.deepEqual(files((await driver.mergeLayer(merge, work())).layers), files(rest));
          assert.deepEqual(files((await driver.inspectServer(spec.serverId)).disks[0]?.layers ?? []), files(rest));
          assert.equal((await driver.inspectServer(spec.serverId)).powerState, 1);
          await driver.stopServer(spec.serverId, 0);
          // Only a merge of the active layer could do harm when it is repeated.
          assert.equal(hasMergedMark(path.join(directory, merge.file)), position === 3);
          // The merged file may go now: nothing needs it.
          rmSync(path.join(directory, merge.file));
          expectContents(directory, rest, 4);
        });
      }
    }

    it('refuses to merge the base', async () => {
      const disk = makeDisk(directory, 'qcow2', 1);
      await start([disk]);
      const { volumeId, chain } = disk;
      const merge = { serverId: spec.serverId, volumeId, chain, file: chain[0]?.file ?? '' };
      await assert.rejects(driver.mergeLayer(merge, work()), { code: 'bad_request' });
    });

    describe('merges upwards, flattens and cancelled work', () => {
      describeLiveMerges({ directory: () => directory, driver: () => driver, serverId: () => spec.serverId, start });
    });

    describe('moves of a disk to other files', () => {
      describeMirrors({ directory: () => directory, driver: () => driver, serverId: () => spec.serverId, start });
    });

    it('grows a disk once, and never shrinks it', async () => {
      const disk = makeDisk(directory, 'qcow2', 1);
      await start([disk]);
      const grow = (bytes: number) => driver.resizeDisk(spec.serverId, disk.volumeId, disk.chain, bytes);
      const sizes = (await grow(2 * DISK_BYTES)).layers.map(({ virtualSizeBytes }) => virtualSizeBytes);
      assert.deepEqual(sizes, [DISK_BYTES, 2 * DISK_BYTES]);
      assert.deepEqual(
        (await grow(2 * DISK_BYTES)).layers.map(({ virtualSizeBytes }) => virtualSizeBytes),
        sizes,
      );
      await assert.rejects(grow(DISK_BYTES), { code: 'bad_request' });
      await driver.stopServer(spec.serverId, 0);
      expectContents(directory, disk.chain, 2);
    });

    it('merges a layer that is larger than the one below it', async () => {
      const disk = makeDisk(directory, 'raw', 1);
      await start([disk]);
      await driver.resizeDisk(spec.serverId, disk.volumeId, disk.chain, 2 * DISK_BYTES);
      const grown = disk.chain.map((layer, index) =>
        index === 1 ? { ...layer, virtualSizeBytes: 2 * DISK_BYTES } : layer,
      );
      const merge = { serverId: spec.serverId, volumeId: disk.volumeId, chain: grown, file: grown[1]?.file ?? '' };
      const { layers } = await driver.mergeLayer(merge, work());
      assert.deepEqual(
        layers.map(({ virtualSizeBytes }) => virtualSizeBytes),
        [2 * DISK_BYTES],
      );
    });

    it('deletes a server with all it kept, and again', async () => {
      await start();
      await driver.deleteServer(spec.serverId);
      await driver.deleteServer(spec.serverId);
      await assert.rejects(driver.inspectServer(spec.serverId), { code: 'not_found' });
      assert.deepEqual(await driver.listServers(), []);
    });

    it('tells the end of the console', async () => {
      await start();
      assert.equal(typeof (await driver.consoleOutput(spec.serverId, 5)), 'string');
    });
  });
}
