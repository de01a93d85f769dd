// What a backend can do, in Cinder's eleven keys. A backend's pools are alike, so the first one speaks for all; clients compare the
// answer with that of get_pools. Source: cinder/api/views/capabilities.py; the properties are those of cinder/volume/driver.py.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { listPools } from '../../core/db/block-storage/placement.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';

type Capabilities = components['schemas']['BackendCapabilities'];

const properties: Capabilities['properties'] = {
  thin_provisioning: { title: 'Thin Provisioning', description: 'Sets thin provisioning.', type: 'boolean' },
  compression: { title: 'Compression', description: 'Enables compression.', type: 'boolean' },
  qos: { title: 'QoS', description: 'Enables QoS.', type: 'boolean' },
  replication_enabled: { title: 'Replication', description: 'Enables replication.', type: 'boolean' },
};

export function capabilityRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/capabilities/{host}',
      operationId: 'showCapabilities',
      policy: 'capabilities:show',
      success: 200,
      async handler(_context, { param }) {
        const host = param('host');
        // Clients pass the name of a pool; what follows its # stays with them as the URL's fragment, unless they quote it.
        const backend = host.split('#')[0] ?? host;
        const pool = (await listPools(database)).find((one) => one.backend_host === backend);
        if (pool === undefined) throw new ServiceError('not_found', `Can't find service: ${host.slice(0, 255)}`);
        const body: Capabilities = {
          namespace: `OS::Storage::Capabilities::${backend}`,
          vendor_name: pool.capabilities.vendorName,
          volume_backend_name: pool.capabilities.volumeBackendName,
          pool_name: null,
          driver_version: pool.capabilities.driverVersion,
          storage_protocol: pool.capabilities.storageProtocol,
          display_name: null,
          description: null,
          visibility: null,
          replication_targets: [],
          properties,
        };
        return { body };
      },
    }),
  ];
}
