// volume list, show, summary, delete.
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { findVolume } from '../resources/lookups.js';
import { givenProjectId, givenUserId, projectOptions, userOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { waitForVolumeGone } from '../wait/wait-for-volume.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnVolume } from './volume-actions.js';
import { listPageOptions, resourceFields, volumeArgument, volumeList } from './volume-fields.js';

async function listVolumes(session: Session, input: CommandInput): Promise<CommandResult> {
  const [projectId, userId] = await Promise.all([givenProjectId(session, input), givenUserId(session, input)]);
  const everywhere = input.flag('all-projects') || projectId !== undefined;
  const volumes = await readAllPages(
    async (marker, limit) => {
      const page = await session.volume.get('/v3/volumes/detail', {
        query: {
          name: input.text('name'),
          status: input.text('status'),
          all_tenants: everywhere ? 1 : undefined,
          project_id: projectId,
          user_id: userId,
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

async function summarize(session: Session, input: CommandInput): Promise<CommandResult> {
  const query = { all_tenants: input.flag('all-projects') ? 'True' : undefined };
  const { 'volume-summary': summary } = await session.volume.get('/v3/volumes/summary', { query });
  const { metadata, total_count, total_size } = summary;
  const fields = { 'Total Count': total_count, 'Total Size': total_size, ...(metadata ? { Metadata: metadata } : {}) };
  return { kind: 'one', fields };
}

async function deleteVolumes(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('volume'), async (name) => {
    const volume = await findVolume(session, name);
    if (input.flag('remote')) await actOnVolume(session, volume.id, { 'os-unmanage': null });
    else if (input.flag('force')) await actOnVolume(session, volume.id, { 'os-force_delete': null });
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
    path: 'volume list',
    summary: 'List volumes',
    options: [
      { flags: '--name <name>', about: 'with this name' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      ...projectOptions('of this project (administrators)'),
      ...userOptions('made by this user (administrators)'),
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar volume list --status available -f json',
    moreExamples: [
      'saggar volume list --all-projects --long --sort-column Size --sort-descending',
      'saggar volume list -f value -c ID',
    ],
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
    path: 'volume summary',
    summary: "Show the number and the total size (GiB) of the project's volumes",
    options: [{ flags: '--all-projects', about: 'of all projects (administrators)' }],
    example: 'saggar volume summary',
    output: 'one',
    run: summarize,
  },
  {
    path: 'volume delete',
    summary: 'Delete volumes',
    args: [{ ...volumeArgument, many: true }],
    options: [
      { flags: '--force', about: 'whatever the status (administrators)', conflicts: ['purge'] },
      { flags: '--purge', about: 'with their snapshots', conflicts: ['remote'] },
      {
        flags: '--remote',
        about: 'only let it go: its file stays on the share (administrators)',
        conflicts: ['force'],
      },
      ...waitOptions,
    ],
    example: 'saggar volume delete --wait data',
    output: 'none',
    run: deleteVolumes,
  },
];
