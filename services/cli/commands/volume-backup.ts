// volume backup create, list, show, set, unset, delete, restore, verify, and record export, import. Options are spelled as python-openstackclient's.
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { type Backup, findBackup, findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForBackup } from '../wait/wait-for-backup.js';
import { waitForStatus } from '../wait/wait-for-status.js';
import { waitForVolume } from '../wait/wait-for-volume.js';
import { waitLimitMs, waitOptions } from '../wait/wait-options.js';
import { listPageOptions, resourceFields, volumeArgument } from './volume-fields.js';

const backupArgument = { name: 'backup', about: 'backup (name or ID)' } as const;

async function createBackup(session: Session, input: CommandInput): Promise<OneResult> {
  const { id: volumeId } = await findVolume(session, input.need('volume'));
  const snapshot = input.text('snapshot');
  const snapshotId = snapshot === undefined ? undefined : (await findSnapshot(session, snapshot)).id;
  const wanted = {
    volume_id: volumeId,
    ...givenOnly({
      name: input.text('name'),
      description: input.text('description'),
      container: input.text('container'),
      snapshot_id: snapshotId,
      force: input.flag('force') ? (true as const) : undefined,
      incremental: input.flag('incremental') ? (true as const) : undefined,
      metadata: input.anyOf('property') ? input.pairs('property') : undefined,
      availability_zone: input.text('availability-zone'),
    }),
  };
  const { backup } = await session.volume.post('/v3/backups', { body: { backup: wanted } });
  const settled = input.flag('wait') ? await waitForBackup(session, input, backup, false) : null;
  return resourceFields(settled ?? backup);
}

async function listBackups(session: Session, input: CommandInput): Promise<CommandResult> {
  const volume = input.text('volume');
  const volumeId = volume === undefined ? undefined : (await findVolume(session, volume)).id;
  const backups = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/backups/detail', {
        query: {
          name: input.text('name'),
          status: input.text('status'),
          volume_id: volumeId,
          all_tenants: input.flag('all-projects') ? 1 : undefined,
          marker,
          limit,
        },
      });
      return { items: page.backups, more: page.backups_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  const long = input.flag('long');
  const columns = ['ID', 'Name', 'Description', 'Status', 'Size', 'Incremental', 'Created At'];
  return {
    kind: 'many',
    columns: long ? [...columns, 'Availability Zone', 'Volume', 'Container'] : columns,
    rows: backups.map((backup: Backup) => [
      backup.id,
      backup.name ?? '',
      backup.description,
      backup.status,
      backup.size,
      backup.is_incremental,
      backup.created_at,
      ...(long ? [backup.availability_zone, backup.volume_id, backup.container] : []),
    ]),
  };
}

async function actOnBackup(session: Session, id: string, action: object): Promise<void> {
  const body = action as Record<string, never>;
  await session.volume.post('/v3/backups/{backup_id}/action', { path: { backup_id: id }, body });
}

