// The block-storage API as the shell serves it: all its routes, Cinder's faults, microversions and optional project id.
import { changeSnapshotMetadata } from '../../core/db/block-storage/snapshot-change.js';
import { loadSnapshot } from '../../core/db/block-storage/snapshot-rows.js';
import { changeVolumeMetadata } from '../../core/db/block-storage/volume-change.js';
import { loadVolume } from '../../core/db/block-storage/volume-rows.js';
import { readSpec } from '../../core/runtime/spec-files.js';
import type { ApiDefinition } from '../shell/api.js';
import type { OpenApiDocument } from '../shell/body-validator.js';
import type { Route } from '../shell/route.js';
import { attachmentRoutes } from './attachment-routes.js';
import { backupRoutes } from './backup-routes.js';
import { backupVerificationRoutes } from './backup-verification-routes.js';
import type { BlockStorageApi } from './block-storage-api.js';
import { capabilityRoutes } from './capability-routes.js';
import { clusterRoutes } from './cluster-routes.js';
import { consistencyGroupRoutes } from './consistency-group-routes.js';
import { defaultTypeRoutes } from './default-type-routes.js';
import { extensionRoutes } from './extension-routes.js';
import { extraSpecRoutes } from './extra-spec-routes.js';
import { groupRoutes } from './group-routes.js';
import { groupSnapshotRoutes } from './group-snapshot-routes.js';
import { groupTypeRoutes } from './group-type-routes.js';
import { hostRoutes } from './host-routes.js';
import { limitsRoutes } from './limits-routes.js';
import { logLevelRoutes } from './log-level-routes.js';
import { manageableRoutes } from './manageable-routes.js';
import { messageRoutes } from './message-routes.js';
import { metadataRoutes } from './metadata-routes.js';
import { blockStorageVersions } from './microversions.js';
import { poolRoutes } from './pool-routes.js';
import { qosRoutes } from './qos-routes.js';
import { quotaRoutes } from './quota-routes.js';
import { resourceFilterRoutes } from './resource-filter-routes.js';
import { serviceRoutes } from './service-routes.js';
import { snapshotRoutes } from './snapshot-routes.js';
import { tellingRoutes } from './telling-routes.js';
import { transferRoutes } from './transfer-routes.js';
import { typeAccessRoutes } from './type-access-routes.js';
import { typeEncryptionRoutes } from './type-encryption-routes.js';
import { typeRoutes } from './type-routes.js';
import { versionRoutes } from './version-routes.js';
import { volumeActionRoutes } from './volume-action-routes.js';
import { volumeAttachRoutes } from './volume-attach-routes.js';
import { volumeDataRoutes } from './volume-data-routes.js';
import { volumeImageRoutes } from './volume-image-routes.js';
import { volumeMoveRoutes } from './volume-move-routes.js';
import { volumeRoutes } from './volume-routes.js';
import { workerCleanupRoutes } from './worker-cleanup-routes.js';

function allMetadataRoutes({ database }: BlockStorageApi): Route[] {
  return [
    ...metadataRoutes({
      path: '/v3/volumes/{volume_id}',
      parameter: 'volume_id',
      noun: 'Volume',
      readPolicy: 'volume:list-metadata',
      writePolicy: 'volume:update-metadata',
      hasEtag: true,
      load: async (id, projectId) => (await loadVolume(database, id, projectId)).metadata,
      change: (id, projectId, change) => changeVolumeMetadata(database, id, projectId, change),
    }),
    ...metadataRoutes({
      path: '/v3/snapshots/{snapshot_id}',
      parameter: 'snapshot_id',
      noun: 'Snapshot',
      readPolicy: 'snapshot:list-metadata',
      writePolicy: 'snapshot:update-metadata',
      hasEtag: false,
      load: async (id, projectId) => (await loadSnapshot(database, id, projectId)).metadata,
      change: (id, projectId, change) => changeSnapshotMetadata(database, id, projectId, change),
    }),
  ];
}

/** Without discovery, which tells about the others. */
function resourceRoutes(api: BlockStorageApi): Route[] {
  return [
    ...volumeRoutes(api),
    ...volumeActionRoutes(api),
    ...volumeAttachRoutes(api),
    ...volumeDataRoutes(api),
    ...backupVerificationRoutes(api),
    ...volumeImageRoutes(api),
    ...volumeMoveRoutes(api),
    ...allMetadataRoutes(api),
    ...snapshotRoutes(api),
    ...attachmentRoutes(api),
    ...typeRoutes(api),
    ...extraSpecRoutes(api),
    ...typeAccessRoutes(api),
    ...typeEncryptionRoutes(api),
    ...defaultTypeRoutes(api),
    ...qosRoutes(api),
    ...limitsRoutes(api),
    ...quotaRoutes(api),
    ...serviceRoutes(api),
    ...logLevelRoutes(api),
    ...hostRoutes(api),
    ...clusterRoutes(),
    ...workerCleanupRoutes(api),
    ...capabilityRoutes(api),
    ...resourceFilterRoutes(),
    ...poolRoutes(api),
    ...manageableRoutes(api),
    ...messageRoutes(api),
    ...backupRoutes(api),
    ...transferRoutes(api),
    ...groupTypeRoutes(api),
    ...groupRoutes(api),
    ...groupSnapshotRoutes(api),
    ...consistencyGroupRoutes(api),
  ];
}

export function blockStorageRoutes(api: BlockStorageApi): Route[] {
  const routes = resourceRoutes(api);
  return [...versionRoutes(), ...extensionRoutes(routes), ...routes];
}

export function defineBlockStorageApi(api: BlockStorageApi): ApiDefinition {
  return {
    name: 'block-storage',
    prefix: '/volume',
    document: readSpec('block-storage') as OpenApiDocument,
    routes: tellingRoutes(blockStorageRoutes(api), api.database),
    faults: 'fault',
    versions: blockStorageVersions,
    projectBehind: '/v3',
    unservedMethod: 'not-found',
  };
}
