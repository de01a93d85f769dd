// A disk with two snapshots moves from one Gluster volume to another under a guest that writes: the guest sees the same bytes and no error,
// each snapshot shows what it showed, the old files can go, and a mirror that is ended before the switch leaves the disk where it was.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { DiskSpec, MirrorSpec } from '../../drivers/hypervisor-driver.js';
import { describeChainForQemu } from '../../drivers/image/image-source.js';
import { GuestMonitor } from '../../drivers/qemu/guest-monitor.js';
import type { Chain, Layer } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { GuestOnGluster, missingProgram } from './guest-on-gluster.js';

const MIB = 1024 ** 2;
const quiet = (signal = new AbortController().signal) => ({ onProgress: () => undefined, signal });
const files = (layers: readonly { file: string }[]) => layers.map(({ file }) => file);

describe('a move of a disk under a writing guest, between real Gluster volumes', function suite() {
  this.timeout(900_000);
  let at: GuestOnGluster;
  let other: Awaited<ReturnType<GuestOnGluster['addShare']>>;

  before(async function start() {
    const missing = missingProgram();
    if (missing !== null) {
      console.log(`      skipped: ${missing} is not installed`);
      this.skip();
    }
    at = await GuestOnGluster.start();
    other = await at.addShare('other');
  });
  after(() => at?.close());

  /** As the volume worker's copies: full for the base, what it holds itself for each overlay, nothing yet for the active layer. */
  function copyFrozen(disk: DiskSpec): Chain {
    const nameId = newId();
    const copies: Layer[] = [];
    for (const [index, layer] of disk.chain.entries()) {
      const below = copies.at(-1);
      const file = index === 0 ? `volume-${nameId}` : `volume-${nameId}.${newId()}`;
      const target = path.join(other.mount, file);
      const backing = below === undefined ? [] : ['-u', '-b', below.file, '-F', below.format];
      const copy: Layer = { ...layer, file };
      const size = String(layer.virtualSizeBytes);
      execFileSync('qemu-img', ['create', '-q', '-f', copy.format, ...backing, target, size]);
      const source = describeChainForQemu(at.mount, disk.chain.slice(0, index + 1));
      if (index < disk.chain.length - 1) {
        const onto = below === undefined ? [] : ['-B', path.join(other.mount, below.file), '-F', below.format];
        execFileSync('qemu-img', ['convert', '-n', ...onto, '-O', copy.format, source, target]);
      }
      if (copy.format === 'qcow2') execFileSync('truncate', ['-s', '%65536', target]);
      copies.push(copy);
    }
    return copies;
  }

  it('keeps every byte of the disk and of its snapshots, and the guest meets no error', async () => {
    let disk = at.makeDisk('raw');
    const device = await at.attach(disk);
    await at.run(`writer start ${device} 1 1`);
    for (const [index, name] of ['one', 'two'].entries()) {
      await at.run(`pattern ${device} ${name} ${64 + index * 4} 4`);
      disk = await at.snapshot(disk);
    }
    await at.run(`pattern ${device} three 72 4`);
    const sums = () => at.run(`checksum ${device} 64 12`);
    const before = await sums();
    const mirror: MirrorSpec = {
      serverId: at.serverId,
      volumeId: disk.volumeId,
      chain: disk.chain,
      foreignLayers: 0,
      target: { access: other.access, chain: copyFrozen(disk) },
    };

    const stop = new AbortController();
    stop.abort();
    const slow = { ...mirror, bytesPerSecond: MIB };
    await assert.rejects(at.driver.mirrorDisk(slow, quiet(stop.signal)), { code: 'cancelled' });
    assert.deepEqual(await at.driver.endMirror(mirror), { switched: null });
    assert.equal(await sums(), before);

    let stopped = 0;
    let stoodMs = 0;
    const execute = GuestMonitor.prototype.execute;
    GuestMonitor.prototype.execute = async function timedExecute(this: GuestMonitor, command, ...rest) {
      const answer = await execute.call(this, command, ...rest);
      if (command === 'stop') stopped = performance.now();
      if (command === 'cont' && stopped > 0) stoodMs = performance.now() - stopped;
      return answer;
    };
    const started = performance.now();
    try {
      const seen = await at.driver.mirrorDisk(mirror, quiet());
      assert.deepEqual(files(seen.layers), files(mirror.target.chain));
    } finally {
      GuestMonitor.prototype.execute = execute;
    }
    const took = Math.round(performance.now() - started);
    console.log(`      mirror and switch: ${took} ms, of which the guest stood ${stoodMs.toFixed(0)} ms`);
    assert.equal(await sums(), before);
    // Frozen layers show the same on both sides; only then the old ones go.
    for (const layers of [1, 2]) {
      const [one, two] = [
        describeChainForQemu(at.mount, disk.chain.slice(0, layers)),
        describeChainForQemu(other.mount, mirror.target.chain.slice(0, layers)),
      ];
      execFileSync('qemu-img', ['compare', one, two]);
    }
    for (const { file } of disk.chain) rmSync(path.join(at.mount, file));
    await at.run(`pattern ${device} four 112 2`);
    assert.equal(await sums(), before);
    assert.match(await at.run('writer status'), /^\d+ 0 running$/);
    assert.ok(Number(await at.run('writer stop')) > 10);
    assert.match(await at.run('writer verify'), /^verified/);
    // Snapshots and merges go on where the disk is now.
    const moved: DiskSpec = { ...disk, ...mirror.target };
    const merged = await at.driver.mergeLayer(
      { serverId: at.serverId, volumeId: disk.volumeId, chain: moved.chain, file: moved.chain[1]?.file ?? '' },
      quiet(),
    );
    assert.equal(merged.layers.length, 2);
    assert.equal(await sums(), before);
    await at.driver.detachDisk(at.serverId, disk.volumeId);
  });
});
