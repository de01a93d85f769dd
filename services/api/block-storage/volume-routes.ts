// Volumes: list, create, show, update, delete, summary.
import type { components } from '../../../api-spec/generated/block-storage.js';
import { createVolumeFromBackup } from '../../core/db/block-storage/backup-restore.js';
import { zoneExists } from '../../core/db/block-storage/placement.js';
import { updateVolumeFields } from '../../core/db/block-storage/volume-change.js';
import { createVolume } from '../../core/db/block-storage/volume-create.js';
import { deleteVolume } from '../../core/db/block-storage/volume-delete.js';
import { loadEncryptionMetadata } from '../../core/db/block-storage/volume-encryption.js';
import {
  countVolumes,
  listVolumeNames,
  listVolumes,
  loadVolume,
  summarizeVolumes,
  volumeCollection,
} from '../../core/db/block-storage/volume-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { authorize } from '../auth/policy.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { type ListRules, parseListQuery } from './list-query.js';
import { respondWithList } from './list-response.js';
import { gates, passes } from './microversions.js';
import { readNames, refuseUnknownKeys } from './request-fields.js';
import { resourceFilters } from './resource-filters.js';
import { readSchedulerHints } from './scheduler-hints-request.js';
import { readBackupSource, readVolumeWish } from './volume-create-request.js';
import { viewVolume, viewVolumeBase, viewVolumeName } from './volume-view.js';

type Schemas = components['schemas'];

export const volumeListRules: ListRules = {
  columns: volumeCollection.columns,
  aliases: { tenant_id: 'project_id' },
  since: {
    glance_metadata: 'volume-filter-glance-metadata',
    group_id: 'volume-filter-group',
    created_at: 'time-filters',
    updated_at: 'time-filters',
  },
  userFilters: resourceFilters.volume,
};

function listRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v3/volumes',
      operationId: 'listVolumes',
      policy: 'volume:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseListQuery(context, query, volumeListRules), {
          key: 'volumes',
          linksKey: 'volumes_links',
          list: (page) => listVolumeNames(database, page),
          count: (page) => countVolumes(database, page),
          view: (volume) => viewVolumeName(volume, context),
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/volumes/detail',
      operationId: 'listVolumesDetail',
      policy: 'volume:list',
      success: 200,
      handler: (context, { query }) =>
        respondWithList(context, query, parseListQuery(context, query, volumeListRules), {
          key: 'volumes',
          linksKey: 'volumes_links',
          list: (page) => listVolumes(database, page),
          count: (page) => countVolumes(database, page),
          view: (volume) => viewVolume(volume, context),
        }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/volumes/summary',
      operationId: 'summarizeVolumes',
      since: gates['volume-summary'],
      policy: 'volume:summary',
      success: 200,
      async handler(context, { query }) {
        const asked = query.get('all_tenants');
        const all = context.isAdmin && asked !== null && parseBoolean('all_tenants', asked);
        const summary = await summarizeVolumes(database, all ? null : requireScope(context).projectId);
        const metadata = passes(context, 'volume-summary-metadata') ? { metadata: summary.metadata } : {};
        return {
          body: { 'volume-summary': { total_count: summary.count, total_size: summary.sizeGib, ...metadata } },
        };
      },
    }),
  ];
}

async function respondWithBase(api: BlockStorageApi, context: RequestContext, id: string): Promise<{ body: object }> {
  return { body: { volume: viewVolumeBase(await loadVolume(api.database, id, visibleProject(context)), context) } };
}

const updatableKeys = ['name', 'description', 'display_name', 'display_description', 'metadata'];

function updateRoute(api: BlockStorageApi): Route {
  return defineRoute<Schemas['VolumeUpdate']>({
    method: 'PUT',
    path: '/v3/volumes/{volume_id}',
    operationId: 'updateVolume',
    policy: 'volume:update',
    success: 200,
    async handler(context, { param, body: { volume } }) {
      refuseUnknownKeys('volume', volume, updatableKeys);
      if (passes(context, 'volume-strict-body') && Object.keys(volume).length === 0) {
        throw new ServiceError(
          'bad_request',
          'Invalid input for field/attribute volume. Value: {}. {} does not have enough properties',
        );
      }
      const id = param('volume_id');
      const metadata = volume.metadata == null ? {} : { metadata: volume.metadata };
      await updateVolumeFields(api.database, id, visibleProject(context), { ...readNames(volume), ...metadata });
      return respondWithBase(api, context, id);
    },
  });
}

function deleteRoute({ database }: BlockStorageApi): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v3/volumes/{volume_id}',
    operationId: 'deleteVolume',
    policy: 'volume:delete',
    success: 202,
    async handler(context, { param, query }) {
      const cascade = query.get('cascade');
      const force = passes(context, 'volume-delete-force') ? query.get('force') : null;
      const options = {
        cascade: cascade !== null && parseBoolean('cascade', cascade),
        force: force !== null && parseBoolean('force', force),
      };
      if (options.force) authorize('volume:force-delete', context);
      await deleteVolume(database, param('volume_id'), options, requesterOf(context));
      return {};
    },
  });
}

export function volumeRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    ...listRoutes(api),
    defineRoute<Schemas['VolumeCreate']>({
      method: 'POST',
      path: '/v3/volumes',
      operationId: 'createVolume',
      policy: 'volume:create',
      success: 202,
      async handler(context, { body }) {
        const hints = readSchedulerHints(body['OS-SCH-HNT:scheduler_hints']);
        const wish = { ...readVolumeWish(body.volume, context), hints };
        if (wish.zone !== null && !(await zoneExists(database, wish.zone))) {
          throw new ServiceError('bad_request', `Availability zone '${wish.zone}' is invalid.`);
        }
        const backupId = readBackupSource(body.volume);
        const who = requesterOf(context);
        const id =
          backupId === null
            ? await createVolume(database, wish, context.isAdmin, who)
            : await createVolumeFromBackup(database, wish, backupId, context.isAdmin, who);
        return respondWithBase(api, context, id);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/volumes/{volume_id}',
      operationId: 'showVolume',
      policy: 'volume:show',
      success: 200,
      async handler(context, { param }) {
        const volume = await loadVolume(database, param('volume_id'), visibleProject(context));
        return { body: { volume: viewVolume(volume, context) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v3/volumes/{volume_id}/encryption',
      operationId: 'showVolumeEncryption',
      policy: 'volume:encryption',
      success: 200,
      async handler(context, { param }) {
        const { id } = await loadVolume(database, param('volume_id'), visibleProject(context));
        return { body: await loadEncryptionMetadata(database, id) };
      },
    }),
    updateRoute(api),
    deleteRoute(api),
  ];
}
