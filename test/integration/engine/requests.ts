// What the API does around the engine, as services/core/db/CONTRACT.md states it: one transaction per request that moves the
// status, writes rows and accepts the operation. Used by every lane that drives the engine without the HTTP API.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Database, Transaction } from '../../../services/core/db/connection.js';
import { acceptOperation } from '../../../services/core/db/engine/accept.js';
import type { OperationId } from '../../../services/core/domain/ids.js';
import type { OperationParams, OperationType } from '../../../services/core/operations/params.js';

export const projectId = '0123456789abcdef0123456789abcdef';
const userId = 'fedcba9876543210fedcba9876543210';

export interface Place {
  /** Pool name `host@backend#share`. */
  readonly pool: string;
  readonly computeHost: string;
}

const chosenOperationId = new AsyncLocalStorage<OperationId>();

/** Makes one request whose operation gets the given id, by which fault plans can recognise it in every process. */
export function withOperationId<T>(id: OperationId, request: () => Promise<T>): Promise<T> {
  return chosenOperationId.run(id, request);
}

type After = { readonly operationId: string; readonly mode: 'success' | 'end' };

export function acceptFor<T extends OperationType>(
  tx: Transaction,
  type: T,
  params: OperationParams[T],
  after?: After,
): Promise<string> {
  const requestId = `req-${randomUUID()}`;
  const id = chosenOperationId.getStore();
  return acceptOperation(tx, {
    type,
    params,
    projectId,
    userId,
    requestId,
    ...(id ? { id } : {}),
    ...(after ? { after } : {}),
  });
}

export async function promiseGib(tx: Transaction, pool: string, gib: number): Promise<void> {
  await tx('pools').where({ name: pool }).increment('provisioned_gib', gib);
}

export async function insertVolume(tx: Transaction, place: Place, fields: Record<string, unknown>): Promise<string> {
  const id = randomUUID();
  const pool: { share: string } | undefined = await tx('pools').where({ name: place.pool }).first('share');
  await tx('volumes').insert({
    id,
    project_id: projectId,
    user_id: userId,
    size_gib: 1,
    status: 'creating',
    host: place.pool,
    provider_location: pool?.share,
    base_format: 'qcow2',
    ...fields,
  });
  return id;
}

/** Zero rows moved is a refusal; tests that are refused by accident must not go on. */
async function move(
  tx: Transaction,
  table: 'volumes' | 'snapshots' | 'servers' | 'attachments',
  id: string,
  from: Record<string, readonly string[]>,
  to: Record<string, unknown>,
): Promise<void> {
  const query = tx(table).where({ id });
  for (const [column, values] of Object.entries(from)) void query.whereIn(column, [...values]);
  const moved: number = await query.update(to);
  if (moved !== 1) throw new Error(`${table} ${id} is not in ${JSON.stringify(from)}`);
}

export interface Asked {
  readonly id: string;
  readonly operationId: string;
}

export function createVolume(
  db: Database,
  place: Place,
  sizeGib = 1,
  format: 'raw' | 'qcow2' = 'qcow2',
  more: Readonly<Record<string, unknown>> = {},
): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertVolume(tx, place, { size_gib: sizeGib, base_format: format, ...more });
    await promiseGib(tx, place.pool, sizeGib);
    return { id, operationId: await acceptFor(tx, 'volume-create', { volumeId: id, source: null }) };
  });
}

/** As the request records it: which layer it will be is decided when the operation begins. */
function standingOn(source: { volumeId: string; snapshotId: string }): Record<string, unknown> {
  return { backing_volume_id: source.volumeId, backing_snapshot_id: source.snapshotId };
}

export function createVolumeFromSnapshot(
  db: Database,
  place: Place,
  source: { volumeId: string; snapshotId: string },
  instant?: { readonly maxLayers: number },
): Promise<Asked> {
  return db.transaction(async (tx) => {
    const backing =
      instant === undefined ? {} : { backing_volume_id: source.volumeId, backing_snapshot_id: source.snapshotId };
    const id = await insertVolume(tx, place, { snapshot_id: source.snapshotId, ...backing });
    await promiseGib(tx, place.pool, 1);
    const params = { volumeId: id, source, ...(instant === undefined ? {} : { instant }) };
    return { id, operationId: await acceptFor(tx, 'volume-create', params) };
  });
}

