// volume set and unset. `set --size` grows a volume, also one that a running guest uses; `set --type` gives it another volume type.
import { CliError, UsageError } from '../cli-error.js';
import type { CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findVolume, findVolumeType, type Volume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { findUserMessage, waitForVolume } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { volumeArgument } from './volume-fields.js';

const changes = ['name', 'description', 'size', 'type', 'property', 'no-property', 'image-property'] as const;
const resets = ['state', 'attached', 'detached'] as const;
const flags = ['bootable', 'non-bootable', 'read-only', 'read-write'] as const;
const retypePolicies = ['never', 'on-demand'] as const;

async function setVolume(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf(...changes, ...resets, ...flags)) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume set --help`.');
  }
  const volume = await findVolume(session, input.need('volume'));
  const path = { volume_id: volume.id };
  if (input.anyOf('name', 'description')) {
    const change = givenOnly({ name: input.text('name'), description: input.text('description') });
    await session.volume.put('/v3/volumes/{volume_id}', { path, body: { volume: change } });
  }
  await setProperties(session, input, volume);
  await setFlags(session, input, volume);
  await resetStatus(session, input, volume);
  await grow(session, input, volume);
  await retype(session, input, volume);
  return undefined;
}

async function grow(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  const size = input.integer('size');
  if (size === undefined) return;
  if (size <= volume.size) {
    throw new UsageError(`The volume has ${volume.size} GiB; --size must be larger, because volumes never shrink.`);
  }
  await actOnVolume(session, volume.id, { 'os-extend': { new_size: size } });
  // A volume that grows takes no other type, so that one is waited for whenever both were asked for.
  if (input.anyOf('wait', 'type')) await waitForVolume(session, input, volume, ['available', 'in-use']);
}

async function retype(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  const type = input.text('type');
  const policy = retypePolicies.find((name) => name === input.text('retype-policy'));
  if (type === undefined) {
    if (policy !== undefined) throw new UsageError('--retype-policy goes with --type.');
    return;
  }
  const { id } = await findVolumeType(session, type);
  await actOnVolume(session, volume.id, {
    'os-retype': { new_type: id, ...givenOnly({ migration_policy: policy }) },
  });
  if (!input.flag('wait')) return;
  const settled = await waitForVolume(session, input, volume, ['available', 'in-use']);
  if (settled !== null && settled.volume_type_id !== undefined && settled.volume_type_id !== id) {
    const reason = await findUserMessage(session, volume.id).catch(() => null);
    throw new CliError(`The volume kept its type: ${reason ?? 'see `saggar volume message list`.'}`);
  }
}

async function setProperties(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  if (input.anyOf('image-property')) {
    const metadata = input.pairs('image-property');
    await actOnVolume(session, volume.id, { 'os-set_image_metadata': { metadata } });
  }
  if (!input.anyOf('property', 'no-property')) return;
  const call = { path: { volume_id: volume.id }, body: { metadata: input.pairs('property') } };
  if (input.flag('no-property')) await session.volume.put('/v3/volumes/{volume_id}/metadata', call);
  else await session.volume.post('/v3/volumes/{volume_id}/metadata', call);
}

async function setFlags(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  if (input.anyOf('bootable', 'non-bootable')) {
    await actOnVolume(session, volume.id, { 'os-set_bootable': { bootable: input.flag('bootable') } });
  }
  if (input.anyOf('read-only', 'read-write')) {
    await actOnVolume(session, volume.id, { 'os-update_readonly_flag': { readonly: input.flag('read-only') } });
  }
}

async function resetStatus(session: Session, input: CommandInput, volume: Volume): Promise<void> {
  if (!input.anyOf('state', 'attached', 'detached')) return;
  const reset = givenOnly({
    status: input.text('state'),
    attach_status: input.flag('attached') ? 'attached' : input.flag('detached') ? 'detached' : undefined,
  });
  await actOnVolume(session, volume.id, { 'os-reset_status': reset });
}

async function unsetVolume(session: Session, input: CommandInput): Promise<undefined> {
  const [keys, imageKeys] = [input.texts('property'), input.texts('image-property')];
  if (keys.length + imageKeys.length === 0) {
    throw new UsageError('--property or --image-property is missing.', 'Name the properties to remove.');
  }
  const volume = await findVolume(session, input.need('volume'));
  for (const key of keys) {
    await session.volume.delete('/v3/volumes/{volume_id}/metadata/{key}', { path: { volume_id: volume.id, key } });
  }
  for (const key of imageKeys) await actOnVolume(session, volume.id, { 'os-unset_image_metadata': { key } });
  return undefined;
}

export const volumeChangeCommands: readonly CommandRow[] = [
  {
    path: 'volume set',
    summary: 'Change a volume: name, description, size, type, properties, flags',
    args: [volumeArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--size <gib>', about: 'grow to this size in GiB', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'property to set; repeat for several', repeat: true },
      { flags: '--no-property', about: 'remove all properties first' },
      {
        flags: '--image-property <key=value>',
        about: 'property of the boot image it was made from; repeat for several',
        repeat: true,
      },
      { flags: '--type <type>', about: 'new volume type (name or ID)' },
      {
        flags: '--retype-policy <policy>',
        about: 'may the new type move the data to another pool?',
        choices: retypePolicies,
      },
      {
        flags: '--state <status>',
        about: 'write another status into the record (administrators; changes nothing else)',
      },
      { flags: '--attached', about: 'record as attached (administrators)', conflicts: ['detached'] },
      { flags: '--detached', about: 'record as detached (administrators)' },
      { flags: '--bootable', about: 'mark as bootable', conflicts: ['non-bootable'] },
      { flags: '--non-bootable', about: 'mark as not bootable' },
      { flags: '--read-only', about: 'guests may only read it', conflicts: ['read-write'] },
      { flags: '--read-write', about: 'guests may write it' },
      ...waitOptions,
    ],
    example: 'saggar volume set --size 2 --wait data',
    moreExamples: [
      'saggar volume set --type fast --retype-policy on-demand --wait data',
      'saggar volume set --state available --detached data',
    ],
    output: 'none',
    run: setVolume,
  },
  {
    path: 'volume unset',
    summary: 'Remove properties of a volume',
    args: [volumeArgument],
    options: [
      { flags: '--property <key>', about: 'property to remove; repeat for several', repeat: true },
      { flags: '--image-property <key>', about: 'property of the boot image to remove', repeat: true },
    ],
    example: 'saggar volume unset --property used-by data',
    output: 'none',
    run: unsetVolume,
  },
];
