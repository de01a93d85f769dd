// The commands about backups: between the disks of this worker's shares and its backup store. Without a store they are refused.
// Assumes what all handlers do (command-handlers.ts). Answers come from the store and the share, never from memory.

import type { BackupStore } from '../../drivers/backup/backup-store.js';
import type { BackupPlace } from '../../drivers/backup/backup-target.js';
import { restoreBackup, verifyBackup } from '../../drivers/backup/read-backup.js';
import { backupKeysFor } from '../../drivers/backup/volume-keys.js';
import { writeBackup } from '../../drivers/backup/write-backup.js';
import type { KeyStore } from '../../drivers/key-store/key-store.js';
import type { LongWork, VolumeDriver } from '../../drivers/volume-driver.js';
import { activeLayer, type Chain, encryptionOf } from '../core/domain/chain.js';
import { ServiceError } from '../core/domain/errors.js';
import type { CommandOutput, CommandParams } from '../core/messages/envelope.js';

export type BackupCommandType = 'backup.write' | 'backup.read' | 'backup.remove' | 'backup.verify';

export type BackupCommandHandlers = {
  readonly [T in BackupCommandType]: (params: CommandParams<T>, work: LongWork) => Promise<CommandOutput<T>>;
};

interface BackupParts {
  readonly store: BackupStore;
  readonly keys: KeyStore;
}

function need(store: BackupStore | null, keys: KeyStore): BackupParts {
  if (store !== null) return { store, keys };
  throw new ServiceError('not_implemented', 'This worker has no backup store.');
}

/** `store` with the keys of encrypted volumes as well; `keyId` null: what is backed up is not encrypted. */
async function storeFor({ store, keys }: BackupParts, keyId: string | null): Promise<BackupStore> {
  return store.withKeys(await backupKeysFor(store.keys, keys, keyId));
}

/** Of the volume that a manifest is of; `sealedWith` is null, or one of those that are configured for all, when it was not encrypted. */
async function volumeKeyOf({ store }: BackupParts, sealedWith: string | null): Promise<string | null> {
  return sealedWith === null || (await store.keys.find(sealedWith)) !== null ? null : sealedWith;
}

function placeOf({ backupId, container }: BackupPlace): BackupPlace {
  return { backupId, container };
}

async function write(
  driver: VolumeDriver,
  parts: BackupParts,
  params: CommandParams<'backup.write'>,
  work: LongWork,
): Promise<CommandOutput<'backup.write'>> {
  const { share, source: chain, parent, volumeId } = params;
  const key = encryptionOf(activeLayer(chain));
  const store = await storeFor(parts, key.keyId ?? null);
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
  return { service: store.target.kind, ...written, ...key };
}

/** The file is made first, empty or (asked again) as it was left: what the backup has as zeros is zeroed in any case. */
async function makeLayer(driver: VolumeDriver, params: CommandParams<'backup.read'>): Promise<void> {
  const { share, preallocation } = params;
  const chain: Chain = params.chain;
  const { file, format, virtualSizeBytes: sizeBytes, ...layer } = activeLayer(chain);
  const below = chain.slice(0, -1);
  if (below.length === 0)
    await driver.createImage({ share, file, format, sizeBytes, preallocation, ...encryptionOf(layer) });
  else await driver.prepareOverlay({ share, chain: below, overlayFile: file, sizeBytes });
}

async function read(
  driver: VolumeDriver,
  parts: BackupParts,
  params: CommandParams<'backup.read'>,
  work: LongWork,
): Promise<CommandOutput<'backup.read'>> {
  const { share, chain, manifestSha256, preallocation } = params;
  const store = await storeFor(parts, null);
  // Before anything is made: a backup that is not there, or not what was stored, changes nothing.
  const { manifest, keyId } = await store.getManifest(placeOf(params.backup), manifestSha256);
  if (activeLayer(chain).keyId === undefined && (await volumeKeyOf(parts, keyId)) !== null) {
    throw new ServiceError('bad_request', 'A backup of an encrypted volume is restored to an encrypted volume.');
  }
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
  parts: BackupParts,
  { backup, manifestSha256, deep, maxDiskBytes }: CommandParams<'backup.verify'>,
  work: LongWork,
): Promise<CommandOutput<'backup.verify'>> {
  const store = await storeFor(parts, null);
  const bounds = maxDiskBytes === undefined ? {} : { maxDiskBytes };
  const { manifest, hash, keyId } = await store.getManifest(placeOf(backup), manifestSha256, bounds);
  const damage = deep ? await verifyBackup(store, manifest, work) : null;
  const { volumeId, sizeBytes, objectCount, storedBytes, sources } = manifest;
  return {
    service: store.target.kind,
    volumeId,
    sizeBytes,
    manifestSha256: hash,
    objectCount,
    storedBytes,
    needs: sources.slice(1).map(({ backupId }) => backupId),
    ...encryptionOf({ keyId: await volumeKeyOf(parts, keyId) }),
    ...(damage === null ? {} : { damage: { ...damage, stretches: [...damage.stretches] } }),
  };
}

/** `store` null: this worker makes no backups. */
export function backupCommandHandlers(
  driver: VolumeDriver,
  store: BackupStore | null,
  keys: KeyStore,
): BackupCommandHandlers {
  return {
    'backup.write': (params, work) => write(driver, need(store, keys), params, work),
    'backup.read': (params, work) => read(driver, need(store, keys), params, work),
    'backup.verify': (params, work) => verify(need(store, keys), params, work),
    'backup.remove': async ({ backup }) => {
      await need(store, keys).store.target.removeAll(placeOf(backup));
      return {};
    },
  };
}
