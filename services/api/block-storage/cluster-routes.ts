// Clusters of volume workers that serve one backend together. There are none: a standby worker takes over by the broker's single active
// consumer. So lists are empty and every name is unknown, after the same checks as Cinder's.
// Source: cinder/api/v3/clusters.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { gates, passes } from './microversions.js';

type Schemas = components['schemas'];

const since = gates.clusters;
const filterNames = ['name', 'binary', 'is_up', 'disabled', 'num_hosts', 'num_down_hosts'];
const replicationFilterNames = ['replication_status', 'frozen', 'active_backend_id'];
const booleanFilters = ['is_up', 'disabled', 'frozen'];

function checkFilters(context: RequestContext, query: URLSearchParams): void {
  const allowed = passes(context, 'service-failover') ? [...filterNames, ...replicationFilterNames] : filterNames;
  const unknown = [...query.keys()].filter((key) => !allowed.includes(key));
  if (unknown.length > 0) {
    const names = unknown.join(', ').slice(0, 255);
    throw new ServiceError('bad_request', `Invalid input received: Invalid filter keys: ${names}`);
  }
  for (const name of booleanFilters) {
    const value = query.get(name);
    if (value !== null) parseBoolean(name, value);
  }
}

function clusterNotFound(name: string): ServiceError {
  return new ServiceError('not_found', `Cluster ${name.slice(0, 255)} could not be found.`);
}

function listRoute(path: string, operationId: string): Route {
  return defineRoute({
    method: 'GET',
    path,
    operationId,
    since,
    policy: 'service:list',
    success: 200,
    handler(context, { query }) {
      checkFilters(context, query);
      return { body: { clusters: [] } };
    },
  });
}

function changeRoute(verb: 'enable' | 'disable'): Route {
  return defineRoute<Schemas['ClusterChange']>({
    method: 'PUT',
    path: `/v3/clusters/${verb}`,
    operationId: `${verb}Cluster`,
    since,
    policy: 'service:update',
    success: 200,
    handler(_context, { body }) {
      if (verb === 'enable' && body.disabled_reason) {
        throw new ServiceError(
          'bad_request',
          "Invalid input received: Unexpected 'disabled_reason' found on enable request.",
        );
      }
      throw clusterNotFound(body.name);
    },
  });
}

export function clusterRoutes(): Route[] {
  return [
    listRoute('/v3/clusters', 'listClusters'),
    listRoute('/v3/clusters/detail', 'listClustersDetail'),
    changeRoute('enable'),
    changeRoute('disable'),
    defineRoute({
      method: 'GET',
      path: '/v3/clusters/{name}',
      operationId: 'showCluster',
      since,
      policy: 'service:list',
      success: 200,
      handler(_context, { param }) {
        throw clusterNotFound(param('name'));
      },
    }),
  ];
}
