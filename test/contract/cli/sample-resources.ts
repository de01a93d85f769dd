// Resources as the APIs show them, for the tests of the client. The recording cloud checks them against the OpenAPI documents.
import type {
  Flavor,
  Project,
  Role,
  Server,
  Snapshot,
  User,
  Volume,
  VolumeType,
} from '../../../services/cli/resources/lookups.js';
import { projectId, userId } from './recording-cloud.js';

export const ids = {
  volume: '11111111-1111-4111-8111-111111111111',
  snapshot: '22222222-2222-4222-8222-222222222222',
  server: '33333333-3333-4333-8333-333333333333',
  type: '44444444-4444-4444-8444-444444444444',
  attachment: '55555555-5555-4555-8555-555555555555',
  role: '66666666666646668666666666666666',
  encrypted: '44444444-4444-4444-8444-444444444445',
  backup: 'ffffffff-ffff-4fff-8fff-ffffffffffff',
  transfer: '77777777-7777-4777-8777-777777777777',
  message: '88888888-8888-4888-8888-888888888888',
  endpoint: '99999999999949999999999999999999',
  groupType: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
  group: 'dddddddd-dddd-4ddd-8ddd-dddddddddddd',
  groupSnapshot: 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee',
  operation: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  qos: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
} as const;
const time = '2026-11-21T01:32:34.230344';

export function sampleVolume(changes: Partial<Volume> = {}): Volume {
  return {
    id: ids.volume,
    status: 'available',
    size: 1,
    availability_zone: 'nova',
    created_at: time,
    updated_at: null,
    name: 'data',
    description: null,
    volume_type: '__DEFAULT__',
    volume_type_id: ids.type,
    snapshot_id: null,
    source_volid: null,
    metadata: { 'used-by': 'web' },
    links: [],
    user_id: userId,
    bootable: 'false',
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments: [],
    'os-vol-tenant-attr:tenant_id': projectId,
    ...changes,
  };
}

/** What POST and PUT answer: the same without the os-vol-* fields. */
export function createdVolume(changes: Partial<Volume> = {}): Omit<Volume, 'os-vol-tenant-attr:tenant_id'> {
  const { 'os-vol-tenant-attr:tenant_id': _, ...volume } = sampleVolume(changes);
  return volume;
}

export function attachedVolume(): Volume {
  return sampleVolume({
    status: 'in-use',
    attachments: [
      {
        id: ids.volume,
        attachment_id: ids.attachment,
        volume_id: ids.volume,
        server_id: ids.server,
        host_name: null,
        device: '/dev/vdb',
        attached_at: time,
      },
    ],
  });
}

export function sampleSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    id: ids.snapshot,
    created_at: time,
    updated_at: null,
    name: 'before-upgrade',
    description: null,
    volume_id: ids.volume,
    status: 'available',
    size: 1,
    metadata: {},
    'os-extended-snapshot-attributes:project_id': projectId,
    'os-extended-snapshot-attributes:progress': '100%',
    ...changes,
  };
}

export function createdSnapshot(changes: Partial<Snapshot> = {}): Record<string, unknown> {
  const entries = Object.entries(sampleSnapshot(changes)).filter(([key]) => !key.startsWith('os-extended'));
  return Object.fromEntries(entries);
}

export function sampleServer(changes: Partial<Server> = {}): Server {
  return {
    id: ids.server,
    name: 'vm',
    status: 'ACTIVE',
    image: '',
    flavor: { id: '1', links: [] },
    user_id: userId,
    tenant_id: projectId,
    created: '2026-11-21T01:32:34Z',
    updated: '2026-11-21T01:32:34Z',
    metadata: {},
    links: [],
    addresses: {},
    hostId: '',
    'OS-EXT-STS:task_state': null,
    'os-extended-volumes:volumes_attached': [{ id: ids.volume }],
    ...changes,
  };
}

export const sampleFlavor: Flavor = {
  id: '1',
  name: 'm1.tiny',
  ram: 256,
  vcpus: 1,
  disk: 0,
  swap: '',
  links: [],
  'OS-FLV-EXT-DATA:ephemeral': 0,
  'OS-FLV-DISABLED:disabled': false,
  'os-flavor-access:is_public': true,
  rxtx_factor: 1,
};

export function sampleType(changes: Partial<VolumeType> = {}): VolumeType {
  return { id: ids.type, name: '__DEFAULT__', is_public: true, description: null, extra_specs: {}, ...changes };
}

export const sampleAttachment = {
  id: ids.attachment,
  status: 'attached',
  instance: null,
  volume_id: ids.volume,
  attached_at: time,
  detached_at: '',
  attach_mode: 'rw',
  connection_info: { driver_volume_type: 'glusterfs', export: '10.0.0.1:/vols', name: 'volume-1', format: 'raw' },
};

export function sampleProject(name: string): Project {
  return {
    id: projectId,
    name,
    domain_id: 'default',
    description: '',
    enabled: true,
    parent_id: 'default',
    is_domain: false,
    tags: [],
    options: {},
    links: { self: 'http://localhost/' },
  };
}

export function sampleUser(name: string): User {
  return {
    id: userId,
    name,
    domain_id: 'default',
    enabled: true,
    password_expires_at: null,
    options: {},
    links: { self: 'http://localhost/' },
  } as User;
}

export function sampleRole(name: string): Role {
  const links = { self: 'http://localhost/' };
  return { id: ids.role, name, domain_id: null, description: null, options: {}, links };
}
