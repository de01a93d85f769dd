// volume set and unset. `set --size` grows a volume, also one that a running guest uses.
import { UsageError } from '../cli-error.js';
import type { CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import { findVolume, type Volume } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForVolume } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { volumeArgument } from './volume-fields.js';

const changes = ['name', 'description', 'size', 'property', 'no-property', 'state', 'attached', 'detached'] as const;
const flags = ['bootable', 'non-bootable', 'read-only', 'read-write'] as const;

async function setVolume(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf(...changes, ...flags)) {
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
  const size = input.integer('size');
  if (size === undefined) return undefined;
  if (size <= volume.size) {
    throw new UsageError(`The volume has ${volume.size} GiB; --size must be larger, because volumes never shrink.`);
  }
  await actOnVolume(session, volume.id, { 'os-extend': { new_size: size } });
  if (input.flag('wait')) await waitForVolume(session, input, volume, ['available', 'in-use']);
  return undefined;
}

async function setProperties(session: Session, input: CommandInput, volume: Volume): Promise<void> {
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
  const keys = input.texts('property');
  if (keys.length === 0) throw new UsageError('--property is missing.', 'Name the properties to remove.');
  const volume = await findVolume(session, input.need('volume'));
  for (const key of keys) {
    await session.volume.delete('/v3/volumes/{volume_id}/metadata/{key}', { path: { volume_id: volume.id, key } });
  }
  return undefined;
}

export const volumeChangeCommands: readonly CommandRow[] = [
  {
    path: 'volume set',
    summary: 'Change a volume: name, description, size, properties, flags',
    args: [volumeArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--size <gib>', about: 'grow to this size in GiB', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'property to set; repeat for several', repeat: true },
      { flags: '--no-property', about: 'remove all properties first' },
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
    output: 'none',
    run: setVolume,
  },
  {
    path: 'volume unset',
    summary: 'Remove properties of a volume',
    args: [volumeArgument],
    options: [{ flags: '--property <key>', about: 'property to remove; repeat for several', repeat: true }],
    example: 'saggar volume unset --property used-by data',
    output: 'none',
    run: unsetVolume,
  },
];
