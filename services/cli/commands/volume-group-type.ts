// volume group type create, list, show, set, unset, delete. Group specs are shown as properties, as python-openstackclient does.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findGroupType, type GroupType } from '../resources/lookups.js';
import type { Session } from '../session.js';

const typeArgument = { name: 'group_type', about: 'group type (name or ID)' } as const;

function typeFields({ id, name, description, is_public, group_specs }: GroupType): OneResult {
  return { kind: 'one', fields: { description, id, is_public, name, properties: group_specs ?? {} } };
}

function wantedPublic(input: CommandInput): { is_public?: boolean } {
  if (input.flag('public')) return { is_public: true };
  return input.flag('private') ? { is_public: false } : {};
}

async function createType(session: Session, input: CommandInput): Promise<CommandResult> {
  const wanted = {
    name: input.need('name'),
    ...givenOnly({
      description: input.text('description'),
      group_specs: input.anyOf('property') ? input.pairs('property') : undefined,
    }),
    ...wantedPublic(input),
  };
  return typeFields((await session.volume.post('/v3/group_types', { body: { group_type: wanted } })).group_type);
}

async function listTypes(session: Session, input: CommandInput): Promise<CommandResult> {
  const types = input.flag('default')
    ? [(await session.volume.get('/v3/group_types/{group_type_id}', { path: { group_type_id: 'default' } })).group_type]
    : (await session.volume.get('/v3/group_types', { query: { is_public: 'None' } })).group_types;
  return {
    kind: 'many',
    columns: ['ID', 'Name', 'Is Public', 'Properties'],
    rows: types.map((type) => [type.id, type.name, type.is_public, type.group_specs ?? {}]),
  };
}

async function setType(session: Session, input: CommandInput): Promise<CommandResult> {
  if (!input.anyOf('name', 'description', 'property', 'no-property', 'public', 'private')) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume group type set --help`.');
  }
  const type = await findGroupType(session, input.need('group_type'));
  const path = { group_type_id: type.id };
  const change = {
    ...givenOnly({ name: input.text('name'), description: input.text('description') }),
    ...wantedPublic(input),
  };
  if (Object.keys(change).length > 0) {
    await session.volume.put('/v3/group_types/{group_type_id}', { path, body: { group_type: change } });
  }
  const properties = input.pairs('property');
  if (input.flag('no-property')) {
    for (const key of Object.keys(type.group_specs ?? {}).filter((one) => !(one in properties))) {
      await deleteSpec(session, type.id, key);
    }
  }
  if (Object.keys(properties).length > 0) {
    const body = { group_specs: properties };
    await session.volume.post('/v3/group_types/{group_type_id}/group_specs', { path, body });
  }
  return typeFields(await findGroupType(session, type.id));
}

async function deleteSpec(session: Session, typeId: string, key: string): Promise<void> {
  const path = { group_type_id: typeId, key };
  await session.volume.delete('/v3/group_types/{group_type_id}/group_specs/{key}', { path });
}

async function unsetType(session: Session, input: CommandInput): Promise<undefined> {
  const keys = input.texts('property');
  if (keys.length === 0) throw new UsageError('--property is missing.', 'Name the properties to remove.');
  const { id } = await findGroupType(session, input.need('group_type'));
  for (const key of keys) await deleteSpec(session, id, key);
  return undefined;
}

export const volumeGroupTypeCommands: readonly CommandRow[] = [
  {
    path: 'volume group type list',
    summary: 'List group types',
    options: [{ flags: '--default', about: 'only the default one' }],
    example: 'saggar volume group type list',
    output: 'many',
    run: listTypes,
  },
  {
    path: 'volume group type show',
    summary: 'Show a group type',
    args: [typeArgument],
    example: 'saggar volume group type show together',
    output: 'one',
    run: async (session, input) => typeFields(await findGroupType(session, input.need('group_type'))),
  },
  {
    path: 'volume group type create',
    summary: 'Make a group type (administrators)',
    args: [{ name: 'name', about: 'name of the new type' }],
    options: [
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--property <key=value>', about: 'group spec; repeat for several', repeat: true },
      { flags: '--public', about: 'for all projects (as by default)', conflicts: ['private'] },
      { flags: '--private', about: 'for administrators only' },
    ],
    example: 'saggar volume group type create --property "consistent_group_snapshot_enabled=<is> True" together',
    details: [
      'With consistent_group_snapshot_enabled=<is> True a snapshot of a group is one instant for all its',
      'volumes, or refused: it is kept where they are attached to one server at most.',
    ],
    output: 'one',
    run: createType,
  },
  {
    path: 'volume group type set',
    summary: 'Change a group type (administrators)',
    args: [typeArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'group spec to set; repeat for several', repeat: true },
      { flags: '--no-property', about: 'remove the other group specs' },
      { flags: '--public', about: 'for all projects', conflicts: ['private'] },
      { flags: '--private', about: 'for administrators only' },
    ],
    example: 'saggar volume group type set --description "one instant" together',
    output: 'one',
    run: setType,
  },
  {
    path: 'volume group type unset',
    summary: 'Remove group specs of a group type (administrators)',
    args: [typeArgument],
    options: [{ flags: '--property <key>', about: 'group spec to remove; repeat for several', repeat: true }],
    example: 'saggar volume group type unset --property colour together',
    output: 'none',
    run: unsetType,
  },
  {
    path: 'volume group type delete',
    summary: 'Delete group types (administrators)',
    args: [{ ...typeArgument, many: true }],
    example: 'saggar volume group type delete together',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('group_type'), async (name) => {
        const { id } = await findGroupType(session, name);
        await session.volume.delete('/v3/group_types/{group_type_id}', { path: { group_type_id: id } });
      });
      return undefined;
    },
  },
];
