// volume create, list, show, delete.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findProject, findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForVolume, waitForVolumeGone } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { listPageOptions, resourceFields, volumeArgument, volumeList } from './volume-fields.js';

type CreatedVolume = components['schemas']['VolumeBase'];

async function createVolume(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.anyOf('image')) {
    throw new CliError(
      'Volumes cannot be made from images here.',
      'Take in a file that is on a share with --remote-source source-name=<file> --remote-source format=raw --host <pool>, or use --source or --snapshot.',
    );
  }
  const created = input.anyOf('remote-source') ? await manageFile(session, input) : await postVolume(session, input);
  const bootable = input.flag('bootable') || input.flag('non-bootable');
  const readOnly = input.flag('read-only') || input.flag('read-write');
  if (!input.flag('wait') && !bootable && !readOnly) return resourceFields(created);
  // Both flags are refused while the volume is being made.
  const settled = await waitForVolume(session, input, created, ['available']);
  if (bootable && !input.anyOf('remote-source')) {
    await actOnVolume(session, created.id, { 'os-set_bootable': { bootable: input.flag('bootable') } });
  }
  if (readOnly) {
    await actOnVolume(session, created.id, { 'os-update_readonly_flag': { readonly: input.flag('read-only') } });
  }
  return resourceFields(bootable || readOnly ? await findVolume(session, created.id) : (settled ?? created));
}

async function postVolume(session: Session, input: CommandInput): Promise<CreatedVolume> {
  const source = input.text('source');
  const snapshot = input.text('snapshot');
  const size = input.integer('size');
  if (size === undefined && source === undefined && snapshot === undefined) {
    throw new UsageError('--size is missing.', 'It may only be left out with --source or --snapshot.');
  }
  const [fromVolume, fromSnapshot] = await Promise.all([
    source === undefined ? undefined : findVolume(session, source),
    snapshot === undefined ? undefined : findSnapshot(session, snapshot),
  ]);
  const volume = givenOnly({
    name: input.text('name'),
    size: size ?? fromVolume?.size ?? fromSnapshot?.size,
    source_volid: fromVolume?.id,
    snapshot_id: fromSnapshot?.id,
    volume_type: input.text('type'),
    description: input.text('description'),
    availability_zone: input.text('availability-zone'),
    metadata: input.anyOf('property') ? input.pairs('property') : undefined,
  });
  return (await session.volume.post('/v3/volumes', { body: { volume } })).volume;
}

async function manageFile(session: Session, input: CommandInput): Promise<CreatedVolume> {
  const host = input.text('host');
  if (host === undefined) {
    throw new UsageError('--remote-source needs --host.', 'The pools are shown by `saggar volume backend pool list`.');
  }
  if (input.anyOf('size', 'source', 'snapshot')) {
    throw new UsageError('--remote-source takes in an existing file; its size and content are its own.');
  }
  const volume = {
    host,
    ref: input.pairs('remote-source'),
    ...givenOnly({
      name: input.text('name'),
      description: input.text('description'),
      volume_type: input.text('type'),
      availability_zone: input.text('availability-zone'),
      metadata: input.anyOf('property') ? input.pairs('property') : undefined,
      bootable: input.flag('bootable') ? (true as const) : undefined,
    }),
  };
  // The schema leaves the reference open (text or any object); the generator reads "any object" as "empty object".
  const body = { volume } as unknown as components['schemas']['VolumeManage'];
  return (await session.volume.post('/v3/os-volume-manage', { body })).volume;
}

async function listVolumes(session: Session, input: CommandInput): Promise<CommandResult> {
  const project = input.text('project');
  const projectId = project === undefined ? undefined : (await findProject(session, project)).id;
  const everywhere = input.flag('all-projects') || projectId !== undefined;
  const volumes = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/volumes/detail', {
        query: {
          name: input.text('name'),
          status: input.text('status'),
          all_tenants: everywhere ? 1 : undefined,
          project_id: projectId,
          marker,
          limit,
        },
      });
      return { items: page.volumes, more: page.volumes_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return volumeList(volumes, input.flag('long'));
}

async function deleteVolumes(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('volume'), async (name) => {
    const volume = await findVolume(session, name);
    if (input.flag('force')) await actOnVolume(session, volume.id, { 'os-force_delete': null });
    else {
      const query = input.flag('purge') ? { cascade: true } : {};
      await session.volume.delete('/v3/volumes/{volume_id}', { path: { volume_id: volume.id }, query });
    }
    if (input.flag('wait')) await waitForVolumeGone(session, input, volume);
  });
  return undefined;
}

export const volumeCommands: readonly CommandRow[] = [
  {
    path: 'volume create',
    summary: 'Make a volume: blank, from a snapshot, from a volume, or from a file that is on a share already',
    args: [{ name: 'name', about: 'name of the new volume', optional: true }],
    options: [
      { flags: '--size <gib>', about: 'size in GiB', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--type <type>', about: 'volume type (name or ID)' },
      { flags: '--snapshot <snapshot>', about: 'copy this snapshot (name or ID)', conflicts: ['source', 'image'] },
      { flags: '--source <volume>', about: 'copy this volume (name or ID)', conflicts: ['snapshot', 'image'] },
      { flags: '--image <image>', about: 'copy this image (not offered here)', conflicts: ['snapshot', 'source'] },
      {
        flags: '--remote-source <key=value>',
        about: 'take in a file: source-name=<file>, format=raw|qcow2',
        repeat: true,
      },
      { flags: '--host <pool>', about: 'pool that holds the file: host@backend#share' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--availability-zone <zone>', about: 'availability zone' },
      { flags: '--bootable', about: 'mark as bootable', conflicts: ['non-bootable'] },
      { flags: '--non-bootable', about: 'mark as not bootable' },
      { flags: '--read-only', about: 'guests may only read it', conflicts: ['read-write'] },
      { flags: '--read-write', about: 'guests may write it' },
      ...waitOptions,
    ],
    example: 'saggar volume create --size 1 --property used-by=web --wait data',
    output: 'one',
    run: createVolume,
  },
  {
    path: 'volume list',
    summary: 'List volumes',
    options: [
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      { flags: '--project <project>', about: 'of this project (administrators)' },
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar volume list --status available -f json',
    output: 'many',
    run: listVolumes,
  },
  {
    path: 'volume show',
    summary: 'Show a volume',
    args: [volumeArgument],
    example: 'saggar volume show -c status -f value data',
    output: 'one',
    run: async (session, input) => resourceFields(await findVolume(session, input.need('volume'))),
  },
  {
    path: 'volume delete',
    summary: 'Delete volumes',
    args: [{ ...volumeArgument, many: true }],
    options: [
      { flags: '--force', about: 'whatever the status (administrators)', conflicts: ['purge'] },
      { flags: '--purge', about: 'with their snapshots' },
      ...waitOptions,
    ],
    example: 'saggar volume delete --wait data',
    output: 'none',
    run: deleteVolumes,
  },
];
