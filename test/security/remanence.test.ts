// T-D01, T-D02, T-D03: no tenant ever reads what another has written, and no copy loses what its source holds.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import type { Preallocation } from '../../drivers/volume-driver.js';
import { reimageVolume } from '../../services/core/db/block-storage/volume-reimage.js';
import { appendOverlay, type Chain, type Layer } from '../../services/core/domain/chain.js';
import { Chance } from '../fuzz/mutated-inputs.js';
import { backends, DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';
import { DriverPlace, quiet } from './driver-place.js';
import { storeImage, tenant } from './stored-image.js';

const MIB = 1024 ** 2;
const BRICK_BYTES = 96 * MIB;
/** What the former tenant wrote. */
const OLD = 0xaa;

describe('T-D01 a new volume on a full brick reads as zeros', function suite() {
  this.timeout(120_000);
  let place: DriverPlace | null = null;
  let mounted = '';

  before(async function start() {
    // A file system on a block device, as below a real brick: what is deleted stays on the device until it is written over.
    const mount = (directory: string) => {
      const disk = `${path.dirname(directory)}/brick`;
      execFileSync('truncate', ['-s', String(BRICK_BYTES), disk]);
      execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', '-m', '0', disk], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'loop', disk, directory], { stdio: 'ignore' });
      mounted = directory;
    };
    place = await DriverPlace.open({}, mount).catch((thrown: unknown) => {
      if (mounted !== '') throw thrown;
      console.log('      skipped: no ext4 can be mounted from a file here');
      return this.skip();
    });
  });
  after(async () => {
    await place?.driver.close();
    if (mounted !== '') execFileSync('umount', [mounted]);
    await place?.close();
  });

  const kinds: readonly (readonly [Layer['format'], Preallocation])[] = [
    ['raw', 'off'],
    ['raw', 'falloc'],
    ['raw', 'full'],
    ['qcow2', 'off'],
    ['qcow2', 'metadata'],
    ['qcow2', 'falloc'],
    ['qcow2', 'full'],
  ];
  for (const [format, preallocation] of kinds) {
    it(`${format}, preallocation ${preallocation}`, async () => {
      assert.ok(place !== null);
      const { share, driver } = place;
      const old = `volume-${randomUUID()}`;
      await place.create(old, 'raw', 1024 * MIB);
      fillUntilFull(place.at(old));
      const { bavail, bsize } = statfsSync(place.directory);
      assert.ok(bavail * bsize < MIB, 'the brick is full');
      await driver.removeFiles({ share, files: [old] });
      const file = `volume-${randomUUID()}`;
      const sizeBytes = 64 * MIB;
      await driver.createImage({ share, file, format, sizeBytes, preallocation });
      const read = execFileSync('qemu-io', ['-f', format, '-c', `read -P 0 0 ${sizeBytes}`, place.at(file)], {
        encoding: 'utf8',
      });
      assert.ok(!/verification failed|error/i.test(read), read);
      await driver.removeFiles({ share, files: [file] });
    });
  }

  it('an unknown value of a wiping option ends the start with its name, whatever else is right', () => {
    const good = { driver: 'directory', saggar_directories: ['/d'] };
    for (const [option, value] of [
      ['volume_clear', 'zer0'],
      ['volume_clear', ''],
      ['volume_clear_size', '50M'],
      ['volume_claer', 'zero'],
      ['saggar_trash_grace_seconds', 'never'],
    ] as const) {
      assert.throws(() => parseBackendOptions('b', { ...good, [option]: value }), new RegExp(option));
    }
  });

  it('the worker itself does not start with such an option', function startWorker() {
    assert.ok(place !== null);
    const config = path.join(place.folder, 'worker.yaml');
    const backend = { name: 'b', driver: 'directory', options: { saggar_directories: ['/d'], volume_clear: 'zer0' } };
    writeFileSync(
      config,
      JSON.stringify({
        host: 'h',
        stateDirectory: place.folder,
        amqp: { url: 'amqp://127.0.0.1:1' },
        backends: [backend],
      }),
    );
    const argv = ['--import', 'tsx', 'services/volume-worker/main.ts', '--config', config];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 30_000 });
    assert.equal(status, 1, `${stdout}${stderr}`);
    assert.match(`${stdout}${stderr}`, /volume_clear/);
  });
});

