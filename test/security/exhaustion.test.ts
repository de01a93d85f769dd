// T-X01, T-X02, T-X03: files that would cost time, memory or room. They are refused by their header, before a tool runs; and were a tool
// run on them all the same, its limits end it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeChainForQemu } from '../../drivers/image/image-source.js';
import { QemuImg } from '../../drivers/image/qemu-img.js';
import type { ResourceLimits } from '../../drivers/process/command-runner.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';
import { DriverPlace, quiet } from './driver-place.js';
import { malformedHeaders } from './malformed-headers.js';
import { type StoredImage, storeImage, tenant, volumeOfImage } from './stored-image.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Of CPU. The clock on the wall only shows that nothing hangs: a busy machine gives little of its cores. */
const LIMIT_MS = 5_000;
const HANG_MS = 45_000;

describe('T-X01 malformed headers', function suite() {
  this.timeout(60_000);
  let stage: DirectoryStage;
  let folder = '';
  before(async () => {
    stage = await DirectoryStage.open();
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-malformed-'));
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true });
  });

  for (const [what, bytesOf] of Object.entries(malformedHeaders)) {
    it(`${what}: taking it over ends in error within 5 s, and the worker goes on`, async () => {
      const found = `found-${randomUUID()}`;
      writeFileSync(path.join(stage.directory('plain'), found), bytesOf());
      const place = { pool: stage.pool('plain'), computeHost: 'host' };
      const grownFrom = process.memoryUsage().rss;
      const [since, cpu] = [performance.now(), process.cpuUsage()];
      const id = await stage.ended(await requests.manageVolume(stage.db, place, found), 'failed');
      const { user, system } = process.cpuUsage(cpu);
      assert.ok((user + system) / 1000 < LIMIT_MS && performance.now() - since < HANG_MS);
      assert.ok(process.memoryUsage().rss - grownFrom < GIB);
      assert.equal(await stage.rig.statusOf('volumes', id), 'error_managing');
      assert.ok(stage.files('plain').includes(found), 'the file stays its owner’s');
      rmSync(path.join(stage.directory('plain'), found));
    });

    it(`${what}: tools that open it all the same end within 5 s of CPU and 1 GiB`, async () => {
      const file = path.join(folder, 'volume-x');
      writeFileSync(file, bytesOf());
      const limits: ResourceLimits[] = [];
      const tool = new QemuImg({
        run: (argv, how) => {
          limits.push(how.limits ?? {});
          return systemCommandRunner.run(argv, how);
        },
      });
      const layer = { file: 'volume-x', format: 'qcow2', virtualSizeBytes: GIB, snapshotId: null } as const;
      const since = performance.now();
      await tool.grow(describeChainForQemu(folder, [layer]), 2 * GIB).catch(() => undefined);
      await tool.repoint(['-f', 'qcow2', file], null).catch(() => undefined);
      assert.ok(performance.now() - since < HANG_MS);
      assert.equal(limits.length, 2);
      for (const { cpuSeconds, addressSpaceBytes } of limits) {
        assert.ok(
          (cpuSeconds ?? Number.POSITIVE_INFINITY) <= 5 && (addressSpaceBytes ?? Number.POSITIVE_INFINITY) <= GIB,
        );
      }
    });
  }

  it('a program that goes over its limits is ended', async () => {
    const spin = ['sh', '-c', 'while :; do :; done'] as const;
    const since = performance.now();
    const { killedBy, exitCode } = await systemCommandRunner.run(spin, {
      timeoutMs: 30_000,
      limits: { cpuSeconds: 1 },
    });
    assert.ok(killedBy !== null || exitCode !== 0);
    assert.ok(performance.now() - since < 20_000);
    const hog = ['python3', '-c', 'bytearray(2 * 1024 ** 3)'] as const;
    const full = await systemCommandRunner.run(hog, { timeoutMs: 30_000, limits: { addressSpaceBytes: GIB } });
    assert.match(full.stderr, /MemoryError/);
  });
});

