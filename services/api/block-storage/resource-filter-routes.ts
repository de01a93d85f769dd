// Tells the table of filters, so that a client can know them before it uses one.
import { defineRoute, type Route } from '../shell/route.js';
import { gates } from './microversions.js';
import { resourceFilters } from './resource-filters.js';

export function resourceFilterRoutes(): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/resource_filters',
      operationId: 'listResourceFilters',
      since: gates['resource-filters'],
      policy: 'resource-filter:list',
      success: 200,
      handler(_context, { query }) {
        const asked = query.get('resource');
        const listed = Object.entries(resourceFilters)
          .filter(([resource]) => asked === null || resource === asked)
          .map(([resource, filters]) => ({ resource, filters: Object.keys(filters) }));
        return { body: { resource_filters: listed } };
      },
    }),
  ];
}
