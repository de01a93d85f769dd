// What clients see of a server at the request's microversion: exactly these keys, because strict clients refuse others. Pure.
import { createHash } from 'node:crypto';
import type { components } from '../../../api-spec/generated/compute.js';
import { isLocalDisk, type ServerRecord } from '../../core/db/compute/servers.js';
import { serverStatus } from '../../core/domain/server.js';
import type { RequestContext } from '../request-context.js';
import type { Microversion } from '../shell/microversion.js';
import { has } from './microversions.js';
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

/** Who looks, and in which version's shape. */
export type ServerViewer = Pick<RequestContext, 'apiUrl' | 'isAdmin' | 'microversion'>;

function flavorOf(server: ServerRecord, viewer: ServerViewer): ServerView['flavor'] {
  const { name, ram_mib: ram, vcpus, disk_gib: disk = 0 } = server.flavor;
  if (has(viewer.microversion, 'flavor-embedded')) {
    return { original_name: name, ram, vcpus, disk, swap: 0, ephemeral: 0, extra_specs: {} };
  }
  return { id: server.flavor_id, links: bookmarkLink(viewer.apiUrl, `flavors/${server.flavor_id}`) };
}

/** Administrators see where the server is and how it was made. */
function adminFields(server: ServerRecord, version: Microversion): Partial<ServerView> {
  const places: Partial<ServerView> = {
    'OS-EXT-SRV-ATTR:host': server.compute_host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.id}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.compute_host,
  };
  const attributes: Partial<ServerView> = {
    'OS-EXT-SRV-ATTR:reservation_id': `r-${server.id.slice(0, 8)}`,
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:hostname': hostNameOf(server.name),
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:root_device_name': server.volumes[0]?.device ?? null,
    'OS-EXT-SRV-ATTR:user_data': server.user_data,
  };
  return {
    ...places,
    ...(has(version, 'server-attributes') ? attributes : {}),
    ...(has(version, 'server-host-status') ? { host_status: server.host_status ?? '' } : {}),
  };
}

/** A name as a host name, by Nova's rule (nova/utils.py, sanitize_hostname). */
function hostNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[ _]/g, '-')
    .replace(/[^a-z0-9.-]/g, '')
    .replace(/^[.-]+|[.-]+$/g, '');
  return plain.slice(0, 63);
}

function newerFields(server: ServerRecord, version: Microversion): Partial<ServerView> {
  return {
    ...(has(version, 'server-locked') ? { locked: false } : {}),
    ...(has(version, 'server-description') ? { description: server.description } : {}),
    ...(has(version, 'server-tags') ? { tags: [...server.tags] } : {}),
  };
}

function progressOf(server: ServerRecord): Pick<ServerView, 'progress'> {
  if (server.vm_state === 'active') return { progress: 100 };
  return server.vm_state === 'building' ? { progress: 0 } : {};
}

function volumesOf(server: ServerRecord, version: Microversion): Schemas['AttachedVolume'][] {
  const withFlag = has(version, 'server-attributes');
  const shown = server.volumes.filter(({ bootIndex }) => !isLocalDisk(server, bootIndex));
  return shown.map(({ id, deleteOnTermination }) =>
    withFlag ? { id, delete_on_termination: deleteOnTermination } : { id },
  );
}

/** Nova links to its own former image proxy. Source: nova/api/openstack/compute/views/servers.py, _get_image. */
function imageOf(id: string, apiUrl: string): { id: string; links: { rel: 'bookmark'; href: string }[] } {
  return { id, links: [{ rel: 'bookmark', href: `${apiUrl}/images/${id}` }] };
}

export function viewServer(server: ServerRecord, viewer: ServerViewer): ServerView {
  const { microversion: version, isAdmin, apiUrl } = viewer;
  return {
    ...viewServerSummary(server, apiUrl),
    status: shownStatus(server),
    image: server.image_id === null ? '' : imageOf(server.image_id, apiUrl),
    flavor: flavorOf(server, viewer),
    user_id: server.user_id,
    tenant_id: server.project_id,
    created: zuluSeconds(server.created_at),
    updated: zuluSeconds(server.updated_at ?? server.created_at),
    metadata: { ...server.metadata },
    addresses: {},
    hostId: hostIdOf(server),
    ...progressOf(server),
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
    'os-extended-volumes:volumes_attached': volumesOf(server, version),
    ...(isAdmin ? adminFields(server, version) : {}),
    ...newerFields(server, version),
    ...faultOf(server),
  };
}
