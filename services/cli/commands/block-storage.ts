// block storage resource filter list and show, block storage log level list and set.
import { CliError } from '../cli-error.js';
import type { CommandResult, CommandRow, OptionSpec } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { givenOnly } from '../resources/given-only.js';
import type { Session } from '../session.js';

const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
const binaries = ['cinder-api', 'cinder-volume', 'cinder-scheduler'] as const;

async function listFilters(session: Session): Promise<CommandResult> {
  const { resource_filters } = await session.volume.get('/v3/resource_filters', {});
  return {
    kind: 'many',
    columns: ['Resource', 'Filters'],
    rows: resource_filters.map(({ resource, filters }) => [resource, filters]),
  };
}

async function showFilters(session: Session, input: CommandInput): Promise<CommandResult> {
  const resource = input.need('resource');
  const { resource_filters } = await session.volume.get('/v3/resource_filters', { query: { resource } });
  const found = resource_filters.find((entry) => entry.resource === resource);
  if (found === undefined) {
    throw new CliError(`No filters are known for '${resource}'.`, 'See `saggar block storage resource filter list`.');
  }
  return { kind: 'one', fields: { Resource: found.resource, Filters: found.filters } };
}

/** Which processes are meant; all of them when nothing is said. */
function addressed(input: CommandInput): { binary?: (typeof binaries)[number]; server?: string; prefix?: string } {
  return givenOnly({
    binary: binaries.find((name) => name === input.text('service')),
    server: input.text('host'),
    prefix: input.text('log-prefix'),
  });
}

async function listLevels(session: Session, input: CommandInput): Promise<CommandResult> {
  const { log_levels } = await session.volume.put('/v3/os-services/get-log', { body: addressed(input) });
  return {
    kind: 'many',
    columns: ['Binary', 'Host', 'Prefix', 'Level'],
    rows: log_levels.flatMap((entry) =>
      Object.entries(entry.levels).map(([prefix, level]) => [entry.binary, entry.host, prefix, level]),
    ),
  };
}

async function setLevel(session: Session, input: CommandInput): Promise<undefined> {
  const level = input.need('level').toUpperCase();
  await session.volume.put('/v3/os-services/set-log', { body: { ...addressed(input), level } });
  return undefined;
}

const logOptions: readonly OptionSpec[] = [
  { flags: '--host <host>', about: 'only on this host, or host@backend' },
  { flags: '--service <binary>', about: 'only of this kind of process', choices: binaries },
  { flags: '--log-prefix <prefix>', about: 'only loggers whose name begins so' },
];

const filterList: Omit<CommandRow, 'path' | 'example'> = {
  summary: 'List what each kind of resource can be filtered by',
  output: 'many',
  run: listFilters,
};
const filterShow: Omit<CommandRow, 'path' | 'example'> = {
  summary: 'Show what one kind of resource can be filtered by',
  args: [{ name: 'resource', about: 'kind of resource, such as volume' }],
  output: 'one',
  run: showFilters,
};

export const blockStorageCommands: readonly CommandRow[] = [
  { path: 'block storage resource filter list', example: 'saggar block storage resource filter list', ...filterList },
  {
    path: 'block storage resource filter show',
    example: 'saggar block storage resource filter show volume',
    ...filterShow,
  },
  {
    path: 'block storage log level list',
    summary: 'List how much the processes of the service write to their logs (administrators)',
    options: logOptions,
    example: 'saggar block storage log level list --service cinder-volume',
    output: 'many',
    run: listLevels,
  },
  {
    path: 'block storage log level set',
    summary: 'Change how much the processes of the service write to their logs (administrators)',
    args: [{ name: 'level', about: `one of ${levels.join(', ')}` }],
    options: logOptions,
    example: 'saggar block storage log level set --host store1 DEBUG',
    output: 'none',
    run: setLevel,
  },
];

/** The same under the noun of the other volume commands. */
export const volumeResourceFilterCommands: readonly CommandRow[] = [
  { path: 'volume resource filter list', example: 'saggar volume resource filter list', ...filterList },
  { path: 'volume resource filter show', example: 'saggar volume resource filter show volume', ...filterShow },
];
