// The acts on a disk that nobody has open. Each ends with the disk verified by the caller; a drain verifies after every deletion.
import assert from 'node:assert/strict';
import { volumeFileName } from '../../../services/core/domain/chain.js';
import type { MergeDirection } from '../../../services/core/domain/chain-merge.js';
import { newId } from '../../../services/core/domain/ids.js';
import { beginCopy, planFlatten } from '../../../services/core/domain/shared-layers.js';
import { quietWork, TornDisk } from './torn-disk.js';
import type { TortureCase } from './torture-plan.js';

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds that the act took. */
export async function actOffline(wanted: TortureCase, disk: TornDisk, copy: TornDisk | null): Promise<number> {
  const { position } = wanted;
  switch (wanted.act) {
    case 'create':
      return timed(() => disk.snapshotOffline());
    case 'delete-down':
      return timed(() => disk.deleteOffline(position, 'down'));
    case 'delete-up':
      return timed(() => disk.deleteOffline(position, 'up'));
    case 'revert':
      return timed(() => disk.revertOffline());
    case 'extend': {
      const took = await timed(() => disk.extendOffline(disk.model.sizeBytes * 1.5));
      await disk.writeOffline();
      return took;
    }
    case 'flatten':
      assert.ok(copy !== null);
      return timed(() => flattenOffline(copy));
    case 'drain':
      return drain(disk, (at, direction) => disk.deleteOffline(at, direction));
  }
}

/** Deletes every snapshot in random order, with writes in between, and verifies after each. */
export async function drain(
  disk: TornDisk,
  remove: (position: number, direction: MergeDirection) => Promise<void>,
  verify: () => Promise<void> = () => disk.verifyAtRest(),
  write: () => Promise<void> = () => disk.writeOffline(2),
): Promise<number> {
  const { dice } = disk.parts;
  let took = 0;
  while (disk.chain.length > 1) {
    const position = 1 + dice.below(disk.chain.length - 1);
    took += await timed(() => remove(position, dice.below(2) === 0 ? 'down' : 'up'));
    await verify();
    await write();
  }
  return took;
}

/** An instant copy of the snapshot whose overlay is at `position`: a base above the snapshot's layers, one snapshot of its own, writes. */
export async function makeCopy(source: TornDisk, position: number, folder: string): Promise<TornDisk> {
  const snapshotId = source.chain[position]?.snapshotId ?? assert.fail(`no overlay at ${position}`);
  const below = source.chain.slice(0, position);
  const sizeBytes = (below.at(-1)?.virtualSizeBytes ?? 0) * (position % 2 === 0 ? 1.5 : 1);
  const model = await source.model.copyOf(snapshotId, folder, sizeBytes);
  const volumeId = newId<string & {}>();
  const file = volumeFileName(volumeId);
  const { chain, foreignLayers } = beginCopy(below, file, sizeBytes);
  const copy = new TornDisk(source.parts, volumeId, model, chain, foreignLayers);
  const { driver, share } = source.parts;
  await driver.prepareOverlay({ share, chain: below, overlayFile: file, sizeBytes });
  await copy.record(chain);
  await copy.writeOffline();
  await copy.snapshotOffline();
  await copy.writeOffline();
  await copy.verifyAtRest();
  return copy;
}

export async function flattenOffline(copy: TornDisk): Promise<void> {
  const plan = planFlatten(copy) ?? assert.fail('nothing is shared');
  const { driver, share } = copy.parts;
  await driver.flattenLayer({ share, chain: copy.chain, file: plan.base.file }, quietWork());
  copy.foreignLayers = 0;
  await copy.record(plan.result);
}
