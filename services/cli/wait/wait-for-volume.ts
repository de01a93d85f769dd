// Waiting for volumes and snapshots: which statuses are on the way, and where the reason of a failure is found.
import type { CommandInput } from '../command-input.js';
import type { Snapshot, Volume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForStatus } from './wait-for-status.js';
import { waitLimitMs } from './wait-options.js';

/** The user message about a resource that failed; null when there is none or the service keeps none. */
export async function findUserMessage(session: Session, resourceId: string): Promise<string | null> {
  const { messages } = await session.volume.get('/v3/messages', { query: { resource_uuid: resourceId, limit: 1 } });
  return messages[0]?.user_message ?? null;
}

const volumesOnTheWay = new Set([
  'creating',
  'downloading',
  'extending',
  'attaching',
  'detaching',
  'retyping',
  'managing',
  'reverting',
  'maintenance',
  'uploading',
  'restoring-backup',
  'backing-up',
]);

/** Waits until the volume has the status; while it is in a status of transition it is waited for. */
export async function waitForVolume(
  session: Session,
  input: CommandInput,
  volume: { readonly id: string; readonly name: string | null },
  wished: readonly string[],
): Promise<Volume | null> {
  return waitForStatus<Volume>(
    {
      what: `volume ${volume.name ?? volume.id}`,
      look: () => showVolume(session, volume.id),
      done: (seen) => wished.includes(seen.status),
      pending: (seen) => volumesOnTheWay.has(seen.status),
      reason: () => findUserMessage(session, volume.id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}

/** Waits until no migration is under way; where the volume is then says whether it moved. */
export async function waitForMigration(session: Session, input: CommandInput, volume: Volume): Promise<Volume | null> {
  const moving = (seen: Volume): boolean =>
    ['starting', 'migrating', 'completing'].includes(seen.migration_status ?? '') || volumesOnTheWay.has(seen.status);
  return waitForStatus<Volume>(
    {
      what: `volume ${volume.name ?? volume.id}`,
      look: () => showVolume(session, volume.id),
      done: (seen) => !moving(seen) && !seen.status.startsWith('error'),
      pending: moving,
      reason: () => findUserMessage(session, volume.id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}

/** Waits until the volume is gone. */
export async function waitForVolumeGone(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  await waitForStatus<Volume>(
    {
      what: `volume ${volume.name ?? volume.id}`,
      look: () => showVolume(session, volume.id),
      done: () => false,
      pending: (seen) => ['deleting', 'unmanaging'].includes(seen.status),
      goneIsDone: true,
      reason: () => findUserMessage(session, volume.id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}

/** Waits until the snapshot is available (`gone` false) or gone. */
export async function waitForSnapshot(
  session: Session,
  input: CommandInput,
  snapshot: { readonly id: string; readonly name: string | null },
  gone: boolean,
): Promise<Snapshot | null> {
  return waitForStatus<Snapshot>(
    {
      what: `snapshot ${snapshot.name ?? snapshot.id}`,
      look: async () => {
        const path = { snapshot_id: snapshot.id };
        return (await session.volume.get('/v3/snapshots/{snapshot_id}', { path })).snapshot;
      },
      done: (seen) => !gone && seen.status === 'available',
      pending: (seen) => (gone ? ['deleting', 'unmanaging'] : ['creating']).includes(seen.status),
      goneIsDone: gone,
      reason: () => findUserMessage(session, snapshot.id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}

async function showVolume(session: Session, id: string): Promise<Volume> {
  return (await session.volume.get('/v3/volumes/{volume_id}', { path: { volume_id: id } })).volume;
}
