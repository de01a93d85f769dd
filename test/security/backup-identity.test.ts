// T-D03 for backups: what is restored is what was backed up, over random sparse maps, whole and incremental, whatever lay in the disk before;
// and nothing that was changed in the store is ever given out. The disk is memory here (test/system has real ones); objects are real files.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { noKeys, parseBackupKeys } from '../../drivers/backup/backup-keys.js';
import { BackupStore } from '../../drivers/backup/backup-store.js';
import { type BackupPlace, type BackupTarget, objectName } from '../../drivers/backup/backup-target.js';
import { DirectoryTarget } from '../../drivers/backup/directory-target.js';
import { type BackupDamage, restoreBackup, verifyBackup } from '../../drivers/backup/read-backup.js';
import { type WrittenBackup, writeBackup } from '../../drivers/backup/write-backup.js';
import { Zstd } from '../../drivers/backup/zstd.js';
import type { ChainExtent } from '../../drivers/image/chain-extents.js';
import type { OpenDisk } from '../../drivers/image/disk-access.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { CHUNK_BYTES } from '../../services/core/domain/backup.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';

const RUNS = Number(process.env['SAGGAR_BACKUP_MAPS'] ?? 20);
const volumeId = '11111111-1111-4111-8111-111111111111';
const keys = parseBackupKeys('keys', `${randomUUID()} ${randomBytes(32).toString('hex')}\n`);
const work = () => ({ onProgress: () => undefined, signal: new AbortController().signal });

/** A disk in memory, whose map shows data where it was written, by layer: `frozen` is the depth of what has been written before `freeze`. */
class MemoryDisk implements OpenDisk {
  readonly bytes: Buffer;
  private layers: Map<number, number>;
  readBytes = 0;

  constructor(readonly sizeBytes: number) {
    this.bytes = Buffer.alloc(sizeBytes);
    this.layers = new Map();
  }

  /** What was written so far lies one layer deeper. */
  freeze(): void {
    for (const [block, depth] of this.layers) this.layers.set(block, depth + 1);
  }

  map({ start, length }: { start: number; length: number }): Promise<ChainExtent[]> {
    const extents: ChainExtent[] = [];
    for (let at = start; at < start + length; at += 4096) {
      const depth = this.layers.get(at / 4096);
      extents.push({
        start: at,
        length: Math.min(4096, start + length - at),
        depth: depth ?? 0,
        present: depth !== undefined,
        data: depth !== undefined,
      });
    }
    return Promise.resolve(extents);
  }

  read(offset: number, length: number): Promise<Buffer> {
    this.readBytes += length;
    return Promise.resolve(Buffer.from(this.bytes.subarray(offset, offset + length)));
  }

  write(offset: number, data: Uint8Array): Promise<void> {
    this.bytes.set(data, offset);
    const end = Math.ceil((offset + data.length) / 4096);
    for (let block = Math.floor(offset / 4096); block < end; block++) this.layers.set(block, 0);
    return Promise.resolve();
  }

  zero(offset: number, length: number): Promise<void> {
    this.bytes.fill(0, offset, offset + length);
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

interface Write {
  readonly at: number;
  readonly length: number;
  readonly fill: number;
}

const SIZE = 9 * CHUNK_BYTES + 4096;
const writes = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: SIZE / 512 - 1 }).map((sector) => sector * 512),
    length: fc.constantFrom(512, 4096, 65_536, CHUNK_BYTES, 3 * CHUNK_BYTES),
    fill: fc.integer({ min: 0, max: 4 }),
  }),
  { maxLength: 12 },
);

function apply(disk: MemoryDisk, plan: readonly Write[]): void {
  for (const { at, length, fill } of plan) {
    const end = Math.min(disk.sizeBytes, at + length);
    void disk.write(at, fill === 1 ? randomBytes(end - at) : Buffer.alloc(end - at, fill));
  }
}

async function demandWhole(verifying: Promise<BackupDamage>): Promise<void> {
  const { damagedChunks, stretches } = await verifying;
  if (stretches.some(({ reason }) => reason === 'missing')) throw new ServiceError('not_found', 'missing');
  if (damagedChunks > 0) throw new ServiceError('hostile_image', 'damaged');
}

