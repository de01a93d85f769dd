// Waiting for groups and group snapshots, which are made and deleted with all that is in them.
import type { CommandInput } from '../command-input.js';
import type { Group, GroupSnapshot } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForStatus } from './wait-for-status.js';
import { findUserMessage } from './wait-for-volume.js';
import { waitLimitMs } from './wait-options.js';

interface Waited {
  readonly id: string;
  readonly name: string | null;
}

/** `gone`: until it is deleted; else until it is available. */
export function waitForGroup(
  session: Session,
  input: CommandInput,
  group: Waited,
  gone: boolean,
): Promise<Group | null> {
  const path = { group_id: group.id };
  const look = async (): Promise<Group> => (await session.volume.get('/v3/groups/{group_id}', { path })).group;
  return settle(session, input, group, gone, 'group', look);
}

export async function showGroupSnapshot(session: Session, id: string): Promise<GroupSnapshot> {
  const path = { group_snapshot_id: id };
  return (await session.volume.get('/v3/group_snapshots/{group_snapshot_id}', { path })).group_snapshot;
}

/** `gone`: until it is deleted; else until it is available. */
export function waitForGroupSnapshot(
  session: Session,
  input: CommandInput,
  snapshot: Waited,
  gone: boolean,
): Promise<GroupSnapshot | null> {
  return settle(session, input, snapshot, gone, 'group snapshot', () => showGroupSnapshot(session, snapshot.id));
}

function settle<T extends { readonly status: string }>(
  session: Session,
  input: CommandInput,
  { id, name }: Waited,
  gone: boolean,
  noun: string,
  look: () => Promise<T>,
): Promise<T | null> {
  return waitForStatus<T>(
    {
      what: `${noun} ${name ?? id}`,
      look,
      done: (seen) => !gone && seen.status === 'available',
      pending: (seen) => seen.status === (gone ? 'deleting' : 'creating'),
      goneIsDone: gone,
      reason: () => findUserMessage(session, id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}
