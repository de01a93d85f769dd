// Deletion of an image: its row at once when it has no data, else as soon as the data has gone, which waits until the last volume that
// stands on it has become independent. Meanwhile nobody but administrators sees it (`pending_delete`), as after Glance's own deletion.
import { ServiceError } from '../../domain/errors.js';
import { deletionUnderWay } from '../block-storage/deletion-under-way.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { requestCancel } from '../engine/cancel.js';
import { inTransaction } from '../in-transaction.js';
import { lockOwnImage } from './image-change.js';
import type { ImageRequester } from './image-data.js';

/** Nobody will read what is still being uploaded. An upload that is past its work goes on, and the deletion waits for it. */
async function stopUpload(tx: Transaction, volumeId: string): Promise<void> {
  const ids: string[] = await tx('operations')
    .where({ type: 'image-upload', state: 'running' })
    .whereRaw("params->>'volumeId' = ?", [volumeId])
    .pluck('id');
  for (const id of ids) {
    await requestCancel(tx, id).catch((thrown: unknown) => {
      if (!(thrown instanceof ServiceError)) throw thrown;
    });
  }
}

/** Throws `not_found`, `forbidden` (another's, or protected). */
export async function deleteImage(database: Database, id: string, who: ImageRequester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const image = await lockOwnImage(tx, id, who, 'delete_image');
    if (image.protected) {
      throw new ServiceError('forbidden', `Image ${image.id} is protected and cannot be deleted.`);
    }
    const { volume_id: volumeId } = image;
    if (volumeId === null) {
      await tx('images').where({ id: image.id }).delete();
      return;
    }
    if (await deletionUnderWay(tx, 'image-delete', volumeId)) return;
    await tx('images')
      .where({ id: image.id })
      .update({ status: 'pending_delete', updated_at: tx.raw('utc_now()') });
    await tx('volumes')
      .where({ id: volumeId })
      .update({ status: 'deleting', updated_at: tx.raw('utc_now()') });
    if (image.status === 'saving') await stopUpload(tx, volumeId);
    await acceptOperation(tx, {
      type: 'image-delete',
      params: { volumeId, imageId: image.id },
      projectId: image.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
