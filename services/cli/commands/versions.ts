// versions show and extension list: what the services of the cloud can do.
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Session } from '../session.js';

const interfaces = ['public', 'internal', 'admin'] as const;
const columns = [
  'Region Name',
  'Service Type',
  'Version',
  'Status',
  'Endpoint',
  'Min Microversion',
  'Max Microversion',
];

async function showVersions(session: Session, input: CommandInput): Promise<CommandResult> {
  const wanted = input.text('service');
  const status = input.text('status')?.toUpperCase();
  const kinds = input.flag('all-interfaces')
    ? interfaces
    : interfaces.filter((kind) => kind === input.text('interface'));
  const found = await session.versions({ ...(kinds.length === 0 ? {} : { kinds }), ...regionOf(input) });
  // The same service may stand in the catalog under an older and a newer type; one of them is enough, unless it is named.
  const seen = new Set<string>();
  const rows = found
    .filter((entry) => {
      if (wanted !== undefined) return wanted === entry.type;
      // An endpoint may speak several versions, as that of images does.
      const place = `${entry.region} ${entry.endpoint} ${entry.version}`;
      return !seen.has(place) && seen.add(place).size > 0;
    })
    .filter((entry) => status === undefined || status === entry.status)
    .map((entry) => [
      entry.region,
      entry.type,
      entry.version,
      entry.status,
      entry.endpoint,
      entry.minMicroversion,
      entry.maxMicroversion,
    ]);
  return { kind: 'many', columns, rows };
}

function regionOf(input: CommandInput): { readonly region?: string } {
  const region = input.text('region-name');
  return region === undefined ? {} : { region };
}

async function showExtension(session: Session, input: CommandInput): Promise<CommandResult> {
  const path = { alias: input.need('extension') };
  const { extension } = await session.volume.get('/v3/extensions/{alias}', { path });
  return { kind: 'one', fields: { ...extension } };
}

interface Extension {
  readonly name: string;
  readonly alias: string;
  readonly description: string;
  readonly namespace?: string;
  readonly updated: string;
  readonly links: readonly unknown[];
}

async function listExtensions(session: Session, input: CommandInput): Promise<CommandResult> {
  const both = !input.anyOf('volume', 'compute');
  const compute = input.flag('compute') || (both && (await session.serves('compute')));
  const extensions: Extension[] = [];
  if (compute) extensions.push(...(await session.compute.get('/v2.1/extensions', {})).extensions);
  if (both || input.flag('volume')) extensions.push(...(await session.volume.get('/v3/extensions', {})).extensions);
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: ['Name', 'Alias', 'Description', ...(long ? ['Namespace', 'Updated', 'Links'] : [])],
    rows: extensions.map(({ name, alias, description, namespace = '', updated, links }) => [
      name,
      alias,
      description,
      ...(long ? [namespace, updated, links] : []),
    ]),
  };
}

export const versionsCommands: readonly CommandRow[] = [
  {
    path: 'versions show',
    summary: 'Show which versions of its API each service speaks',
    options: [
      { flags: '--service <type>', about: 'only of this type of service, as the catalog names it' },
      { flags: '--all-interfaces', about: 'of all kinds of endpoints', conflicts: ['interface'] },
      { flags: '--interface <kind>', about: 'of this kind of endpoints', choices: interfaces },
      { flags: '--region-name <region>', about: 'in this region' },
      { flags: '--status <status>', about: 'only versions in this status, such as CURRENT' },
    ],
    example: 'saggar versions show',
    output: 'many',
    run: showVersions,
  },
];

export const extensionCommands: readonly CommandRow[] = [
  {
    path: 'extension list',
    summary: 'List the extensions of the APIs',
    options: [
      { flags: '--volume', about: 'only of block storage' },
      { flags: '--compute', about: 'only of compute' },
      { flags: '--long', about: 'with more columns' },
    ],
    example: 'saggar extension list --volume',
    output: 'many',
    run: listExtensions,
  },
  {
    path: 'extension show',
    summary: 'Show an extension of the block-storage API',
    args: [{ name: 'extension', about: 'extension (alias)' }],
    example: 'saggar extension show os-quota-sets',
    output: 'one',
    run: showExtension,
  },
];
