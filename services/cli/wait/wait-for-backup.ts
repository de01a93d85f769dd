// Waiting for backups: which statuses are on the way, and where the reason of a failure is found.
import type { CommandInput } from '../command-input.js';
import type { Backup } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForStatus } from './wait-for-status.js';
import { findUserMessage } from './wait-for-volume.js';
import { waitLimitMs } from './wait-options.js';

/** Waits until the backup is available (`gone` false) or gone. */
export async function waitForBackup(
  session: Session,
  input: CommandInput,
  backup: { readonly id: string; readonly name: string | null },
  gone: boolean,
): Promise<Backup | null> {
  return waitForStatus<Backup>(
    {
      what: `backup ${backup.name ?? backup.id}`,
      look: async () => {
        const path = { backup_id: backup.id };
        return (await session.volume.get('/v3/backups/{backup_id}', { path })).backup;
      },
      done: (seen) => !gone && seen.status === 'available',
      pending: (seen) => (gone ? ['deleting'] : ['creating', 'restoring']).includes(seen.status),
      goneIsDone: gone,
      reason: () => findUserMessage(session, backup.id),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
}
