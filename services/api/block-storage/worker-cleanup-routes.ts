// The request to clean up after services that failed. Here nothing waits for it: the conductor asks every unfinished step again by itself,
// and a worker that comes back is asked at once. So nobody begins to clean because of this request; what is told truthfully is which of
// the services in question are down, so that their steps wait. Source: cinder/api/v3/workers.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { listServices, type ServiceRecord } from '../../core/db/block-storage/services.js';
import { ServiceError } from '../../core/domain/errors.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { gates } from './microversions.js';
import { ownBinary, shownBinary } from './service-binaries.js';

type Schemas = components['schemas'];
type Wish = Schemas['WorkersCleanup'];

const resourceTypes = ['Snapshot', 'Volume'];

function checkResource(wish: Wish): void {
  const { resource_type: type, resource_id: id } = wish;
  if (type && !resourceTypes.some((known) => known.toLowerCase() === type.toLowerCase())) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Resource type ${type} not valid, must be ${resourceTypes.join(' or ')}`,
    );
  }
  const located = [wish.service_id, wish.cluster_name, wish.host].some(
    (value) => value !== undefined && value !== null,
  );
  if (id && !located) {
    throw new ServiceError(
      'bad_request',
      `Invalid input received: There is no resource with UUID ${id} pending cleanup.`,
    );
  }
}

/** Without a wish for living ones the question is about services that are down. There are no clusters, so none is in one. */
function isMeant(service: ServiceRecord, wish: Wish): boolean {
  const isUp = parseBoolean('is_up', wish.is_up ?? false);
  const disabled = wish.disabled ?? null;
  const id = wish.service_id ?? null;
  return (
    service.alive === isUp &&
    (disabled === null || service.disabled === parseBoolean('disabled', disabled)) &&
    (id === null || service.id === String(id)) &&
    !wish.cluster_name
  );
}

function viewService(service: ServiceRecord): Schemas['CleanedService'] {
  return { id: service.id, host: service.host, binary: shownBinary(service.binary), cluster_name: null };
}

export function workerCleanupRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Wish>({
      method: 'POST',
      path: '/v3/workers/cleanup',
      operationId: 'cleanUpWorkers',
      since: gates['workers-cleanup'],
      policy: 'service:update',
      success: 202,
      async handler(_context, { body }) {
        checkResource(body);
        const binary = body.binary ? ownBinary(body.binary) : null;
        const services = await listServices(database, { host: body.host || null, binary });
        const meant = services.filter((service) => isMeant(service, body));
        const unavailable = meant.filter((service) => !service.alive);
        return { body: { cleaning: [], unavailable: unavailable.map(viewService) } };
      },
    }),
  ];
}
