// block storage volume manageable list, block storage snapshot manageable list: what on a backend could be taken over (administrators).
// Words: python-openstackclient 6.3 and later.
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import type { Session } from '../session.js';

interface Found {
  readonly reference: { readonly 'source-name': string };
  readonly size: number;
  readonly safe_to_manage: boolean;
  readonly reason_not_managed: string | null;
  readonly cinder_id: string | null;
  readonly extra_info: string | null;
  readonly source_reference?: { readonly 'source-name': string };
}

function queryOf(input: CommandInput): Record<string, string | number | undefined> {
  return {
    host: input.need('host'),
    sort: input.text('sort') ?? 'reference:asc',
    marker: input.text('marker'),
    limit: input.integer('limit'),
  };
}

function tableOf(found: readonly Found[], long: boolean): CommandResult {
  const columns = [
    'Reference',
    'Size',
    'Safe To Manage',
    ...(long ? ['Reason Not Managed', 'Cinder ID', 'Extra Info'] : []),
  ];
  return {
    kind: 'many',
    columns,
    rows: found.map((one) => [
      one.reference['source-name'],
      one.size,
      one.safe_to_manage,
      ...(long ? [one.reason_not_managed, one.cinder_id, one.extra_info] : []),
    ]),
  };
}

const host = { name: 'host', about: 'host@backend, or a pool, as `volume backend pool list` shows it' } as const;
const options: readonly OptionSpec[] = [
  { flags: '--long', about: 'with the reasons why files cannot be taken over' },
  { flags: '--sort <key>', about: 'reference or size, with :asc or :desc' },
  { flags: '--limit <count>', about: 'at most so many', integer: { min: 0, max: 1000 } },
  { flags: '--marker <reference>', about: 'begin behind this reference' },
];

export const manageableVolumeCommands: readonly CommandRow[] = [
  {
    path: 'block storage volume manageable list',
    summary: 'List the files of a backend that could be taken over as volumes (administrators)',
    details: [
      'The share is read for it, which may take some seconds. Take one over with',
      '`volume create --remote-source source-name=FILE --host POOL NAME`.',
    ],
    args: [host],
    options,
    example: 'saggar block storage volume manageable list --long store1@gluster',
    output: 'many',
    run: async (session: Session, input: CommandInput) => {
      const body = await session.volume.get('/v3/manageable_volumes/detail', { query: queryOf(input) });
      return tableOf(body['manageable-volumes'], input.flag('long'));
    },
  },
];

export const manageableSnapshotCommands: readonly CommandRow[] = [
  {
    path: 'block storage snapshot manageable list',
    summary: 'List the snapshots of a backend that were let go and can be taken back (administrators)',
    details: [
      'Take one back with',
      '`volume snapshot create --volume VOLUME --remote-source source-name=REFERENCE NAME`.',
    ],
    args: [host],
    options,
    example: 'saggar block storage snapshot manageable list --long store1@gluster',
    output: 'many',
    run: async (session: Session, input: CommandInput) => {
      const body = await session.volume.get('/v3/manageable_snapshots/detail', { query: queryOf(input) });
      return tableOf(body['manageable-snapshots'], input.flag('long'));
    },
  },
];
