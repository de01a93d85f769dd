// The source of a new volume: a snapshot, a volume that a snapshot is made of for the purpose, or an image. Checked and pinned in the transaction that
// makes the volume.
import { ServiceError } from '../../domain/errors.js';
import { isUuid, type SnapshotId } from '../../domain/ids.js';
import { snapshotAllowedFrom } from '../../domain/snapshot.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { Transaction } from '../connection.js';
import { demandOursOnly } from './foreign-attachments.js';
import { type PinnedImage, pinImage, resolveImage, type SourceImage } from './image-source.js';
import { explainSnapshotRefusal, explainVolumeRefusal } from './refusal.js';
import type { Requester } from './requester.js';
import { volumeNotFound } from './volume-rows.js';
import { demandNotEnding } from './volume-under-way.js';

export type SourceWish =
  | { readonly kind: 'snapshot'; readonly id: string }
  | { readonly kind: 'volume'; readonly id: string }
  /** An id, a URL that ends in one, or a name. */
  | { readonly kind: 'image'; readonly id: string };

/** Where the data comes from, as it is on record. */
export interface Source {
  readonly volumeId: string;
  readonly snapshotId: SnapshotId | null;
  readonly sizeGib: number;
  readonly typeId: string | null;
  /** null: of an image that is kept elsewhere. */
  readonly backendHost: string | null;
  /** Where its files are: a copy that stands on them can be nowhere else. null: nowhere yet. */
  readonly pool: string | null;
  readonly zone: string | null;
  readonly bootable: boolean;
  readonly imageMetadata: Readonly<Record<string, string>>;
  /** The data is an image's: frozen for good, and no snapshot or volume that a client knows. */
  readonly image: { readonly record: SourceImage; readonly pinned: PinnedImage } | null;
}

interface SourceRow {
  readonly volume_id: string;
  readonly status: string;
  readonly size_gib: number;
  readonly volume_type_id: string | null;
  readonly backend_host: string | null;
  readonly pool: string | null;
  readonly availability_zone: string | null;
  readonly bootable: boolean;
  readonly image_metadata: Record<string, string>;
}

function asSource(row: SourceRow, snapshotId: SnapshotId | null): Source {
  if (row.backend_host === null || row.pool === null)
    throw new ServiceError('bad_request', 'The source volume has no data.');
  return {
    volumeId: row.volume_id,
    snapshotId,
    sizeGib: row.size_gib,
    typeId: row.volume_type_id,
    backendHost: row.backend_host,
    pool: row.pool,
    zone: row.availability_zone,
    bootable: row.bootable,
    imageMetadata: row.image_metadata,
    image: null,
  };
}

/** Locked for share, so that a deletion asked meanwhile waits for this transaction and then for the operation's lock. */
async function pinSnapshot(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const query = tx('snapshots as s')
    .join('volumes as v', 'v.id', 's.volume_id')
    .leftJoin('pools as p', 'p.name', 'v.host')
    .where({ 's.id': isUuid(id) ? id : null, 's.internal': false, 'v.purpose': 'volume' })
    .forShare('s');
  if (who.visibleProjectId !== null) void query.andWhere({ 's.project_id': who.visibleProjectId });
  const row: SourceRow | undefined = await query.first(
    's.volume_id',
    's.status',
    's.size_gib',
    // A snapshot that stayed behind when its volume was transferred is not what the volume's new owner made of that since.
    tx.raw('case when s.project_id = v.project_id then v.volume_type_id else s.volume_type_id end as volume_type_id'),
    'p.backend_host',
    'p.name as pool',
    'v.availability_zone',
    'v.bootable',
    tx.raw(`case when s.project_id = v.project_id then v.image_metadata else '{}'::jsonb end as image_metadata`),
  );
  if (row === undefined) throw new ServiceError('not_found', `Snapshot ${id} could not be found.`);
  const allowed: readonly string[] = snapshotAllowedFrom.createVolume;
  if (!allowed.includes(row.status)) throw explainSnapshotRefusal(id, row.status, 'create a volume from it', allowed);
  return asSource(row, id as SnapshotId);
}

async function pinVolume(tx: Transaction, id: string, who: Requester): Promise<Source> {
  const query = tx('volumes as v')
    .leftJoin('pools as p', 'p.name', 'v.host')
    .where({ 'v.id': isUuid(id) ? id : null, 'v.purpose': 'volume' })
    .forUpdate('v');
  if (who.visibleProjectId !== null) void query.andWhere({ 'v.project_id': who.visibleProjectId });
  const row: SourceRow | undefined = await query.first(
    'v.id as volume_id',
    'v.status',
    'v.size_gib',
    'v.volume_type_id',
    'p.backend_host',
    'p.name as pool',
    'v.availability_zone',
    'v.bootable',
    'v.image_metadata',
  );
  if (row === undefined) throw volumeNotFound(id);
  const allowed: readonly string[] = volumeAllowedFrom.clone;
  if (!allowed.includes(row.status)) {
    throw await explainVolumeRefusal(tx, { id, status: row.status }, 'clone', allowed);
  }
  await demandNotEnding(tx, id, 'Clone it');
  await demandOursOnly(tx, id, 'clone');
  return asSource(row, null);
}

/** Throws `not_found`, `snapshot_state`, `volume_state`, `bad_request`. */
export async function pinSource(tx: Transaction, wish: SourceWish | null, who: Requester): Promise<Source | null> {
  if (wish === null) return null;
  if (wish.kind === 'image') return pinImageSource(tx, wish.id, who);
  return wish.kind === 'snapshot' ? pinSnapshot(tx, wish.id, who) : pinVolume(tx, wish.id, who);
}

async function pinImageSource(tx: Transaction, reference: string, who: Requester): Promise<Source> {
  const { image: record, pinned } = await pinImage(tx, await resolveImage(tx, reference, who), who);
  return {
    volumeId: pinned.volumeId,
    snapshotId: null,
    sizeGib: 0,
    typeId: null,
    backendHost: pinned.backendHost,
    pool: pinned.pool,
    zone: null,
    bootable: true,
    imageMetadata: pinned.metadata,
    image: { record, pinned },
  };
}
