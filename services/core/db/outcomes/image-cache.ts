// Outcomes of making the copy of an image that volumes stand on. Whoever waits for it begins, or fails with it, behind this.
import { bytesToGib } from '../../domain/size.js';
import { cachedLayer } from '../../operations/image-cache-fill.js';
import type { Transaction } from '../connection.js';
import { forgetBacking } from '../engine/dependants.js';
import type { Outcomes } from './outcomes.js';
import { forgetVolume, promise, storeChain, updateVolume } from './rows.js';

/**
 * Who asks for the copy has the pool (placement), then the copy's row (`cachedImage`), until he has committed: here in the same order, or each would
 * wait for the other. Behind this, everybody who lets a volume wait for the copy is seen, or finds what has become of it.
 */
async function holdCopy(tx: Transaction, volumeId: string): Promise<void> {
  await tx.raw('select from pools where name = (select host from volumes where id = ?) for no key update', [volumeId]);
  await tx('volumes').where({ id: volumeId }).forUpdate().select('id');
}

/** An earlier fill has made it. */
async function isMade(tx: Transaction, volumeId: string): Promise<boolean> {
  const row: { status: string } | undefined = await tx('volumes').where({ id: volumeId }).first('status');
  return row !== undefined && row.status !== 'creating';
}

/** A fill for a larger volume waits behind this one. */
async function isWanted(tx: Transaction, volumeId: string, id: string): Promise<boolean> {
  const other: unknown = await tx('operations')
    .where({ type: 'image-cache-fill', state: 'pending' })
    .whereNot({ id })
    .whereRaw("params->>'volumeId' = ?", [volumeId])
    .first('id');
  return other !== undefined;
}

export const imageCacheFillOutcomes: Outcomes<'image-cache-fill'> = {
  async done(tx, row, context) {
    const { volumeId } = row.params;
    await holdCopy(tx, volumeId);
    if (await isMade(tx, volumeId)) return;
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
    const { volumeId, maxSizeGib } = row.params;
    await holdCopy(tx, volumeId);
    if (await isMade(tx, volumeId)) return;
    const another = await isWanted(tx, volumeId, row.id);
    const waiting = tx('volumes').where({ backing_volume_id: volumeId });
    // The larger ones wait for another try.
    if (another && maxSizeGib !== undefined) void waiting.andWhere('size_gib', '<=', maxSizeGib);
    for (const { id } of await waiting.select<{ id: string }[]>('id')) await forgetBacking(tx, id);
    if (!another) await forgetVolume(tx, volumeId);
  },
};
