// Outcomes of operations on images. The image's row is locked before its hidden volume's, as requests do it.
//
// An upload whose image was deleted meanwhile ends as any other; the deletion waits for its lock and then removes what it made.
import { ServiceError } from '../../domain/errors.js';
import { bytesToGib } from '../../domain/size.js';
import type { CommandOutput } from '../../messages/envelope.js';
import { receivedIn } from '../../operations/transfer-steps.js';
import type { Transaction } from '../connection.js';
import type { Outcomes } from './outcomes.js';
import { forgetVolume, promise, storeChain, updateVolume } from './rows.js';

interface LockedImage {
  readonly id: string;
  readonly status: string;
  readonly volume_id: string | null;
}

/** The image if the volume is (still) its data. */
async function lockImageOf(tx: Transaction, imageId: string, volumeId: string): Promise<LockedImage | null> {
  const image: LockedImage | undefined = await tx('images')
    .where({ id: imageId })
    .forUpdate()
    .first('id', 'status', 'volume_id');
  return image?.volume_id === volumeId ? image : null;
}

/** What the file takes counts, not what a guest would see of it: nobody writes to it any more. */
async function correctPromise(tx: Transaction, volumeId: string, bytes: number): Promise<void> {
  const volume: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
  const sizeGib = Math.max(1, bytesToGib(bytes));
  if (volume === undefined || volume.size_gib === sizeGib) return;
  await promise(tx, volumeId, sizeGib - volume.size_gib);
  await updateVolume(tx, volumeId, { size_gib: sizeGib });
}

/** Bytes of the disk; null where only a conversion would tell. */
function virtualSize(
  format: 'raw' | 'qcow2' | 'opaque',
  { bytes, layer }: CommandOutput<'transfer.receive'>,
): number | null {
  if (format === 'opaque') return null;
  return format === 'raw' ? bytes : layer.virtualSizeBytes;
}

export const imageUploadOutcomes: Outcomes<'image-upload'> = {
  async done(tx, row, context) {
    const received = receivedIn(context);
    if (received === undefined) throw new ServiceError('internal', 'The image was received without a layer.');
    const { volumeId, imageId, format } = row.params;
    const image = await lockImageOf(tx, imageId, volumeId);
    await storeChain(tx, volumeId, [received.layer]);
    await correctPromise(tx, volumeId, received.bytes);
    if (image?.status !== 'saving') return;
    await updateVolume(tx, volumeId, { status: 'available', launched_at: tx.raw('utc_now()') });
    await tx('images')
      .where({ id: imageId })
      .update({
        status: 'active',
        size: received.bytes,
        virtual_size: virtualSize(format, received),
        checksum: received.md5,
        os_hash_algo: 'sha512',
        os_hash_value: received.sha512,
        updated_at: tx.raw('utc_now()'),
      });
  },
  /** As Glance does it, the image can be uploaded again. */
  async failed(tx, row) {
    const { volumeId, imageId } = row.params;
    const image = await lockImageOf(tx, imageId, volumeId);
    if (image?.status === 'saving') {
      await tx('images')
        .where({ id: imageId })
        .update({ status: 'queued', volume_id: null, updated_at: tx.raw('utc_now()') });
    }
    // A deletion that waits for this end takes the row with it.
    if (image?.status !== 'pending_delete') await forgetVolume(tx, volumeId);
  },
};

export const imageDeleteOutcomes: Outcomes<'image-delete'> = {
  stepDone: {
    // As of a volume: no record may name files that are gone when the key could not be removed.
    'remove-files': async (tx, { params: { volumeId } }) => {
      await tx('chain_layers').where({ volume_id: volumeId }).delete();
    },
  },
  async done(tx, row) {
    const { volumeId, imageId } = row.params;
    const image = await lockImageOf(tx, imageId, volumeId);
    await forgetVolume(tx, volumeId);
    if (image?.status === 'pending_delete') await tx('images').where({ id: imageId }).delete();
  },
  /** It stays in `pending_delete`, which administrators see and may delete again. */
  async failed(tx, row) {
    await updateVolume(tx, row.params.volumeId, { status: 'error_deleting' });
  },
};
