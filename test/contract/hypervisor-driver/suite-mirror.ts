// Moves of a running guest's disk to other files, of every hypervisor driver: with one layer, with several, above layers of another volume;
// repeated, cancelled, taken over by another worker, ended, and met by the end of the guest.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { DiskSpec, MirrorSpec } from '../../../drivers/hypervisor-driver.js';
import type { LongWork } from '../../../drivers/volume-driver.js';
import type { Chain, Layer } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';
import { handOver } from '../../../services/core/domain/work-end.js';
import { expectContents, expectPattern, makeDisk, makeLayer, writePattern } from './disks.js';
import type { MergeCase } from './suite-merge.js';

const SLOW_BYTES_PER_SECOND = 64 * 1024;

const work = (signal = new AbortController().signal): LongWork => ({ onProgress: () => undefined, signal });
const files = (layers: readonly { file: string }[]) => layers.map(({ file }) => file);

export function describeMirrors(t: MergeCase): void {
  const otherDirectory = () => path.join(t.directory(), 'other');
  const shown = async (): Promise<readonly string[]> =>
    files((await t.driver().inspectServer(t.serverId())).disks[0]?.layers ?? []);

  /** Copies of all layers but the active one, and an empty active one, on the other share. */
  const targetOf = (disk: DiskSpec, format: Layer['format'], foreignLayers = 0): MirrorSpec['target'] => {
    const directory = otherDirectory();
    mkdirSync(directory, { recursive: true });
    const nameId = newId();
    const own = disk.chain.slice(foreignLayers);
    const chain: Layer[] = [];
    for (const [index, layer] of own.entries()) {
      const file = index === 0 ? `volume-${nameId}` : `volume-${nameId}.${newId()}`;
      const below = chain.at(-1) ?? null;
      if (index === own.length - 1) {
        chain.push(makeLayer(directory, file, index === 0 ? format : 'qcow2', below));
        break;
      }
      copyFileSync(path.join(t.directory(), layer.file), path.join(directory, file));
      const rebase = ['rebase', '-u', '-f', 'qcow2', '-b', below?.file ?? '', '-F', below?.format ?? 'raw'];
      if (below !== null) execFileSync('qemu-img', [...rebase, path.join(directory, file)]);
      chain.push({ ...layer, file });
    }
    return { access: { ...disk.access, share: `dir:${directory}`, directory }, chain };
  };
  const mirrorOf = (disk: DiskSpec, target: MirrorSpec['target'], foreignLayers = 0): MirrorSpec => ({
    serverId: t.serverId(),
    volumeId: disk.volumeId,
    chain: disk.chain,
    foreignLayers,
    target,
  });
  const drop = (chain: Chain) => {
    for (const { file } of chain) rmSync(path.join(t.directory(), file));
  };

  for (const [from, to] of [
    ['raw', 'qcow2'],
    ['qcow2', 'raw'],
  ] as const) {
    it(`moves a ${from} disk to a ${to} file, once; the old file can go`, async () => {
      const disk = makeDisk(t.directory(), from, 0);
      await t.start([disk]);
      const mirror = mirrorOf(disk, targetOf(disk, to));
      const seen = await t.driver().mirrorDisk(mirror, work());
      assert.deepEqual(files(seen.layers), files(mirror.target.chain));
      assert.deepEqual(await t.driver().mirrorDisk(mirror, work()), seen);
      assert.deepEqual(await shown(), files(mirror.target.chain));
      await t.driver().stopServer(t.serverId(), 0);
      drop(disk.chain);
      expectContents(otherDirectory(), mirror.target.chain, 1);
    });
  }

  it('moves a disk with two snapshots: each layer keeps what it holds', async () => {
    const disk = makeDisk(t.directory(), 'raw', 2);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'raw'));
    const seen = await t.driver().mirrorDisk(mirror, work());
    assert.deepEqual(
      seen.layers.map(({ backingFile }) => backingFile),
      [null, ...files(mirror.target.chain).slice(0, -1)],
    );
    await t.driver().stopServer(t.serverId(), 0);
    drop(disk.chain);
    for (const layers of [1, 2, 3]) {
      expectContents(otherDirectory(), mirror.target.chain.slice(0, layers), layers);
    }
  });

  it('takes along what a copy reads of another volume', async () => {
    const below = makeDisk(t.directory(), 'raw', 1).chain;
    const volumeId = newId<string & {}>();
    const own = makeLayer(t.directory(), `volume-${volumeId}`, 'qcow2', below.at(-1) ?? null);
    const chain = [...below, { ...own, snapshotId: null }];
    writePattern(t.directory(), chain, 9, 40);
    const disk: DiskSpec = { ...makeDisk(t.directory(), 'raw', 0), volumeId, chain, foreignLayers: below.length };
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'qcow2', below.length), below.length);
    await t.driver().mirrorDisk(mirror, work());
    await t.driver().stopServer(t.serverId(), 0);
    drop(chain);
    expectContents(otherDirectory(), mirror.target.chain, 2);
    expectPattern(otherDirectory(), mirror.target.chain, 9, 40);
  });

  it('leaves the disk where it was when cancelled, and moves it when asked again', async () => {
    const disk = makeDisk(t.directory(), 'raw', 1);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'raw'));
    const cancel = new AbortController();
    cancel.abort();
    const slow = { ...mirror, bytesPerSecond: SLOW_BYTES_PER_SECOND };
    await assert.rejects(t.driver().mirrorDisk(slow, work(cancel.signal)), { code: 'cancelled' });
    assert.deepEqual(await shown(), files(disk.chain));
    assert.deepEqual(await t.driver().endMirror(mirror), { switched: null });
    assert.deepEqual(await t.driver().endMirror(mirror), { switched: null });
    await t.driver().mirrorDisk(mirror, work());
    await t.driver().stopServer(t.serverId(), 0);
    expectContents(otherDirectory(), mirror.target.chain, 2);
  });

  it('goes on when its worker ended in the middle of it', async () => {
    const disk = makeDisk(t.directory(), 'raw', 1);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'raw'));
    const end = new AbortController();
    end.abort(handOver);
    const slow = { ...mirror, bytesPerSecond: SLOW_BYTES_PER_SECOND };
    await assert.rejects(t.driver().mirrorDisk(slow, work(end.signal)), { code: 'cancelled' });
    const seen = await t.driver().mirrorDisk(mirror, work());
    assert.deepEqual(files(seen.layers), files(mirror.target.chain));
    await t.driver().stopServer(t.serverId(), 0);
    expectContents(otherDirectory(), mirror.target.chain, 2);
  });

  it('never takes a disk back from a guest that was switched, and says so, of one that has ended too', async () => {
    const disk = makeDisk(t.directory(), 'qcow2', 1);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'qcow2'));
    const seen = await t.driver().mirrorDisk(mirror, work());
    assert.deepEqual(await t.driver().endMirror(mirror), { switched: seen });
    await t.driver().stopServer(t.serverId(), 0);
    assert.deepEqual(await t.driver().mirrorDisk(mirror, work()), seen);
    assert.deepEqual(await t.driver().endMirror(mirror), { switched: seen });
  });

  it('tells of a guest that has ended before it was switched', async () => {
    const disk = makeDisk(t.directory(), 'qcow2', 1);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'qcow2'));
    await t.driver().stopServer(t.serverId(), 0);
    await assert.rejects(t.driver().mirrorDisk(mirror, work()), { code: 'guest_not_running' });
    assert.deepEqual(await t.driver().endMirror(mirror), { switched: null });
  });

  it('refuses a target of another size, and leaves nothing of it open', async () => {
    const disk = makeDisk(t.directory(), 'raw', 1);
    await t.start([disk]);
    const mirror = mirrorOf(disk, targetOf(disk, 'raw'));
    const active = path.join(otherDirectory(), mirror.target.chain.at(-1)?.file ?? '');
    execFileSync('qemu-img', ['resize', '-q', '-f', 'qcow2', active, '128M']);
    await assert.rejects(t.driver().mirrorDisk(mirror, work()), { code: 'chain_mismatch' });
    assert.deepEqual(await shown(), files(disk.chain));
  });
}
