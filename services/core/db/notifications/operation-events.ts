// Tells the start and the outcome of operations. The engine calls it inside its transactions, so an event is told exactly when what it
// says is committed: the start with the operation's first command, the end with its outcome.
import type { NotificationContext } from '../../notifications/envelope.js';
import { type OperationEvents, operationEvents, type Priority, type Stages } from '../../notifications/event-types.js';
import { snapshotPayload, volumePayload } from '../../notifications/usage.js';
import type { Transaction } from '../connection.js';
import type { OperationRow } from '../engine/operation-row.js';
import { loadSnapshotUsage, loadVolumeUsage } from './load-usage.js';
import { notificationSettings } from './settings.js';
import { backendOf, type Told, writeNotifications } from './write.js';

interface AnyParams {
  readonly volumeId?: string;
  readonly snapshotId?: string;
  readonly serverId?: string;
  readonly volumeIds?: readonly string[];
  readonly newTypeId?: string | null;
  readonly members?: readonly { readonly volumeId: string; readonly snapshotId: string }[];
}

export interface SubjectIds {
  readonly volumes: readonly string[];
  readonly snapshots: readonly string[];
}

/** What an operation tells about, and how. Taken before its outcome changes rows. */
export interface Announcement {
  readonly events: OperationEvents;
  readonly ids: SubjectIds;
  /** Rows that the outcome deletes, as they were. */
  readonly last: readonly Told[];
}

const contextOf = (row: OperationRow): NotificationContext => ({
  userId: row.user_id,
  projectId: row.project_id,
  requestId: row.request_id,
});

async function subjectsOf(tx: Transaction, row: OperationRow): Promise<SubjectIds> {
  const { volumeId, volumeIds, snapshotId, serverId, members } = row.params as AnyParams;
  if (members !== undefined) {
    return { volumes: members.map((one) => one.volumeId), snapshots: members.map((one) => one.snapshotId) };
  }
  if (row.type === 'server-delete' && serverId !== undefined) {
    const rows: { volume_id: string }[] = await tx('attachments')
      .where({ managed_server_id: serverId })
      .select('volume_id');
    return { volumes: rows.map((one) => one.volume_id), snapshots: [] };
  }
  return {
    volumes: volumeIds ?? (volumeId === undefined ? [] : [volumeId]),
    snapshots: snapshotId === undefined ? [] : [snapshotId],
  };
}

function eventsOf(tx: Transaction, row: OperationRow): OperationEvents | null {
  if (notificationSettings(tx) === null) return null;
  const isPlainMove = row.type === 'volume-migrate' && (row.params as AnyParams).newTypeId === null;
  return isPlainMove ? null : (operationEvents[row.type] ?? null);
}

async function payloads(
  tx: Transaction,
  events: OperationEvents,
  ids: SubjectIds,
  stage: keyof Stages,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Told[]> {
  const priority: Priority = stage === 'failed' ? 'ERROR' : 'INFO';
  const told: Told[] = [];
  const volumeEvent = events.volume?.[stage] ?? null;
  if (volumeEvent !== null) {
    for (const volume of await loadVolumeUsage(tx, ids.volumes)) {
      const payload = volumePayload(volume, extra);
      const host = backendOf(volume.host);
      told.push({ publisher: 'volume', host, eventType: `volume.${volumeEvent}`, priority, payload });
    }
  }
  const snapshotEvent = events.snapshot?.[stage] ?? null;
  if (snapshotEvent !== null) {
    const more = events.removes === true && stage === 'done' ? { ...extra, deleted: 'True' } : extra;
    for (const snapshot of await loadSnapshotUsage(tx, ids.snapshots)) {
      const payload = snapshotPayload(snapshot, more);
      const host = backendOf(snapshot.host);
      told.push({ publisher: 'snapshot', host, eventType: `snapshot.${snapshotEvent}`, priority, payload });
    }
  }
  return told;
}

/** The operation begins to run. */
export async function tellStart(tx: Transaction, row: OperationRow): Promise<void> {
  const events = eventsOf(tx, row);
  if (events === null) return;
  await writeNotifications(tx, contextOf(row), await payloads(tx, events, await subjectsOf(tx, row), 'start'));
}

/** To be called before the outcome changes rows; null when nothing is to be told. */
export async function prepareEnd(tx: Transaction, row: OperationRow): Promise<Announcement | null> {
  const events = eventsOf(tx, row);
  if (events === null) return null;
  const ids = await subjectsOf(tx, row);
  const last = events.removes === true ? await payloads(tx, events, ids, 'done', { status: 'deleted' }) : [];
  return { events, ids, last };
}

/** To be called after the outcome has changed the rows. `error` is null when the operation is done. */
export async function tellEnd(
  tx: Transaction,
  row: OperationRow,
  announcement: Announcement | null,
  error: { readonly code: string; readonly message: string } | null,
): Promise<void> {
  if (announcement === null) return;
  const { events, ids, last } = announcement;
  const told =
    error !== null
      ? await payloads(tx, events, ids, 'failed', { error: { code: error.code, message: error.message } })
      : events.removes === true
        ? last
        : await payloads(tx, events, ids, 'done');
  await writeNotifications(tx, contextOf(row), told);
}
