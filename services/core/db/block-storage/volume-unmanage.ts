// Lets go of a volume without removing its data: the image file stays on the share as `volume-<id>` (or, after a move, `volume-<name_id>`)
// and can be taken over again by that name. Only a volume that is one file: layers that are no volume of their own would be lost.
import { ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { countUnmanaged } from './snapshot-custody.js';
import { lockVolume, writeVolume } from './volume-change.js';
import { demandPlain } from './volume-encryption.js';
import { isGrouped } from './volume-move.js';
import { demandNothingUnderWay } from './volume-under-way.js';

/** What was made for a clone goes by itself, and the operation waits for that. Reserved counts as attached. */
async function findTie(tx: Transaction, volumeId: string): Promise<'snapshots' | 'attachments' | null> {
  const attachment: unknown = await tx('attachments').where({ volume_id: volumeId }).first('id');
  if (attachment !== undefined) return 'attachments';
  const snapshot: unknown = await tx('snapshots').where({ volume_id: volumeId, internal: false }).first('id');
  if (snapshot !== undefined) return 'snapshots';
  // Those that were let go would be lost with the layers.
  return (await countUnmanaged(tx, volumeId)) === 0 ? null : 'snapshots';
}

/** Throws `not_found`, `volume_state`. */
export async function unmanageVolume(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    const allowed: readonly string[] = volumeAllowedFrom.unmanage;
    if (!allowed.includes(volume.status) || volume.host === null) {
      throw await explainVolumeRefusal(tx, volume, 'unmanage', allowed);
    }
    // Source of the text: cinder/volume/api.py, unmanage.
    await demandPlain(tx, id, 'Unmanaging');
    const tie = isGrouped(volume) ? 'groups' : await findTie(tx, id);
    if (tie !== null) {
      throw new ServiceError(
        'volume_state',
        `Invalid volume: Volume ${id} still has ${tie}; without them its one file can be let go.`,
      );
    }
    await demandThawed(tx, volume.host);
    await demandNothingUnderWay(tx, id, 'Unmanage it');
    await writeVolume(tx, id, { status: 'unmanaging', previous_status: volume.status });
    await acceptOperation(tx, {
      type: 'volume-unmanage',
      params: { volumeId: id },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
