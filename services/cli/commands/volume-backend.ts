// volume backend pool list, volume backend capability show, volume host set, list, show: what an administrator sees of the storage.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Session } from '../session.js';

/** Room and promises are in GiB; the first eight titles are python-openstackclient's. */
const longColumns = [
  'Name',
  'Protocol',
  'Thick',
  'Thin',
  'Volumes',
  'Capacity',
  'Allocated',
  'Max Over Ratio',
  'Free',
  'Provisioned',
];

async function listPools(session: Session, input: CommandInput): Promise<CommandResult> {
  const { pools } = await session.volume.get('/v3/scheduler-stats/get_pools', { query: { detail: 'True' } });
  if (!input.flag('long')) return { kind: 'many', columns: ['Name'], rows: pools.map(({ name }) => [name]) };
  return {
    kind: 'many',
    columns: longColumns,
    rows: pools.map(({ name, capabilities }) => [
      name,
      capabilities?.storage_protocol ?? null,
      capabilities?.thick_provisioning_support ?? null,
      capabilities?.thin_provisioning_support ?? null,
      capabilities?.['total_volumes'] ?? null,
      capabilities?.total_capacity_gb ?? null,
      capabilities?.allocated_capacity_gb ?? null,
      capabilities?.max_over_subscription_ratio ?? null,
      capabilities?.free_capacity_gb ?? null,
      capabilities?.provisioned_capacity_gb ?? null,
    ]),
  };
}

async function showCapabilities(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { host: input.need('host') };
  const { properties } = await session.volume.get('/v3/capabilities/{host}', { path });
  return {
    kind: 'many',
    columns: ['Title', 'Key', 'Type', 'Description'],
    rows: Object.entries(properties).map(([key, { title, type, description }]) => [title, key, type, description]),
  };
}

async function setHost(session: Session, input: CommandInput): Promise<undefined> {
  if (!input.anyOf('enable', 'disable')) throw new UsageError('Give --enable or --disable.');
  const body = { host: input.need('host') };
  if (input.flag('disable')) await session.volume.put('/v3/os-services/freeze', { body });
  else await session.volume.put('/v3/os-services/thaw', { body });
  return undefined;
}

async function listHosts(session: Session, input: CommandInput): Promise<CommandResult> {
  const { hosts } = await session.volume.get('/v3/os-hosts', { query: { zone: input.text('zone') } });
  return {
    kind: 'many',
    columns: ['Host Name', 'Service', 'Zone'],
    rows: hosts.map(({ host_name, service, zone }) => [host_name, service, zone]),
  };
}

async function showHost(session: Session, input: CommandInput): Promise<CommandResult> {
  const { host } = await session.volume.get('/v3/os-hosts/{host}', { path: { host: input.need('host') } });
  return {
    kind: 'many',
    columns: ['Host', 'Project', 'Volume Count', 'Total Volume GB', 'Snapshot Count', 'Total Snapshot GB'],
    rows: host.map(({ resource }) => [
      resource.host,
      resource.project,
      resource.volume_count,
      resource.total_volume_gb,
      resource.snapshot_count,
      resource.total_snapshot_gb,
    ]),
  };
}

const hostArgument = { name: 'host', about: 'host@backend as `volume service list` shows it' } as const;

export const volumeBackendCommands: readonly CommandRow[] = [
  {
    path: 'volume backend pool list',
    summary: 'List the pools, one for each share, and their room (administrators)',
    options: [{ flags: '--long', about: 'with room and promises' }],
    example: 'saggar volume backend pool list --long',
    output: 'many',
    run: listPools,
  },
  {
    path: 'volume backend capability show',
    summary: 'Show what a backend can do (administrators)',
    args: [hostArgument],
    example: 'saggar volume backend capability show store1@gluster',
    output: 'many',
    run: showCapabilities,
  },
];

export const volumeHostCommands: readonly CommandRow[] = [
  {
    path: 'volume host set',
    summary: 'Freeze a backend, or let it take requests that change volumes again (administrators)',
    args: [hostArgument],
    options: [
      { flags: '--disable', about: 'freeze: nothing is made, grown or deleted there', conflicts: ['enable'] },
      { flags: '--enable', about: 'thaw' },
    ],
    example: 'saggar volume host set --disable store1@gluster',
    output: 'none',
    run: setHost,
  },
  {
    path: 'volume host list',
    summary: 'List the hosts with processes of the service (administrators)',
    options: [{ flags: '--zone <zone>', about: 'in this availability zone' }],
    example: 'saggar volume host list',
    output: 'many',
    run: listHosts,
  },
  {
    path: 'volume host show',
    summary: 'Show what the projects have on a host (administrators)',
    args: [hostArgument],
    example: 'saggar volume host show store1@gluster',
    output: 'many',
    run: showHost,
  },
];
