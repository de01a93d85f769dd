// volume migrate and volume revert: the data goes to another pool, or back to what it was.
import { CliError } from '../cli-error.js';
import type { CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { findUserMessage, waitForMigration, waitForVolume } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { volumeArgument } from './volume-fields.js';

async function migrateVolume(session: Session, input: CommandInput): Promise<undefined> {
  const volume = await findVolume(session, input.need('volume'));
  const host = input.need('host');
  await actOnVolume(session, volume.id, {
    'os-migrate_volume': {
      host,
      force_host_copy: input.flag('force-host-copy'),
      lock_volume: input.flag('lock-volume'),
    },
  });
  if (!input.flag('wait')) return undefined;
  const settled = await waitForMigration(session, input, volume);
  if (settled?.['os-vol-host-attr:host'] === host) return undefined;
  const reason = await findUserMessage(session, volume.id).catch(() => null);
  throw new CliError(`The volume did not move to ${host}: ${reason ?? 'see `saggar volume message list`.'}`);
}

async function revertVolume(session: Session, input: CommandInput): Promise<undefined> {
  const snapshot = await findSnapshot(session, input.need('snapshot'));
  await actOnVolume(session, snapshot.volume_id, { revert: { snapshot_id: snapshot.id } });
  if (!input.flag('wait')) return undefined;
  const volume = await findVolume(session, snapshot.volume_id);
  await waitForVolume(session, input, volume, ['available']);
  return undefined;
}

export const volumeMoveCommands: readonly CommandRow[] = [
  {
    path: 'volume migrate',
    summary: 'Move a volume to another pool (administrators)',
    args: [volumeArgument],
    options: [
      {
        flags: '--host <pool>',
        about: 'pool to move to, host@backend#pool as `volume backend pool list` shows it',
        required: true,
      },
      { flags: '--force-host-copy', about: 'by a copy through the host, also where the backend knows a shorter way' },
      { flags: '--lock-volume', about: 'let nothing else begin on the volume meanwhile' },
      ...waitOptions,
    ],
    example: 'saggar volume migrate --host store1@gluster#10.0.0.1:/vols --wait data',
    output: 'none',
    run: migrateVolume,
  },
  {
    path: 'volume revert',
    summary: 'Bring a volume back to its latest snapshot; what was written since is lost',
    args: [{ name: 'snapshot', about: 'the latest snapshot of the volume (name or ID)' }],
    options: waitOptions,
    example: 'saggar volume revert --wait before-upgrade',
    output: 'none',
    run: revertVolume,
  },
];
