// What clients ask for around servers: zones, services, limits, key pairs, extensions.
import { type ComputeHostRecord, listComputeHosts } from '../../core/db/compute/compute-hosts.js';
import { loadComputeLimits, loadComputeUsage } from '../../core/db/compute/quota.js';
import { requireScope } from '../request-context.js';
import type { Microversion } from '../shell/microversion.js';
import { defineRoute, type Route } from '../shell/route.js';
import type { ComputeApi } from './compute-api.js';
import { has } from './microversions.js';
import { naiveMicroseconds } from './times.js';

function viewZones(hosts: readonly ComputeHostRecord[], withHosts: boolean) {
  const names = [...new Set(hosts.map((host) => host.zone))].sort();
  return names.map((zoneName) => {
    const members = hosts.filter((host) => host.zone === zoneName);
    const hostsView = Object.fromEntries(
      members.map(({ host, disabled, alive, updatedAt }) => [
        host,
        { 'nova-compute': { available: alive, active: !disabled, updated_at: naiveMicroseconds(updatedAt) } },
      ]),
    );
    return {
      zoneName,
      zoneState: { available: members.some((host) => !host.disabled) },
      hosts: withHosts ? hostsView : null,
    };
  });
}

function zoneRoute(api: ComputeApi, detail: boolean): Route {
  return defineRoute({
    method: 'GET',
    path: detail ? '/v2.1/os-availability-zone/detail' : '/v2.1/os-availability-zone',
    operationId: detail ? 'computeListZonesDetail' : 'computeListZones',
    policy: detail ? 'compute-zone:detail' : 'compute-zone:list',
    success: 200,
    handler: async () => ({ body: { availabilityZoneInfo: viewZones(await listComputeHosts(api.database), detail) } }),
  });
}

function servicesRoute(api: ComputeApi): Route {
  return defineRoute({
    method: 'GET',
    path: '/v2.1/os-services',
    operationId: 'computeListServices',
    policy: 'compute-service:list',
    success: 200,
    handler: async ({ microversion }, { query }) => {
      const [host, binary] = [query.get('host'), query.get('binary')];
      const services = (await listComputeHosts(api.database)).map((one, index) => ({
        // Older versions want a number; hosts are listed by name, so it is the place in that list.
        id: has(microversion, 'service-uuid') ? one.id : index + 1,
        binary: 'nova-compute',
        host: one.host,
        zone: one.zone,
        status: one.disabled ? 'disabled' : 'enabled',
        state: one.alive ? 'up' : 'down',
        updated_at: naiveMicroseconds(one.updatedAt),
        disabled_reason: one.disabledReason,
        ...(has(microversion, 'service-forced-down') ? { forced_down: false } : {}),
      }));
      const found = services.filter((one) => (host ?? one.host) === one.host && (binary ?? one.binary) === one.binary);
      return { body: { services: found } };
    },
  });
}

/** Limits of things that do not exist here are zero: nobody can have one. */
const absent = {
  maxServerGroups: 0,
  maxServerGroupMembers: 0,
  maxTotalKeypairs: 0,
  totalServerGroupsUsed: 0,
} as const;
const absentNetwork = {
  maxSecurityGroups: 0,
  maxSecurityGroupRules: 0,
  maxTotalFloatingIps: 0,
  totalFloatingIpsUsed: 0,
  totalSecurityGroupsUsed: 0,
} as const;
const absentFiles = { maxPersonality: 0, maxPersonalitySize: 0 } as const;

function absentLimits(version: Microversion): Readonly<Record<string, number>> {
  return {
    ...absent,
    ...(has(version, 'limits-without-network') ? {} : absentNetwork),
    ...(has(version, 'limits-without-images') ? {} : { maxImageMeta: 0 }),
    ...(has(version, 'personality-gone') ? {} : absentFiles),
  };
}

function limitsRoute(api: ComputeApi): Route {
  return defineRoute({
    method: 'GET',
    path: '/v2.1/limits',
    operationId: 'computeShowLimits',
    policy: 'compute-limits:show',
    success: 200,
    handler: async (context, { query }) => {
      const own = requireScope(context).projectId;
      const projectId = context.isAdmin ? (query.get('tenant_id') ?? own) : own;
      const limits = await loadComputeLimits(api.database, projectId);
      const usage = await loadComputeUsage(api.database, projectId);
      const absolute = {
        ...absentLimits(context.microversion),
        maxServerMeta: 128,
        maxTotalInstances: limits.instances,
        maxTotalCores: limits.cores,
        maxTotalRAMSize: limits.ram,
        totalInstancesUsed: usage.instances,
        totalCoresUsed: usage.cores,
        totalRAMUsed: usage.ram,
      };
      return { body: { limits: { rate: [], absolute } } };
    },
  });
}

/** Extensions that clients look for before they use what these names stand for. */
const extensionAliases = {
  'os-volumes': 'Volumes',
  'os-instance-actions': 'InstanceActions',
  'os-assisted-volume-snapshots': 'AssistedVolumeSnapshots',
  'os-block-device-mapping': 'BlockDeviceMapping',
  'os-console-output': 'ConsoleOutput',
  'os-server-external-events': 'ServerExternalEvents',
  'os-availability-zone': 'AvailabilityZone',
  'os-services': 'Services',
  'os-extended-volumes': 'ExtendedVolumes',
} as const;

function emptyRoutes(): readonly Route[] {
  const extensions = Object.entries(extensionAliases).map(([alias, name]) => ({
    name,
    alias,
    description: '',
    namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
    updated: '2014-12-03T00:00:00Z',
    links: [],
  }));
  return [
    defineRoute({
      method: 'GET',
      path: '/v2.1/os-keypairs',
      operationId: 'computeListKeypairs',
      policy: 'keypair:list',
      success: 200,
      handler: () => ({ body: { keypairs: [] } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v2.1/extensions',
      operationId: 'computeListExtensions',
      policy: 'compute-extension:list',
      success: 200,
      handler: () => ({ body: { extensions } }),
    }),
  ];
}

export function factRoutes(api: ComputeApi): readonly Route[] {
  return [zoneRoute(api, false), zoneRoute(api, true), servicesRoute(api), limitsRoute(api), ...emptyRoutes()];
}
