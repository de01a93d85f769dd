// volume group snapshot create, list, show, set, delete: snapshots of all volumes of a group, taken together.
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findGroup, findGroupSnapshot, type GroupSnapshot } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { showGroupSnapshot, waitForGroupSnapshot } from '../wait/wait-for-group.js';
import { waitOptions } from '../wait/wait-options.js';
import { listPageOptions } from './volume-fields.js';

const snapshotArgument = { name: 'snapshot', about: 'group snapshot (name or ID)' } as const;

function snapshotFields({ id, status, name, description, group_id, group_type_id }: GroupSnapshot): OneResult {
  return { kind: 'one', fields: { id, status, name, description, group: group_id, group_type: group_type_id } };
}

async function createSnapshot(session: Session, input: CommandInput): Promise<CommandResult> {
  const { id: group_id } = await findGroup(session, input.need('volume_group'));
  const wanted = { group_id, ...givenOnly({ name: input.text('name'), description: input.text('description') }) };
  const { group_snapshot: made } = await session.volume.post('/v3/group_snapshots', {
    body: { group_snapshot: wanted },
  });
  const shown = await showGroupSnapshot(session, made.id);
  const settled = input.flag('wait') ? await waitForGroupSnapshot(session, input, shown, false) : null;
  return snapshotFields(settled ?? shown);
}

async function listSnapshots(session: Session, input: CommandInput): Promise<CommandResult> {
  const snapshots = await readAllPages(
    async (marker, limit) => {
      const allProjects = input.flag('all-projects') ? 1 : undefined;
      const query = { all_tenants: allProjects, marker, limit };
      const page = await session.volume.get('/v3/group_snapshots/detail', { query });
      return { items: page.group_snapshots, more: page.group_snapshot_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return {
    kind: 'many',
    columns: ['ID', 'Status', 'Name'],
    rows: snapshots.map((one) => [one.id, one.status, one.name ?? '']),
  };
}

export const volumeGroupSnapshotCommands: readonly CommandRow[] = [
  {
    path: 'volume group snapshot create',
    summary: 'Keep the present state of all volumes of a group, also while a guest writes to them',
    args: [{ name: 'volume_group', about: 'volume group (name or ID)' }],
    options: [
      { flags: '--name <name>', about: 'name of the new group snapshot' },
      { flags: '--description <text>', about: 'what it is for' },
      ...waitOptions,
    ],
    example: 'saggar volume group snapshot create --name monday --wait shop',
    details: [
      'Volumes that one server has are taken at one instant, its file systems frozen when a guest agent',
      'answers there. Where none does, `saggar volume message list` says so.',
    ],
    output: 'one',
    run: createSnapshot,
  },
  {
    path: 'volume group snapshot list',
    summary: 'List group snapshots',
    options: [{ flags: '--all-projects', about: 'of all projects (administrators)' }, ...listPageOptions],
    example: 'saggar volume group snapshot list',
    output: 'many',
    run: listSnapshots,
  },
  {
    path: 'volume group snapshot show',
    summary: 'Show a group snapshot',
    args: [snapshotArgument],
    example: 'saggar volume group snapshot show monday',
    output: 'one',
    run: async (session, input) => snapshotFields(await findGroupSnapshot(session, input.need('snapshot'))),
  },
  {
    path: 'volume group snapshot set',
    summary: 'Write another status into the record (administrators; changes nothing else)',
    args: [snapshotArgument],
    options: [{ flags: '--state <status>', about: 'the status', required: true }],
    example: 'saggar volume group snapshot set --state available monday',
    output: 'none',
    run: async (session, input) => {
      const { id } = await findGroupSnapshot(session, input.need('snapshot'));
      const call = { path: { group_snapshot_id: id }, body: { reset_status: { status: input.need('state') } } };
      await session.volume.post('/v3/group_snapshots/{group_snapshot_id}/action', call);
      return undefined;
    },
  },
  {
    path: 'volume group snapshot delete',
    summary: 'Delete group snapshots with all their snapshots',
    args: [{ ...snapshotArgument, many: true }],
    options: waitOptions,
    example: 'saggar volume group snapshot delete --wait monday',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('snapshot'), async (name) => {
        const snapshot = await findGroupSnapshot(session, name);
        const path = { group_snapshot_id: snapshot.id };
        await session.volume.delete('/v3/group_snapshots/{group_snapshot_id}', { path });
        if (input.flag('wait')) await waitForGroupSnapshot(session, input, snapshot, true);
      });
      return undefined;
    },
  },
];