function fillUntilFull(file: string): void {
  const piece = Buffer.alloc(MIB, OLD);
  const handle = openSync(file, 'r+');
  try {
    for (let at = 0; ; at += piece.length) writeSync(handle, piece, 0, piece.length, at);
  } catch (thrown) {
    assert.equal((thrown as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(handle);
  }
}

describe('T-D02 a reimaged volume holds nothing of the old one', function suite() {
  this.timeout(120_000);

  for (const [how, maxLayers] of [
    ['by an overlay on the image', 8],
    ['by a full copy', 0],
  ] as const) {
    for (const backend of ['plain', 'other'] as const) {
      it(`${how}, in the pool ${backend}: a sparse image over a disk full of a pattern`, async () => {
        const stage = await DirectoryStage.open({ instantCopies: { maxLayers } });
        try {
          const image = Buffer.alloc(8 * MIB);
          image.fill(0x11, 3 * MIB, 3 * MIB + 4096);
          const { id: imageId } = await storeImage(stage, 'raw', image);
          const place = { pool: stage.pool(backend), computeHost: 'host' };
          const id = await stage.ended(await requests.createVolume(stage.db, place, 1, backends[backend]));
          await stage.write(id, `write -P ${OLD} 0 96M`, `write -P ${OLD} 1000M 24M`);
          const { name: old } = await stage.activeFile(id);
          await reimageVolume(stage.db, id, { imageId, reimageReserved: false }, tenant);
          while ((await stage.step()) !== null);
          const flat = path.join(stage.folder, 'flat');
          writeFileSync(flat, image);
          truncateSync(flat, 1024 * MIB);
          assert.equal(await stage.looksLike(id, flat), true, 'the image, and zeros behind its end');
          assert.notEqual((await stage.activeFile(id)).name, old);
          assert.ok(!stage.files(backend).includes(path.basename(old)), 'the old file is gone');
        } finally {
          await stage.close();
        }
      });
    }
  }
});

/** Random sparse maps per ordinary run; each costs some processes. */
const MAPS = Number(process.env['SAGGAR_SPARSE_MAPS'] ?? 20);
const DISK_BYTES = 4 * MIB;
const SECTOR = 512;

// Of backups: backup-identity.test.ts.
describe('T-D03 copies and flattened layers are the disk, over random sparse maps', function suite() {
  this.timeout(60_000 + MAPS * 3_000);
  let place: DriverPlace;
  before(async () => {
    place = await DriverPlace.open();
  });
  after(() => place.close());

  const seed = Number(process.env['SAGGAR_SEED'] ?? Date.now() % 2 ** 31);
  it(`seed ${seed}, ${MAPS} maps: every byte, by SHA-256`, async () => {
    for (let index = 0; index < MAPS; index++) await oneMap(new Chance(seed, index), `seed ${seed}, map ${index}`);
  });

  async function oneMap(chance: Chance, what: string): Promise<void> {
    const { share, driver } = place;
    const volumeId = randomUUID();
    const format = chance.of(['raw', 'qcow2'] as const);
    const expected = Buffer.alloc(DISK_BYTES);
    let chain: Chain = [await place.create(`volume-${volumeId}`, format, DISK_BYTES)];
    writeExtents(chance, chain, expected);
    for (let overlays = 1 + chance.below(2); overlays > 0; overlays--) {
      const snapshotId = randomUUID();
      const overlayFile = `volume-${volumeId}.${snapshotId}`;
      await driver.prepareOverlay({ share, chain, overlayFile });
      chain = appendOverlay(chain, overlayFile, snapshotId);
      writeExtents(chance, chain, expected);
    }
    const copyFormat = chance.of(['raw', 'qcow2'] as const);
    const target = {
      share,
      file: `volume-${randomUUID()}`,
      format: copyFormat,
      sizeBytes: DISK_BYTES,
      preallocation: 'off',
    } as const;
    const copy = await driver.copyChain({ share, source: chain, target }, quiet);
    assert.equal(hashOf(copy), sha(expected), `${what}: the copy`);
    const top = chain.at(-1);
    assert.ok(top !== undefined);
    await driver.flattenLayer({ share, chain, file: top.file }, quiet);
    assert.equal(hashOf(top), sha(expected), `${what}: the flattened layer`);
    await driver.removeFiles({ share, files: [...chain.map(({ file }) => file).reverse(), copy.file] });
  }

  /** Writes some random extents, zeros among them, to the active layer, and to what is expected. */
  function writeExtents(chance: Chance, chain: Chain, expected: Buffer): void {
    const active = chain.at(-1);
    assert.ok(active !== undefined);
    const commands: string[] = [];
    for (let extents = chance.below(6); extents > 0; extents--) {
      const start = chance.below(DISK_BYTES / SECTOR) * SECTOR;
      const most = Math.min(DISK_BYTES - start, chance.of([SECTOR, 4096, 65_536, MIB]));
      const length = SECTOR * (1 + chance.below(most / SECTOR));
      const byte = chance.below(4) === 0 ? 0 : chance.below(256);
      expected.fill(byte, start, start + length);
      const verb = byte === 0 && chance.below(2) === 0 ? 'write -z' : `write -P ${byte}`;
      commands.push('-c', `${verb} ${start} ${length}`);
    }
    if (commands.length > 0) execFileSync('qemu-io', ['-f', active.format, ...commands, place.at(active.file)]);
  }

  function hashOf({ file, format }: Pick<Layer, 'file' | 'format'>): string {
    if (format === 'raw') return sha(readFileSync(place.at(file)));
    const out = path.join(place.folder, 'flat');
    execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', place.at(file), out]);
    const hash = sha(readFileSync(out));
    rmSync(out);
    return hash;
  }
});

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
