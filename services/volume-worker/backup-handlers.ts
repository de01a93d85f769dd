// The commands about backups: between the disks of this worker's shares and its backup store. Without a store they are refused.
// Assumes what all handlers do (command-handlers.ts). Answers come from the store and the share, never from memory.

import type { BackupStore } from '../../drivers/backup/backup-store.js';
import type { BackupPlace } from '../../drivers/backup/backup-target.js';
import { restoreBackup, verifyBackup } from '../../drivers/backup/read-backup.js';
import { writeBackup } from '../../drivers/backup/write-backup.js';
import type { LongWork, VolumeDriver } from '../../drivers/volume-driver.js';
import { activeLayer, type Chain } from '../core/domain/chain.js';
import { ServiceError } from '../core/domain/errors.js';
import type { CommandOutput, CommandParams } from '../core/messages/envelope.js';

export type BackupCommandType = 'backup.write' | 'backup.read' | 'backup.remove' | 'backup.verify';

export type BackupCommandHandlers = {
  readonly [T in BackupCommandType]: (params: CommandParams<T>, work: LongWork) => Promise<CommandOutput<T>>;
};

function need(store: BackupStore | null): BackupStore {
  if (store !== null) return store;
  throw new ServiceError('not_implemented', 'This worker has no backup store.');
}

function placeOf({ backupId, container }: BackupPlace): BackupPlace {
  return { backupId, container };
}

async function write(
  driver: VolumeDriver,
  store: BackupStore,
  params: CommandParams<'backup.write'>,
  work: LongWork,
): Promise<CommandOutput<'backup.write'>> {
  const { share, source: chain, parent, volumeId } = params;
  const known = parent === null ? null : await store.getManifest(placeOf(parent), parent.manifestSha256);
  const unchanged = parent?.unchangedLayers ?? 0;
  const spec = {
    place: placeOf(params.backup),
    volumeId,
    parent: known?.manifest ?? null,
    unchangedDepth: unchanged === 0 ? null : chain.length - unchanged,
  };
  const written = await driver.useDisk({ share, chain, writable: false }, work.signal, (disk) =>
    writeBackup(disk, store, spec, work),
  );
  return { service: store.target.kind, ...written };
}

/** The file is made first, empty or (asked again) as it was left: what the backup has as zeros is zeroed in any case. */
async function makeLayer(driver: VolumeDriver, params: CommandParams<'backup.read'>): Promise<void> {
  const { share, preallocation } = params;
  const chain: Chain = params.chain;
  const { file, format, virtualSizeBytes: sizeBytes } = activeLayer(chain);
  const below = chain.slice(0, -1);
  if (below.length === 0) await driver.createImage({ share, file, format, sizeBytes, preallocation });
  else await driver.prepareOverlay({ share, chain: below, overlayFile: file, sizeBytes });
}

async function read(
  driver: VolumeDriver,
  store: BackupStore,
  params: CommandParams<'backup.read'>,
  work: LongWork,
): Promise<CommandOutput<'backup.read'>> {
  const { share, chain, manifestSha256, preallocation } = params;
  // Before anything is made: a backup that is not there, or not what was stored, changes nothing.
  const { manifest } = await store.getManifest(placeOf(params.backup), manifestSha256);
  if (manifest.sizeBytes > activeLayer(chain).virtualSizeBytes) {
    throw new ServiceError('bad_request', 'The volume is smaller than the backup.');
  }
  await makeLayer(driver, params);
  const mayBeHoles = preallocation !== 'falloc' && preallocation !== 'full';
  await driver.useDisk({ share, chain, writable: true }, work.signal, (disk) =>
    restoreBackup(store, manifest, disk, mayBeHoles, work),
  );
  return { layers: [...(await driver.readChain({ share, chain }))] };
}

async function verify(
  store: BackupStore,
  { backup, manifestSha256, deep }: CommandParams<'backup.verify'>,
  work: LongWork,
): Promise<CommandOutput<'backup.verify'>> {
  const { manifest, hash } = await store.getManifest(placeOf(backup), manifestSha256);
  if (deep) await verifyBackup(store, manifest, work);
  const { volumeId, sizeBytes, objectCount, storedBytes, sources } = manifest;
  return {
    service: store.target.kind,
    volumeId,
    sizeBytes,
    manifestSha256: hash,
    objectCount,
    storedBytes,
    needs: sources.slice(1).map(({ backupId }) => backupId),
  };
}

/** `store` null: this worker makes no backups. */
export function backupCommandHandlers(driver: VolumeDriver, store: BackupStore | null): BackupCommandHandlers {
  return {
    'backup.write': (params, work) => write(driver, need(store), params, work),
    'backup.read': (params, work) => read(driver, need(store), params, work),
    'backup.verify': (params, work) => verify(need(store), params, work),
    'backup.remove': async ({ backup }) => {
      await need(store).target.removeAll(placeOf(backup));
      return {};
    },
  };
}