async function setBackup(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('name', 'description', 'property', 'no-property', 'state')) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume backup set --help`.');
  }
  const backup = await findBackup(session, input.need('backup'));
  if (input.anyOf('name', 'description', 'property', 'no-property')) {
    const kept = input.flag('no-property') ? {} : (backup.metadata ?? {});
    const change = givenOnly({
      name: input.text('name'),
      description: input.text('description'),
      metadata: input.anyOf('property', 'no-property') ? { ...kept, ...input.pairs('property') } : undefined,
    });
    await session.volume.put('/v3/backups/{backup_id}', { path: { backup_id: backup.id }, body: { backup: change } });
  }
  const status = input.text('state');
  if (status !== undefined) await actOnBackup(session, backup.id, { 'os-reset_status': { status } });
  return undefined;
}

async function unsetBackup(session: Session, input: CommandInput): Promise<undefined> {
  const keys = input.texts('property');
  if (keys.length === 0) throw new UsageError('--property is missing.', 'Name the properties to remove.');
  const { id, metadata = {} } = await findBackup(session, input.need('backup'));
  const left = Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys.includes(key)));
  await session.volume.put('/v3/backups/{backup_id}', {
    path: { backup_id: id },
    body: { backup: { metadata: left } },
  });
  return undefined;
}

async function deleteBackups(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('backup'), async (name) => {
    const backup = await findBackup(session, name);
    if (input.flag('force')) await actOnBackup(session, backup.id, { 'os-force_delete': {} });
    else await session.volume.delete('/v3/backups/{backup_id}', { path: { backup_id: backup.id } });
    if (input.flag('wait')) await waitForBackup(session, input, backup, true);
  });
  return undefined;
}

/** Without a volume, a new one; as with openstack, a name that no volume has is the new volume's. */
async function restoreBackup(session: Session, input: CommandInput): Promise<OneResult> {
  const backup = await findBackup(session, input.need('backup'));
  const wanted = input.text('volume');
  const into = wanted === undefined ? null : await tryVolume(session, wanted, input.flag('force'));
  const named = wanted === undefined ? {} : { name: wanted };
  const { restore } = await session.volume.post('/v3/backups/{backup_id}/restore', {
    path: { backup_id: backup.id },
    body: { restore: into === null ? named : { volume_id: into } },
  });
  const volume = { id: restore.volume_id, name: restore.volume_name };
  if (input.flag('wait')) await waitForVolume(session, input, volume, ['available']);
  return resourceFields(restore);
}

async function tryVolume(session: Session, wanted: string, force: boolean): Promise<string | null> {
  const { volumes } = await session.volume.get('/v3/volumes/detail', { query: { name: wanted } });
  const byId = volumes.length > 0 ? null : await volumeById(session, wanted);
  const found = volumes.length > 0 ? (await findVolume(session, wanted)).id : byId;
  if (found === null || force) return found;
  throw new UsageError(
    `Volume ${wanted} is there already; what it holds would be replaced.`,
    'Say --force, or name a volume that is not there yet.',
  );
}

async function volumeById(session: Session, id: string): Promise<string | null> {
  if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id)) return null;
  return (await findVolume(session, id)).id;
}

interface Verification {
  readonly id: string;
  readonly status: string;
  readonly progress: number;
}

/** Ends with an error when the backup cannot be given back as it was, so that a script notices. */
async function verifyBackup(session: Session, input: CommandInput): Promise<OneResult> {
  const backup = await findBackup(session, input.need('backup'));
  const body = { backup_verification: { backup_id: backup.id } };
  const { backup_verification: begun } = await session.volume.post('/v3/saggar/backup-verifications', { body });
  const path = { backup_verification_id: begun.id };
  const look = async () =>
    (await session.volume.get('/v3/saggar/backup-verifications/{backup_verification_id}', { path }))
      .backup_verification;
  await waitForStatus<Verification>(
    {
      what: `verification of backup ${backup.name ?? backup.id}`,
      look: async () => {
        const seen = await look();
        const isUnderWay = ['waiting', 'running'].includes(seen.status);
        return isUnderWay ? { ...seen, status: `${seen.progress} %` } : seen;
      },
      done: (seen) => ['whole', 'damaged', 'failed'].includes(seen.status),
      pending: (seen) => seen.status.endsWith('%'),
      goneIsDone: false,
      reason: () => Promise.resolve(null),
      timeoutMs: waitLimitMs(input),
    },
    session.progress,
  );
  const { damage, damaged_chunks, checked_chunks, error, status } = await look();
  if (status === 'failed')
    throw new CliError(`The backup could not be read: ${error?.message ?? 'no reason is known'}`);
  if (status === 'damaged') {
    const parts = damage.map(
      ({ first_byte, bytes, stored_as, object, reason }) =>
        `bytes ${first_byte} to ${first_byte + bytes - 1}: ${object} of ${stored_as} is ${reason}`,
    );
    throw new CliError(
      `${damaged_chunks ?? 0} of ${checked_chunks ?? 0} chunks of 1 MiB cannot be given back.\n${parts.join('\n')}`,
      'Make a new backup; what the store has lost may be found in a copy of the store.',
    );
  }
  return resourceFields({ backup_id: backup.id, status, checked_chunks, damaged_chunks });
}

async function exportRecord(session: Session, input: CommandInput): Promise<OneResult> {
  const { id } = await findBackup(session, input.need('backup'));
  const answer = await session.volume.get('/v3/backups/{backup_id}/export_record', { path: { backup_id: id } });
  return resourceFields(answer['backup-record']);
}

async function importRecord(session: Session, input: CommandInput): Promise<OneResult> {
  const record = { backup_service: input.need('backup_service'), backup_url: input.need('backup_metadata') };
  const { backup } = await session.volume.post('/v3/backups/import_record', { body: { 'backup-record': record } });
  return resourceFields(backup);
}

const [, timeoutOption] = waitOptions;

export const volumeBackupCommands: readonly CommandRow[] = [
  {
    path: 'volume backup create',
    summary: 'Back up a volume or a snapshot, whole or what has changed since the latest backup',
    args: [volumeArgument],
    options: [
      { flags: '--name <name>', about: 'name of the backup' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--container <name>', about: 'part of the backup store' },
      { flags: '--snapshot <snapshot>', about: 'of this snapshot of the volume (name or ID)' },
      { flags: '--force', about: 'also while a server uses the volume' },
      { flags: '--incremental', about: 'store only what the latest backup has not' },
      { flags: '--no-incremental', about: 'store all (as by default)', conflicts: ['incremental'] },
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--availability-zone <zone>', about: 'by a backup service of this zone' },
      ...waitOptions,
    ],
    example: 'saggar volume backup create --name monday --wait data',
    moreExamples: ['saggar volume backup create --incremental --force data'],
    output: 'one',
    run: createBackup,
  },
  {
    path: 'volume backup list',
    summary: 'List backups',
    options: [
      { flags: '--volume <volume>', about: 'of this volume (name or ID)' },
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar volume backup list --volume data --long',
    output: 'many',
    run: listBackups,
  },
  {
    path: 'volume backup show',
    summary: 'Show a backup',
    args: [backupArgument],
    example: 'saggar volume backup show monday',
    output: 'one',
    run: async (session, input) => resourceFields(await findBackup(session, input.need('backup'))),
  },
  {
    path: 'volume backup set',
    summary: 'Change name, description or properties of a backup',
    args: [backupArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'property to set; repeat for several', repeat: true },
      { flags: '--no-property', about: 'remove all properties first' },
      { flags: '--state <status>', about: 'write another status into the record (administrators)' },
    ],
    example: 'saggar volume backup set --name tuesday monday',
    output: 'none',
    run: setBackup,
  },
  {
    path: 'volume backup unset',
    summary: 'Remove properties of a backup',
    args: [backupArgument],
    options: [{ flags: '--property <key>', about: 'property to remove; repeat for several', repeat: true }],
    example: 'saggar volume backup unset --property reason monday',
    output: 'none',
    run: unsetBackup,
  },
  {
    path: 'volume backup delete',
    summary: 'Delete backups that no incremental one was made upon',
    args: [{ ...backupArgument, many: true }],
    options: [{ flags: '--force', about: 'whatever the status (administrators)' }, ...waitOptions],
    example: 'saggar volume backup delete monday',
    output: 'none',
    run: deleteBackups,
  },
  {
    path: 'volume backup restore',
    summary: 'Put a backup into a new volume, or with --force into one that is there',
    args: [backupArgument, { name: 'volume', about: 'name of the new volume, or volume (name or ID)', optional: true }],
    options: [{ flags: '--force', about: 'replace what the volume holds' }, ...waitOptions],
    example: 'saggar volume backup restore --force --wait monday data',
    output: 'one',
    run: restoreBackup,
  },
  {
    path: 'volume backup verify',
    summary: 'Read a whole backup and compare every chunk with its hash; fails when any is damaged',
    args: [backupArgument],
    options: timeoutOption === undefined ? [] : [timeoutOption],
    example: 'saggar volume backup verify monday',
    output: 'one',
    run: verifyBackup,
  },
  {
    path: 'volume backup record export',
    summary: 'Print the record by which another installation finds the backup (administrators)',
    args: [backupArgument],
    example: 'saggar volume backup record export monday',
    output: 'one',
    run: exportRecord,
  },
  {
    path: 'volume backup record import',
    summary: 'Make known a backup that lies in the store (administrators)',
    args: [
      { name: 'backup_service', about: 'as it was exported' },
      { name: 'backup_metadata', about: 'as it was exported' },
    ],
    example: 'saggar volume backup record import directory eyJ2ZXJzaW9uIjoxfQ==',
    output: 'one',
    run: importRecord,
  },
];
