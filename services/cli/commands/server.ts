// server list, show, start, stop, reboot, delete, and console log show.
import type { CommandResult, CommandRow, OneResult } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { Worded } from '../output/value-text.js';
import { readAllPages } from '../resources/all-pages.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { findFlavor, findServer, type Server } from '../resources/lookups.js';
import { givenProjectId, givenUserId, projectOptions, userOptions } from '../resources/scopes.js';
import type { Session } from '../session.js';
import { waitForServer, waitForServerGone } from '../wait/wait-for-server.js';
import { waitOptions } from '../wait/wait-options.js';
import { actOnServer } from './server-actions.js';
import { listPageOptions } from './volume-fields.js';

export const serverArgument = { name: 'server', about: 'server (name or ID)' } as const;

/** The server without links, spelled as python-openstackclient spells it; the flavor with its name, when it still has one. */
export async function serverFields(session: Session, server: Server): Promise<OneResult> {
  const { links: _, flavor: __, metadata, 'os-extended-volumes:volumes_attached': volumes, ...rest } = server;
  const { tenant_id, image, ...plain } = rest;
  const id = flavorOf(server);
  const name = (await flavorNames(session)).get(id);
  const fields = {
    ...plain,
    project_id: tenant_id,
    image: image === '' ? NO_IMAGE : image.id,
    flavor: name === undefined ? id : `${name} (${id})`,
    properties: metadata,
    volumes_attached: volumes ?? [],
  };
  return {
    kind: 'one',
    fields: Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The flavor's id, or from microversion 2.47 on, where no id is shown any more, its name. */
function flavorOf({ flavor }: Server): string {
  return 'id' in flavor ? flavor.id : flavor.original_name;
}

async function listServers(session: Session, input: CommandInput): Promise<CommandResult> {
  const flavor = input.text('flavor');
  const [projectId, userId, flavorId] = await Promise.all([
    givenProjectId(session, input),
    givenUserId(session, input),
    flavor === undefined ? undefined : findFlavor(session, flavor).then(({ id }) => id),
  ]);
  const read = await readAllPages(
    async (marker, limit) => {
      const page = await session.compute.get('/v2.1/servers/detail', {
        query: {
          name: input.text('name'),
          status: input.text('status')?.toUpperCase(),
          host: input.text('host'),
          project_id: projectId,
          'changes-since': input.text('changes-since'),
          all_tenants: input.flag('all-projects') || projectId !== undefined ? 'True' : undefined,
          marker,
          limit,
        },
      });
      return { items: page.servers, more: page.servers_links !== undefined };
    },
    { marker: input.text('marker'), wanted: input.integer('limit') },
  );
  // The service does not filter by these.
  const servers = read
    .filter(({ user_id }) => userId === undefined || userId === user_id)
    .filter((server) => flavorId === undefined || flavorId === flavorOf(server));
  const names = input.flag('no-name-lookup') ? new Map<string, string>() : await flavorNames(session);
  const long = input.flag('long');
  return {
    kind: 'many',
    columns: long ? longColumns : ['ID', 'Name', 'Status', 'Networks', 'Image', 'Flavor'],
    rows: servers.map((server) => {
      const flavor = flavorOf(server);
      const image = server.image === '' ? NO_IMAGE : server.image.id;
      const start = [server.id, server.name, server.status];
      if (!long) return [...start, server.addresses, image, names.get(flavor) ?? flavor];
      return [
        ...start,
        server['OS-EXT-STS:task_state'] ?? null,
        powerState(server),
        ...[server.addresses, image, image, names.get(flavor) ?? flavor, flavor],
        server['OS-EXT-AZ:availability_zone'] ?? '',
        server['OS-EXT-SRV-ATTR:host'] ?? null,
        server.metadata,
      ];
    }),
  };
}

/** What python-openstackclient shows where a server booted from a volume. */
const NO_IMAGE = 'N/A (booted from volume)';
/** Nova's numbers of power states. */
const powerStates: Readonly<Record<number, string>> = {
  0: 'NOSTATE',
  1: 'Running',
  3: 'Paused',
  4: 'Shutdown',
  6: 'Crashed',
  7: 'Suspended',
};
function powerState(server: Server): Worded {
  const state = server['OS-EXT-STS:power_state'] ?? 0;
  return new Worded(state, powerStates[state] ?? 'N/A');
}

/** python-openstackclient's titles. */
const longColumns = [
  ...['ID', 'Name', 'Status', 'Task State', 'Power State', 'Networks', 'Image Name', 'Image ID'],
  ...['Flavor Name', 'Flavor ID', 'Availability Zone', 'Host', 'Properties'],
];

async function flavorNames(session: Session): Promise<ReadonlyMap<string, string>> {
  const { flavors } = await session.compute.get('/v2.1/flavors/detail', {});
  return new Map(flavors.map(({ id, name }) => [id, name]));
}

async function powerServers(session: Session, input: CommandInput, on: boolean): Promise<undefined> {
  await forEachNamed(input.texts('server'), async (name) => {
    const server = await findServer(session, name);
    await actOnServer(session, server.id, on ? { 'os-start': null } : { 'os-stop': null });
    if (input.flag('wait')) await waitForServer(session, input, server, on ? 'ACTIVE' : 'SHUTOFF');
  });
  return undefined;
}

async function rebootServer(session: Session, input: CommandInput): Promise<undefined> {
  const server = await findServer(session, input.need('server'));
  await actOnServer(session, server.id, { reboot: { type: input.flag('hard') ? 'HARD' : 'SOFT' } });
  // A reboot is a stop and a start, so the server may rest for a moment in between.
  if (input.flag('wait')) await waitForServer(session, input, server, 'ACTIVE', ['SHUTOFF']);
  return undefined;
}

async function deleteServers(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('server'), async (name) => {
    const server = await findServer(session, name);
    if (input.flag('force')) await actOnServer(session, server.id, { forceDelete: null });
    else await session.compute.delete('/v2.1/servers/{server_id}', { path: { server_id: server.id } });
    if (input.flag('wait')) await waitForServerGone(session, input, server);
  });
  return undefined;
}

async function showConsole(session: Session, input: CommandInput): Promise<CommandResult> {
  const server = await findServer(session, input.need('server'));
  const lines = input.integer('lines');
  const wanted = lines === undefined ? {} : { length: lines };
  const answer = await actOnServer(session, server.id, { 'os-getConsoleOutput': wanted });
  const output = (answer as { readonly output?: unknown } | undefined)?.output;
  return { kind: 'text', text: typeof output === 'string' ? output : '' };
}

export const serverCommands: readonly CommandRow[] = [
  {
    path: 'server list',
    summary: 'List servers',
    options: [
      { flags: '--name <pattern>', about: 'whose name fits' },
      { flags: '--status <status>', about: 'in this status' },
      { flags: '--flavor <flavor>', about: 'of this size (name or ID)' },
      { flags: '--host <host>', about: 'on this host (administrators)' },
      { flags: '--all-projects', about: 'of all projects (administrators)' },
      ...projectOptions('of this project (administrators)'),
      ...userOptions('made by this user (administrators)'),
      { flags: '--changes-since <time>', about: 'changed since then, deleted ones too (ISO 8601, UTC)' },
      { flags: '-n, --no-name-lookup', about: 'with IDs of flavors instead of their names' },
      { flags: '--long', about: 'with more columns' },
      ...listPageOptions,
    ],
    example: 'saggar server list --long',
    output: 'many',
    run: listServers,
  },
  {
    path: 'server show',
    summary: 'Show a server',
    args: [serverArgument],
    example: 'saggar server show -f json vm',
    output: 'one',
    run: async (session, input) => serverFields(session, await findServer(session, input.need('server'))),
  },
  {
    path: 'server start',
    summary: 'Start servers',
    args: [{ ...serverArgument, many: true }],
    options: waitOptions,
    example: 'saggar server start --wait vm',
    output: 'none',
    run: (session, input) => powerServers(session, input, true),
  },
  {
    path: 'server stop',
    summary: 'Stop servers; their volumes stay theirs',
    args: [{ ...serverArgument, many: true }],
    options: waitOptions,
    example: 'saggar server stop --wait vm',
    output: 'none',
    run: (session, input) => powerServers(session, input, false),
  },
  {
    path: 'server reboot',
    summary: 'Start a server anew',
    args: [serverArgument],
    options: [
      { flags: '--hard', about: 'without asking the guest', conflicts: ['soft'] },
      { flags: '--soft', about: 'by asking the guest (as by default)' },
      ...waitOptions,
    ],
    example: 'saggar server reboot --wait vm',
    output: 'none',
    run: rebootServer,
  },
  {
    path: 'server delete',
    summary: 'Delete servers; volumes go with them only where that was asked',
    args: [{ ...serverArgument, many: true }],
    options: [{ flags: '--force', about: 'at once, whatever it is doing' }, ...waitOptions],
    example: 'saggar server delete --wait vm',
    output: 'none',
    run: deleteServers,
  },
];

export const consoleCommands: readonly CommandRow[] = [
  {
    path: 'console log show',
    summary: 'Print what the guest wrote to its serial console',
    args: [serverArgument],
    options: [
      { flags: '--lines <count>', about: 'only the last lines (all by default)', integer: { min: 0, max: 1_000_000 } },
    ],
    example: 'saggar console log show --lines 20 vm',
    output: 'text',
    run: showConsole,
  },
];
