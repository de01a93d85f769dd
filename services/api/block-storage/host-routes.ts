// Hosts, the older view of services: where they run, and what lies on a backend. Counts and sums are texts, as in Cinder.
// Source: cinder/api/contrib/hosts.py. Cinder counts all of a project's volumes on every host that has one of them; here it is those
// that are on the host.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { listHostUsage, type ProjectUsage } from '../../core/db/block-storage/host-usage.js';
import { listServices, type ServiceRecord, setHostDisabled } from '../../core/db/block-storage/services.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { naiveTimeOrNull } from './naive-time.js';
import { shownBinary } from './service-binaries.js';

type Schemas = components['schemas'];

function viewHost(service: ServiceRecord): Schemas['ListedHost'] {
  return {
    host_name: service.host,
    service: shownBinary(service.binary),
    zone: service.zone,
    'service-status': service.alive ? 'available' : 'unavailable',
    'service-state': service.disabled ? 'disabled' : 'enabled',
    'last-update': naiveTimeOrNull(service.updated_at),
  };
}

function viewUsage(host: string, usage: ProjectUsage): Schemas['HostUsage'] {
  return {
    resource: {
      host,
      project: usage.project_id,
      volume_count: String(usage.volumes),
      total_volume_gb: String(usage.volume_gib),
      snapshot_count: String(usage.snapshots),
      total_snapshot_gb: String(usage.snapshot_gib),
    },
  };
}

function totalOf(usages: readonly ProjectUsage[]): ProjectUsage {
  const sum = (read: (usage: ProjectUsage) => number): number =>
    usages.reduce((total, usage) => total + read(usage), 0);
  return {
    project_id: '(total)',
    volumes: sum((usage) => usage.volumes),
    volume_gib: sum((usage) => usage.volume_gib),
    snapshots: sum((usage) => usage.snapshots),
    snapshot_gib: sum((usage) => usage.snapshot_gib),
  };
}

export function hostRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/os-hosts',
      operationId: 'listHosts',
      policy: 'host:list',
      success: 200,
      async handler(_context, { query }) {
        const zone = query.get('zone') || null;
        const services = await listServices(database, { host: null, binary: null });
        const inZone = services.filter((service) => zone === null || service.zone === zone);
        return { body: { hosts: inZone.map(viewHost) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/os-hosts/{host}',
      operationId: 'showHost',
      policy: 'host:list',
      success: 200,
      async handler(_context, { param }) {
        const host = param('host');
        const usages = await listHostUsage(database, host);
        return { body: { host: [totalOf(usages), ...usages].map((usage) => viewUsage(host, usage)) } };
      },
    }),
    defineRoute<Schemas['HostUpdate']>({
      method: 'PUT',
      path: '/v3/os-hosts/{host}',
      operationId: 'updateHost',
      policy: 'service:update',
      success: 200,
      async handler(_context, { param, body }) {
        const host = param('host');
        await setHostDisabled(database, host, body.status === 'disable');
        return { body: { host, status: `${body.status}d` } };
      },
    }),
  ];
}
