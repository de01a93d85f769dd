// Volumes of a server: list, show, attach, detach. At 2.1 the id of an attachment is the volume's.
import type { components } from '../../../api-spec/generated/compute.js';
import {
  attachVolume,
  detachVolume,
  listVolumeAttachments,
  showVolumeAttachment,
  type VolumeAttachmentRecord,
} from '../../core/db/compute/volume-attachments.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, requesterOf, visibleProject } from './compute-api.js';
import { limitOf, offsetOf } from './list-query.js';
import { refuseNewerFields } from './microversions.js';

type View = components['schemas']['VolumeAttachment'];

function viewAttachment({ volumeId, serverId, device }: VolumeAttachmentRecord): View {
  return { id: volumeId, serverId, volumeId, ...(device === null ? {} : { device }) };
}

const path = '/v2.1/servers/{server_id}/os-volume_attachments';

interface AttachBody {
  readonly volumeAttachment: { readonly volumeId: string; readonly device?: string | null; readonly tag?: string };
}

function collectionRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'computeListVolumeAttachments',
      policy: 'server:list-volumes',
      success: 200,
      handler: async (context, { param, query }) => {
        const page = { limit: limitOf(query), offset: offsetOf(query) };
        const found = await listVolumeAttachments(database, param('server_id'), visibleProject(context), page);
        return { body: { volumeAttachments: found.map(viewAttachment) } };
      },
    }),
    defineRoute<AttachBody>({
      method: 'POST',
      path,
      operationId: 'computeCreateVolumeAttachment',
      policy: 'server:attach-volume',
      success: 200,
      handler: async (context, { param, body: { volumeAttachment: wish } }) => {
        refuseNewerFields(context, wish, { tag: 'attachment-tag' });
        const volumeId = tryCanonicalUuid(wish.volumeId) ?? wish.volumeId;
        const wanted = { serverId: param('server_id'), volumeId, device: wish.device ?? null, tag: wish.tag ?? null };
        const attachment = await attachVolume(database, wanted, requesterOf(context));
        return { body: { volumeAttachment: viewAttachment(attachment) } };
      },
    }),
  ];
}

function singleRoutes({ database }: ComputeApi): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: `${path}/{volume_id}`,
      operationId: 'computeShowVolumeAttachment',
      policy: 'server:list-volumes',
      success: 200,
      handler: async (context, { param }) => {
        const [serverId, volumeId] = [param('server_id'), param('volume_id')];
        const found = await showVolumeAttachment(database, serverId, volumeId, visibleProject(context));
        return { body: { volumeAttachment: viewAttachment(found) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: `${path}/{volume_id}`,
      operationId: 'computeDeleteVolumeAttachment',
      policy: 'server:detach-volume',
      success: 202,
      handler: async (context, { param }) => {
        await detachVolume(database, param('server_id'), param('volume_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

export function attachmentRoutes(api: ComputeApi): readonly Route[] {
  return [...collectionRoutes(api), ...singleRoutes(api)];
}
