// limits show, quota show, quota set, availability zone list.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { findProject } from '../resources/lookups.js';
import type { Session } from '../session.js';

const projectArgument = { name: 'project', about: 'project (name or ID); the own one by default', optional: true };

/** Options of `quota set` and the keys they stand for. */
const quotaKeys = {
  volumes: 'volumes',
  snapshots: 'snapshots',
  gigabytes: 'gigabytes',
  'per-volume-gigabytes': 'per_volume_gigabytes',
  backups: 'backups',
  'backup-gigabytes': 'backup_gigabytes',
} as const;

async function projectIdOf(session: Session, input: CommandInput): Promise<string> {
  const wanted = input.text('project');
  if (wanted !== undefined) return (await findProject(session, wanted)).id;
  const { projectId } = await session.login();
  if (projectId === null) throw new UsageError('The token has no project; name one.');
  return projectId;
}

async function showLimits(session: Session): Promise<CommandResult> {
  const [storage, compute] = await Promise.all([
    session.volume.get('/v3/limits', {}),
    session.compute.get('/v2.1/limits', {}),
  ]);
  const values = { ...compute.limits.absolute, ...storage.limits.absolute };
  return { kind: 'many', columns: ['Name', 'Value'], rows: Object.entries(values) };
}

async function showQuota(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { target_project_id: await projectIdOf(session, input) };
  const answer = input.flag('default')
    ? await session.volume.get('/v3/os-quota-sets/{target_project_id}/defaults', { path })
    : await session.volume.get('/v3/os-quota-sets/{target_project_id}', {
        path,
        query: input.flag('usage') ? { usage: 'True' } : {},
      });
  const { id: _, ...quotas } = answer.quota_set;
  return { kind: 'one', fields: { project: path.target_project_id, ...quotas } };
}

async function setQuota(session: Session, input: CommandInput): Promise<undefined> {
  const type = input.text('volume-type');
  const quotas: Record<string, number> = {};
  for (const [option, key] of Object.entries(quotaKeys)) {
    const value = input.integer(option);
    if (value !== undefined) quotas[type === undefined ? key : `${key}_${type}`] = value;
  }
  if (Object.keys(quotas).length === 0) {
    throw new UsageError('No quota was given.', 'See `saggar quota set --help`.');
  }
  const path = { target_project_id: await projectIdOf(session, input) };
  await session.volume.put('/v3/os-quota-sets/{target_project_id}', { path, body: { quota_set: quotas } });
  return undefined;
}

async function listZones(session: Session, input: CommandInput): Promise<CommandResult> {
  const both = !input.anyOf('volume', 'compute');
  const rows: (readonly unknown[])[] = [];
  if (both || input.flag('compute')) {
    const { availabilityZoneInfo } = await session.compute.get('/v2.1/os-availability-zone', {});
    for (const { zoneName, zoneState } of availabilityZoneInfo) rows.push([zoneName, stateOf(zoneState), 'compute']);
  }
  if (both || input.flag('volume')) {
    const { availabilityZoneInfo } = await session.volume.get('/v3/os-availability-zone', {});
    for (const { zoneName, zoneState } of availabilityZoneInfo) rows.push([zoneName, stateOf(zoneState), 'volume']);
  }
  return { kind: 'many', columns: ['Zone Name', 'Zone Status', 'Service'], rows };
}

function stateOf(state: { readonly available: boolean }): string {
  return state.available ? 'available' : 'not available';
}

export const limitsCommands: readonly CommandRow[] = [
  {
    path: 'limits show',
    summary: 'Show what the project may have and has',
    options: [{ flags: '--absolute', about: 'absolute limits (the only ones there are)' }],
    example: 'saggar limits show',
    output: 'many',
    run: showLimits,
  },
];

export const quotaCommands: readonly CommandRow[] = [
  {
    path: 'quota show',
    summary: 'Show what a project may have',
    args: [projectArgument],
    options: [
      { flags: '--usage', about: 'with what is in use', conflicts: ['default'] },
      { flags: '--default', about: 'what a project has that was never given its own' },
    ],
    example: 'saggar quota show --usage',
    output: 'one',
    run: showQuota,
  },
  {
    path: 'quota set',
    summary: 'Change what a project may have; -1 is unlimited (administrators)',
    args: [projectArgument],
    options: [
      ...Object.keys(quotaKeys).map(
        (name): OptionSpec => ({
          flags: `--${name} <count>`,
          about: `new value for ${name.replaceAll('-', ' ')}`,
          integer: { min: -1, max: 2_147_483_647 },
        }),
      ),
      { flags: '--volume-type <type>', about: 'for volumes of this type only' },
    ],
    example: 'saggar quota set --volumes 100 --gigabytes 5000 demo',
    output: 'none',
    run: setQuota,
  },
];

export const availabilityZoneCommands: readonly CommandRow[] = [
  {
    path: 'availability zone list',
    summary: 'List availability zones',
    options: [
      { flags: '--volume', about: 'only of block storage' },
      { flags: '--compute', about: 'only of compute' },
    ],
    example: 'saggar availability zone list --volume',
    output: 'many',
    run: listZones,
  },
];
