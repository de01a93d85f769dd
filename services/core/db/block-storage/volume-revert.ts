// Back to the latest snapshot. Texts and codes: cinder/api/v3/volumes.py, revert: 400 for the wrong snapshot or size, 409 for a state.
import { randomUUID } from 'node:crypto';
import { overlayFileName } from '../../domain/chain.js';
import { ServiceError } from '../../domain/errors.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Database, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { type LockedVolume, lockVolume, writeVolume } from './volume-change.js';
import { demandNothingUnderWay } from './volume-under-way.js';

interface SnapshotRow {
  readonly id: string;
  readonly project_id: string;
  readonly status: string;
  readonly size_gib: number;
  readonly internal: boolean;
}

/** Rows locked in order of id, as everywhere; then the newest first. */
async function lockSnapshots(tx: Transaction, volumeId: string): Promise<SnapshotRow[]> {
  await tx('snapshots').where({ volume_id: volumeId }).orderBy('id').forUpdate().select('id');
  return tx('snapshots')
    .where({ volume_id: volumeId })
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .select('id', 'project_id', 'status', 'size_gib', 'internal');
}

function chooseLatest(
  volume: LockedVolume,
  snapshots: readonly SnapshotRow[],
  snapshotId: string,
  who: Requester,
): SnapshotRow {
  const [latest] = snapshots.filter((one) => !one.internal);
  if (latest === undefined) {
    throw new ServiceError('bad_request', `Volume ${volume.id} doesn't have any snapshots.`);
  }
  // A volume that was transferred without its snapshots: they are another project's, and to this one unknown.
  const isForeign = who.visibleProjectId !== null && latest.project_id !== who.visibleProjectId;
  if (latest.id !== snapshotId || isForeign) {
    throw new ServiceError(
      'bad_request',
      `Specified snapshot ${snapshotId} is None or not the latest one of volume ${volume.id}.`,
    );
  }
  if (latest.size_gib !== volume.size_gib) {
    throw new ServiceError(
      'bad_request',
      `Can't revert volume ${volume.id} to its latest snapshot ${latest.id}. The volume size must be equal to the snapshot size.`,
    );
  }
  return latest;
}

async function demandRest(tx: Transaction, volume: LockedVolume, latest: SnapshotRow): Promise<void> {
  const allowed: readonly string[] = volumeAllowedFrom.revert;
  const attachment: unknown = await tx('attachments').where({ volume_id: volume.id }).first('id');
  if (!allowed.includes(volume.status) || attachment !== undefined) {
    throw new ServiceError(
      'conflict',
      `Invalid volume: Can't revert volume ${volume.id} to its latest snapshot. Volume's status must be 'available'.`,
    );
  }
  if (latest.status !== 'available') {
    throw new ServiceError(
      'conflict',
      `Invalid snapshot: Can't revert volume ${volume.id} to its latest snapshot ${latest.id}. Snapshot's status must be 'available'.`,
    );
  }
}

/** Gives up what was written since the snapshot. Throws `not_found`, `bad_request`, `conflict`. */
export async function revertVolume(database: Database, id: string, snapshotId: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, who.visibleProjectId);
    const snapshots = await lockSnapshots(tx, id);
    const latest = chooseLatest(volume, snapshots, snapshotId, who);
    await demandRest(tx, volume, latest);
    await demandThawed(tx, volume.host);
    await demandNothingUnderWay(tx, id, 'Revert it');
    await writeVolume(tx, id, { status: 'reverting', previous_status: volume.status });
    await tx('snapshots')
      .where({ id: latest.id })
      .update({ status: 'restoring', updated_at: tx.raw('utc_now()') });
    await acceptOperation(tx, {
      type: 'volume-revert',
      params: { volumeId: id, snapshotId: latest.id, newFile: overlayFileName(id, randomUUID()) },
      projectId: volume.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}
