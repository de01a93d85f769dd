// T-P01: every file and directory that is made on a share is closed to the world and belongs to the storage user, whom helper and image
// tools have become; also what stands in our way on the share cannot make root give something away.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { appendOverlay, type Chain, type Layer } from '../../services/core/domain/chain.js';
import { DriverPlace, quiet } from './driver-place.js';

const MIB = 1024 ** 2;
const STORAGE = { uid: 64_123, gid: 64_124 };

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly isDirectory: boolean;
}

function walk(directory: string, below = ''): Entry[] {
  return readdirSync(path.join(directory, below)).flatMap((child) => {
    const name = path.join(below, child);
    const stats = lstatSync(path.join(directory, name));
    const { uid, gid } = stats;
    const entry = { name, mode: stats.mode & 0o7777, uid, gid, isDirectory: stats.isDirectory() };
    return entry.isDirectory ? [entry, ...walk(directory, name)] : [entry];
  });
}

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}

describe('T-P01', function suite() {
  this.timeout(60_000);
  before(function needRoot() {
    if (process.getuid?.() === 0) return;
    console.log('      skipped: only root can become the storage user');
    this.skip();
  });

  /** One of everything that a driver makes. */
  async function makeEverything(place: DriverPlace): Promise<void> {
    const { share, driver } = place;
    const formats: readonly Layer['format'][] = ['raw', 'qcow2'];
    for (const format of formats) {
      const volumeId = randomUUID();
      const base = await place.create(`volume-${volumeId}`, format, 8 * MIB);
      const overlays = [randomUUID(), randomUUID()];
      let chain: Chain = [base];
      for (const snapshotId of overlays) {
        const overlayFile = `volume-${volumeId}.${snapshotId}`;
        await driver.prepareOverlay({ share, chain, overlayFile });
        chain = appendOverlay(chain, overlayFile, snapshotId);
      }
      await driver.writeRecord({ share, volumeId, chain });
      const target = {
        share,
        file: `volume-${randomUUID()}`,
        format,
        sizeBytes: 8 * MIB,
        preallocation: 'off',
      } as const;
      await driver.copyChain({ share, source: chain, target }, quiet);
      await driver.compareCopy({ share, source: chain, target }, quiet);
      await driver.createImage({ ...target, file: `volume-${randomUUID()}`, preallocation: 'falloc' });
      const merged = await driver.commitLayer({ share, chain, file: chain[1]?.file ?? '' }, quiet);
      await driver.flattenLayer({ share, chain: merged, file: merged.at(-1)?.file ?? '' }, quiet);
      await driver.removeFiles({ share, files: [chain[1]?.file ?? ''] });
      await driver.extendImage({
        share,
        chain: [await place.create(`volume-${randomUUID()}`, format, MIB)],
        newSizeBytes: 2 * MIB,
      });
    }
    writeFileSync(place.at('found'), Buffer.alloc(MIB, 7), { mode: 0o666 });
    chownSync(place.at('found'), STORAGE.uid, STORAGE.gid);
    await driver.manageImage({ share, sourceFile: 'found', targetFile: `volume-${randomUUID()}`, format: 'raw' });
  }

  function expectClosed(place: DriverPlace, owner: { uid: number; gid: number }): void {
    const entries = walk(place.directory);
    assert.ok(entries.length >= 15, 'there is something to look at');
    for (const { name, mode, uid, gid, isDirectory } of entries) {
      assert.deepEqual([uid, gid], [owner.uid, owner.gid], name);
      assert.equal(mode & 0o007, 0, `${name} is open to the world: ${mode.toString(8)}`);
      const allowed = isDirectory ? [0o700, 0o770] : [0o600, 0o660];
      assert.ok(allowed.includes(mode), `${name}: ${mode.toString(8)}`);
    }
    assert.equal(entries.find(({ name }) => name === '.saggar/trash')?.mode, 0o700);
  }

  const own = (directory: string) => chownSync(directory, STORAGE.uid, STORAGE.gid);

  it('everything on a share that is not root’s belongs to its owner, and nobody who works there is root', async () => {
    const place = await DriverPlace.open({ saggar_trash_grace_seconds: 3600 }, own);
    try {
      await makeEverything(place);
      expectClosed(place, STORAGE);
      assert.ok(
        walk(place.directory).some(({ name }) => name.startsWith('.saggar/trash/')),
        'the trash holds something',
      );
      const pid = place.driver.helperPids().get(place.share) ?? 0;
      assert.match(statusOf(pid), /^Uid:\t64123\t64123\t64123\t64123$/m);
      assert.match(statusOf(pid), /^Groups:\s*$/m);
      assert.match(statusOf(pid), /^CapEff:\t0+$/m);
      assert.match(statusOf(pid), /^Umask:\t0077$/m);
      const tools = place.started.filter(({ argv }) => argv[0].startsWith('qemu'));
      assert.ok(tools.length >= 8, 'tools were started');
      for (const { argv, how } of tools) assert.deepEqual(how.user, { ...STORAGE, groups: [] }, argv.join(' '));
    } finally {
      await place.close();
    }
  });

  it('on a share of root’s everything is root’s, and closed as well', async () => {
    const place = await DriverPlace.open({ saggar_trash_grace_seconds: 3600 });
    try {
      await makeEverything(place);
      for (const { name, uid } of walk(place.directory)) if (uid !== 0) assert.fail(`${name} is of ${uid}`);
      expectClosed(place, { uid: 0, gid: 0 });
    } finally {
      await place.close();
    }
  });

  it('an option names another user; one that may not use the share is told, and nothing is made', async () => {
    const open = (directory: string) => own(directory);
    const good = await DriverPlace.open({ saggar_storage_user: `${STORAGE.uid}:${STORAGE.gid}` }, open);
    try {
      await good.create(`volume-${randomUUID()}`, 'qcow2', MIB);
    } finally {
      await good.close();
    }
    const bad = await DriverPlace.open({ saggar_storage_user: '64200:64200' }, open);
    try {
      await assert.rejects(bad.create(`volume-${randomUUID()}`, 'qcow2', MIB), { code: 'backend_offline' });
      assert.deepEqual(readdirSync(bad.directory), []);
    } finally {
      await bad.close();
    }
  });

  it('a copy from a share of another user reads through its group', async () => {
    const source = await DriverPlace.open({}, (directory) => chownSync(directory, 64_300, 64_301));
    const target = await DriverPlace.open({}, own);
    try {
      const from = await source.create(`volume-${randomUUID()}`, 'raw', MIB);
      const spec = {
        share: target.share,
        file: `volume-${randomUUID()}`,
        format: 'raw',
        sizeBytes: MIB,
        preallocation: 'off',
      } as const;
      const copy = { share: source.share, sourceDriver: source.driver, source: [from], target: spec };
      // The directory of the source has to be open to its group.
      await target.driver.copyChain(copy, quiet);
      const tool = target.started.find(({ argv }) => argv[0] === 'qemu-img');
      assert.deepEqual(tool?.how.user, { ...STORAGE, groups: [64_301] });
      assert.equal(statSync(target.at(spec.file)).uid, STORAGE.uid);
    } finally {
      await source.close();
      await target.close();
    }
  });

  it('a link in the place of our directory is refused, and what it names keeps its owner', async () => {
    let victim = '';
    const plant = (directory: string) => {
      victim = path.join(path.dirname(directory), 'victim');
      mkdirSync(victim, { mode: 0o755 });
      chownSync(victim, 0, 0);
      symlinkSync(victim, path.join(directory, '.saggar'));
      chownSync(directory, 0, STORAGE.gid);
    };
    const place = await DriverPlace.open({ saggar_storage_user: 'root' }, plant);
    try {
      const file = `volume-${randomUUID()}`;
      await place.create(file, 'raw', MIB);
      await assert.rejects(place.driver.removeFiles({ share: place.share, files: [file] }), 'never called removed');
      assert.ok(readdirSync(place.directory).includes(file));
      const { gid, mode } = statSync(victim);
      assert.deepEqual([gid, mode & 0o777, readdirSync(victim)], [0, 0o755, []]);
    } finally {
      rmSync(path.join(place.directory, '.saggar'));
      await place.close();
    }
  });
});
