// A volume driver on a plain directory whose runner keeps every argument vector, with canaries beside it; for tests that need no engine.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { directoryShareName } from '../../drivers/gluster/directory-share-provider.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import type { Argv, RunOptions } from '../../drivers/process/command-runner.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { LongWork } from '../../drivers/volume-driver.js';
import type { Layer } from '../../services/core/domain/chain.js';
import { asServiceError } from '../../services/core/domain/errors.js';
import { Canaries } from './canaries.js';

export const quiet: LongWork = { onProgress: () => undefined, signal: new AbortController().signal };

export interface Started {
  readonly argv: Argv;
  readonly how: RunOptions;
}

export class DriverPlace {
  /** Every program that the driver started, oldest first, and how. */
  readonly started: Started[];
  readonly share: string;

  private constructor(
    readonly folder: string,
    readonly directory: string,
    readonly canaries: Canaries,
    readonly driver: ShareVolumeDriver,
    started: Started[],
  ) {
    this.started = started;
    this.share = directoryShareName(directory);
  }

  /** `prepare` gets the share's directory before the driver does. */
  static async open(
    options: Readonly<Record<string, unknown>> = {},
    prepare: (directory: string) => void = () => undefined,
  ): Promise<DriverPlace> {
    const folder = mkdtempSync(path.join(tmpdir(), 'saggar-security-'));
    const directory = path.join(folder, 'share');
    mkdirSync(directory, { recursive: true });
    chmodSync(folder, 0o755); // the storage user must pass
    prepare(directory);
    const parsed = parseBackendOptions('test', { driver: 'directory', saggar_directories: [directory], ...options });
    const started: Started[] = [];
    const runner: typeof systemCommandRunner = {
      run: (argv, how) => {
        started.push({ argv, how });
        return systemCommandRunner.run(argv, how);
      },
    };
    const driver = createVolumeDriver(parsed, { runner });
    await driver.setup();
    return new DriverPlace(folder, directory, await Canaries.place(folder), driver, started);
  }

  at(file: string): string {
    return path.join(this.directory, file);
  }

  create(file: string, format: Layer['format'], sizeBytes: number): Promise<Layer> {
    return this.driver.createImage({ share: this.share, file, format, sizeBytes, preallocation: 'off' });
  }

  /** The error code with which taking over the file ends; 'taken' when it is taken. */
  async manage(sourceFile: string, targetFile: string, format: Layer['format']): Promise<string> {
    try {
      await this.driver.manageImage({ share: this.share, sourceFile, targetFile, format });
      return 'taken';
    } catch (thrown) {
      return asServiceError(thrown).code;
    }
  }

  async close(): Promise<void> {
    await this.driver.close();
    await this.canaries.remove();
    rmSync(this.folder, { recursive: true });
  }
}
