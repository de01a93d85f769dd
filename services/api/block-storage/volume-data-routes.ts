// Volumes from and to files of the client's own: an upload or a download is asked for here, and answered with a URL at the pool's volume worker
// and a ticket. The bytes never pass this API. Our own calls; Cinder has none like them.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  loadTransferState,
  type OpenedTransfer,
  openDownload,
  openUpload,
} from '../../core/db/transfer/direct-transfers.js';
import { ServiceError } from '../../core/domain/errors.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { naiveTime } from './naive-time.js';
import { readNames } from './request-fields.js';

type Schemas = components['schemas'];

function viewOpened(transfer: OpenedTransfer): Schemas['VolumeDataTransferOpened'] {
  const { id, volumeId, snapshotId, ticket, url, idleSeconds, lifeSeconds } = transfer;
  const expires = lifeSeconds === null ? null : new Date(Date.now() + lifeSeconds * 1000).toISOString();
  return {
    ...{ id, volume_id: volumeId, snapshot_id: snapshotId, url, ticket },
    ...{ idle_seconds: idleSeconds, expires_at: expires },
  };
}

function uploadRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['VolumeUploadCreate']>({
    method: 'POST',
    path: '/v3/saggar/volume-uploads',
    operationId: 'createVolumeUpload',
    policy: 'volume:upload-data',
    success: 202,
    showsSecret: true,
    async handler(context, { body: { volume_upload: wish } }) {
      const { name = null, description = null } = readNames(wish);
      const request = {
        ...{ name, description, sizeGib: wish.size, format: wish.disk_format, bytes: wish.bytes ?? null },
        type: wish.volume_type ?? null,
        zone: wish.availability_zone ?? null,
        metadata: wish.metadata ?? {},
      };
      const opened = await openUpload(database, request, context.isAdmin, requesterOf(context));
      return { body: { volume_upload: viewOpened(opened) } };
    },
  });
}

function downloadRoute({ database }: BlockStorageApi): Route {
  return defineRoute<Schemas['VolumeDownloadCreate']>({
    method: 'POST',
    path: '/v3/saggar/volume-downloads',
    operationId: 'createVolumeDownload',
    policy: 'volume:download-data',
    success: 202,
    showsSecret: true,
    async handler(context, { body: { volume_download: wish } }) {
      const { volume_id: volume = null, snapshot_id: snapshot = null, disk_format: format } = wish;
      if ((volume === null) === (snapshot === null)) {
        throw new ServiceError('bad_request', 'Give volume_id or snapshot_id, and not both.');
      }
      const of =
        volume === null ? { kind: 'snapshot' as const, id: snapshot ?? '' } : { kind: 'volume' as const, id: volume };
      const opened = await openDownload(database, { of, format }, requesterOf(context));
      return { body: { volume_download: viewOpened(opened) } };
    },
  });
}

function showRoute({ database }: BlockStorageApi): Route {
  return defineRoute({
    method: 'GET',
    path: '/v3/saggar/data-transfers/{data_transfer_id}',
    operationId: 'showDataTransfer',
    policy: 'volume:show-data-transfer',
    success: 200,
    async handler(context, { param }) {
      const state = await loadTransferState(database, param('data_transfer_id'), visibleProject(context));
      const { id, kind, volumeId, status, url, error, createdAt } = state;
      const shown: Schemas['VolumeDataTransfer'] = {
        ...{ id, kind, volume_id: volumeId, status, url, error },
        created_at: naiveTime(createdAt),
      };
      return { body: { data_transfer: shown } };
    },
  });
}

export function volumeDataRoutes(api: BlockStorageApi): Route[] {
  return [uploadRoute(api), downloadRoute(api), showRoute(api)];
}
