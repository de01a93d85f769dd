// volume type list, show, create, set, unset, delete. Extra specs are shown as properties, as python-openstackclient does.
// A type is made first and given its access and encryption then, so that a failure there says which part is missing.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findVolumeType, type VolumeType } from '../resources/lookups.js';
import type { Session } from '../session.js';
import {
  accessOptions,
  changeAccess,
  deleteEncryption,
  encryptionOptions,
  readAccess,
  readEncryption,
  wantsEncryption,
  writeEncryption,
} from './volume-type-records.js';

const typeArgument = { name: 'type', about: 'volume type (name or ID)' } as const;

function typeFields(type: VolumeType): OneResult {
  const { id, name, description, is_public, extra_specs, qos_specs_id } = type;
  return {
    kind: 'one',
    fields: { description, id, is_public, name, properties: extra_specs ?? {}, qos_specs_id: qos_specs_id ?? null },
  };
}

async function showType(session: Session, input: CommandInput): Promise<CommandResult> {
  const type = await findVolumeType(session, input.need('type'));
  const { fields } = typeFields(type);
  return {
    kind: 'one',
    fields: {
      access_project_ids: type.is_public ? null : await readAccess(session, type.id),
      ...fields,
      ...(input.flag('encryption-type') ? { encryption: (await readEncryption(session, type.id)) ?? {} } : {}),
    },
  };
}

async function listTypes(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { type_id: 'default' };
  const types = input.flag('default')
    ? [(await session.volume.get('/v3/types/{type_id}', { path })).volume_type]
    : (await session.volume.get('/v3/types', { query: { is_public: publicFilter(input) } })).volume_types;
  const [long, encrypted] = [input.flag('long'), input.flag('encryption-type')];
  const records = await Promise.all(types.map(({ id }) => (encrypted ? readEncryption(session, id) : null)));
  return {
    kind: 'many',
    columns: [
      'ID',
      'Name',
      'Is Public',
      ...(long ? ['Description', 'Properties'] : []),
      ...(encrypted ? ['Encryption'] : []),
    ],
    rows: types.map((type, index) => [
      type.id,
      type.name,
      type.is_public,
      ...(long ? [type.description, type.extra_specs ?? {}] : []),
      ...(encrypted ? [records[index] ?? '-'] : []),
    ]),
  };
}

/** `None` is how Cinder is asked for both; it shows others than administrators only what is theirs to use. */
function publicFilter(input: CommandInput): string {
  if (input.flag('public')) return 'true';
  return input.flag('private') ? 'false' : 'None';
}

async function createType(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.anyOf('project') && !input.flag('private')) {
    throw new UsageError('--project goes with --private.', 'A public type is for all projects.');
  }
  if (wantsEncryption(input) && !input.anyOf('encryption-provider')) {
    throw new UsageError('--encryption-provider is missing.', 'The other encryption options go with it.');
  }
  const wanted = {
    name: input.need('name'),
    ...givenOnly({
      description: input.text('description'),
      extra_specs: input.anyOf('property') ? input.pairs('property') : undefined,
      'os-volume-type-access:is_public': input.flag('private') ? (false as const) : undefined,
    }),
  };
  const type = (await session.volume.post('/v3/types', { body: { volume_type: wanted } })).volume_type;
  await changeAccess(session, input, type.id, true);
  await writeEncryption(session, input, type.id);
  const encryption = wantsEncryption(input) ? { encryption: (await readEncryption(session, type.id)) ?? {} } : {};
  return { kind: 'one', fields: { ...typeFields(type).fields, ...encryption } };
}

