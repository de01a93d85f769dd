// endpoint list and show, service list and show, region list: the catalog as the identity service keeps it.
import type { components } from '../../../api-spec/generated/identity.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { findByName } from '../resources/find-by-name.js';
import type { Session } from '../session.js';
import { identityFields } from './identity-fields.js';

type Service = components['schemas']['Service'];

async function listServices(session: Session): Promise<readonly Service[]> {
  return (await session.identity.get('/v3/services', {})).services;
}

/** By type, which a catalog has only once, by name or by id. */
async function findService(session: Session, wanted: string): Promise<Service> {
  const typed = (await listServices(session)).find(({ type }) => type === wanted);
  if (typed !== undefined) return typed;
  return findByName<Service>(wanted, {
    noun: 'service',
    seeAlso: 'saggar service list',
    show: async (id) => (await session.identity.get('/v3/services/{service_id}', { path: { service_id: id } })).service,
    list: () => listServices(session),
  });
}

async function listEndpoints(session: Session, input: CommandInput): Promise<CommandResult> {
  const wanted = input.text('service');
  const [services, only, { endpoints }] = await Promise.all([
    listServices(session),
    wanted === undefined ? undefined : findService(session, wanted),
    session.identity.get('/v3/endpoints', {}),
  ]);
  const byId = new Map(services.map((service) => [service.id, service]));
  const fits = (asked: string | undefined, value: string): boolean => asked === undefined || asked === value;
  return {
    kind: 'many',
    columns: ['ID', 'Region', 'Service Name', 'Service Type', 'Enabled', 'Interface', 'URL'],
    rows: endpoints
      .filter((endpoint) => fits(only?.id, endpoint.service_id))
      .filter((endpoint) => fits(input.text('interface'), endpoint.interface))
      .filter((endpoint) => fits(input.text('region'), endpoint.region_id))
      .map((endpoint) => [
        endpoint.id,
        endpoint.region_id,
        byId.get(endpoint.service_id)?.name ?? '',
        byId.get(endpoint.service_id)?.type ?? '',
        endpoint.enabled,
        endpoint.interface,
        endpoint.url,
      ]),
  };
}

export const endpointCommands: readonly CommandRow[] = [
  {
    path: 'endpoint list',
    summary: 'List the URLs of the services (administrators)',
    options: [
      { flags: '--service <service>', about: 'of this service (type, name or ID)' },
      { flags: '--interface <kind>', about: 'for these callers', choices: ['public', 'internal', 'admin'] },
      { flags: '--region <region>', about: 'in this region' },
    ],
    example: 'saggar endpoint list --interface public',
    output: 'many',
    run: listEndpoints,
  },
  {
    path: 'endpoint show',
    summary: 'Show a URL of a service (administrators)',
    args: [{ name: 'endpoint', about: 'endpoint (ID)' }],
    example: 'saggar endpoint show 99999999999949999999999999999999',
    output: 'one',
    run: async (session, input) => {
      const path = { endpoint_id: input.need('endpoint') };
      return identityFields((await session.identity.get('/v3/endpoints/{endpoint_id}', { path })).endpoint);
    },
  },
];

export const serviceCommands: readonly CommandRow[] = [
  {
    path: 'service list',
    summary: 'List the services of the cloud (administrators)',
    options: [{ flags: '--long', about: 'with more columns' }],
    example: 'saggar service list',
    output: 'many',
    run: async (session, input) => {
      const long = input.flag('long');
      const services = await listServices(session);
      return {
        kind: 'many',
        columns: ['ID', 'Name', 'Type', ...(long ? ['Description', 'Enabled'] : [])],
        rows: services.map(({ id, name, type, description, enabled }) => [
          id,
          name,
          type,
          ...(long ? [description, enabled] : []),
        ]),
      };
    },
  },
  {
    path: 'service show',
    summary: 'Show a service of the cloud (administrators)',
    args: [{ name: 'service', about: 'service (type, name or ID)' }],
    example: 'saggar service show compute',
    output: 'one',
    run: async (session, input) => identityFields(await findService(session, input.need('service'))),
  },
];

export const regionCommands: readonly CommandRow[] = [
  {
    path: 'region list',
    summary: 'List the regions of the cloud (administrators)',
    example: 'saggar region list',
    output: 'many',
    run: async (session) => {
      const { regions } = await session.identity.get('/v3/regions', {});
      return {
        kind: 'many',
        columns: ['Region', 'Parent Region', 'Description'],
        rows: regions.map(({ id, parent_region_id, description }) => [id, parent_region_id, description]),
      };
    },
  },
];
