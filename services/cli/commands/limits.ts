// limits show and availability zone list: what the project may have and has, and where it may be.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { projectIdOf } from '../resources/scopes.js';
import type { Session } from '../session.js';

async function showLimits(session: Session, input: CommandInput): Promise<CommandResult> {
  if (input.flag('rate')) {
    const { limits } = await session.volume.get('/v3/limits', {});
    return {
      kind: 'many',
      columns: ['Verb', 'URI', 'Value', 'Remain', 'Unit', 'Next Available'],
      rows: limits.rate.flatMap(rateRows),
    };
  }
  const wanted = input.text('project');
  if (wanted === undefined && input.anyOf('domain')) throw new UsageError('--domain goes with --project.');
  const project = wanted === undefined ? undefined : await projectIdOf(session, wanted, input.text('domain'));
  const [storage, compute] = await Promise.all([
    session.volume.get('/v3/limits', { query: { project_id: project } }),
    readComputeLimits(session, project),
  ]);
  const values = { ...compute, ...storage.limits.absolute };
  return { kind: 'many', columns: ['Name', 'Value'], rows: Object.entries(values) };
}

async function readComputeLimits(session: Session, project: string | undefined): Promise<object> {
  if (!(await session.serves('compute'))) return {};
  return (await session.compute.get('/v2.1/limits', { query: { tenant_id: project } })).limits.absolute;
}

/** Saggar has no rate limits of this kind; other clouds may, one list of limits for each pattern of URIs. */
function rateRows(entry: unknown): readonly (readonly unknown[])[] {
  const { uri = '', limit = [] } = Object(entry) as { uri?: string; limit?: readonly Record<string, unknown>[] };
  return limit.map((one) => [one['verb'], uri, one['value'], one['remaining'], one['unit'], one['next-available']]);
}

interface ZoneInfo {
  readonly zoneName: string;
  readonly zoneState: { readonly available: boolean };
  readonly hosts?: HostsOfZone | null;
}

type HostsOfZone = Readonly<
  Record<string, Readonly<Record<string, { readonly available: boolean; readonly updated_at: string | null }>>>
>;

async function listZones(session: Session, input: CommandInput): Promise<CommandResult> {
  const both = !input.anyOf('volume', 'compute');
  const compute = input.flag('compute') || (both && (await session.serves('compute')));
  const long = input.flag('long');
  const zones: ZoneInfo[] = [];
  if (compute && long) {
    zones.push(...(await session.compute.get('/v2.1/os-availability-zone/detail', {})).availabilityZoneInfo);
  } else if (compute) {
    zones.push(...(await session.compute.get('/v2.1/os-availability-zone', {})).availabilityZoneInfo);
  }
  if (both || input.flag('volume')) {
    zones.push(...(await session.volume.get('/v3/os-availability-zone', {})).availabilityZoneInfo);
  }
  return {
    kind: 'many',
    columns: [
      'Zone Name',
      'Zone Status',
      ...(long ? ['Zone Resource', 'Host Name', 'Service Name', 'Service Status'] : []),
    ],
    rows: zones.flatMap((zone) => {
      const start = [zone.zoneName, zone.zoneState.available ? 'available' : 'not available'];
      if (!long) return [start];
      const services = servicesOf(zone.hosts ?? {});
      return (services.length === 0 ? [['', '', '']] : services).map((service) => [...start, '', ...service]);
    }),
  };
}

function servicesOf(hosts: HostsOfZone): string[][] {
  return Object.entries(hosts).flatMap(([host, services]) =>
    Object.entries(services).map(([service, { available, updated_at }]) => [
      host,
      service,
      `${available ? ':-)' : 'XXX'} ${updated_at ?? ''}`.trimEnd(),
    ]),
  );
}

export const limitsCommands: readonly CommandRow[] = [
  {
    path: 'limits show',
    summary: 'Show what the project may have and has',
    options: [
      { flags: '--absolute', about: 'absolute limits (as by default)', conflicts: ['rate'] },
      { flags: '--rate', about: 'limits on the number of requests' },
      { flags: '--project <project>', about: 'of this project (name or ID; administrators)' },
      { flags: '--domain <domain>', about: "the project's domain (name or ID)" },
    ],
    example: 'saggar limits show --absolute',
    output: 'many',
    run: showLimits,
  },
];

export const availabilityZoneCommands: readonly CommandRow[] = [
  {
    path: 'availability zone list',
    summary: 'List availability zones',
    options: [
      { flags: '--volume', about: 'only of block storage' },
      { flags: '--compute', about: 'only of compute' },
      { flags: '--long', about: 'with more columns' },
    ],
    example: 'saggar availability zone list --volume',
    output: 'many',
    run: listZones,
  },
];
