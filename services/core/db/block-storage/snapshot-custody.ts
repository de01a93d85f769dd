// Letting go of a snapshot (os-unmanage) and taking it back (manageable_snapshots). The overlay stays in the volume's chain all the time: a
// chain without one of its layers is no disk. So what is let go is the name; the data cannot be lost by it (decisions/0039).
import { ServiceError } from '../../domain/errors.js';
import type { SnapshotId } from '../../domain/ids.js';
import { GIB } from '../../domain/size.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import { isNamed } from '../../domain/unmanaged.js';
import type { Database, Executor, Transaction } from '../connection.js';
import { acceptOperation } from '../engine/accept.js';
import { loadVolumeFacts } from '../engine/facts.js';
import { inTransaction } from '../in-transaction.js';
import { demandQuota } from './quota-demand.js';
import { explainSnapshotRefusal, snapshotIsGrouped } from './refusal.js';
import type { Requester } from './requester.js';
import { demandThawed } from './services.js';
import { demandSnapshottable, insertSnapshot, lockSnapshotAndVolume, writeSnapshot } from './snapshot-change.js';
import { lockVolume } from './volume-change.js';
import { loadType } from './volume-types.js';
import { demandNotEnding } from './volume-under-way.js';

/** Layers of the volume itself that were made for snapshots which have no row. */
const unexplained = `l.volume_id = ? and l.snapshot_id is not null and not exists (select 1 from snapshots s where s.id = l.snapshot_id)`;

export async function countUnmanaged(db: Executor, volumeId: string): Promise<number> {
  const { rows } = (await db.raw(`select count(*)::int as found from chain_layers l where ${unexplained}`, [
    volumeId,
  ])) as { rows: { found: number }[] };
  return rows[0]?.found ?? 0;
}

/** A copy on write names its snapshot for as long as it shares layers; a copy in full only while it is made. */
async function demandNoCopies(tx: Transaction, snapshotId: string): Promise<void> {
  const [shared] = (await tx('volumes').where({ backing_snapshot_id: snapshotId }).count('* as found')) as {
    found: number;
  }[];
  const copying: unknown = await tx('operations')
    .whereIn('state', ['pending', 'running', 'undoing', 'stuck'])
    .where({ type: 'volume-create' })
    .whereRaw("params->'source'->>'snapshotId' = ?", [snapshotId])
    .first('id');
  if ((shared?.found ?? 0) === 0 && copying === undefined) return;
  throw new ServiceError(
    'snapshot_state',
    `Invalid snapshot: Snapshot ${snapshotId} is the source of volumes that are being made of it or share its layers.`,
  );
}

/** Throws `not_found`, `snapshot_state`, `volume_state`. */
export async function unmanageSnapshot(database: Database, id: string, who: Requester): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { snapshot, host } = await lockSnapshotAndVolume(tx, id, who.visibleProjectId);
    if (snapshot.group_snapshot_id !== null) throw snapshotIsGrouped(id);
    const allowed: readonly string[] = snapshotAllowedFrom.unmanage;
    if (!allowed.includes(snapshot.status)) throw explainSnapshotRefusal(id, snapshot.status, 'unmanage', allowed);
    await demandThawed(tx, host);
    await demandNotEnding(tx, snapshot.volume_id, 'Unmanage the snapshot');
    await demandNoCopies(tx, id);
    await writeSnapshot(tx, id, { status: 'unmanaging' });
    await acceptOperation(tx, {
      type: 'snapshot-unmanage',
      params: { volumeId: snapshot.volume_id, snapshotId: id },
      projectId: snapshot.project_id,
      userId: who.userId,
      requestId: who.requestId,
    });
  });
}

export interface SnapshotManageWish {
  readonly volumeId: string;
  /** The overlay's file, or the old id of the snapshot. */
  readonly source: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Candidate {
  readonly file: string;
  readonly oldId: string;
  readonly sizeGib: number;
}

/** Throws `bad_request` when the volume has no such unmanaged snapshot. */
async function findCandidate(tx: Transaction, volumeId: string, source: string): Promise<Candidate> {
  const { rows } = (await tx.raw(`select l.file from chain_layers l where ${unexplained}`, [volumeId])) as {
    rows: { file: string }[];
  };
  const { chain = [] } = (await loadVolumeFacts(tx, [volumeId])).get(volumeId) ?? {};
  const index = chain.findIndex((layer) => rows.some(({ file }) => file === layer.file) && isNamed(layer, source));
  const [layer, below] = [chain[index], chain[index - 1]];
  if (layer === undefined || below === undefined || layer.snapshotId === null) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: ${source.slice(0, 255)} is no unmanaged snapshot of volume ${volumeId}: see the list of manageable snapshots.`,
    );
  }
  return { file: layer.file, oldId: layer.snapshotId, sizeGib: Math.ceil(below.virtualSizeBytes / GIB) };
}

/** Returns the new snapshot's id. Throws `not_found`, `volume_state`, `bad_request`, `over_quota`. */
export async function manageSnapshot(
  database: Database,
  wish: SnapshotManageWish,
  who: Requester,
): Promise<SnapshotId> {
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, wish.volumeId, who.visibleProjectId);
    await demandSnapshottable(tx, volume, true);
    const { file, oldId, sizeGib } = await findCandidate(tx, volume.id, wish.source);
    const typeId = volume.volume_type_id;
    const type = typeId === null ? null : await loadType(tx, typeId, { isAdmin: true, byName: false });
    await demandQuota(tx, who.projectId, { type, volumes: 0, snapshots: 1, gigabytes: sizeGib, volumeSizeGib: null });
    const { name, description, metadata } = wish;
    const fields = { name, description, metadata, groupSnapshotId: null };
    const id = await insertSnapshot(tx, { ...volume, size_gib: sizeGib }, fields, who);
    await acceptOperation(tx, {
      type: 'snapshot-manage',
      params: { volumeId: volume.id, snapshotId: id, file, oldId },
      projectId: who.projectId,
      userId: who.userId,
      requestId: who.requestId,
    });
    return id;
  });
}
