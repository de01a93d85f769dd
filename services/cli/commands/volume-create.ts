// volume create: blank, from a snapshot, a volume or an image, or from a file that is on a share already.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findSnapshot, findVolume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForVolume } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { resourceFields } from './volume-fields.js';

type CreatedVolume = components['schemas']['VolumeBase'];

async function createVolume(session: Session, input: CommandInput): Promise<CommandResult> {
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
  const hints = hintsOf(input.texts('hint'));
  const volume = givenOnly({
    name: input.text('name'),
    size: size ?? fromVolume?.size ?? fromSnapshot?.size,
    source_volid: fromVolume?.id,
    snapshot_id: fromSnapshot?.id,
    // The service looks names up itself.
    imageRef: input.text('image'),
    volume_type: input.text('type'),
    description: input.text('description'),
    availability_zone: input.text('availability-zone'),
    metadata: input.anyOf('property') ? input.pairs('property') : undefined,
  });
  const body = { volume, ...(hints === null ? {} : { 'OS-SCH-HNT:scheduler_hints': hints }) };
  return (await session.volume.post('/v3/volumes', { body })).volume;
}

/** `--hint same_host=<id>`: a key that is given again makes a list. The service says which keys it knows. */
export function hintsOf(texts: readonly string[]): NonNullable<components['schemas']['SchedulerHints']> | null {
  const hints = new Map<string, string[]>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--hint wants key=value, not '${text}'.`);
    const key = text.slice(0, at);
    hints.set(key, [...(hints.get(key) ?? []), text.slice(at + 1)]);
  }
  if (hints.size === 0) return null;
  return Object.fromEntries([...hints].map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
}

async function manageFile(session: Session, input: CommandInput): Promise<CreatedVolume> {
  const host = input.text('host');
  if (host === undefined) {
    throw new UsageError('--remote-source needs --host.', 'The pools are shown by `saggar volume backend pool list`.');
  }
  if (input.anyOf('size', 'source', 'snapshot', 'image')) {
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

export const volumeCreateCommands: readonly CommandRow[] = [
  {
    path: 'volume create',
    summary: 'Make a volume: blank, of a snapshot, volume or image, or of a file on a share',
    args: [{ name: 'name', about: 'name of the new volume', optional: true }],
    options: [
      { flags: '--size <gib>', about: 'size in GiB', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--type <type>', about: 'volume type (name or ID)' },
      { flags: '--snapshot <snapshot>', about: 'copy this snapshot (name or ID)', conflicts: ['source', 'image'] },
      { flags: '--source <volume>', about: 'copy this volume (name or ID)', conflicts: ['snapshot', 'image'] },
      {
        flags: '--image <image>',
        about: 'boot image (name or ID) that it shall hold',
        conflicts: ['snapshot', 'source'],
      },
      {
        flags: '--remote-source <key=value>',
        about: 'take in a file: source-name=<file>, format=raw|qcow2',
        repeat: true,
      },
      { flags: '--host <pool>', about: 'pool that holds the file: host@backend#share' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      { flags: '--availability-zone <zone>', about: 'availability zone' },
      {
        flags: '--hint <key=value>',
        about: 'where it may be: same_host=<volume id>, different_host=<volume id>; repeat for several',
        repeat: true,
      },
      { flags: '--bootable', about: 'mark as bootable', conflicts: ['non-bootable'] },
      { flags: '--non-bootable', about: 'mark as not bootable' },
      { flags: '--read-only', about: 'guests may only read it', conflicts: ['read-write'] },
      { flags: '--read-write', about: 'guests may write it' },
      ...waitOptions,
    ],
    example: 'saggar volume create --size 1 --property used-by=web --wait data',
    moreExamples: [
      'saggar volume create --snapshot before-upgrade --wait restored',
      'saggar volume create --source data --type fast --size 10 copy',
      'saggar volume create --remote-source source-name=old.raw --remote-source format=raw --host store1@gluster#10.0.0.1:/vols root',
    ],
    output: 'one',
    run: createVolume,
  },
];
