// How each kind of resource is found by a name or an id. One function per kind; all answer with the full resource.
import type { components as BlockStorage } from '../../../api-spec/generated/block-storage.js';
import type { components as Compute } from '../../../api-spec/generated/compute.js';
import type { components as Identity } from '../../../api-spec/generated/identity.js';
import type { components as Images } from '../../../api-spec/generated/image.js';
import type { Session } from '../session.js';
import { findByName } from './find-by-name.js';

export type Volume = BlockStorage['schemas']['Volume'];
export type Snapshot = BlockStorage['schemas']['Snapshot'];
export type VolumeType = BlockStorage['schemas']['VolumeType'];
export type Server = Compute['schemas']['Server'];
export type Flavor = Compute['schemas']['Flavor'];
export type Project = Identity['schemas']['Project'];
export type User = Identity['schemas']['User'];
export type Role = Identity['schemas']['Role'];
export type Domain = Identity['schemas']['Domain'];
export type ApplicationCredential = Identity['schemas']['ApplicationCredential'];
export type Backup = BlockStorage['schemas']['Backup'];
export type Transfer = BlockStorage['schemas']['Transfer'];
export type QosSpecs = BlockStorage['schemas']['QosSpecs'];
export type GroupType = BlockStorage['schemas']['GroupType'];
export type Group = BlockStorage['schemas']['Group'];
/** Custom properties are further keys, with texts. */
export type Image = Images['schemas']['Image'];
export type GroupSnapshot = BlockStorage['schemas']['GroupSnapshot'];

export function findVolume(session: Session, wanted: string): Promise<Volume> {
  return findByName<Volume>(wanted, {
    noun: 'volume',
    seeAlso: 'saggar volume list',
    show: async (id) => (await session.volume.get('/v3/volumes/{volume_id}', { path: { volume_id: id } })).volume,
    list: async (name) => (await session.volume.get('/v3/volumes/detail', { query: { name } })).volumes,
  });
}

export function findSnapshot(session: Session, wanted: string): Promise<Snapshot> {
  return findByName<Snapshot>(wanted, {
    noun: 'snapshot',
    seeAlso: 'saggar volume snapshot list',
    show: async (id) =>
      (await session.volume.get('/v3/snapshots/{snapshot_id}', { path: { snapshot_id: id } })).snapshot,
    list: async (name) => (await session.volume.get('/v3/snapshots/detail', { query: { name } })).snapshots,
  });
}

export function findBackup(session: Session, wanted: string): Promise<Backup> {
  return findByName<Backup>(wanted, {
    noun: 'backup',
    seeAlso: 'saggar volume backup list',
    show: async (id) => (await session.volume.get('/v3/backups/{backup_id}', { path: { backup_id: id } })).backup,
    list: async (name) => (await session.volume.get('/v3/backups/detail', { query: { name } })).backups,
  });
}

/** Hidden images are found by their name as well. */
export function findImage(session: Session, wanted: string): Promise<Image> {
  return findByName<Image>(wanted, {
    noun: 'image',
    seeAlso: 'saggar image list',
    anyId: true,
    show: async (id) => session.image.get('/v2/images/{image_id}', { path: { image_id: id } }),
    list: async (name) => {
      const shown = (await session.image.get('/v2/images', { query: { name } })).images;
      if (shown.length > 0) return shown;
      return (await session.image.get('/v2/images', { query: { name, os_hidden: true } })).images;
    },
  });
}

export function findVolumeType(session: Session, wanted: string): Promise<VolumeType> {
  return findByName<VolumeType>(wanted, {
    noun: 'volume type',
    seeAlso: 'saggar volume type list',
    show: async (id) => (await session.volume.get('/v3/types/{type_id}', { path: { type_id: id } })).volume_type,
    list: async () => (await session.volume.get('/v3/types', { query: { is_public: 'None' } })).volume_types,
  });
}

export function findServer(session: Session, wanted: string): Promise<Server> {
  return findByName<Server>(wanted, {
    noun: 'server',
    seeAlso: 'saggar server list',
    show: async (id) => (await session.compute.get('/v2.1/servers/{server_id}', { path: { server_id: id } })).server,
    // The filter is a regular expression in Nova, so the name's own signs must not act as one.
    list: async (name) => {
      const exactly = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
      return (await session.compute.get('/v2.1/servers/detail', { query: { name: exactly } })).servers;
    },
  });
}

export function findFlavor(session: Session, wanted: string): Promise<Flavor> {
  return findByName<Flavor>(wanted, {
    noun: 'flavor',
    seeAlso: 'saggar flavor list',
    anyId: true,
    show: async (id) => (await session.compute.get('/v2.1/flavors/{flavor_id}', { path: { flavor_id: id } })).flavor,
    list: async () => (await session.compute.get('/v2.1/flavors/detail', {})).flavors,
  });
}