export function flattenVolume(db: Database, id: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    return { id, operationId: await acceptFor(tx, 'volume-flatten', { volumeId: id, bytesPerSecond: null }) };
  });
}

export function manageVolume(db: Database, place: Place, sourceFile: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertVolume(tx, place, { size_gib: 0 });
    return { id, operationId: await acceptFor(tx, 'volume-manage', { volumeId: id, sourceFile }) };
  });
}

export function deleteVolume(db: Database, id: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const from = { status: ['available', 'error', 'error_deleting', 'error_extending', 'error_managing'] };
    await move(tx, 'volumes', id, from, { status: 'deleting' });
    return { id, operationId: await acceptFor(tx, 'volume-delete', { volumeId: id }) };
  });
}

export function extendVolume(db: Database, place: Place, id: string, newSizeGib: number): Promise<Asked> {
  return db.transaction(async (tx) => {
    const volume: { size_gib: number } | undefined = await tx('volumes').where({ id }).first('size_gib');
    await move(tx, 'volumes', id, { status: ['available', 'in-use'] }, { status: 'extending' });
    await promiseGib(tx, place.pool, newSizeGib - (volume?.size_gib ?? 0));
    return { id, operationId: await acceptFor(tx, 'volume-extend', { volumeId: id, newSizeGib }) };
  });
}

/** The size counts in both pools until the copy is the volume. */
export function migrateVolume(
  db: Database,
  id: string,
  toPool: string,
  format: 'raw' | 'qcow2' = 'raw',
  newKey?: NonNullable<OperationParams['volume-migrate']['newKey']>,
): Promise<Asked> {
  return db.transaction(async (tx) => {
    const volume: { size_gib: number; host: string } | undefined = await tx('volumes').where({ id }).first();
    const fromPool = volume?.host ?? '';
    const inUse: unknown = await tx('volumes').where({ id, status: 'in-use' }).first('id');
    const present = inUse === undefined ? 'available' : 'in-use';
    const status = inUse === undefined ? 'maintenance' : present;
    const to = { status, previous_status: present, migration_status: 'migrating' };
    await move(tx, 'volumes', id, { status: [present] }, to);
    await promiseGib(tx, toPool, volume?.size_gib ?? 0);
    const target = { format, preallocation: 'off' } as const;
    const key = newKey === undefined ? {} : { newKey };
    const params = { volumeId: id, fromPool, toPool, nameId: randomUUID(), newTypeId: null, ...target, ...key };
    return { id, operationId: await acceptFor(tx, 'volume-migrate', params) };
  });
}

export function revertVolume(db: Database, id: string, snapshotId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    await move(tx, 'volumes', id, { status: ['available'] }, { status: 'reverting' });
    await move(tx, 'snapshots', snapshotId, { status: ['available'] }, { status: 'restoring' });
    const params = { volumeId: id, snapshotId, newFile: `volume-${id}.${randomUUID()}` };
    return { id, operationId: await acceptFor(tx, 'volume-revert', params) };
  });
}

/** A backup service for steps that touch no volume. */
export async function backupServiceAt(db: Database, host: string): Promise<void> {
  await db('services')
    .insert({ binary: 'saggar-backup', host, zone: 'nova', updated_at: db.raw("utc_now() + interval '1 day'") })
    .onConflict(['binary', 'host'])
    .merge();
}

/** Of a snapshot, whole or upon another backup. */
export function backUp(
  db: Database,
  volumeId: string,
  snapshotId: string,
  parentId: string | null = null,
): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = randomUUID();
    await move(tx, 'snapshots', snapshotId, { status: ['available'] }, { status: 'backing-up' });
    const row = { id, project_id: projectId, user_id: userId, status: 'creating', volume_id: volumeId, size_gib: 1 };
    const key = tx('volumes').where({ id: volumeId }).select('encryption_key_id');
    const from = { snapshot_id: snapshotId, parent_id: parentId, encryption_key_id: key };
    await tx('backups').insert({ ...row, ...from, container: 'lane' });
    return { id, operationId: await acceptFor(tx, 'backup-create', { backupId: id, volumeId, snapshotId }) };
  });
}

