// What an incremental backup of a volume costs, of which one chunk in a hundred has changed: `npm run bench -- --backups DIR`, where DIR is a directory on
// the share to be measured (or any). The worker's own parts on real image files; the store is a directory beside them.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { noKeys } from '../../drivers/backup/backup-keys.js';
import { BackupStore } from '../../drivers/backup/backup-store.js';
import { DirectoryTarget } from '../../drivers/backup/directory-target.js';
import { SeparateDirectory } from '../../drivers/backup/separate-directory.js';
import { writeBackup } from '../../drivers/backup/write-backup.js';
import { Zstd } from '../../drivers/backup/zstd.js';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { appendOverlay, type Chain } from '../../services/core/domain/chain.js';

const MIB = 1024 ** 2;
const CHANGED_EVERY = 100;

export interface BackupCost {
  readonly name: string;
  readonly readBytes: number;
  readonly storedBytes: number;
  readonly seconds: number;
}

/** `sizeMib` of random data are written first, so the disk needs twice as much room and some minutes. */
export async function measureBackups(directory: string, sizeMib: number): Promise<readonly BackupCost[]> {
  const folder = path.join(directory, `saggar-bench-${randomUUID()}`);
  const share = `dir:${path.join(folder, 'share')}`;
  for (const name of ['share', 'store']) mkdirSync(path.join(folder, name), { recursive: true });
  const options = { driver: 'directory', saggar_directories: [path.join(folder, 'share')] };
  const driver = createVolumeDriver(parseBackendOptions('bench', options), { runner: systemCommandRunner });
  const calls = new SeparateDirectory({ root: path.join(folder, 'store') });
  try {
    await driver.setup();
    const store = new BackupStore(new DirectoryTarget(calls), new Zstd(systemCommandRunner), noKeys);
    const volumeId = randomUUID();
    const { signal } = new AbortController();
    const file = `volume-${volumeId}`;
    const image = { share, file, format: 'qcow2', sizeBytes: sizeMib * MIB, preallocation: 'off' } as const;
    const base: Chain = [await driver.createImage(image)];
    const fill = (chain: Chain, step: number): Promise<void> =>
      driver.useDisk({ share, chain, writable: true }, signal, async (disk) => {
        for (let at = 0; at < sizeMib; at += step) await disk.write(at * MIB, randomBytes(MIB));
        await disk.flush();
      });
    await fill(base, 1);
    const overlaid = async (chain: Chain): Promise<Chain> => {
      const snapshotId = randomUUID();
      const overlayFile = `${file}.${snapshotId}`;
      await driver.prepareOverlay({ share, chain, overlayFile });
      return appendOverlay(chain, overlayFile, snapshotId);
    };
    const changed = await overlaid(base);
    await fill(changed, CHANGED_EVERY);
    const work = { signal, onProgress: () => undefined };
    const make = async (name: string, source: Chain, parent: string | null, unchangedDepth: number | null) => {
      const place = { container: 'bench', backupId: randomUUID() };
      const known =
        parent === null ? null : (await store.getManifest({ container: 'bench', backupId: parent }, null)).manifest;
      const began = performance.now();
      const { readBytes, storedBytes } = await driver.useDisk(
        { share, chain: source, writable: false },
        signal,
        (disk) => writeBackup(disk, store, { place, volumeId, parent: known, unchangedDepth }, work),
      );
      const seconds = (performance.now() - began) / 1000;
      return { id: place.backupId, cost: { name, readBytes, storedBytes, seconds } };
    };
    const whole = await make('whole', base, null, null);
    const proven = await make('incremental, the parent’s snapshot is still there', changed, whole.id, 1);
    const compared = await make('incremental, nothing is known of the layers', changed, whole.id, null);
    return [whole.cost, proven.cost, compared.cost];
  } finally {
    calls.close();
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function printBackups(costs: readonly BackupCost[], sizeMib: number): void {
  process.stdout.write(`backups of ${sizeMib} MiB of random data, 1 % changed between them\n`);
  for (const { name, readBytes, storedBytes, seconds } of costs) {
    const [read, stored] = [readBytes, storedBytes].map((bytes) => `${(bytes / MIB).toFixed(1)} MiB`);
    process.stdout.write(`${name.padEnd(52)} read ${read}  written ${stored}  ${seconds.toFixed(2)} s\n`);
  }
}
