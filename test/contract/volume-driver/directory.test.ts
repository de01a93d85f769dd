// The driver suite over a plain local directory: the same image code as over Gluster, anywhere, in seconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import type { DriverPlace } from './harness.js';
import { type DriverCase, describeDriverVerbs } from './suite.js';
import { describeInterruptions } from './suite-interruptions.js';
import { describePoisonedVolumes } from './suite-poison.js';

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
  describe('interruptions', () => describeInterruptions(t));
  describe('poisoned volumes', () => describePoisonedVolumes(t));
});

function failSetup(): never {
  throw new Error('the suite is not set up');
}
