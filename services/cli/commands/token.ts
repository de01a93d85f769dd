// token issue, token revoke, catalog list, catalog show.
import type { CatalogEntry } from '../auth/keystone-login.js';
import { CliError } from '../cli-error.js';
import type { CommandRow } from '../command.js';

function endpointText(entry: CatalogEntry): string {
  return entry.endpoints
    .map(({ region, region_id, interface: kind, url }) => `${region_id ?? region ?? ''}\n  ${kind}: ${url}`)
    .join('\n');
}

export const tokenCommands: readonly CommandRow[] = [
  {
    path: 'token issue',
    summary: 'Log in and print the token',
    example: 'saggar token issue -f value -c id',
    output: 'one',
    run: async (session) => {
      const { token, expiresAt, projectId, userId, roles } = await session.login();
      return { kind: 'one', fields: { expires: expiresAt, id: token, project_id: projectId, user_id: userId, roles } };
    },
  },
  {
    path: 'token revoke',
    summary: 'End a token before its time',
    args: [{ name: 'token', about: 'token, as `token issue` printed it' }],
    example: 'saggar token revoke gAAAAABexampletoken',
    output: 'none',
    run: async (session, input) => {
      await session.revoke(input.need('token'));
      return undefined;
    },
  },
];

export const catalogCommands: readonly CommandRow[] = [
  {
    path: 'catalog list',
    summary: 'List the services and their URLs',
    example: 'saggar catalog list',
    output: 'many',
    run: async (session) => ({
      kind: 'many',
      columns: ['Name', 'Type', 'Endpoints'],
      rows: (await session.login()).catalog.map((entry) => [entry.name ?? '', entry.type, endpointText(entry)]),
    }),
  },
  {
    path: 'catalog show',
    summary: 'Show one service and its URLs',
    args: [{ name: 'service', about: 'type or name of the service' }],
    example: 'saggar catalog show compute',
    output: 'one',
    run: async (session, input) => {
      const wanted = input.need('service');
      const { catalog } = await session.login();
      const entry = catalog.find(({ type, name }) => type === wanted || name === wanted);
      if (entry === undefined) {
        const types = catalog.map(({ type }) => type).join(', ');
        throw new CliError(`The catalog has no service '${wanted}'.`, `It has: ${types || 'nothing'}.`);
      }
      return {
        kind: 'one',
        fields: { endpoints: endpointText(entry), id: entry.id ?? null, name: entry.name ?? null, type: entry.type },
      };
    },
  },
];