describe('T-D03 a restored backup is the disk, over random sparse maps', function suite() {
  this.timeout(300_000);
  let root = '';

  before(async () => {
    root = path.join(os.tmpdir(), `saggar-backup-${randomUUID()}`);
    await mkdir(root);
  });
  after(() => rm(root, { recursive: true, force: true }));

  const storeOf = (target: BackupTarget, sealed: boolean) =>
    new BackupStore(target, new Zstd(systemCommandRunner, 1), sealed ? keys : noKeys);
  const newPlace = (): BackupPlace => ({ container: 'property', backupId: randomUUID() });

  async function restored(store: BackupStore, place: BackupPlace, hash: string, bytes: number): Promise<Buffer> {
    const { manifest } = await store.getManifest(place, hash);
    const disk = new MemoryDisk(bytes);
    disk.bytes.fill(0xee);
    await restoreBackup(store, manifest, disk, true, work());
    return disk.bytes;
  }

  it(`holds for ${RUNS} maps: whole, incremental, and incremental by what layers prove`, async () => {
    await fc.assert(
      fc.asyncProperty(writes, writes, writes, fc.boolean(), async (first, second, third, sealed) => {
        const store = storeOf(new DirectoryTarget(root), sealed);
        const disk = new MemoryDisk(SIZE);
        const kept: { place: BackupPlace; hash: string; bytes: Buffer }[] = [];
        let written: WrittenBackup | null = null;
        for (const [index, plan] of [first, second, third].entries()) {
          disk.freeze();
          apply(disk, plan);
          const last = kept.at(-1);
          const parent = last === undefined ? null : (await store.getManifest(last.place, last.hash)).manifest;
          const place = newPlace();
          // Every other one knows that what lies one layer deeper is the parent's.
          const unchangedDepth = index === 2 ? 1 : null;
          written = await writeBackup(disk, store, { place, volumeId, parent, unchangedDepth }, work());
          kept.push({ place, hash: written.manifestSha256, bytes: Buffer.from(disk.bytes) });
        }
        for (const { place, hash, bytes } of kept) {
          assert.ok((await restored(store, place, hash, SIZE)).equals(bytes), 'the restored disk is another one');
          const larger = await restored(store, place, hash, SIZE + CHUNK_BYTES);
          assert.ok(larger.subarray(0, SIZE).equals(bytes) && larger.subarray(SIZE).every((byte) => byte === 0));
        }
        for (const { place } of kept) await store.target.removeAll(place);
      }),
      { numRuns: RUNS },
    );
    assert.deepEqual(await readdir(path.join(root, 'property')), []);
  });

  it('reads nothing where layers prove that nothing has changed, and stores one changed chunk alone', async () => {
    const store = storeOf(new DirectoryTarget(root), false);
    const disk = new MemoryDisk(64 * CHUNK_BYTES);
    await disk.write(0, randomBytes(64 * CHUNK_BYTES));
    const full = newPlace();
    const whole = await writeBackup(disk, store, { place: full, volumeId, parent: null, unchangedDepth: null }, work());
    assert.equal(whole.objectCount, 2);
    const { manifest: parent } = await store.getManifest(full, whole.manifestSha256);
    disk.freeze();
    await disk.write(17 * CHUNK_BYTES + 512, Buffer.from('changed'));
    disk.readBytes = 0;
    const place = newPlace();
    const small = await writeBackup(disk, store, { place, volumeId, parent, unchangedDepth: 1 }, work());
    assert.equal(disk.readBytes, CHUNK_BYTES);
    assert.equal(small.readBytes, CHUNK_BYTES);
    assert.equal(small.objectCount, 1);
    assert.ok(small.storedBytes < 1.1 * CHUNK_BYTES);
    assert.ok((await restored(store, place, small.manifestSha256, disk.sizeBytes)).equals(disk.bytes));
  });

  it('goes on behind the objects that are complete after it was cut off', async () => {
    const target = new DirectoryTarget(root);
    const store = storeOf(target, true);
    const disk = new MemoryDisk(100 * CHUNK_BYTES);
    await disk.write(0, randomBytes(100 * CHUNK_BYTES));
    const place = newPlace();
    const stop = new AbortController();
    const spec = { place, volumeId, parent: null, unchangedDepth: null };
    const cut = writeBackup(disk, store, spec, {
      onProgress: (percent) => {
        if (percent > 70) stop.abort();
      },
      signal: stop.signal,
    });
    await assert.rejects(cut, (thrown) => asServiceError(thrown).code === 'cancelled');
    // An object that was on its way comes to its end.
    await sleep(0);
    assert.equal(await store.tryManifest(place), null);
    const present = (await target.list(place)).length;
    assert.ok(present >= 1, 'nothing was kept');
    disk.readBytes = 0;
    const { objectCount, manifestSha256 } = await writeBackup(disk, store, spec, work());
    assert.equal(objectCount, 4);
    assert.ok(disk.readBytes <= 100 * CHUNK_BYTES - present * 32 * CHUNK_BYTES, 'kept objects were read again');
    assert.ok((await restored(store, place, manifestSha256, disk.sizeBytes)).equals(disk.bytes));
  });

  it('goes on behind nothing, and takes no manifest for its own, that somebody without the key has put there', async () => {
    const target = new DirectoryTarget(root);
    const [sealed, plain] = [storeOf(target, true), storeOf(target, false)];
    const [disk, evil] = [new MemoryDisk(40 * CHUNK_BYTES), new MemoryDisk(40 * CHUNK_BYTES)];
    for (let chunk = 0; chunk < 40; chunk++) {
      await disk.write(chunk * CHUNK_BYTES, randomBytes(4096));
      await evil.write(chunk * CHUNK_BYTES, Buffer.alloc(4096, 0x66));
    }
    const place = newPlace();
    const spec = { place, volumeId, parent: null, unchangedDepth: null };
    await writeBackup(evil, plain, spec, work());
    await assert.rejects(
      writeBackup(disk, sealed, spec, work()),
      (thrown) => asServiceError(thrown).code === 'hostile_image',
    );
    await rm(path.join(root, place.container, place.backupId, 'manifest'));
    const { manifestSha256 } = await writeBackup(disk, sealed, spec, work());
    assert.ok((await restored(sealed, place, manifestSha256, disk.sizeBytes)).equals(disk.bytes), 'it is the disk');
  });

  it('gives out nothing that was changed in the store: every object, every part of it', async () => {
    for (const sealed of [false, true]) {
      const target = new DirectoryTarget(root);
      const store = storeOf(target, sealed);
      const disk = new MemoryDisk(40 * CHUNK_BYTES);
      for (let chunk = 0; chunk < 40; chunk++) await disk.write(chunk * CHUNK_BYTES, randomBytes(4096));
      const place = newPlace();
      const spec = { place, volumeId, parent: null, unchangedDepth: null };
      const { manifestSha256 } = await writeBackup(disk, store, spec, work());
      for (const name of await target.list(place)) {
        const file = path.join(root, place.container, place.backupId, name);
        const good = await readFile(file);
        for (const at of [0, 9, 60, Math.floor(good.length / 2), good.length - 40, good.length - 1]) {
          const bad = Buffer.from(good);
          bad[at] = (bad[at] ?? 0) ^ 0x41;
          await writeFile(file, bad);
          const reading = store
            .getManifest(place, manifestSha256)
            .then(({ manifest }) => demandWhole(verifyBackup(store, manifest, work())));
          await assert.rejects(
            reading,
            (thrown) => asServiceError(thrown).code === 'hostile_image',
            `${name} at ${at}`,
          );
        }
        await rm(file);
        const missing = store
          .getManifest(place, manifestSha256)
          .then(({ manifest }) => demandWhole(verifyBackup(store, manifest, work())));
        await assert.rejects(missing, (thrown) => asServiceError(thrown).code === 'not_found', name);
        await writeFile(file, good);
      }
      const foreign = new BackupStore(
        target,
        new Zstd(systemCommandRunner),
        parseBackupKeys('other', `${randomUUID()} ${'0'.repeat(64)}`),
      );
      if (sealed)
        await assert.rejects(
          foreign.getManifest(place, null),
          (thrown) => asServiceError(thrown).code === 'bad_request',
        );
    }
  });

  it('gives out no chunk that is not the one on record, however whole the object that holds it', async () => {
    const target = new DirectoryTarget(root);
    const elsewhere = await mkdtemp(path.join(root, 'elsewhere-'));
    // Also of somebody without the key, in a backup that is sealed.
    const forger = storeOf(new DirectoryTarget(elsewhere), false);
    const [disk, evil] = [new MemoryDisk(3 * CHUNK_BYTES), new MemoryDisk(3 * CHUNK_BYTES)];
    for (const one of [disk, evil]) await one.write(0, randomBytes(3 * CHUNK_BYTES));
    for (const sealed of [false, true]) {
      const store = storeOf(target, sealed);
      const place = newPlace();
      const spec = { place, volumeId, parent: null, unchangedDepth: null };
      const { manifestSha256, objectCount } = await writeBackup(disk, store, spec, work());
      await writeBackup(evil, forger, spec, work());
      assert.equal(objectCount, 1);
      const object = path.join(place.container, place.backupId, objectName(0));
      await copyFile(path.join(elsewhere, object), path.join(root, object));
      const { manifest } = await store.getManifest(place, manifestSha256);
      const into = new MemoryDisk(disk.sizeBytes);
      const isRefused = (reading: Promise<void>) =>
        assert.rejects(reading, (thrown) => asServiceError(thrown).code === 'hostile_image', `sealed: ${sealed}`);
      const { checkedChunks, damagedChunks, stretches } = await verifyBackup(store, manifest, work());
      assert.deepEqual([checkedChunks, damagedChunks], [3, 3]);
      const blame = { backupId: place.backupId, object: objectName(0), reason: 'damaged' };
      assert.deepEqual(stretches, [{ firstByte: 0, bytes: 3 * CHUNK_BYTES, ...blame }]);
      await isRefused(restoreBackup(store, manifest, into, true, work()));
      assert.ok(into.bytes.equals(Buffer.alloc(disk.sizeBytes)), 'a forged chunk was restored');
    }
  });
});
