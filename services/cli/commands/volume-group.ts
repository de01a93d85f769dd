// volume group create, list, show, set, delete. A group is made of a group type and volume types, or as the copy of a group or of a
// group snapshot; who is in it is changed with `set`.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findGroup, findGroupSnapshot, findVolume, type Group } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { waitForGroup } from '../wait/wait-for-group.js';
import { waitOptions } from '../wait/wait-options.js';
import { listPageOptions } from './volume-fields.js';

const groupArgument = { name: 'group', about: 'volume group (name or ID)' } as const;

function groupFields(group: Group): OneResult {
  const { id, status, name, description, group_type, volume_types, availability_zone, created_at } = group;
  const { volumes, group_snapshot_id, source_group_id } = group;
  const base = { id, status, name, description, group_type, volume_types, availability_zone, created_at };
  return { kind: 'one', fields: { ...base, ...givenOnly({ volumes, group_snapshot_id, source_group_id }) } };
}

async function showGroup(session: Session, id: string, withVolumes: boolean): Promise<Group> {
  const query = withVolumes ? { list_volume: 'True' } : {};
  return (await session.volume.get('/v3/groups/{group_id}', { path: { group_id: id }, query })).group;
}

/** The id of a copy; undefined when none is wanted. */
async function tryCopy(session: Session, input: CommandInput): Promise<string | undefined> {
  const [group, snapshot] = [input.text('source-group'), input.text('group-snapshot')];
  if (group === undefined && snapshot === undefined) return undefined;
  if (input.anyOf('volume_group_type', 'volume_types', 'availability-zone')) {
    throw new UsageError('A copy takes types and zone from its source.', 'Leave them out.');
  }
  const source =
    group !== undefined
      ? { source_group_id: (await findGroup(session, group)).id }
      : { group_snapshot_id: (await findGroupSnapshot(session, snapshot ?? '')).id };
  const wanted = { ...givenOnly({ name: input.text('name'), description: input.text('description') }), ...source };
  return (await session.volume.post('/v3/groups/action', { body: { 'create-from-src': wanted } })).group.id;
}

async function createPlain(session: Session, input: CommandInput): Promise<string> {
  const volumeTypes = [...input.texts('volume_types')];
  if (volumeTypes.length === 0) {
    throw new UsageError('The volume types are missing.', 'Name those that the volumes of the group may have.');
  }
  const wanted = {
    group_type: input.need('volume_group_type'),
    volume_types: volumeTypes,
    ...givenOnly({
      name: input.text('name'),
      description: input.text('description'),
      availability_zone: input.text('availability-zone'),
    }),
  };
  return (await session.volume.post('/v3/groups', { body: { group: wanted } })).group.id;
}

async function createGroup(session: Session, input: CommandInput): Promise<CommandResult> {
  const id = (await tryCopy(session, input)) ?? (await createPlain(session, input));
  if (input.flag('wait')) await waitForGroup(session, input, await showGroup(session, id, false), false);
  return groupFields(await showGroup(session, id, true));
}

async function listGroups(session: Session, input: CommandInput): Promise<CommandResult> {
  const groups = await readAllPages(
    async (marker, limit) => {
      const allProjects = input.flag('all-projects') ? 1 : undefined;
      const query = { all_tenants: allProjects, marker, limit };
      const page = await session.volume.get('/v3/groups/detail', { query });
      return { items: page.groups, more: page.group_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return {
    kind: 'many',
    columns: ['ID', 'Status', 'Name'],
    rows: groups.map((group) => [group.id, group.status, group.name ?? '']),
  };
}

async function idsOf(session: Session, names: readonly string[]): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const ids: string[] = [];
  for (const name of names) ids.push((await findVolume(session, name)).id);
  return ids.join(',');
}

async function setGroup(session: Session, input: CommandInput): Promise<CommandResult> {
  if (!input.anyOf('name', 'description', 'add-volume', 'remove-volume', 'state')) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume group set --help`.');
  }
  const { id } = await findGroup(session, input.need('group'));
  const path = { group_id: id };
  const change = givenOnly({
    name: input.text('name'),
    description: input.text('description'),
    add_volumes: await idsOf(session, input.texts('add-volume')),
    remove_volumes: await idsOf(session, input.texts('remove-volume')),
  });
  if (Object.keys(change).length > 0)
    await session.volume.put('/v3/groups/{group_id}', { path, body: { group: change } });
  const status = input.text('state');
  if (status !== undefined) {
    await session.volume.post('/v3/groups/{group_id}/action', { path, body: { reset_status: { status } } });
  }
  return groupFields(await showGroup(session, id, true));
}

async function deleteGroups(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('group'), async (name) => {
    const group = await findGroup(session, name);
    const body = { delete: { 'delete-volumes': input.flag('force') } };
    await session.volume.post('/v3/groups/{group_id}/action', { path: { group_id: group.id }, body });
    if (input.flag('wait')) await waitForGroup(session, input, group, true);
  });
  return undefined;
}

export const volumeGroupCommands: readonly CommandRow[] = [
  {
    path: 'volume group create',
    summary: 'Make a group of volumes, empty or as the copy of another',
    args: [
      { name: 'volume_group_type', about: 'group type (name or ID); not for a copy', optional: true },
      { name: 'volume_types', about: 'types that its volumes may have (names or IDs)', many: true, optional: true },
    ],
    options: [
      { flags: '--name <name>', about: 'name of the new group' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--availability-zone <zone>', about: 'where its volumes are made' },
      {
        flags: '--source-group <group>',
        about: 'with a clone of every volume of this group',
        conflicts: ['group-snapshot'],
      },
      { flags: '--group-snapshot <snapshot>', about: 'with a volume of every snapshot of this group snapshot' },
      ...waitOptions,
    ],
    example: 'saggar volume group create --name shop together __DEFAULT__',
    moreExamples: ['saggar volume group create --name copy --group-snapshot monday --wait'],
    output: 'one',
    run: createGroup,
  },
  {
    path: 'volume group list',
    summary: 'List groups of volumes',
    options: [{ flags: '--all-projects', about: 'of all projects (administrators)' }, ...listPageOptions],
    example: 'saggar volume group list',
    output: 'many',
    run: listGroups,
  },
  {
    path: 'volume group show',
    summary: 'Show a group and its volumes',
    args: [groupArgument],
    options: [
      { flags: '--volumes', about: 'with its volumes (as by default)', conflicts: ['no-volumes'] },
      { flags: '--no-volumes', about: 'without its volumes' },
    ],
    example: 'saggar volume group show shop',
    output: 'one',
    run: async (session, input) => {
      const { id } = await findGroup(session, input.need('group'));
      return groupFields(await showGroup(session, id, !input.flag('no-volumes')));
    },
  },
  {
    path: 'volume group set',
    summary: 'Change a group, and which volumes are in it',
    args: [groupArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--add-volume <volume>', about: 'volume that joins (name or ID); repeat for several', repeat: true },
      { flags: '--remove-volume <volume>', about: 'volume that leaves (name or ID); repeat for several', repeat: true },
      {
        flags: '--state <status>',
        about: 'write another status into the record (administrators; changes nothing else)',
      },
    ],
    example: 'saggar volume group set --add-volume data shop',
    output: 'one',
    run: setGroup,
  },
  {
    path: 'volume group delete',
    summary: 'Delete groups',
    args: [{ ...groupArgument, many: true }],
    options: [{ flags: '--force', about: 'with all their volumes' }, ...waitOptions],
    example: 'saggar volume group delete --force --wait shop',
    output: 'none',
    run: deleteGroups,
  },
];
