// volume snapshot create, list, show, set, unset, delete, report. Snapshots of volumes in use are made while the guest runs.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { findSnapshot, findVolume } from '../resources/lookups.js';
import { givenProjectId, projectOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { waitForSnapshot } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnSnapshot } from './volume-actions.js';
import { listPageOptions, resourceFields, snapshotList } from './volume-fields.js';

const snapshotArgument = { name: 'snapshot', about: 'snapshot (name or ID)' } as const;

async function createSnapshot(session: Session, input: CommandInput): Promise<CommandResult> {
  const name = input.need('name');
  const volume = await findVolume(session, input.text('volume') ?? name);
  // From 3.66 volumes in use need no `force`, and the server refuses the key; --force is taken for scripts that still send it.
  const wanted = {
    volume_id: volume.id,
    name,
    ...givenOnly({
      description: input.text('description'),
      metadata: input.anyOf('property') ? input.pairs('property') : undefined,
    }),
  };
  const { snapshot } = input.anyOf('remote-source')
    ? await session.volume.post('/v3/manageable_snapshots', {
        body: { snapshot: { ...wanted, ref: input.pairs('remote-source') as Record<string, never> } },
      })
    : await session.volume.post('/v3/snapshots', { body: { snapshot: wanted } });
  const settled = input.flag('wait') ? await waitForSnapshot(session, input, snapshot, false) : null;
  return resourceFields(settled ?? snapshot);
}

async function listSnapshots(session: Session, input: CommandInput): Promise<CommandResult> {
  const volume = input.text('volume');
  const [volumeId, projectId] = await Promise.all([
    volume === undefined ? undefined : findVolume(session, volume).then(({ id }) => id),
    givenProjectId(session, input),
  ]);
  const snapshots = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/snapshots/detail', {
        query: {
          name: input.text('name'),
          status: input.text('status'),
          volume_id: volumeId,
          project_id: projectId,
          all_tenants: input.flag('all-projects') || projectId !== undefined ? 1 : undefined,
          marker,
          limit,
        },
      });
      return { items: page.snapshots, more: page.snapshots_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  return snapshotList(snapshots, input.flag('long'));
}

async function setSnapshot(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('name', 'description', 'property', 'no-property', 'state')) {
    throw new UsageError('Nothing to change was given.', 'See `saggar volume snapshot set --help`.');
  }
  const snapshot = await findSnapshot(session, input.need('snapshot'));
  const path = { snapshot_id: snapshot.id };
  if (input.anyOf('name', 'description')) {
    const change = givenOnly({ name: input.text('name'), description: input.text('description') });
    await session.volume.put('/v3/snapshots/{snapshot_id}', { path, body: { snapshot: change } });
  }
  if (input.anyOf('property', 'no-property')) {
    const call = { path, body: { metadata: input.pairs('property') } };
    if (input.flag('no-property')) await session.volume.put('/v3/snapshots/{snapshot_id}/metadata', call);
    else await session.volume.post('/v3/snapshots/{snapshot_id}/metadata', call);
  }
  const status = input.text('state');
  if (status !== undefined) await actOnSnapshot(session, snapshot.id, { 'os-reset_status': { status } });
  return undefined;
}

/** What a hypervisor says about a snapshot that it makes or deletes; its own client does that while a guest runs. */
async function reportSnapshot(session: Session, input: CommandInput): Promise<undefined> {
  const { id } = await findSnapshot(session, input.need('snapshot'));
  const report = { status: input.need('state'), ...givenOnly({ progress: input.text('progress') }) };
  await actOnSnapshot(session, id, { 'os-update_snapshot_status': report });
  return undefined;
}

async function unsetSnapshot(session: Session, input: CommandInput): Promise<undefined> {
  const keys = input.texts('property');
  if (keys.length === 0) throw new UsageError('--property is missing.', 'Name the properties to remove.');
  const { id } = await findSnapshot(session, input.need('snapshot'));
  for (const key of keys) {
    await session.volume.delete('/v3/snapshots/{snapshot_id}/metadata/{key}', { path: { snapshot_id: id, key } });
  }
  return undefined;
}

