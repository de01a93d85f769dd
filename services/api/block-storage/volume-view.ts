// What clients see of a volume, field by field and version by version. Pure. Only show and detail carry the os-vol-* fields.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { ShownAttachment, VolumeName, VolumeRecord } from '../../core/db/block-storage/volume-rows.js';
import type { RequestContext } from '../request-context.js';
import { resourceLinks } from './block-storage-api.js';
import { passes } from './microversions.js';
import { naiveTime, naiveTimeOrNull } from './naive-time.js';

type Schemas = components['schemas'];

/** Statuses that only the service itself tells apart. Source: cinder/api/v3/views/volumes.py. */
const shownStatus: Readonly<Record<string, string>> = {
  managing: 'creating',
  error_managing: 'error',
  error_managing_deleting: 'deleting',
};

export function viewVolumeName(volume: VolumeName, context: RequestContext): Schemas['VolumeSummary'] {
  return { id: volume.id, name: volume.name, links: resourceLinks(context, `volumes/${volume.id}`) };
}

function viewAttachment(
  volumeId: string,
  attachment: ShownAttachment,
  context: RequestContext,
): Schemas['VolumeAttachment'] {
  return {
    id: volumeId,
    attachment_id: attachment.id,
    volume_id: volumeId,
    server_id: attachment.server_id,
    // Names of compute hosts are for administrators and services.
    host_name: context.isAdmin || context.isServiceToken ? attachment.host_name : null,
    device: attachment.device,
    attached_at: naiveTimeOrNull(attachment.attached_at),
  };
}

const visibleAdminKeys = ['readonly', 'attached_mode'];

function viewMetadata(volume: VolumeRecord): Record<string, string> {
  const flags = Object.entries(volume.admin_metadata).filter(([key]) => visibleAdminKeys.includes(key));
  return { ...volume.metadata, ...Object.fromEntries(flags) };
}

function versionedFields(volume: VolumeRecord, context: RequestContext): Partial<Schemas['VolumeBase']> {
  return {
    ...(passes(context, 'groups') ? { group_id: volume.group_id } : {}),
    ...(passes(context, 'volume-shared-targets') ? { service_uuid: volume.service_uuid, shared_targets: false } : {}),
    ...(passes(context, 'volume-type-id') ? { volume_type_id: volume.volume_type_id } : {}),
    ...(passes(context, 'encryption-key-id') && volume.encryption_key_id !== null
      ? { encryption_key_id: volume.encryption_key_id }
      : {}),
    ...(passes(context, 'consumes-quota') ? { consumes_quota: volume.consumes_quota } : {}),
  };
}

function adminFields(volume: VolumeRecord, context: RequestContext): Partial<Schemas['VolumeBase']> {
  if (!context.isAdmin) return {};
  return {
    migration_status: volume.migration_status,
    ...(passes(context, 'volume-provider-id') ? { provider_id: volume.provider_id } : {}),
    ...(passes(context, 'volume-cluster-name') ? { cluster_name: volume.cluster_name } : {}),
  };
}

/** As POST and PUT answer. */
export function viewVolumeBase(volume: VolumeRecord, context: RequestContext): Schemas['VolumeBase'] {
  return {
    id: volume.id,
    status: shownStatus[volume.status] ?? volume.status,
    size: volume.size_gib,
    availability_zone: volume.availability_zone,
    created_at: naiveTime(volume.created_at),
    updated_at: naiveTimeOrNull(volume.updated_at),
    name: volume.name,
    description: volume.description,
    volume_type: volume.volume_type,
    snapshot_id: volume.snapshot_id,
    source_volid: volume.source_volid,
    metadata: viewMetadata(volume),
    links: resourceLinks(context, `volumes/${volume.id}`),
    user_id: volume.user_id,
    bootable: volume.bootable ? 'true' : 'false',
    encrypted: volume.encrypted,
    replication_status: volume.replication_status,
    consistencygroup_id: volume.consistencygroup_id,
    multiattach: volume.multiattach,
    attachments: volume.attachments.map((one) => viewAttachment(volume.id, one, context)),
    ...versionedFields(volume, context),
    ...adminFields(volume, context),
  };
}

/** As show and detail answer. */
export function viewVolume(volume: VolumeRecord, context: RequestContext): Schemas['Volume'] {
  return {
    ...viewVolumeBase(volume, context),
    // Only here: cinder/api/contrib/volume_image_metadata.py extends show and detail.
    ...(Object.keys(volume.image_metadata).length > 0 ? { volume_image_metadata: { ...volume.image_metadata } } : {}),
    'os-vol-tenant-attr:tenant_id': volume.project_id,
    ...(context.isAdmin
      ? {
          'os-vol-host-attr:host': volume.host,
          'os-vol-mig-status-attr:migstat': volume.migration_status,
          'os-vol-mig-status-attr:name_id': volume.name_id,
        }
      : {}),
  };
}
