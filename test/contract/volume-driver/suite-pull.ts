// Merges upwards and flattens, offline, run against every implementation: the same bytes before and after at every position, what is
// shared with other volumes is only read, sparse stays sparse, and whatever was cut off goes on where it stood.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { FaultPlan } from '../../../drivers/process/fault-plan.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { appendOverlay, type Chain, extendActive, type Layer } from '../../../services/core/domain/chain.js';
import { planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';
import { beginCopy } from '../../../services/core/domain/shared-layers.js';
import { type DriverPlace, filesOn, freshIds, guest, MIB, quietWork, readAll, top, writeBytes } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

const digest = (place: DriverPlace, file: string) => createHash('sha256').update(readAll(place, file)).digest('hex');
const allocated = (place: DriverPlace, file: string) => statSync(path.join(place.path, file)).blocks * 512;
const codeOf = (thrown: unknown) => (thrown as { code?: string }).code;

/** What makeChain wrote with so many overlays is all there, and the rest is zero. */
function expectAll(place: DriverPlace, layer: Layer, overlays: number): void {
  const reads = Array.from({ length: overlays + 1 }, (_, n) => `read -P ${n + 1} ${n}M 1M`);
  guest(place, layer, ...reads, `read -P 0 ${overlays + 1}M ${63 - overlays}M`);
}

/** A copy-on-write volume above the first `foreign` layers, with one overlay of its own. */
async function makeCopy(t: DriverCase, source: Chain, foreign: number, sizeBytes = 64 * MIB) {
  const { share } = t.place();
  const ids = freshIds();
  const below = source.slice(0, foreign);
  await t.driver().prepareOverlay({ share, chain: below, overlayFile: ids.file, sizeBytes });
  let { chain } = beginCopy(below, ids.file, sizeBytes);
  guest(t.place(), top(chain), 'write -P 21 40M 1M');
  const { file, snapshotId } = ids.overlay();
  await t.driver().prepareOverlay({ share, chain, overlayFile: file });
  chain = appendOverlay(chain, file, snapshotId);
  guest(t.place(), top(chain), 'write -P 22 41M 1M');
  return { chain, base: ids.file, own: chain.slice(foreign) };
}

export function describePulls(t: DriverCase): void {
  const withRunner = async <T>(plan: FaultPlan, act: (driver: ReturnType<typeof t.driver>) => Promise<T>) => {
    const driver = await t.place().openDriver(plan.wrap(systemCommandRunner));
    try {
      return await act(driver);
    } finally {
      await driver.close();
    }
  };

  for (const [format, index] of [
    ['raw', 0],
    ['raw', 1],
    ['qcow2', 0],
    ['qcow2', 2],
  ] as const) {
    it(`merges layer ${index} of 3 over a ${format} base up into the next; all data stays; the file stays as it was`, async () => {
      const chain = await makeChain(t, freshIds(), format, 3);
      const { share } = t.place();
      const removed = chain[index];
      const above = chain[index + 1];
      assert.ok(removed !== undefined && above?.snapshotId !== null && above !== undefined);
      const before = digest(t.place(), removed.file);
      const spec = { share, chain, file: removed.file, direction: 'up' } as const;
      const result = await t.driver().commitLayer(spec, quietWork());
      assert.deepEqual(result, planSnapshotDelete(chain, above.snapshotId, { direction: 'up' })?.result);
      assert.deepEqual(await t.driver().commitLayer(spec, quietWork()), result);
      assert.equal(digest(t.place(), removed.file), before);
      await t.driver().removeFiles({ share, files: [removed.file] });
      assert.deepEqual(await t.driver().commitLayer(spec, quietWork()), result, 'asked again after the file went');
      expectAll(t.place(), top(result), 3);
      for (const layer of result)
        assert.equal(
          statSync(path.join(t.place().path, layer.file)).size % 65_536 === 0 || layer.format === 'raw',
          true,
        );
    });
  }

  it('an upward merge keeps zeroes that hide what is further down', async () => {
    const chain = await makeChain(t, freshIds(), 'raw', 2);
    const { share } = t.place();
    guest(t.place(), chain[1] as Layer, 'write -z 0 64k');
    const spec = { share, chain, file: chain[1]?.file ?? '', direction: 'up' } as const;
    const result = await t.driver().commitLayer(spec, quietWork());
    guest(t.place(), top(result), 'read -P 0 0 64k', 'read -P 1 64k 960k', 'read -P 2 1M 1M', 'read -P 3 2M 1M');
  });

  it('an upward merge into a larger layer shows zeroes beyond the end of the smaller one', async () => {
    const first = await makeChain(t, freshIds(), 'qcow2', 1);
    const { share } = t.place();
    await t.driver().extendImage({ share, chain: first, newSizeBytes: 128 * MIB });
    const grown = extendActive(first, 128 * MIB);
    guest(t.place(), top(grown), 'write -P 8 100M 1M');
    const spec = { share, chain: grown, file: grown[0]?.file ?? '', direction: 'up' } as const;
    const result = await t.driver().commitLayer(spec, quietWork());
    assert.equal(top(result).virtualSizeBytes, 128 * MIB);
    guest(
      t.place(),
      top(result),
      'read -P 1 0 1M',
      'read -P 2 1M 1M',
      'read -P 0 64M 36M',
      'read -P 8 100M 1M',
      'read -P 0 101M 27M',
    );
  });

  it('refuses to merge the active layer up, and a chain with a layer that was merged down before', async () => {
    const chain = await makeChain(t, freshIds(), 'raw', 2);
    const { share } = t.place();
    const up = (file: string) => t.driver().commitLayer({ share, chain, file, direction: 'up' }, quietWork());
    await assert.rejects(up(top(chain).file), { code: 'bad_request' });
    writeBytes(t.place(), top(chain).file, 88, Buffer.from([0x80]));
    await assert.rejects(up(chain[0]?.file ?? ''), { code: 'chain_mismatch' });
  });

  it('copies nothing of a larger size than asked, and an overlay may be larger than what is below it', async () => {
    const source = await makeChain(t, freshIds(), 'raw', 0);
    const { share } = t.place();
    const spec = { share, chain: source, overlayFile: freshIds().file };
    await assert.rejects(t.driver().prepareOverlay({ ...spec, sizeBytes: 32 * MIB }), { code: 'bad_request' });
    await assert.rejects(t.driver().prepareOverlay({ ...spec, sizeBytes: 64 * MIB + 1 }), { code: 'bad_request' });
    const layer = await t.driver().prepareOverlay({ ...spec, sizeBytes: 96 * MIB });
    assert.equal(layer.virtualSizeBytes, 96 * MIB);
    guest(t.place(), layer, 'read -P 1 0 1M', 'read -P 0 1M 95M');
  });

  for (const [format, foreign] of [
    ['raw', 1],
    ['qcow2', 3],
  ] as const) {
    it(`flattens a copy above ${foreign} layers of a volume with a ${format} base, which it only reads`, async () => {
      const source = await makeChain(t, freshIds(), format, 2);
      const { share } = t.place();
      const { chain, base, own } = await makeCopy(t, source, foreign);
      const before = source.map(({ file }) => digest(t.place(), file));
      const work = quietWork();
      const spec = { share, chain, file: base };
      assert.deepEqual(await t.driver().flattenLayer(spec, work), own);
      assert.deepEqual(await t.driver().flattenLayer(spec, quietWork()), own);
      assert.deepEqual(
        source.map(({ file }) => digest(t.place(), file)),
        before,
      );
      assert.deepEqual(
        work.percents,
        [...work.percents].sort((a, b) => a - b),
      );
      await t.driver().removeFiles({ share, files: source.map(({ file }) => file).reverse() });
      const below = Array.from({ length: 3 }, (_, n) => `read -P ${n < foreign ? n + 1 : 0} ${n}M 1M`);
      guest(
        t.place(),
        top(own),
        ...below,
        'read -P 0 3M 37M',
        'read -P 21 40M 1M',
        'read -P 22 41M 1M',
        'read -P 0 42M 22M',
      );
      assert.deepEqual(await t.driver().flattenLayer(spec, quietWork()), own, 'asked again after the source went');
    });
  }

  it('flattens only what holds data, so that sparse stays sparse', async () => {
    const ids = freshIds();
    const { share } = t.place();
    const sizeBytes = 20 * 1024 * MIB;
    const raw = { share, file: ids.file, format: 'raw', sizeBytes, preallocation: 'off' } as const;
    const source: Chain = [await t.driver().createImage(raw)];
    guest(t.place(), top(source), 'write -P 5 7G 3M', 'write -P 6 19G 1M');
    const { chain, base, own } = await makeCopy(t, source, 1, sizeBytes);
    const started = performance.now();
    await t.driver().flattenLayer({ share, chain, file: base }, quietWork());
    console.log(`        20 GiB with 4 MiB of data: ${Math.round(performance.now() - started)} ms`);
    guest(t.place(), top(own), 'read -P 5 7G 3M', 'read -P 6 19G 1M', 'read -P 0 8G 1M', 'read -P 21 40M 1M');
    const measured = await t.driver().measureChain({ share, chain: own });
    assert.deepEqual(
      measured.map(({ file }) => file),
      own.map(({ file }) => file),
    );
    const [flat, overlay] = measured.map(({ allocatedBytes }) => allocatedBytes);
    assert.equal(flat, allocated(t.place(), base));
    // 4 MiB pulled, 1 MiB of its own, tables of 64 KiB per 512 MiB that hold something.
    assert.ok(flat !== undefined && flat >= 5 * MIB && flat <= 6 * MIB, `${flat} bytes`);
    assert.ok(overlay !== undefined && overlay <= 1.5 * MIB, `${overlay} bytes`);
  });

  it('a merge down, up and a copy allocate no more than they must', async () => {
    const { share } = t.place();
    for (const direction of ['down', 'up'] as const) {
      const chain = await makeChain(t, freshIds(), 'qcow2', 2);
      // Zeroes written over data, and zeroes written where nothing was.
      guest(t.place(), top(chain), 'write -P 7 8M 4M', 'write -z 1M 512k', 'write -z 20M 8M');
      const sum = chain.reduce((bytes, { file }) => bytes + allocated(t.place(), file), 0);
      const file = (direction === 'down' ? chain[2] : chain[1])?.file ?? '';
      const result = await t.driver().commitLayer({ share, chain, file, direction }, quietWork());
      const after = result.reduce((bytes, layer) => bytes + allocated(t.place(), layer.file), 0);
      assert.ok(after <= sum + MIB, `${direction}: ${after} of ${sum} bytes`);
      guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 0 1M 512k', 'read -P 7 8M 4M', 'read -P 0 20M 8M');
      const target = {
        share,
        file: freshIds().file,
        format: 'qcow2',
        sizeBytes: 64 * MIB,
        preallocation: 'off',
      } as const;
      await t.driver().copyChain({ share, source: result, target }, quietWork());
      assert.ok(allocated(t.place(), target.file) <= after + MIB);
    }
  });

  it('measures what files take, and says which is missing', async () => {
    const chain = await makeChain(t, freshIds(), 'raw', 1);
    const { share } = t.place();
    const measured = await t.driver().measureChain({ share, chain });
    assert.deepEqual(
      measured,
      chain.map(({ file }) => ({ file, allocatedBytes: allocated(t.place(), file) })),
    );
    const gone = [...chain, { ...top(chain), file: freshIds().file }];
    await assert.rejects(t.driver().measureChain({ share, chain: gone }), { code: 'not_found' });
  });

  it('refuses to measure for a change what a file of another name stands on', async () => {
    const chain = await makeChain(t, freshIds(), 'raw', 2);
    const { share } = t.place();
    const [base, first, second] = chain.map(({ file }) => file);
    assert.ok(base !== undefined && first !== undefined && second !== undefined);
    const measure = (...changing: string[]) => t.driver().measureChain({ share, chain, changing });
    // What a clone of a Cinder left is named after the volume.
    await t
      .driver()
      .prepareOverlay({ share, chain: chain.slice(0, 2), overlayFile: `${base}.tmp-snap-${freshIds().file}` });
    assert.equal((await measure(base, first, second)).length, 3);
    const { base: copy } = await makeCopy(t, chain, 2);
    await assert.rejects(measure(first, second), { code: 'chain_mismatch' });
    assert.equal((await measure(base, second)).length, 3);
    await t.driver().removeFiles({ share, files: filesOn(t.place()).filter((file) => file.startsWith(copy)) });
    assert.equal((await measure(first, second)).length, 3);
  });

  it('moves no more in a second than it may, tells percents, and ends within five seconds when cancelled', async () => {
    const source = await makeChain(t, freshIds(), 'raw', 0);
    const { share } = t.place();
    guest(t.place(), top(source), 'write -P 9 4M 24M');
    const { chain, base, own } = await makeCopy(t, source, 1);
    const spec = { share, chain, file: base, bytesPerSecond: 4 * MIB };
    const before = filesOn(t.place());
    const stop = new AbortController();
    const percents: number[] = [];
    let cancelledAt = 0;
    const work = {
      signal: stop.signal,
      onProgress: (percent: number) => {
        percents.push(percent);
        if (percents.length === 2) {
          cancelledAt = performance.now();
          stop.abort();
        }
      },
    };
    const started = performance.now();
    await assert.rejects(t.driver().flattenLayer(spec, work), { code: 'cancelled' });
    assert.ok(performance.now() - cancelledAt < 5_000);
    // 25 MiB at 4 MiB/s are six seconds; two batches are at least one.
    assert.ok(performance.now() - started >= 900, 'the limit was kept');
    assert.deepEqual(filesOn(t.place()), before);
    guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 9 4M 24M', 'read -P 21 40M 1M');
    const again = quietWork();
    assert.deepEqual(await t.driver().flattenLayer({ share, chain, file: base }, again), own);
    guest(t.place(), top(own), 'read -P 1 0 1M', 'read -P 9 4M 24M', 'read -P 21 40M 1M');
  });

  for (const [what, match, react, code] of [
    ['the copying tool is killed', /qemu-io /, { killProgramAfterMs: 30 }, /internal|done/],
    [
      'the map cannot be read',
      /qemu-img map/,
      { exitCode: 1, stderr: 'Transport endpoint is not connected' },
      /backend_offline/,
    ],
    ['the share is full', /qemu-io /, { exitCode: 0, stdout: 'read failed: No space left on device\n' }, /no_space/],
    ['the header was not changed any more', /qemu-img rebase/, { exitCode: 1 }, /internal/],
  ] as const) {
    it(`goes on when ${what}, up and flat`, async () => {
      const source = await makeChain(t, freshIds(), 'qcow2', 2);
      const { share } = t.place();
      guest(t.place(), source[1] as Layer, 'write -P 9 8M 24M');
      const up = { share, chain: source, file: source[1]?.file ?? '', direction: 'up' } as const;
      const plan = () => new FaultPlan({ commands: [{ match, times: 1, react }] });
      const outcome = (done: Promise<unknown>) => done.then(() => 'done', codeOf);
      assert.match(String(await withRunner(plan(), (driver) => outcome(driver.commitLayer(up, quietWork())))), code);
      guest(t.place(), top(source), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 3 2M 1M', 'read -P 9 8M 24M');
      const merged = await t.driver().commitLayer(up, quietWork());
      guest(t.place(), top(merged), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 3 2M 1M', 'read -P 9 8M 24M');
      const { chain, base, own } = await makeCopy(t, merged, 2);
      const flat = { share, chain, file: base };
      assert.match(String(await withRunner(plan(), (driver) => outcome(driver.flattenLayer(flat, quietWork())))), code);
      assert.deepEqual(await t.driver().flattenLayer(flat, quietWork()), own);
      guest(t.place(), top(own), 'read -P 1 0 1M', 'read -P 9 8M 24M', 'read -P 21 40M 1M', 'read -P 22 41M 1M');
    });
  }

  it('a merge down keeps its limit too, and ends within five seconds when cancelled', async () => {
    const chain = await makeChain(t, freshIds(), 'raw', 1);
    const { share } = t.place();
    guest(t.place(), top(chain), 'write -P 9 4M 24M');
    const spec = { share, chain, file: top(chain).file };
    const stop = new AbortController();
    let cancelledAt = 0;
    const onProgress = (percent: number) => {
      if (percent < 75 || cancelledAt > 0) return;
      cancelledAt = performance.now();
      stop.abort();
    };
    const started = performance.now();
    const limited = { ...spec, bytesPerSecond: 4 * MIB };
    await assert.rejects(t.driver().commitLayer(limited, { signal: stop.signal, onProgress }), { code: 'cancelled' });
    assert.ok(cancelledAt > 0 && performance.now() - cancelledAt < 5_000);
    assert.ok(cancelledAt - started >= 2_000, `${Math.round(cancelledAt - started)} ms for 18 of 25 MiB at 4 MiB/s`);
    guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 9 4M 24M');
    const result = await t.driver().commitLayer(spec, quietWork());
    guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 9 4M 24M');
  });

  it('pulls a disk on which a guest wrote everywhere a little', async () => {
    const ids = freshIds();
    const { share } = t.place();
    const sizeBytes = 4 * 1024 * MIB;
    const raw = { share, file: ids.file, format: 'raw', sizeBytes, preallocation: 'off' } as const;
    const source: Chain = [await t.driver().createImage(raw)];
    const writes = Array.from({ length: 2_000 }, (_, n) => `write -q -P ${(n % 250) + 1} ${n * 2}M 4k`);
    guest(t.place(), top(source), ...writes);
    const { chain, base, own } = await makeCopy(t, source, 1, sizeBytes);
    await t.driver().flattenLayer({ share, chain, file: base }, quietWork());
    const reads = Array.from({ length: 2_000 }, (_, n) => `read -q -P ${n === 20 ? 21 : (n % 250) + 1} ${n * 2}M 4k`);
    guest(t.place(), top(own), ...reads);
    assert.ok(allocated(t.place(), base) < 160 * MIB);
  });
}
