// Backups: made of what a snapshot has kept (a volume gets an internal one first, as for a clone), put back into a volume, checked, removed.
//
//   create    V <- V.S <- ..            =>   the same; objects and, last, a manifest in the backup store
//   restore   V (new and empty)         =>   V                                      nobody could use it yet
//             [foreign ..] <- V         =>   V'            V goes                   a volume of one layer: a file of its own
//             .. <- frozen <- active    =>   .. <- frozen <- fresh    active goes   a volume with snapshots: they stay as they are
//
// The new file is filled beside the old one and named by the record only when all of the backup was read and found whole: a restore that fails
// loses nothing. Nothing is undone in the store: objects that are complete are kept for the next attempt, and go with the backup.
import { activeLayer, encryptionOf, overlayFileName, trySnapshotLayers, volumeFileName } from '../domain/chain.js';
import { ServiceError } from '../domain/errors.js';
import { gibToBytes } from '../domain/size.js';
import type { CommandParams } from '../messages/envelope.js';
import { demandUnattached, needPlan, needVolume, SECOND, verifyPlanStep, writePlanRecordStep } from './common-steps.js';
import { ask, type ChainPlan, defineOperation, type StepContext } from './definition.js';
import type { BackupFacts, VolumeFacts } from './facts.js';
import type { OperationType } from './params.js';

/** Longer than a large object takes to be sent over a slow line. */
const TRANSFER_TIMEOUT_MS = 300 * SECOND;

function needBackup({ facts }: Pick<StepContext, 'facts'>): BackupFacts {
  if (facts.backup === undefined || facts.backup === null) {
    throw new ServiceError('internal', 'The backup of the operation is gone.');
  }
  return facts.backup;
}

function placeOf({ objectsOf: backupId, container }: BackupFacts): { backupId: string; container: string } {
  return { backupId, container };
}

/** Whoever is alive can do what touches no volume. */
function anyWorker<T extends OperationType>(context: StepContext<T>): string {
  const { worker } = needBackup(context);
  if (worker === null) throw new ServiceError('backend_offline', 'No backup service is up.');
  return worker;
}

function needHash({ manifestSha256 }: BackupFacts): string {
  if (manifestSha256 === null) throw new ServiceError('not_found', 'The backup was never finished.');
  return manifestSha256;
}

/** The layers that the parent was made of show the same for ever, if its snapshot is still in the chain, below the end of this one. */
function unchangedLayers(volume: VolumeFacts, layers: number, parent: NonNullable<BackupFacts['parent']>): number {
  const below = parent.snapshotId === null ? null : trySnapshotLayers(volume.chain, parent.snapshotId);
  return below === null || below.length > layers ? 0 : below.length;
}

