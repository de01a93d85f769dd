// What clients see of a server at microversion 2.1: exactly these keys, because strict clients refuse others. Pure.
import { createHash } from 'node:crypto';
import type { components } from '../../../api-spec/generated/compute.js';
import type { ServerRecord } from '../../core/db/compute/servers.js';
import { serverStatus } from '../../core/domain/server.js';
import { naiveMicroseconds, zuluSeconds } from './times.js';

type Schemas = components['schemas'];
export type ServerView = Schemas['Server'];
type Links = Schemas['Links'];

/** `computeUrl` is the API's public base without a version, e.g. http://10.0.0.1:8776/compute */
export function resourceLinks(computeUrl: string, path: string): Links {
  return [
    { rel: 'self', href: `${computeUrl}/v2.1/${path}` },
    { rel: 'bookmark', href: `${computeUrl}/${path}` },
  ];
}

export function bookmarkLink(computeUrl: string, path: string): Links {
  return [{ rel: 'bookmark', href: `${computeUrl}/${path}` }];
}

export function viewServerSummary(server: ServerRecord, computeUrl: string): Schemas['ServerSummary'] {
  return { id: server.id, name: server.name, links: resourceLinks(computeUrl, `servers/${server.id}`) };
}

/** Nova hides host names from users and still lets them tell whether two servers share a host. */
function hostIdOf(server: ServerRecord): string {
  if (server.compute_host === null) return '';
  return createHash('sha224').update(`${server.project_id}${server.compute_host}`).digest('hex');
}

function shownStatus(server: ServerRecord): ServerView['status'] {
  if (server.task_state === 'rebooting') return 'REBOOT';
  if (server.task_state === 'rebooting_hard') return 'HARD_REBOOT';
  return serverStatus(server.vm_state);
}

function faultOf(server: ServerRecord): Pick<ServerView, 'fault'> {
  // Nova shows a fault only while the server is in ERROR or DELETED.
  if (server.fault === null || server.vm_state !== 'error') return {};
  const { code, message, created } = server.fault;
  return { fault: { code, message, created } };
}

function hostFields(server: ServerRecord): Partial<ServerView> {
  return {
    'OS-EXT-SRV-ATTR:host': server.compute_host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.id}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.compute_host,
  };
}

/** `showHost`: administrators see host names. */
export function viewServer(server: ServerRecord, computeUrl: string, showHost: boolean): ServerView {
  const summary = viewServerSummary(server, computeUrl);
  return {
    ...summary,
    status: shownStatus(server),
    image: '',
    flavor: { id: server.flavor_id, links: bookmarkLink(computeUrl, `flavors/${server.flavor_id}`) },
    user_id: server.user_id,
    tenant_id: server.project_id,
    created: zuluSeconds(server.created_at),
    updated: zuluSeconds(server.updated_at ?? server.created_at),
    metadata: { ...server.metadata },
    addresses: {},
    hostId: hostIdOf(server),
    ...(server.vm_state === 'active' || server.vm_state === 'building'
      ? { progress: server.vm_state === 'active' ? 100 : 0 }
      : {}),
    accessIPv4: '',
    accessIPv6: '',
    key_name: server.key_name,
    config_drive: server.config_drive,
    'OS-DCF:diskConfig': 'MANUAL',
    'OS-SRV-USG:launched_at': naiveMicroseconds(server.launched_at),
    'OS-SRV-USG:terminated_at': naiveMicroseconds(server.terminated_at),
    'OS-EXT-AZ:availability_zone': server.availability_zone ?? '',
    'OS-EXT-STS:task_state': server.task_state,
    'OS-EXT-STS:vm_state': server.vm_state,
    'OS-EXT-STS:power_state': server.power_state,
    ...(showHost ? hostFields(server) : {}),
    'os-extended-volumes:volumes_attached': server.volume_ids.map((id) => ({ id })),
    ...faultOf(server),
  };
}