/** Into a volume at rest. Answers the volume's id. */
export function restoreBackup(db: Database, backupId: string, volumeId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const from = { status: ['available', 'error_restoring'] };
    await move(tx, 'volumes', volumeId, from, { status: 'restoring-backup' });
    await tx('backups').where({ id: backupId }).update({ status: 'restoring' });
    const params = { backupId, volumeId, nameId: randomUUID() };
    return { id: volumeId, operationId: await acceptFor(tx, 'backup-restore', params) };
  });
}

export function deleteBackup(db: Database, backupId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    await tx('backups').where({ id: backupId }).update({ status: 'deleting' });
    return { id: backupId, operationId: await acceptFor(tx, 'backup-delete', { backupId }) };
  });
}

export function verifyBackup(db: Database, backupId: string): Promise<Asked> {
  return db.transaction(async (tx) => ({
    id: backupId,
    operationId: await acceptFor(tx, 'backup-verify', { backupId, deep: true }),
  }));
}

export function unmanageVolume(db: Database, id: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    await move(tx, 'volumes', id, { status: ['available'] }, { status: 'unmanaging' });
    return { id, operationId: await acceptFor(tx, 'volume-unmanage', { volumeId: id }) };
  });
}

async function insertSnapshot(tx: Transaction, volumeId: string, internal: boolean): Promise<string> {
  const id = randomUUID();
  const row = { id, volume_id: volumeId, project_id: projectId, user_id: userId, size_gib: 1, status: 'creating' };
  await tx('snapshots').insert({ ...row, internal });
  return id;
}

export function createSnapshot(db: Database, volumeId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertSnapshot(tx, volumeId, false);
    return { id, operationId: await acceptFor(tx, 'snapshot-create', { volumeId, snapshotId: id }) };
  });
}

export function deleteSnapshot(db: Database, volumeId: string, id: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const from = { status: ['available', 'error', 'error_deleting'] };
    await move(tx, 'snapshots', id, from, { status: 'deleting', progress: '0%' });
    return { id, operationId: await acceptFor(tx, 'snapshot-delete', { volumeId, snapshotId: id }) };
  });
}

/** Nova's half of a snapshot: the file was made by somebody else. */
export function assistSnapshotCreate(db: Database, volumeId: string, newFile: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertSnapshot(tx, volumeId, false);
    return { id, operationId: await acceptFor(tx, 'assisted-snapshot-create', { volumeId, snapshotId: id, newFile }) };
  });
}

export function assistSnapshotDelete(db: Database, volumeId: string, id: string, fileToMerge: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    await move(tx, 'snapshots', id, {}, { status: 'deleting', progress: '0%' });
    const params = { volumeId, snapshotId: id, fileToMerge };
    return { id, operationId: await acceptFor(tx, 'assisted-snapshot-delete', params) };
  });
}

/** One operation for a source at rest, without the deletion of its internal snapshot. */
export function forkVolume(db: Database, place: Place, sourceId: string): Promise<Asked & { snapshotId: string }> {
  return db.transaction(async (tx) => {
    const snapshotId = await insertSnapshot(tx, sourceId, true);
    const source = { volumeId: sourceId, snapshotId };
    const id = await insertVolume(tx, place, { source_volid: sourceId, ...standingOn(source) });
    await promiseGib(tx, place.pool, 1);
    return { id, snapshotId, operationId: await acceptFor(tx, 'volume-clone', { volumeId: id, source }) };
  });
}