async function deleteSnapshots(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('snapshot'), async (name) => {
    const snapshot = await findSnapshot(session, name);
    if (input.flag('remote')) await actOnSnapshot(session, snapshot.id, { 'os-unmanage': null });
    else if (input.flag('force')) await actOnSnapshot(session, snapshot.id, { 'os-force_delete': null });
    else await session.volume.delete('/v3/snapshots/{snapshot_id}', { path: { snapshot_id: snapshot.id } });
    if (input.flag('wait')) await waitForSnapshot(session, input, snapshot, true);
  });
  return undefined;
}

export const volumeSnapshotCommands: readonly CommandRow[] = [
  {
    path: 'volume snapshot create',
    summary: 'Keep the present state of a volume, also while a guest writes to it',
    args: [{ name: 'name', about: 'name of the new snapshot' }],
    options: [
      { flags: '--volume <volume>', about: 'volume (name or ID); the one with the name of the snapshot by default' },
      { flags: '--description <text>', about: 'what it is for' },
      { flags: '--force', about: 'no longer needed for volumes in use; taken for old scripts' },
      { flags: '--property <key=value>', about: 'property; repeat for several', repeat: true },
      {
        flags: '--remote-source <key=value>',
        about: 'take back a snapshot that was let go: source-name=FILE (administrators)',
        repeat: true,
      },
      ...waitOptions,
    ],
    example: 'saggar volume snapshot create --volume data --wait before-upgrade',
    output: 'one',
    run: createSnapshot,
  },
  {
    path: 'volume snapshot list',
    summary: 'List snapshots',
    options: [
      { flags: '--volume <volume>', about: 'of this volume (name or ID)' },
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      ...projectOptions('of this project (administrators)'),
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar volume snapshot list --volume data --long',
    moreExamples: ['saggar volume snapshot list --status error --all-projects'],
    output: 'many',
    run: listSnapshots,
  },
  {
    path: 'volume snapshot show',
    summary: 'Show a snapshot',
    args: [snapshotArgument],
    example: 'saggar volume snapshot show before-upgrade',
    output: 'one',
    run: async (session, input) => resourceFields(await findSnapshot(session, input.need('snapshot'))),
  },
  {
    path: 'volume snapshot set',
    summary: 'Change name, description or properties of a snapshot',
    args: [snapshotArgument],
    options: [
      { flags: '--name <name>', about: 'new name' },
      { flags: '--description <text>', about: 'new description' },
      { flags: '--property <key=value>', about: 'property to set; repeat for several', repeat: true },
      { flags: '--no-property', about: 'remove all properties first' },
      {
        flags: '--state <status>',
        about: 'write another status into the record (administrators; changes nothing else)',
      },
    ],
    example: 'saggar volume snapshot set --name monday before-upgrade',
    output: 'none',
    run: setSnapshot,
  },
  {
    path: 'volume snapshot unset',
    summary: 'Remove properties of a snapshot',
    args: [snapshotArgument],
    options: [{ flags: '--property <key>', about: 'property to remove; repeat for several', repeat: true }],
    example: 'saggar volume snapshot unset --property reason before-upgrade',
    output: 'none',
    run: unsetSnapshot,
  },
  {
    path: 'volume snapshot delete',
    summary: 'Delete snapshots; what they alone held is merged into the volume below',
    args: [{ ...snapshotArgument, many: true }],
    options: [
      { flags: '--force', about: 'whatever the status (administrators)', conflicts: ['remote'] },
      { flags: '--remote', about: 'only let it go: its data stay where they are (administrators)' },
      ...waitOptions,
    ],
    example: 'saggar volume snapshot delete --wait before-upgrade',
    output: 'none',
    run: deleteSnapshots,
  },
  {
    path: 'volume snapshot report',
    summary: 'Say how far a hypervisor is with a snapshot (for services, not for people)',
    args: [snapshotArgument],
    options: [
      { flags: '--state <status>', about: 'creating, available, deleting, error or error_deleting', required: true },
      { flags: '--progress <percent>', about: 'such as 90%' },
    ],
    example: 'saggar volume snapshot report --state creating --progress 90% before-upgrade',
    output: 'none',
    run: reportSnapshot,
  },
];
