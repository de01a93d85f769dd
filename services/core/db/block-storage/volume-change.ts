// Changes of a volume's row alone: names, metadata, flags, and an administrator's reset of statuses. No operation, no worker.
import { ServiceError } from '../../domain/errors.js';
import { isUuid } from '../../domain/ids.js';
import { demandBoundedMetadata } from '../../domain/metadata-size.js';
import { volumeAllowedFrom } from '../../domain/volume.js';
import type { OperationType } from '../../operations/params.js';
import type { Database, Transaction } from '../connection.js';
import { withdrawPending } from '../engine/accept.js';
import { inTransaction } from '../in-transaction.js';
import { explainVolumeRefusal } from './refusal.js';
import { volumeNotFound } from './volume-rows.js';

export interface LockedVolume {
  readonly id: string;
  readonly project_id: string;
  readonly status: string;
  readonly previous_status: string | null;
  readonly attach_status: string;
  readonly migration_status: string | null;
  readonly size_gib: number;
  readonly host: string | null;
  readonly volume_type_id: string | null;
  readonly group_id: string | null;
  readonly consistencygroup_id: string | null;
  readonly multiattach: boolean;
  readonly metadata: Record<string, string>;
  readonly admin_metadata: Record<string, string>;
  readonly image_metadata: Record<string, string>;
}

/** The row, locked until the transaction ends. Throws `not_found` (also for another project's, null: any project; and for an image's data). */
export async function lockVolume(tx: Transaction, id: string, projectId: string | null): Promise<LockedVolume> {
  if (!isUuid(id)) throw volumeNotFound(id);
  const query = tx('volumes').where({ id, purpose: 'volume' }).forUpdate();
  if (projectId !== null) void query.andWhere({ project_id: projectId });
  const row: LockedVolume | undefined = await query.first('*');
  if (row === undefined) throw volumeNotFound(id);
  return row;
}

export async function writeVolume(tx: Transaction, id: string, fields: Record<string, unknown>): Promise<void> {
  await tx('volumes')
    .where({ id })
    .update({ ...fields, updated_at: tx.raw('utc_now()') });
}

export interface VolumeFields {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Throws `not_found`. */
export async function updateVolumeFields(
  database: Database,
  id: string,
  projectId: string | null,
  fields: VolumeFields,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockVolume(tx, id, projectId);
    const { metadata, ...plain } = fields;
    await writeVolume(tx, id, { ...plain, ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }) });
  });
}

/** Replaces the metadata by what `change` makes of it, and returns that. Throws `not_found`, `volume_state`, `bad_request` (too much), and what `change` throws. */
export async function changeVolumeMetadata(
  database: Database,
  id: string,
  projectId: string | null,
  change: (present: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  return inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, projectId);
    const allowed: readonly string[] = volumeAllowedFrom.updateMetadata;
    if (!allowed.includes(volume.status)) {
      throw new ServiceError(
        'volume_state',
        `Invalid volume: Updating volume metadata is not allowed for volumes in ${volume.status} status.`,
      );
    }
    const next = change(volume.metadata);
    demandBoundedMetadata('metadata', volume.metadata, next);
    await writeVolume(tx, id, { metadata: JSON.stringify(next) });
    return next;
  });
}

/** Throws `not_found`. */
export async function setBootable(
  database: Database,
  id: string,
  projectId: string | null,
  bootable: boolean,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockVolume(tx, id, projectId);
    await writeVolume(tx, id, { bootable });
  });
}

/** The flag is kept as visible admin metadata ("True"), as Cinder shows it. Throws `not_found`, `volume_state`. */
export async function setReadonlyFlag(
  database: Database,
  id: string,
  projectId: string | null,
  readonly: boolean,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const volume = await lockVolume(tx, id, projectId);
    const allowed: readonly string[] = volumeAllowedFrom.readonlyFlag;
    if (!allowed.includes(volume.status)) throw await explainVolumeRefusal(tx, volume, 'update readonly flag', allowed);
    const flags = { ...volume.admin_metadata, readonly: readonly ? 'True' : 'False' };
    await writeVolume(tx, id, { admin_metadata: JSON.stringify(flags) });
  });
}

export interface StatusReset {
  readonly status?: string;
  readonly attach_status?: string;
  readonly migration_status?: string | null;
}

async function demandNoServer(tx: Transaction, id: string): Promise<void> {
  const held: { managed_server_id: string } | undefined = await tx('attachments')
    .where({ volume_id: id })
    .whereNotNull('managed_server_id')
    .first('managed_server_id');
  if (held === undefined) return;
  throw new ServiceError(
    'attachment_in_use',
    `Detach volume from instance ${held.managed_server_id} using the Compute API`,
  );
}

/** They may wait for hours until copies are independent; whoever says meanwhile that the volume is as it was does not expect them then. */
const withdrawn: readonly OperationType[] = [
  'volume-delete',
  'volume-extend',
  'volume-migrate',
  'volume-revert',
  'volume-unmanage',
  'backup-restore',
];

/**
 * An administrator's word over the record. What has not begun is withdrawn; operations under way are not stopped: their outcome overwrites
 * what was reset.
 * `attach_status: detached` also forgets attachments that no server of ours holds. Throws `not_found`, and `attachment_in_use` when a
 * server of ours still has the volume and the reset would make it free for others: a second writer destroys the data.
 */
export async function resetVolumeStatus(database: Database, id: string, reset: StatusReset): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockVolume(tx, id, null);
    if (reset.attach_status === 'detached' || reset.status === 'available') await demandNoServer(tx, id);
    if (reset.attach_status === 'detached') await tx('attachments').where({ volume_id: id }).delete();
    if (reset.status !== undefined) await withdrawPending(tx, { types: withdrawn, of: 'volumeId', id });
    await writeVolume(tx, id, { ...reset });
  });
}