/** Three operations in a row; `operationId` is the last one's. */
export function cloneVolume(
  db: Database,
  place: Place,
  sourceId: string,
  instant?: { readonly maxLayers: number },
): Promise<Asked & { snapshotId: string }> {
  return db.transaction(async (tx) => {
    const snapshotId = await insertSnapshot(tx, sourceId, true);
    const source = { volumeId: sourceId, snapshotId };
    const standsOn = instant === undefined ? {} : standingOn(source);
    const id = await insertVolume(tx, place, { source_volid: sourceId, ...standsOn });
    await promiseGib(tx, place.pool, 1);
    const first = await acceptFor(tx, 'snapshot-create', source);
    const params = { volumeId: id, source, ...(instant === undefined ? {} : { instant }) };
    const second = await acceptFor(tx, 'volume-create', params, { operationId: first, mode: 'success' });
    const last = await acceptFor(tx, 'snapshot-delete', source, { operationId: second, mode: 'end' });
    return { id, snapshotId, operationId: last };
  });
}

async function insertAttachment(
  tx: Transaction,
  volumeId: string,
  serverId: string,
  bootIndex: number | null,
  deleteOnTermination = false,
): Promise<string> {
  await move(tx, 'volumes', volumeId, { status: ['available'] }, { status: 'attaching', attach_status: 'attaching' });
  const id = randomUUID();
  await tx('attachments').insert({
    id,
    volume_id: volumeId,
    project_id: projectId,
    instance_uuid: serverId,
    managed_server_id: serverId,
    attach_mode: 'rw',
    status: 'attaching',
    boot_index: bootIndex,
    delete_on_termination: deleteOnTermination,
  });
  return id;
}

export function createServer(
  db: Database,
  place: Place,
  volumeIds: readonly string[],
  deleteOnTermination = false,
  ramMib = 64,
): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = randomUUID();
    await tx('servers').insert({
      id,
      project_id: projectId,
      user_id: userId,
      name: 'guest',
      flavor_id: '1',
      flavor: JSON.stringify({ vcpus: 1, ram_mib: ramMib }),
      vm_state: 'building',
      task_state: 'spawning',
      compute_host: place.computeHost,
    });
    for (const [index, volumeId] of volumeIds.entries())
      await insertAttachment(tx, volumeId, id, index === 0 ? 0 : null, deleteOnTermination);
    return { id, operationId: await acceptFor(tx, 'server-create', { serverId: id, volumeIds }) };
  });
}

export function attachVolume(db: Database, volumeId: string, serverId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const id = await insertAttachment(tx, volumeId, serverId, null);
    return { id, operationId: await acceptFor(tx, 'attachment-create', { volumeId, attachmentId: id, serverId }) };
  });
}

export function detachVolume(db: Database, volumeId: string, serverId: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const where = { volume_id: volumeId, managed_server_id: serverId };
    const attachment: { id: string } | undefined = await tx('attachments').where(where).first('id');
    const id = attachment?.id ?? '';
    await move(tx, 'volumes', volumeId, { status: ['in-use'] }, { status: 'detaching' });
    await move(tx, 'attachments', id, { status: ['attached'] }, { status: 'detaching' });
    return { id, operationId: await acceptFor(tx, 'attachment-delete', { volumeId, attachmentId: id, serverId }) };
  });
}

const serverTasks = {
  'server-start': { from: ['stopped'], task: 'powering-on' },
  'server-stop': { from: ['active', 'error'], task: 'powering-off' },
  'server-delete': { from: ['building', 'active', 'stopped', 'error'], task: 'deleting' },
} as const;

export function actOnServer(db: Database, type: keyof typeof serverTasks, id: string): Promise<Asked> {
  return db.transaction(async (tx) => {
    const { from, task } = serverTasks[type];
    await move(tx, 'servers', id, { vm_state: from }, { task_state: task });
    return { id, operationId: await acceptFor(tx, type, { serverId: id }) };
  });
}

/** The first page of a scan whose row nobody else has. */
export async function scanShare(db: Database, pool: string): Promise<Asked> {
  const scanId = randomUUID();
  const operationId = await db.transaction(async (tx) => {
    await tx('share_scans').where({ pool }).delete();
    const who = { project_id: projectId, user_id: userId, request_id: 'req-scan' };
    await tx('share_scans').insert({ id: scanId, pool, state: 'running', ...who });
    return acceptFor(tx, 'share-scan', { pool, scanId, page: 0, after: null });
  });
  return { id: scanId, operationId };
}

