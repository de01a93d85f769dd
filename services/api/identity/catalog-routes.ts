// Services, endpoints and regions as resources. They follow from the configuration, so they can be read and not changed.
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { catalogServices, endpointsOf, serviceId } from './catalog.js';
import type { IdentityApi } from './identity-api.js';
import { textOf } from './query.js';
import { listLinks, selfLink } from './views.js';

function viewService({ type, name, description }: (typeof catalogServices)[number], identityUrl: string) {
  const id = serviceId(type);
  return { id, type, name, description, enabled: true, links: selfLink(identityUrl, `services/${id}`) };
}

function serviceRoutes({ identityUrl }: IdentityApi): readonly Route[] {
  const services = catalogServices.map((service) => viewService(service, identityUrl));
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/services',
      operationId: 'identityListServices',
      policy: 'catalog:list',
      success: 200,
      handler: (_context, { query }) => {
        const [name, type] = [textOf(query, 'name'), textOf(query, 'type')];
        const found = services.filter((one) => (name ?? one.name) === one.name && (type ?? one.type) === one.type);
        return { body: { services: found, links: listLinks(identityUrl, 'services') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/services/{service_id}',
      operationId: 'identityShowService',
      policy: 'catalog:list',
      success: 200,
      handler: (_context, { param }) => {
        const id = param('service_id');
        const service = services.find((one) => one.id === id);
        if (service === undefined) throw new ServiceError('not_found', `Could not find service: ${id}.`);
        return { body: { service } };
      },
    }),
  ];
}

function endpointRoutes({ identityUrl, catalog }: IdentityApi): readonly Route[] {
  const endpoints = catalogServices.flatMap((service) =>
    endpointsOf(service, catalog, null).map((endpoint) => ({
      ...endpoint,
      service_id: serviceId(service.type),
      enabled: true,
      links: selfLink(identityUrl, `endpoints/${endpoint.id}`),
    })),
  );
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/endpoints',
      operationId: 'identityListEndpoints',
      policy: 'catalog:list',
      success: 200,
      handler: (_context, { query }) => {
        const wanted = (['interface', 'service_id', 'region_id'] as const).map(
          (key) => [key, textOf(query, key)] as const,
        );
        const found = endpoints.filter((one) => wanted.every(([key, value]) => (value ?? one[key]) === one[key]));
        return { body: { endpoints: found, links: listLinks(identityUrl, 'endpoints') } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/endpoints/{endpoint_id}',
      operationId: 'identityShowEndpoint',
      policy: 'catalog:list',
      success: 200,
      handler: (_context, { param }) => {
        const id = param('endpoint_id');
        const endpoint = endpoints.find((one) => one.id === id);
        if (endpoint === undefined) throw new ServiceError('not_found', `Could not find endpoint: ${id}.`);
        return { body: { endpoint } };
      },
    }),
  ];
}

function regionRoutes({ identityUrl, catalog }: IdentityApi): readonly Route[] {
  const links = selfLink(identityUrl, `regions/${catalog.region}`);
  const region = { id: catalog.region, description: '', parent_region_id: null, links };
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/regions',
      operationId: 'identityListRegions',
      policy: 'catalog:list',
      success: 200,
      handler: () => ({ body: { regions: [region], links: listLinks(identityUrl, 'regions') } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/regions/{region_id}',
      operationId: 'identityShowRegion',
      policy: 'catalog:list',
      success: 200,
      handler: (_context, { param }) => {
        const id = param('region_id');
        if (id !== region.id) throw new ServiceError('not_found', `Could not find region: ${id}.`);
        return { body: { region } };
      },
    }),
  ];
}

export function catalogRoutes(api: IdentityApi): readonly Route[] {
  return [...serviceRoutes(api), ...endpointRoutes(api), ...regionRoutes(api)];
}
