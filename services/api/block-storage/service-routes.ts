// Services and availability zones. Binaries are shown under Cinder's names, because clients and monitoring look for these.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  listServices,
  listZones,
  type ServiceRecord,
  setServiceDisabled,
} from '../../core/db/block-storage/services.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { passes } from './microversions.js';
import { naiveTimeOrNull } from './naive-time.js';

type Schemas = components['schemas'];

const prefixes = { ours: 'saggar-', cinders: 'cinder-' } as const;

function shownBinary(binary: string): string {
  return binary.replace(prefixes.ours, prefixes.cinders);
}

function ownBinary(binary: string): string {
  return binary.replace(prefixes.cinders, prefixes.ours);
}

function viewService(service: ServiceRecord, context: RequestContext): Schemas['Service'] {
  const isVolume = service.binary === 'saggar-volume';
  return {
    binary: shownBinary(service.binary),
    host: service.host,
    zone: service.zone,
    status: service.disabled ? 'disabled' : 'enabled',
    state: service.alive ? 'up' : 'down',
    updated_at: naiveTimeOrNull(service.updated_at),
    disabled_reason: service.disabled_reason,
    ...(passes(context, 'clusters') ? { cluster: null } : {}),
    ...(isVolume ? { replication_status: 'disabled', active_backend_id: null, frozen: false } : {}),
    ...(isVolume && passes(context, 'service-backend-state')
      ? { backend_state: service.backend_up ? ('up' as const) : ('down' as const) }
      : {}),
  };
}

function changeRoute({ database }: BlockStorageApi, verb: 'enable' | 'disable'): Route {
  const disabled = verb === 'disable';
  return defineRoute<Schemas['ServiceChange']>({
    method: 'PUT',
    path: `/v3/os-services/${verb}`,
    operationId: `${verb}Service`,
    policy: 'service:update',
    success: 200,
    async handler(_context, { body }) {
      const binary = readBinary(body);
      await setServiceDisabled(database, { host: body.host, binary: ownBinary(binary) }, disabled, null);
      return { body: { host: body.host, service: '', binary, status: `${verb}d`, disabled } };
    },
  });
}

/** `service` is the older name of `binary`. */
function readBinary(body: Schemas['ServiceChange']): string {
  const binary = body.binary ?? body.service;
  if (binary === undefined) throw new ServiceError('bad_request', "'binary' is a required property");
  return binary;
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
        const binary = query.get('binary');
        const filter = { host: query.get('host'), binary: binary === null ? null : ownBinary(binary) };
        const services = await listServices(database, filter);
        return { body: { services: services.map((service) => viewService(service, context)) } };
      },
    }),
    changeRoute(api, 'enable'),
    changeRoute(api, 'disable'),
    defineRoute<Schemas['ServiceDisableReason']>({
      method: 'PUT',
      path: '/v3/os-services/disable-log-reason',
      operationId: 'disableServiceWithReason',
      policy: 'service:update',
      success: 200,
      async handler(_context, { body }) {
        const binary = readBinary(body);
        const reason = body.disabled_reason.trim();
        await setServiceDisabled(database, { host: body.host, binary: ownBinary(binary) }, true, reason);
        return {
          body: { host: body.host, service: '', binary, status: 'disabled', disabled: true, disabled_reason: reason },
        };
      },
    }),
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