export async function settleVolume(db: Database, id: string): Promise<Asked> {
  const operationId = await db.transaction((tx) => acceptFor(tx, 'volume-settle', { volumeId: id }));
  return { id, operationId };
}

export async function writeCustody(db: Database, pool: string, volumeId: string): Promise<Asked> {
  const operationId = await db.transaction((tx) => acceptFor(tx, 'custody-write', { pool, recordsOf: [volumeId] }));
  return { id: volumeId, operationId };
}

/** Looks only; the volume's status does not matter. */
export async function checkChain(db: Database, volumeId: string): Promise<Asked> {
  const operationId = await db.transaction((tx) => acceptFor(tx, 'chain-check', { volumeId }));
  return { id: volumeId, operationId };
}

/** Of volumes that are put into a new group; `id` is the group snapshot's. */
export function createGroupSnapshot(db: Database, volumeIds: readonly string[], consistent = false): Promise<Asked> {
  return db.transaction(async (tx) => {
    const [groupTypeId, groupId, id] = [randomUUID(), randomUUID(), randomUUID()];
    await tx('group_types').insert({ id: groupTypeId, name: `type-${groupTypeId}` });
    const owner = { project_id: projectId, user_id: userId, group_type_id: groupTypeId };
    await tx('volume_groups').insert({ id: groupId, ...owner, status: 'available', availability_zone: 'nova' });
    await tx('volumes')
      .whereIn('id', [...volumeIds])
      .update({ group_id: groupId });
    await tx('group_snapshots').insert({ id, ...owner, group_id: groupId, status: 'creating' });
    const members: { volumeId: string; snapshotId: string }[] = [];
    for (const volumeId of volumeIds) {
      const snapshotId = await insertSnapshot(tx, volumeId, false);
      await tx('snapshots').where({ id: snapshotId }).update({ group_snapshot_id: id });
      members.push({ volumeId, snapshotId });
    }
    const operationId = await acceptFor(tx, 'group-snapshot-create', { groupSnapshotId: id, consistent, members });
    return { id, operationId };
  });
}

export async function unmanageSnapshot(db: Database, volumeId: string, snapshotId: string): Promise<Asked> {
  const operationId = await db.transaction(async (tx) => {
    await move(tx, 'snapshots', snapshotId, { status: ['available'] }, { status: 'unmanaging' });
    return acceptFor(tx, 'snapshot-unmanage', { volumeId, snapshotId });
  });
  return { id: snapshotId, operationId };
}

/** `oldId`: of the snapshot that was let go. */
export async function manageSnapshot(db: Database, volumeId: string, oldId: string): Promise<Asked> {
  const id = randomUUID();
  const operationId = await db.transaction(async (tx) => {
    await tx('snapshots').insert({
      ...{ id, volume_id: volumeId, project_id: projectId, user_id: userId, size_gib: 1, status: 'creating' },
    });
    const layer: { file: string } | undefined = await tx('chain_layers')
      .where({ volume_id: volumeId, snapshot_id: oldId })
      .first('file');
    return acceptFor(tx, 'snapshot-manage', { volumeId, snapshotId: id, file: layer?.file ?? '', oldId });
  });
  return { id, operationId };
}

export async function removeOrphans(db: Database, place: Place, orphanOf: string, files: string[]): Promise<Asked> {
  const params = { pool: place.pool, orphanOf, files };
  const operationId = await db.transaction((tx) => acceptFor(tx, 'orphan-remove', params));
  return { id: orphanOf, operationId };
}

/** Into a directory of its own; of a snapshot when one is named. */
export async function exportVolume(db: Database, volumeId: string, sourceSnapshotId: string | null): Promise<Asked> {
  const exportId = randomUUID();
  const params = {
    volumeId,
    sourceSnapshotId,
    directory: `leave-${exportId}`,
    name: `volume-${volumeId}.raw`,
    exportId,
  };
  const operationId = await db.transaction((tx) =>
    acceptFor(tx, 'volume-export', { ...params, format: 'raw' as const, text: '{}', checksum: true }),
  );
  return { id: exportId, operationId };
}
