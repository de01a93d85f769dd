// Services and availability zones: the list, enabling and disabling, freezing and thawing a backend, and the failover that is refused.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  listServices,
  listZones,
  refuseFailover,
  type ServiceRecord,
  setHostFrozen,
  setServiceDisabled,
  volumeBinary,
} from '../../core/db/block-storage/services.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { gates, passes } from './microversions.js';
import { naiveTimeOrNull } from './naive-time.js';
import { ownBinary, shownBinary } from './service-binaries.js';

type Schemas = components['schemas'];

function viewService(service: ServiceRecord, context: RequestContext): Schemas['Service'] {
  const isVolume = service.binary === volumeBinary;
  return {
    binary: shownBinary(service.binary),
    host: service.host,
    zone: service.zone,
    status: service.disabled ? 'disabled' : 'enabled',
    state: service.alive ? 'up' : 'down',
    updated_at: naiveTimeOrNull(service.updated_at),
    disabled_reason: service.disabled_reason,
    ...(passes(context, 'clusters') ? { cluster: null } : {}),
    ...(isVolume ? { replication_status: 'disabled', active_backend_id: null, frozen: service.frozen } : {}),
    ...(isVolume && passes(context, 'service-backend-state')
      ? { backend_state: service.backend_up ? ('up' as const) : ('down' as const) }
      : {}),
  };
}

/** `service` is the older name of `binary`. */
function readBinary(body: Schemas['ServiceChange']): string {
  const binary = body.binary ?? body.service;
  if (binary === undefined) throw new ServiceError('bad_request', "'binary' is a required property");
  return binary;
}

function changeRoutes({ database }: BlockStorageApi): Route[] {
  const same = { method: 'PUT', policy: 'service:update', success: 200 } as const;
  return [
    defineRoute<Schemas['ServiceChange']>({
      ...same,
      path: '/v3/os-services/enable',
      operationId: 'enableService',
      async handler(_context, { body }) {
        const { host } = body;
        const binary = readBinary(body);
        await setServiceDisabled(database, { host, binary: ownBinary(binary) }, false, null);
        return { body: { host, service: '', binary, status: 'enabled', disabled: false } };
      },
    }),
    defineRoute<Schemas['ServiceChange']>({
      ...same,
      path: '/v3/os-services/disable',
      operationId: 'disableService',
      async handler(_context, { body }) {
        const { host } = body;
        const binary = readBinary(body);
        await setServiceDisabled(database, { host, binary: ownBinary(binary) }, true, null);
        return { body: { host, service: '', binary, status: 'disabled', disabled: true } };
      },
    }),
    defineRoute<Schemas['ServiceDisableReason']>({
      ...same,
      path: '/v3/os-services/disable-log-reason',
      operationId: 'disableServiceWithReason',
      async handler(_context, { body }) {
        const { host } = body;
        const binary = readBinary(body);
        const reason = body.disabled_reason.trim();
        await setServiceDisabled(database, { host, binary: ownBinary(binary) }, true, reason);
        return { body: { host, service: '', binary, status: 'disabled', disabled: true, disabled_reason: reason } };
      },
    }),
  ];
}

/** Clusters came with 3.26, and there are none. Texts: cinder/api/contrib/services.py and cinder/volume/api.py. */
function readHost(context: RequestContext, body: Schemas['HostOrCluster']): string {
  const cluster = passes(context, 'service-failover') ? (body.cluster ?? null) : null;
  const host = body.host ?? null;
  if (host !== null && cluster !== null) {
    throw new ServiceError('bad_request', 'Invalid input received: Provide either host or cluster, not both.');
  }
  if (cluster !== null) throw new ServiceError('bad_request', `No service found with cluster=${cluster}`);
  if (host === null) throw new ServiceError('bad_request', "Missing required element 'host' in request body.");
  return host;
}

function backendRoutes({ database }: BlockStorageApi): Route[] {
  const freeze = (verb: 'freeze' | 'thaw'): Route =>
    defineRoute<Schemas['HostOrCluster']>({
      method: 'PUT',
      path: `/v3/os-services/${verb}`,
      operationId: `${verb}Host`,
      policy: 'service:update',
      success: 200,
      async handler(context, { body }) {
        await setHostFrozen(database, readHost(context, body), verb === 'freeze');
        return {};
      },
    });
  const failover = { method: 'PUT', policy: 'service:update', success: 202 } as const;
  const refuse: Route<Schemas['Failover']>['handler'] = (context, { body }) =>
    refuseFailover(database, readHost(context, body));
  return [
    freeze('freeze'),
    freeze('thaw'),
    defineRoute<Schemas['Failover']>({
      ...failover,
      path: '/v3/os-services/failover_host',
      operationId: 'failoverHost',
      handler: refuse,
    }),
    defineRoute<Schemas['Failover']>({
      ...failover,
      path: '/v3/os-services/failover',
      operationId: 'failover',
      since: gates['service-failover'],
      handler: refuse,
    }),
  ];
}

export function serviceRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/os-services',
      operationId: 'listServices',
      policy: 'service:list',
      success: 200,
      async handler(context, { query }) {
        // An empty parameter filters nothing, as in Cinder.
        const binary = query.get('binary') || query.get('service') || null;
        const filter = { host: query.get('host') || null, binary: binary === null ? null : ownBinary(binary) };
        const services = await listServices(database, filter);
        return { body: { services: services.map((service) => viewService(service, context)) } };
      },
    }),
    ...changeRoutes(api),
    ...backendRoutes(api),
    defineRoute({
      method: 'GET',
      path: '/v3/os-availability-zone',
      operationId: 'listZones',
      policy: 'zone:list',
      success: 200,
      async handler() {
        const zones = await listZones(database);
        const info = zones.map(({ zone, available }) => ({ zoneName: zone, zoneState: { available } }));
        return { body: { availabilityZoneInfo: info } };
      },
    }),
  ];
}
