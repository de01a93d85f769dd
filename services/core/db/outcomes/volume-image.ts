// Outcomes of what goes between volumes and images: a volume that becomes an image, and one that gets an image's content.
import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import { outputOf, ownLayersAfter } from '../../operations/definition.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { OperationRow } from '../engine/operation-row.js';
import type { Outcomes } from './outcomes.js';
import { deriveVolumeStatus, forgetVolume, promise, storeChain, tellUser, updateVolume } from './rows.js';

interface LockedImage {
  readonly status: string;
  readonly volume_id: string | null;
}

/** The image's row before its hidden volume's, as everywhere; null when the volume is not its data (any more). */
async function lockImage(tx: Transaction, imageId: string, volumeId: string): Promise<LockedImage | null> {
  const image: LockedImage | undefined = await tx('images')
    .where({ id: imageId })
    .forUpdate()
    .first('status', 'volume_id');
  return image?.volume_id === volumeId ? image : null;
}

/** What the image file takes counts, as for an image that was sent. */
async function correctPromise(tx: Transaction, volumeId: string, bytes: number): Promise<void> {
  const volume: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
  const sizeGib = Math.max(1, bytesToGib(bytes));
  await promise(tx, volumeId, sizeGib - (volume?.size_gib ?? sizeGib));
  await updateVolume(tx, volumeId, { size_gib: sizeGib });
}

/** The status of the volume that was copied follows from who has it now: it may have been detached meanwhile. */
async function endUpload(tx: Transaction, row: OperationRow<'volume-to-image'>): Promise<void> {
  const { volumeId } = row.params.source;
  await deriveVolumeStatus(tx, volumeId, 'uploading');
  await tx('volumes').where({ id: volumeId }).update({ previous_status: null });
}

export const volumeToImageOutcomes: Outcomes<'volume-to-image'> = {
  async done(tx, row, context) {
    const { volumeId, imageId } = row.params;
    if (row.params.remote === true) {
      await forgetVolume(tx, volumeId);
      await endUpload(tx, row);
      return;
    }
    const converted = outputOf(context, 'convert-image', 'image.convert');
    const digest = outputOf(context, 'digest-image', 'image.digest');
    if (converted === undefined || digest === undefined)
      throw new ServiceError('internal', 'The image was made without a layer.');
    const image = await lockImage(tx, imageId, volumeId);
    await storeChain(tx, volumeId, [converted.layer]);
    await correctPromise(tx, volumeId, digest.sizeBytes);
    // Deleted meanwhile: the deletion waits for this end, and removes what was made.
    if (image?.status === 'saving') {
      await updateVolume(tx, volumeId, { status: 'available', launched_at: tx.raw('utc_now()') });
      await tx('images')
        .where({ id: imageId })
        .update({
          status: 'active',
          size: digest.sizeBytes,
          virtual_size: converted.diskBytes,
          checksum: digest.md5,
          os_hash_algo: 'sha512',
          os_hash_value: digest.sha512,
          updated_at: tx.raw('utc_now()'),
        });
    }
    await endUpload(tx, row);
  },
  async failed(tx, row, error) {
    const { volumeId, imageId, source } = row.params;
    const image = await lockImage(tx, imageId, volumeId);
    if (image?.status === 'saving') {
      await tx('images')
        .where({ id: imageId })
        .update({ status: 'killed', volume_id: null, updated_at: tx.raw('utc_now()') });
    }
    if (image?.status !== 'pending_delete') await forgetVolume(tx, volumeId);
    await endUpload(tx, row);
    await tellUser(tx, row, 'VOLUME', source.volumeId, error);
  },
};

/** As it was before; one that was in `error` has its content now. */
async function endReimage(tx: Transaction, row: OperationRow<'volume-reimage'>, end: 'done' | 'failed'): Promise<void> {
  const { volumeId } = row.params;
  const volume: { previous_status: string | null } | undefined = await tx('volumes')
    .where({ id: volumeId })
    .first('previous_status');
  await deriveVolumeStatus(tx, volumeId, 'downloading');
  const wasBroken = volume?.previous_status === 'error' && end === 'failed';
  await updateVolume(tx, volumeId, { previous_status: null, ...(wasBroken ? { status: 'error' } : {}) });
}

export const volumeReimageOutcomes: Outcomes<'volume-reimage'> = {
  stepDone: {
    async 'verify-chain'(tx, { params }, { plan }) {
      if (plan === null) return;
      const { volumeId, source } = params;
      await forgetBacking(tx, volumeId);
      await storeChain(tx, volumeId, ownLayersAfter(plan));
      const backing = plan.after[(plan.foreignAfter ?? 0) - 1];
      await updateVolume(tx, volumeId, {
        bootable: true,
        image_metadata: JSON.stringify(params.imageMetadata),
        ...(backing === undefined
          ? {}
          : {
              backing_volume_id: source.volumeId,
              backing_file: backing.file,
              base_format: 'qcow2',
              preallocation: 'off',
            }),
      });
    },
  },
  async done(tx, row) {
    await endReimage(tx, row, 'done');
  },
  async failed(tx, row, error) {
    await endReimage(tx, row, 'failed');
    await tellUser(tx, row, 'VOLUME', row.params.volumeId, error);
  },
};