async function setType(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('name', 'description', 'property', 'public', 'private', 'project') && !wantsEncryption(input)) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume type set --help`.');
  }
  const path = { type_id: (await findVolumeType(session, input.need('type'))).id };
  const isPublic = input.flag('public') ? (true as const) : input.flag('private') ? (false as const) : undefined;
  const change = givenOnly({ name: input.text('name'), description: input.text('description'), is_public: isPublic });
  if (Object.keys(change).length > 0) {
    await session.volume.put('/v3/types/{type_id}', { path, body: { volume_type: change } });
  }
  if (input.anyOf('property')) {
    const body = { extra_specs: input.pairs('property') };
    await session.volume.post('/v3/types/{type_id}/extra_specs', { path, body });
  }
  await changeAccess(session, input, path.type_id, true);
  await writeEncryption(session, input, path.type_id);
  return undefined;
}

async function unsetType(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('property', 'project', 'encryption-type')) {
    throw new UsageError('Nothing to remove was given.', 'See `saggar volume type unset --help`.');
  }
  const keys = input.texts('property');
  const { id } = await findVolumeType(session, input.need('type'));
  for (const key of keys) {
    await session.volume.delete('/v3/types/{type_id}/extra_specs/{key}', { path: { type_id: id, key } });
  }
  await changeAccess(session, input, id, false);
  if (input.flag('encryption-type')) await deleteEncryption(session, id);
  return undefined;
}

export const volumeTypeCommands: readonly CommandRow[] = [
  {
    path: 'volume type list',
    summary: 'List volume types',
    options: [
      { flags: '--long', about: 'with more columns' },
      { flags: '--default', about: 'only the default one', conflicts: ['public', 'private'] },
      { flags: '--public', about: 'only public ones', conflicts: ['private'] },
      { flags: '--private', about: 'only private ones (administrators)' },
      { flags: '--encryption-type', about: 'with the encryption record (administrators)' },
    ],
    example: 'saggar volume type list --long',
    output: 'many',
    run: listTypes,
  },
  {
    path: 'volume type show',
    summary: 'Show a volume type',
    args: [typeArgument],
    options: [{ flags: '--encryption-type', about: 'with the encryption record (administrators)' }],
    example: 'saggar volume type show __DEFAULT__',
    output: 'one',
    run: showType,
  },
  {
    path: 'volume type create',
    summary: 'Make a volume type (administrators)',
    args: [{ name: 'name', about: 'name of the new type' }],
    options: [
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--property <key=value>', about: 'extra spec; repeat for several', repeat: true },
      { flags: '--public', about: 'for all projects (as by default)', conflicts: ['private'] },
      { flags: '--private', about: 'only for projects that are given access' },
      ...accessOptions('may use the private type (name or ID); repeat for several'),
      ...encryptionOptions,
    ],
    example: 'saggar volume type create --property volume_backend_name=gluster fast',
    moreExamples: ['saggar volume type create --private --project shop for-the-shop'],
    output: 'one',
    run: createType,
  },
  {
    path: 'volume type set',
    summary: 'Change a volume type (administrators)',
    args: [typeArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'extra spec to set; repeat for several', repeat: true },
      { flags: '--public', about: 'for all projects', conflicts: ['private'] },
      { flags: '--private', about: 'only for projects that are given access' },
      ...accessOptions('may use the private type from now on (name or ID); repeat for several'),
      ...encryptionOptions,
    ],
    example: 'saggar volume type set --description "for databases" fast',
    output: 'none',
    run: setType,
  },
  {
    path: 'volume type unset',
    summary: 'Remove extra specs, access or encryption of a volume type (administrators)',
    args: [typeArgument],
    options: [
      { flags: '--property <key>', about: 'extra spec to remove; repeat for several', repeat: true },
      ...accessOptions('may not use the private type any more (name or ID); repeat for several'),
      { flags: '--encryption-type', about: 'remove the encryption record' },
    ],
    example: 'saggar volume type unset --property volume_backend_name fast',
    output: 'none',
    run: unsetType,
  },
  {
    path: 'volume type delete',
    summary: 'Delete volume types (administrators)',
    args: [{ ...typeArgument, many: true }],
    example: 'saggar volume type delete fast',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('type'), async (name) => {
        const { id } = await findVolumeType(session, name);
        await session.volume.delete('/v3/types/{type_id}', { path: { type_id: id } });
      });
      return undefined;
    },
  },
];