describe('T-X02 small files, large disks', function suite() {
  this.timeout(60_000);

  it('a file of some KiB that says 1 PiB is over quota, and its room is not promised', async () => {
    const stage = await DirectoryStage.open();
    try {
      const file = path.join(stage.directory('plain'), 'found-huge');
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', file, '1P']);
      execFileSync('fallocate', ['--dig-holes', file]);
      assert.ok(statSync(file).blocks * 512 <= 64 * 1024);
      const place = { pool: stage.pool('plain'), computeHost: 'host' };
      const pool = () => stage.db('pools').where({ name: place.pool }).first('provisioned_gib');
      const before: unknown = await pool();
      const asked = await requests.manageVolume(stage.db, place, 'found-huge');
      while ((await stage.step()) !== null);
      assert.equal(await stage.rig.statusOf('volumes', asked.id), 'error_managing');
      assert.deepEqual(await pool(), before);
      assert.ok(statSync(path.join(stage.directory('plain'), `volume-${asked.id}`)).size > 0, 'the file is not lost');
    } finally {
      await stage.close();
    }
  });

  it('a compressed bomb fills no more than the share has, and gives all of it back', async function bomb() {
    let mounted = '';
    const mount = (directory: string) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'saggar-test', directory], { stdio: 'ignore' });
      mounted = directory;
    };
    const place = await DriverPlace.open({}, mount).catch((thrown: unknown) => {
      if (mounted !== '') throw thrown;
      console.log('      skipped: this user may not mount a tmpfs');
      return this.skip();
    });
    try {
      const { share, driver } = place;
      const [pattern, file] = [path.join(place.folder, 'pattern'), `volume-${randomUUID()}`];
      writeFileSync(pattern, Buffer.alloc(256 * MIB, 'a'));
      execFileSync('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', pattern, place.at('found')]);
      assert.ok(statSync(place.at('found')).blocks * 512 * 100 < 256 * MIB, 'it is a bomb');
      const layer = await driver.manageImage({ share, sourceFile: 'found', targetFile: file, format: 'qcow2' });
      const free = () => Number(statfsSync(place.directory).bavail);
      const before = free();
      const target = {
        share,
        file: `volume-${randomUUID()}`,
        format: 'raw',
        sizeBytes: 256 * MIB,
        preallocation: 'off',
      } as const;
      await assert.rejects(driver.copyChain({ share, source: [layer], target }, quiet), { code: 'no_space' });
      assert.equal(free(), before, 'all the room is back');
      await assert.rejects(
        driver.copyChain({ share, source: [layer], target: { ...target, sizeBytes: 128 * MIB } }, quiet),
        { code: 'bad_request' },
        'never into a smaller volume',
      );
    } finally {
      await place.driver.close();
      execFileSync('umount', [mounted]);
      await place.close();
    }
  });
});

describe('T-X03 the image cache is bounded', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open({ imageCache: { maxEntries: 2, maxGib: 3 } });
    await stage.db('quota_limits').insert({ project_id: tenant.projectId, resource: 'volumes', hard_limit: -1 });
    // So that all copies are in one pool.
    const other = { name: stage.pool('other') };
    await stage
      .db('pools')
      .where(other)
      .update({ maintenance_since: stage.db.raw('utc_now()') });
  });
  after(() => stage.close());

  /** A vmdk of zeros. */
  function vmdk(sizeGib: number): Buffer {
    const file = path.join(stage.folder, 'vmdk');
    execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', file, `${sizeGib}G`]);
    return readFileSync(file);
  }

  const copies = async (): Promise<string[]> =>
    (await stage.db('image_cache').orderBy('last_used_at').pluck('image_id')) as string[];
  const promised = async (): Promise<number> => {
    const row: { sum?: unknown } | undefined = await stage.db('pools').sum('provisioned_gib').first();
    return Number(row?.sum);
  };

  async function use(image: StoredImage, sizeGib = 1): Promise<string> {
    const { id, status } = await volumeOfImage(stage, image.id, sizeGib);
    assert.equal(status, 'available');
    return id;
  }

  const remove = async (id: string) => stage.ended(await requests.deleteVolume(stage.db, id));

  it('by count and by size: the one that was not used for longest goes, and its file with it', async () => {
    const images = [await storeImage(stage, 'vmdk', vmdk(1)), await storeImage(stage, 'vmdk', vmdk(1))] as const;
    for (const image of images) await remove(await use(image));
    assert.deepEqual((await copies()).sort(), images.map(({ volumeId }) => volumeId).sort());
    // Used again: the second one is the oldest now.
    await remove(await use(images[0]));
    const third = await storeImage(stage, 'vmdk', vmdk(1));
    await remove(await use(third));
    assert.deepEqual(
      (await copies()).sort(),
      [images[0].volumeId, third.volumeId].sort(),
      'two copies, the older gone',
    );
    const large = await storeImage(stage, 'vmdk', vmdk(3));
    await remove(await use(large, 3));
    assert.deepEqual(await copies(), [large.volumeId], '3 GiB leave room for no other');
    const hidden: string[] = await stage.db('volumes').where({ purpose: 'image-cache' }).pluck('id');
    assert.equal(hidden.length, 1, 'what was given up is gone');
    const files = ['plain', 'other'].flatMap((name) => stage.files(name as 'plain' | 'other'));
    const kept = files.filter((name) => hidden.some((id) => name.includes(id)));
    assert.equal(kept.length, 1);
    assert.equal(files.length, 5, 'four images and one copy');
  });

  it('an image of some MiB that says 64 GiB fills no cache and no pool on behalf of a small volume', async () => {
    const before = await promised();
    const bomb = await storeImage(stage, 'vmdk', vmdk(64));
    assert.ok(statSync(bomb.file).size < 32 * MIB, 'it is a bomb');
    const { id, status } = await volumeOfImage(stage, bomb.id);
    assert.equal(status, 'error');
    assert.equal((await copies()).includes(bomb.volumeId), false);
    await remove(id);
    assert.ok((await promised()) <= before, 'nothing stays promised');
  });
});
