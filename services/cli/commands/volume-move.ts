// volume migrate, revert and reimage: the data goes to another pool, back to what it was, or is replaced by an image's.
import { CliError } from '../cli-error.js';
import type { CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { findImage, findSnapshot, findVolume } from '../resources/lookups.js';
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

async function reimageVolume(session: Session, input: CommandInput): Promise<undefined> {
  const [volume, image] = await Promise.all([
    findVolume(session, input.need('volume')),
    findImage(session, input.need('image')),
  ]);
  await actOnVolume(session, volume.id, {
    'os-reimage': { image_id: image.id, reimage_reserved: input.flag('reimage-reserved') },
  });
  if (input.flag('wait')) await waitForVolume(session, input, volume, [volume.status]);
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
  {
    path: 'volume reimage',
    summary: "Replace a volume's content by an image; what it holds is lost",
    args: [volumeArgument],
    options: [
      { flags: '--image <image>', about: 'image (name or ID)', required: true },
      { flags: '--reimage-reserved', about: 'also while the volume is reserved for a server' },
      ...waitOptions,
    ],
    example: 'saggar volume reimage --image debian --wait data',
    output: 'none',
    run: reimageVolume,
  },
];
