// Outcomes of making the copy of an image that volumes stand on. Whoever waits for it begins, or fails with it, behind this.
import { bytesToGib } from '../../domain/size.js';
import { cachedLayer } from '../../operations/image-cache-fill.js';
import { forgetBacking } from '../engine/dependants.js';
import type { Outcomes } from './outcomes.js';
import { forgetVolume, promise, storeChain, updateVolume } from './rows.js';

export const imageCacheFillOutcomes: Outcomes<'image-cache-fill'> = {
  async done(tx, row, context) {
    const { volumeId } = row.params;
    const layer = cachedLayer(context);
    await storeChain(tx, volumeId, [layer]);
    const volume: { size_gib: number } | undefined = await tx('volumes').where({ id: volumeId }).first('size_gib');
    const sizeGib = bytesToGib(layer.virtualSizeBytes);
    await promise(tx, volumeId, sizeGib - (volume?.size_gib ?? sizeGib));
    await updateVolume(tx, volumeId, {
      status: 'available',
      size_gib: sizeGib,
      base_format: layer.format,
      launched_at: tx.raw('utc_now()'),
    });
  },
  async failed(tx, row) {
    const { volumeId } = row.params;
    const waiting: { id: string }[] = await tx('volumes').where({ backing_volume_id: volumeId }).select('id');
    for (const { id } of waiting) await forgetBacking(tx, id);
    await forgetVolume(tx, volumeId);
  },
};
