// Merges upwards, flattens and cancelled work of every hypervisor driver: what the guest has open, what the headers say and what the
// files hold, at every position and up to the depth that the service allows.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { DiskSpec, HypervisorDriver, ObservedDisk } from '../../../drivers/hypervisor-driver.js';
import { AUTOCLEAR_OFFSET } from '../../../drivers/image/qcow2-header.js';
import type { LongWork } from '../../../drivers/volume-driver.js';
import type { Chain } from '../../../services/core/domain/chain.js';
import { newId } from '../../../services/core/domain/ids.js';
import { handOver } from '../../../services/core/domain/work-end.js';
import { expectContents, expectPattern, makeDisk, makeLayer, writePattern } from './disks.js';

export interface MergeCase {
  directory(): string;
  driver(): HypervisorDriver;
  readonly serverId: () => string;
  start(disks: readonly DiskSpec[]): Promise<unknown>;
}

const SLOW_BYTES_PER_SECOND = 64 * 1024;

const work = (signal = new AbortController().signal): LongWork => ({ onProgress: () => undefined, signal });
const files = (layers: readonly { file: string }[]) => layers.map(({ file }) => file);

export function describeLiveMerges(t: MergeCase): void {
  const shown = async (): Promise<readonly string[]> =>
    files((await t.driver().inspectServer(t.serverId())).disks[0]?.layers ?? []);
  const mergeOf = ({ volumeId, chain }: DiskSpec, position: number) => ({
    serverId: t.serverId(),
    volumeId,
    chain,
    file: chain[position]?.file ?? '',
  });
  const drop = (layers: readonly { file: string }[]) => {
    for (const { file } of layers) rmSync(path.join(t.directory(), file));
  };
  const digests = (chain: Chain) =>
    chain.map(({ file }) =>
      createHash('sha256')
        .update(readFileSync(path.join(t.directory(), file)))
        .digest('hex'),
    );

  const setHeaderByte = (file: string, offset: number, byte: number) => {
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.from([byte]), 0, 1, offset);
    closeSync(handle);
  };

  /** A copy-on-write volume with one overlay, above all layers of another volume. */
  const makeCopy = (below: Chain): DiskSpec => {
    const volumeId = newId<string & {}>();
    const base = { ...makeLayer(t.directory(), `volume-${volumeId}`, 'qcow2', below.at(-1) ?? null), snapshotId: null };
    writePattern(t.directory(), [...below, base], 21, 40);
    const overlay = makeLayer(t.directory(), `volume-${volumeId}.${newId()}`, 'qcow2', base);
    const chain = [...below, base, overlay];
    writePattern(t.directory(), chain, 22, 41);
    return {
      ...makeDisk(t.directory(), 'raw', 0),
      volumeId,
      serial: volumeId.slice(0, 20),
      chain,
      foreignLayers: below.length,
    };
  };

  for (const format of ['raw', 'qcow2'] as const) {
    for (const position of [0, 1, 2]) {
      it(`merges layer ${position} of 3 above a ${format} base up into the next, once, and keeps every byte`, async () => {
        const disk = makeDisk(t.directory(), format, 3);
        await t.start([disk]);
        const rest = disk.chain.filter((_, index) => index !== position);
        const merge = { ...mergeOf(disk, position), direction: 'up' } as const;
        const seen = await t.driver().mergeLayer(merge, work());
        assert.deepEqual(files(seen.layers), files(rest));
        assert.deepEqual(
          seen.layers.map(({ backingFile }) => backingFile),
          [null, ...files(rest).slice(0, -1)],
        );
        assert.deepEqual(await t.driver().mergeLayer(merge, work()), seen);
        assert.deepEqual(await shown(), files(rest));
        await t.driver().stopServer(t.serverId(), 0);
        drop(disk.chain.slice(position, position + 1));
        expectContents(t.directory(), rest, 4);
      });
    }
  }

  it('refuses to merge the active layer up', async () => {
    const disk = makeDisk(t.directory(), 'qcow2', 1);
    await t.start([disk]);
    await assert.rejects(t.driver().mergeLayer({ ...mergeOf(disk, 1), direction: 'up' }, work()), {
      code: 'bad_request',
    });
    assert.deepEqual(await shown(), files(disk.chain));
  });

  it('flattens a copy whose other layers are only read, once; they can go afterwards', async () => {
    const source = makeDisk(t.directory(), 'raw', 2).chain;
    // A header bit that QEMU does not know, and would clear in a file that it may write to.
    setHeaderByte(path.join(t.directory(), source[2]?.file ?? ''), AUTOCLEAR_OFFSET, 0x40);
    const before = digests(source);
    const copy = makeCopy(source);
    await t.start([copy]);
    const own = copy.chain.slice(source.length);
    const seen = await t.driver().flattenDisk(mergeOf(copy, source.length), work());
    assert.deepEqual(files(seen.layers), files(own));
    assert.equal(seen.layers[0]?.backingFile, null);
    assert.deepEqual(await t.driver().flattenDisk(mergeOf(copy, source.length), work()), seen);
    assert.deepEqual(await shown(), files(own));
    await t.driver().stopServer(t.serverId(), 0);
    assert.deepEqual(digests(source), before);
    drop(source);
    for (const [byte, mib] of [
      [1, 0],
      [2, 1],
      [3, 2],
      [3, 32],
      [21, 40],
      [22, 41],
      [0, 50],
    ] as const) {
      expectPattern(t.directory(), own, byte, mib);
    }
  });

  it('works at depth 16 above other volumes: merges in both directions, then flattens', async function () {
    this.timeout(60_000);
    const source = makeDisk(t.directory(), 'raw', 3).chain;
    let copy = makeCopy(source);
    for (let depth = 0; depth < 15; depth += 1) {
      const overlay = makeLayer(
        t.directory(),
        `volume-${copy.volumeId}.${newId()}`,
        'qcow2',
        copy.chain.at(-1) ?? null,
      );
      const chain = [...copy.chain, overlay];
      writePattern(t.directory(), chain, 30 + depth, 42 + depth);
      copy = { ...copy, chain };
    }
    await t.start([copy]);
    const remove = async (position: number, direction: 'up' | 'down') => {
      const seen: ObservedDisk = await t.driver().mergeLayer({ ...mergeOf(copy, position), direction }, work());
      const chain = copy.chain.filter((_, index) => index !== position);
      assert.deepEqual(files(seen.layers), files(chain));
      copy = { ...copy, chain };
    };
    await remove(19, 'down');
    await remove(10, 'up');
    await remove(10, 'down');
    const base = source.length;
    const seen = await t.driver().flattenDisk(mergeOf(copy, base), work());
    const own = copy.chain.slice(base);
    assert.deepEqual(files(seen.layers), files(own));
    await t.driver().stopServer(t.serverId(), 0);
    drop(source);
    for (let n = 0; n < 15; n += 1) expectPattern(t.directory(), own, 30 + n, 42 + n);
    for (const [byte, mib] of [
      [1, 0],
      [4, 3],
      [4, 32],
      [21, 40],
      [22, 41],
    ] as const) {
      expectPattern(t.directory(), own, byte, mib);
    }
  });

  const kinds: readonly (readonly [
    string,
    (disk: DiskSpec, w: LongWork, slow: object) => Promise<ObservedDisk>,
    number,
  ])[] = [
    ['a merge down in the middle', (disk, w, slow) => t.driver().mergeLayer({ ...mergeOf(disk, 1), ...slow }, w), 1],
    [
      'a merge down of the active layer',
      (disk, w, slow) => t.driver().mergeLayer({ ...mergeOf(disk, 3), ...slow }, w),
      3,
    ],
    ['a merge up', (disk, w, slow) => t.driver().mergeLayer({ ...mergeOf(disk, 1), direction: 'up', ...slow }, w), 1],
    ['a flatten', (disk, w, slow) => t.driver().flattenDisk({ ...mergeOf(disk, 2), ...slow }, w), -2],
  ];
  for (const [what, run, gone] of kinds) {
    const rest = (chain: Chain) => (gone < 0 ? chain.slice(-gone) : chain.filter((_, index) => index !== gone));

    it(`${what} that is cancelled leaves the chain as it was, and is done when asked again`, async () => {
      const disk = makeDisk(t.directory(), 'raw', 3);
      await t.start([disk]);
      const stop = new AbortController();
      stop.abort();
      const started = performance.now();
      const slow = { bytesPerSecond: SLOW_BYTES_PER_SECOND };
      await assert.rejects(run(disk, work(stop.signal), slow), { code: 'cancelled' });
      assert.ok(performance.now() - started < 5_000);
      assert.deepEqual(await shown(), files(disk.chain));
      assert.equal((await t.driver().inspectServer(t.serverId())).powerState, 1);
      const seen = await run(disk, work(), {});
      assert.deepEqual(files(seen.layers), files(rest(disk.chain)));
      await t.driver().stopServer(t.serverId(), 0);
      expectContents(t.directory(), rest(disk.chain), 4);
    });

    it(`${what} goes on when its worker ended in the middle of it`, async () => {
      const disk = makeDisk(t.directory(), 'raw', 3);
      await t.start([disk]);
      const end = new AbortController();
      end.abort(handOver);
      await assert.rejects(run(disk, work(end.signal), { bytesPerSecond: SLOW_BYTES_PER_SECOND }), {
        code: 'cancelled',
      });
      // The next worker's ask has no limit, and so has the job from then on.
      const seen = await run(disk, work(), {});
      assert.deepEqual(files(seen.layers), files(rest(disk.chain)));
      await t.driver().stopServer(t.serverId(), 0);
      expectContents(t.directory(), rest(disk.chain), 4);
    });
  }
}