export const backupCreate = defineOperation({
  type: 'backup-create',
  locks: ({ volumeId, backupId }) => [
    { resource: `volume:${volumeId}`, mode: 'read' },
    { resource: `backup:${backupId}`, mode: 'chain' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    {
      name: 'write-backup',
      on: 'volume-worker',
      timeoutMs: TRANSFER_TIMEOUT_MS,
      do: (context) => {
        const volume = needVolume(context);
        const backup = needBackup(context);
        const source = trySnapshotLayers(volume.chain, context.params.snapshotId);
        if (source === null) throw new ServiceError('not_found', 'The snapshot has no data to back up.');
        const { parent } = backup;
        return ask('backup.write', {
          volumeId: volume.id,
          share: volume.access.share,
          source: [...source] as CommandParams<'backup.write'>['source'],
          backup: placeOf(backup),
          parent:
            parent === null
              ? null
              : {
                  ...placeOf(parent),
                  manifestSha256: needHash(parent),
                  unchangedLayers: unchangedLayers(volume, source.length, parent),
                },
        });
      },
    },
  ],
});

function planRestore(volume: VolumeFacts, nameId: string | null): ChainPlan {
  const { chain: before, foreignLayers, id, format } = volume;
  const virtualSizeBytes = gibToBytes(volume.sizeGib);
  const key = encryptionOf(volume.encryption ?? {});
  if (nameId === null) {
    if (before.length !== 1) throw new ServiceError('volume_busy', 'The volume of the restore is not empty any more.');
    return { before, after: before, file: activeLayer(before).file };
  }
  if (before.length - foreignLayers > 1) {
    const file = overlayFileName(id, nameId);
    const { snapshotId } = activeLayer(before);
    const after = [...before.slice(0, -1), { file, format: 'qcow2' as const, virtualSizeBytes, snapshotId, ...key }];
    return { before, after, file, foreignBefore: foreignLayers, foreignAfter: foreignLayers };
  }
  const file = volumeFileName(nameId);
  const after = [{ file, format, virtualSizeBytes, snapshotId: null, ...key }];
  return { before, after, file, foreignBefore: foreignLayers };
}

export const backupRestore = defineOperation({
  type: 'backup-restore',
  locks: ({ volumeId, backupId }) => [
    { resource: `volume:${volumeId}`, mode: 'chain' },
    { resource: `backup:${backupId}`, mode: 'read' },
  ],
  locksAttachedServer: false,
  cancellable: true,
  // Only the active layer is given up, and nobody stands on that; a volume of one layer whose copy has just been asked for may have no other.
  needsAlone: ({ nameId }, { volume }) => {
    const active = volume?.chain.at(-1);
    return nameId === null || active === undefined ? null : { files: [active.file] };
  },
  plan: ({ nameId }, { volume }) => {
    if (volume === null) throw new ServiceError('volume_busy', 'The volume of the restore is gone.');
    demandUnattached(volume);
    return planRestore(volume, nameId);
  },
  steps: [
    {
      name: 'restore-data',
      on: 'volume-worker',
      timeoutMs: TRANSFER_TIMEOUT_MS,
      do: (context) => {
        const volume = needVolume(context);
        const backup = needBackup(context);
        return ask('backup.read', {
          volumeId: volume.id,
          share: volume.access.share,
          backup: placeOf(backup),
          manifestSha256: needHash(backup),
          chain: [...needPlan(context).after] as CommandParams<'backup.read'>['chain'],
          preallocation: volume.preallocation,
        });
      },
      undo: (context) => {
        const volume = needVolume(context);
        // The file of a new volume stays what it is, and goes with the volume.
        const files = context.params.nameId === null ? [] : [needPlan(context).file];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
    verifyPlanStep(),
    writePlanRecordStep(),
    {
      name: 'remove-old',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      when: (context) => context.params.nameId !== null,
      do: (context) => {
        const volume = needVolume(context);
        const files = [activeLayer(needPlan(context).before).file];
        return ask('files.remove', { volumeId: volume.id, share: volume.access.share, files });
      },
    },
  ],
});

export const backupDelete = defineOperation({
  type: 'backup-delete',
  locks: ({ backupId }) => [{ resource: `backup:${backupId}`, mode: 'chain' }],
  locksAttachedServer: false,
  steps: [
    {
      name: 'remove-objects',
      on: 'volume-worker',
      timeoutMs: TRANSFER_TIMEOUT_MS,
      worker: anyWorker,
      // Two backups have the same objects when the record of one was imported under another id: the last one takes them along.
      when: ({ facts: { backup } }) => backup != null && !backup.objectsAreShared,
      do: (context) => ask('backup.remove', { backup: placeOf(needBackup(context)) }),
    },
    {
      // Of an encrypted volume; its objects are sealed with the key, which stays as long as a volume or another backup needs it.
      name: 'remove-key',
      on: 'volume-worker',
      timeoutMs: 30 * SECOND,
      worker: anyWorker,
      when: ({ facts: { backup } }) => backup?.encryption?.keyIsShared === false,
      do: (context) => {
        const { id, encryption } = needBackup(context);
        return ask('key.remove', { volumeId: id, keyId: encryption?.keyId ?? '' });
      },
    },
  ],
});

/** Of an imported record, whose manifest alone is read, or of a backup that somebody wants to be sure of. Changes nothing in the store. */
export const backupVerify = defineOperation({
  type: 'backup-verify',
  locks: ({ backupId }) => [{ resource: `backup:${backupId}`, mode: 'read' }],
  locksAttachedServer: false,
  cancellable: true,
  steps: [
    {
      name: 'read-backup',
      on: 'volume-worker',
      timeoutMs: TRANSFER_TIMEOUT_MS,
      worker: anyWorker,
      readOnly: true,
      do: (context) => {
        const backup = needBackup(context);
        const { deep } = context.params;
        return ask('backup.verify', {
          backup: placeOf(backup),
          manifestSha256: backup.manifestSha256,
          deep,
          // Of an imported record nobody knows yet who has written the manifest.
          ...(deep ? {} : { maxDiskBytes: gibToBytes(backup.sizeGib) }),
        });
      },
    },
  ],
});