/** `domainId` looks for the name in one domain only. */
export function findProject(session: Session, wanted: string, domainId?: string): Promise<Project> {
  return findByName<Project>(wanted, {
    noun: 'project',
    seeAlso: 'saggar project list',
    show: async (id) => (await session.identity.get('/v3/projects/{project_id}', { path: { project_id: id } })).project,
    list: async (name) =>
      (await session.identity.get('/v3/projects', { query: { name, domain_id: domainId } })).projects,
  });
}

/** `domainId` looks for the name in one domain only. */
export function findUser(session: Session, wanted: string, domainId?: string): Promise<User> {
  return findByName<User>(wanted, {
    noun: 'user',
    seeAlso: 'saggar user list',
    show: async (id) => (await session.identity.get('/v3/users/{user_id}', { path: { user_id: id } })).user,
    list: async (name) => (await session.identity.get('/v3/users', { query: { name, domain_id: domainId } })).users,
  });
}

export function findRole(session: Session, wanted: string): Promise<Role> {
  return findByName<Role>(wanted, {
    noun: 'role',
    seeAlso: 'saggar role list',
    show: async (id) => (await session.identity.get('/v3/roles/{role_id}', { path: { role_id: id } })).role,
    list: async (name) => (await session.identity.get('/v3/roles', { query: { name } })).roles,
  });
}

export function findDomain(session: Session, wanted: string): Promise<Domain> {
  return findByName<Domain>(wanted, {
    noun: 'domain',
    seeAlso: 'saggar domain list',
    // Keystone's first domain has the id `default`.
    anyId: true,
    show: async (id) => (await session.identity.get('/v3/domains/{domain_id}', { path: { domain_id: id } })).domain,
    list: async (name) => (await session.identity.get('/v3/domains', { query: { name } })).domains,
  });
}

/** One of the caller's own, or of the user with the id given. */
export function findApplicationCredential(
  session: Session,
  userId: string,
  wanted: string,
): Promise<ApplicationCredential> {
  const path = { user_id: userId };
  return findByName<ApplicationCredential>(wanted, {
    noun: 'application credential',
    seeAlso: 'saggar application credential list',
    show: async (id) =>
      (
        await session.identity.get('/v3/users/{user_id}/application_credentials/{application_credential_id}', {
          path: { ...path, application_credential_id: id },
        })
      ).application_credential,
    list: async (name) =>
      (await session.identity.get('/v3/users/{user_id}/application_credentials', { path, query: { name } }))
        .application_credentials,
  });
}

export function findTransfer(session: Session, wanted: string): Promise<Transfer> {
  return findByName<Transfer>(wanted, {
    noun: 'transfer request',
    seeAlso: 'saggar volume transfer request list',
    show: async (id) =>
      (await session.volume.get('/v3/volume-transfers/{transfer_id}', { path: { transfer_id: id } })).transfer,
    list: async () => (await session.volume.get('/v3/volume-transfers/detail', {})).transfers,
  });
}

export function findQosSpecs(session: Session, wanted: string): Promise<QosSpecs> {
  return findByName<QosSpecs>(wanted, {
    noun: 'QoS specs',
    seeAlso: 'saggar volume qos list',
    show: async (id) => (await session.volume.get('/v3/qos-specs/{qos_id}', { path: { qos_id: id } })).qos_specs,
    list: async () => (await session.volume.get('/v3/qos-specs', {})).qos_specs,
  });
}

export function findGroupType(session: Session, wanted: string): Promise<GroupType> {
  return findByName<GroupType>(wanted, {
    noun: 'group type',
    seeAlso: 'saggar volume group type list',
    show: async (id) =>
      (await session.volume.get('/v3/group_types/{group_type_id}', { path: { group_type_id: id } })).group_type,
    list: async () => (await session.volume.get('/v3/group_types', { query: { is_public: 'None' } })).group_types,
  });
}

export function findGroup(session: Session, wanted: string): Promise<Group> {
  return findByName<Group>(wanted, {
    noun: 'volume group',
    seeAlso: 'saggar volume group list',
    show: async (id) => (await session.volume.get('/v3/groups/{group_id}', { path: { group_id: id } })).group,
    list: async (name) => (await session.volume.get('/v3/groups/detail', { query: { name } })).groups,
  });
}

export function findGroupSnapshot(session: Session, wanted: string): Promise<GroupSnapshot> {
  return findByName<GroupSnapshot>(wanted, {
    noun: 'group snapshot',
    seeAlso: 'saggar volume group snapshot list',
    show: async (id) =>
      (await session.volume.get('/v3/group_snapshots/{group_snapshot_id}', { path: { group_snapshot_id: id } }))
        .group_snapshot,
    list: async (name) => (await session.volume.get('/v3/group_snapshots/detail', { query: { name } })).group_snapshots,
  });
}
