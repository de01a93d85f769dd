// The driver suite over a plain local directory: the same image code as over Gluster, anywhere, in seconds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { beginCopy } from '../../../services/core/domain/shared-layers.js';
import { type DriverPlace, filesOn, freshIds, guest, MIB, quietWork, top } from './harness.js';
import { type DriverCase, describeDriverVerbs, makeChain } from './suite.js';
import { describeAllocation } from './suite-allocation.js';
import { describeCustody } from './suite-custody.js';
import { describeEmptyLayers } from './suite-empty.js';
import { describeExports } from './suite-export.js';
import { describeInspection } from './suite-inspect.js';
import { describeInterruptions } from './suite-interruptions.js';
import { describeManageRules } from './suite-manage.js';
import { describePoisonedVolumes } from './suite-poison.js';
import { describePulls } from './suite-pull.js';
import { describeStreams } from './suite-streams.js';
import { describeTakingOver } from './suite-taking-over.js';

function directoryPlace(): DriverPlace {
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-share-'));
  return {
    share: directoryShareName(folder),
    path: folder,
    openDriver: async (runner = systemCommandRunner, options = {}) => {
      const parsed = parseBackendOptions('test', { driver: 'directory', saggar_directories: [folder], ...options });
      const driver = createVolumeDriver(parsed, { runner });
      await driver.setup();
      return driver;
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
}

describe('volume driver on a plain directory', function suite() {
  this.timeout(30_000);
  let place: DriverPlace | null = null;
  let driver: ShareVolumeDriver | null = null;
  const t: DriverCase = {
    place: () => place ?? failSetup(),
    driver: () => driver ?? failSetup(),
  };

  before(async () => {
    place = directoryPlace();
    driver = await place.openDriver();
  });
  after(async () => {
    await driver?.close();
    await place?.close();
  });

  describeDriverVerbs(t);
  describeEmptyLayers(t);
  describe('manageImage', () => describeTakingOver(t));
  describe('custody', () => describeCustody(t));
  describe('allocation', () => describeAllocation(t));
  describe('interruptions', () => describeInterruptions(t));
  describe('merges upwards and flattens', () => describePulls(t));
  describe('poisoned volumes', () => describePoisonedVolumes(t));
  describe('inspection', () => describeInspection(t));
  describe('exports', () => describeExports(t));
  describe('bytes from outside and to it', () => describeStreams(t));
  describe('a reference to an existing file', () => describeManageRules(t));
});

describe('volume driver on a file system that is really full', function suite() {
  this.timeout(30_000);
  let place: DriverPlace | null = null;
  let driver: ShareVolumeDriver | null = null;
  const t: DriverCase = { place: () => place ?? failSetup(), driver: () => driver ?? failSetup() };

  before(async function start() {
    place = directoryPlace();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'saggar-test', place.path], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: this user may not mount a tmpfs');
      this.skip();
    }
    driver = await place.openDriver();
  });
  after(async () => {
    await driver?.close();
    if (driver !== null) execFileSync('umount', [t.place().path]);
    await place?.close();
  });

  it('says no_space for copies, merges and preallocation, harms nothing, leaves nothing, and goes on with space', async () => {
    const { share } = t.place();
    const ids = freshIds();
    const chain = await makeChain(t, ids, 'raw', 1);
    guest(t.place(), top(chain), 'write -P 6 8M 12M');
    const before = filesOn(t.place());
    const target = { share, file: freshIds().file, format: 'raw', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
    const full = { code: 'no_space' };
    const copy = freshIds().file;
    await t.driver().prepareOverlay({ share, chain, overlayFile: copy });
    const shared = { share, chain: beginCopy(chain, copy, 64 * MIB).chain, file: copy };
    await assert.rejects(t.driver().flattenLayer(shared, quietWork()), full);
    guest(t.place(), top(shared.chain), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 6 8M 12M');
    await t.driver().removeFiles({ share, files: [copy] });
    await assert.rejects(t.driver().copyChain({ share, source: chain, target }, quietWork()), full);
    await assert.rejects(t.driver().createImage({ ...target, preallocation: 'falloc' }), full);
    const merge = { share, chain, file: top(chain).file };
    await assert.rejects(t.driver().commitLayer(merge, quietWork()), full);
    assert.deepEqual(filesOn(t.place()), before);
    guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 6 8M 12M');
    execFileSync('mount', ['-o', 'remount,size=64m', t.place().path]);
    const result = await t.driver().commitLayer(merge, quietWork());
    guest(t.place(), top(result), 'read -P 1 0 1M', 'read -P 2 1M 1M', 'read -P 6 8M 12M');
    await t.driver().removeFiles({ share, files: chain.map(({ file }) => file).reverse() });
    assert.deepEqual(filesOn(t.place()), []);
  });
});

function failSetup(): never {
  throw new Error('the suite is not set up');
}
