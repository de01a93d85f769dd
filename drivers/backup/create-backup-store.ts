// The backup store that a configuration asks for.
import { readFile } from 'node:fs/promises';
import type { CommandRunner } from '../process/command-runner.js';
import { noKeys, readBackupKeys } from './backup-keys.js';
import { BackupStore } from './backup-store.js';
import type { BackupTarget } from './backup-target.js';
import { DirectoryTarget } from './directory-target.js';
import { S3Target } from './s3-target.js';
import { SeparateDirectory } from './separate-directory.js';
import { SwiftTarget } from './swift-target.js';
import { Zstd } from './zstd.js';

/** As `BackupsConfig` of services/core/runtime/config-types.ts, which drivers do not import. */
export interface BackupStoreOptions {
  readonly target: 'directory' | 's3' | 'swift';
  readonly directory: string | null;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    readonly accessKeyId: string;
    readonly secretKeyFile: string;
  } | null;
  readonly swift: {
    readonly authUrl: string;
    readonly authVersion: 'v1' | 'v3';
    readonly user: string;
    readonly passwordFile: string;
    readonly project: string;
    readonly userDomain: string;
    readonly projectDomain: string;
    readonly region: string | null;
  } | null;
  readonly keyFile: string | null;
  readonly compressionLevel: number;
}

/** Errors: an Error for what cannot be used (a missing part, an unreadable key file). A store that is away is no error here. */
export async function createBackupStore(options: BackupStoreOptions, runner: CommandRunner): Promise<BackupStore> {
  const keys = options.keyFile === null ? noKeys : await readBackupKeys(options.keyFile);
  return new BackupStore(await createTarget(options), new Zstd(runner, options.compressionLevel), keys);
}

async function createTarget({ target, directory, s3, swift }: BackupStoreOptions): Promise<BackupTarget> {
  switch (target) {
    case 'directory':
      if (directory === null) throw new Error('backups: the target directory needs backups.directory');
      return new DirectoryTarget(new SeparateDirectory({ root: directory }));
    case 's3':
      if (s3 === null) throw new Error('backups: the target s3 needs backups.s3');
      return new S3Target({ ...s3, secretAccessKey: (await readFile(s3.secretKeyFile, 'utf8')).trim() });
    case 'swift':
      if (swift === null) throw new Error('backups: the target swift needs backups.swift');
      return new SwiftTarget({ ...swift, password: (await readFile(swift.passwordFile, 'utf8')).trim() });
  }
}
