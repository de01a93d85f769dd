// flavor list, show, create, delete.
import { UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { givenOnly } from '../resources/given-only.js';
import { type Flavor, findFlavor } from '../resources/lookups.js';
import type { Session } from '../session.js';
import { listPageOptions } from './volume-fields.js';

const flavorArgument = { name: 'flavor', about: 'flavor (name or ID)' } as const;

function flavorFields(flavor: Flavor): OneResult {
  const { links: _, ...fields } = flavor;
  const shown = { access_project_ids: null, description: null, properties: {}, ...fields };
  return { kind: 'one', fields: Object.fromEntries(Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

async function listFlavors(session: Session, input: CommandInput): Promise<CommandResult> {
  const query = {
    is_public: input.flag('all') ? 'None' : input.flag('private') ? 'False' : undefined,
    minDisk: input.integer('min-disk'),
    minRam: input.integer('min-ram'),
    marker: input.text('marker'),
    limit: input.integer('limit'),
  };
  const { flavors } = await session.compute.get('/v2.1/flavors/detail', { query });
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: [
      ...['ID', 'Name', 'RAM', 'Disk', 'Ephemeral', 'VCPUs', 'Is Public'],
      ...(long ? ['Swap', 'RXTX Factor', 'Properties'] : []),
    ],
    rows: flavors.map((flavor) => [
      flavor.id,
      flavor.name,
      flavor.ram,
      flavor.disk,
      flavor['OS-FLV-EXT-DATA:ephemeral'],
      flavor.vcpus,
      flavor['os-flavor-access:is_public'],
      ...(long ? [flavor.swap, flavor.rxtx_factor, {}] : []),
    ]),
  };
}

async function createFlavor(session: Session, input: CommandInput): Promise<CommandResult> {
  const id = input.text('id');
  if (id === '') throw new UsageError('--id must not be empty.');
  const flavor = {
    name: input.need('name'),
    ram: input.integer('ram') ?? 256,
    vcpus: input.integer('vcpus') ?? 1,
    disk: input.integer('disk') ?? 0,
    ...givenOnly({
      id: id === 'auto' ? undefined : id,
      'OS-FLV-EXT-DATA:ephemeral': input.integer('ephemeral'),
      swap: input.integer('swap'),
      rxtx_factor: input.text('rxtx-factor'),
      'os-flavor-access:is_public': input.flag('private') ? (false as const) : undefined,
    }),
  };
  return flavorFields((await session.compute.post('/v2.1/flavors', { body: { flavor } })).flavor);
}

export const flavorCommands: readonly CommandRow[] = [
  {
    path: 'flavor list',
    summary: 'List flavors',
    options: [
      { flags: '--public', about: 'only those that are public (as by default)', conflicts: ['private', 'all'] },
      { flags: '--private', about: 'only those that are not public (administrators)', conflicts: ['all'] },
      { flags: '--all', about: 'also those that are not public (administrators)' },
      { flags: '--min-disk <gib>', about: 'with at least this disk', integer: { min: 0, max: 2_147_483_647 } },
      { flags: '--min-ram <mib>', about: 'with at least this memory', integer: { min: 0, max: 2_147_483_647 } },
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar flavor list --sort-column RAM',
    output: 'many',
    run: listFlavors,
  },
  {
    path: 'flavor show',
    summary: 'Show a flavor',
    args: [flavorArgument],
    example: 'saggar flavor show m1.tiny',
    output: 'one',
    run: async (session, input) => flavorFields(await findFlavor(session, input.need('flavor'))),
  },
  {
    path: 'flavor create',
    summary: 'Make a flavor (administrators)',
    args: [{ name: 'name', about: 'name of the new flavor' }],
    options: [
      { flags: '--id <id>', about: 'ID (a random one by default)' },
      { flags: '--ram <mib>', about: 'memory in MiB (default 256)', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--vcpus <count>', about: 'processors (default 1)', integer: { min: 1, max: 2_147_483_647 } },
      { flags: '--disk <gib>', about: 'disk in GiB (default 0)', integer: { min: 0, max: 2_147_483_647 } },
      { flags: '--ephemeral <gib>', about: 'second disk in GiB (default 0)', integer: { min: 0, max: 2_147_483_647 } },
      { flags: '--swap <mib>', about: 'swap in MiB (default 0)', integer: { min: 0, max: 2_147_483_647 } },
      { flags: '--rxtx-factor <factor>', about: 'kept and shown, nothing more (default 1.0)' },
      { flags: '--public', about: 'for all projects (as by default)', conflicts: ['private'] },
      { flags: '--private', about: 'not shown to projects' },
    ],
    example: 'saggar flavor create --ram 512 --vcpus 2 m1.twin',
    output: 'one',
    run: createFlavor,
  },
  {
    path: 'flavor delete',
    summary: 'Delete flavors; servers made from them keep their size (administrators)',
    args: [{ ...flavorArgument, many: true }],
    example: 'saggar flavor delete m1.twin',
    output: 'none',
    run: async (session, input) => {
      await forEachNamed(input.texts('flavor'), async (name) => {
        const { id } = await findFlavor(session, name);
        await session.compute.delete('/v2.1/flavors/{flavor_id}', { path: { flavor_id: id } });
      });
      return undefined;
    },
  },
];
