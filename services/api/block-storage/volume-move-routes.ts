// Actions that change where a volume is or what it is: retype, migrate, revert, unmanage; and the two completions that a Nova would send,
// which nothing here waits for.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  migrateVolume,
  refuseExtendCompletion,
  refuseMigrationCompletion,
} from '../../core/db/block-storage/volume-migrate.js';
import { retypeVolume } from '../../core/db/block-storage/volume-retype.js';
import { revertVolume } from '../../core/db/block-storage/volume-revert.js';
import { unmanageVolume } from '../../core/db/block-storage/volume-unmanage.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { pythonText } from '../shell/python-repr.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type BlockStorageApi, requesterOf } from './block-storage-api.js';
import { gates, passes } from './microversions.js';
import { readId, refuseUnknownKeys } from './request-fields.js';

type Schemas = components['schemas'];
const action = { method: 'POST', path: '/v3/volumes/{volume_id}/action' } as const;

/** The destination. There are no clusters, so none can be found. Texts: cinder/api/common.py, get_cluster_host. */
function readDestination(body: Schemas['VolumeMigrate']['os-migrate_volume'], context: RequestContext): string {
  const clusters = passes(context, 'migrate-to-cluster');
  if (!clusters) refuseUnknownKeys('os-migrate_volume', body, ['host', 'force_host_copy', 'lock_volume']);
  const { host, cluster } = body;
  if (!clusters && host === undefined) {
    throw new ServiceError(
      'bad_request',
      `Invalid input for field/attribute os-migrate_volume. Value: ${pythonText(body)}. 'host' is a required property`,
    );
  }
  if (!clusters && !host) throw new ServiceError('bad_request', 'Invalid input received: Host field is missing.');
  if (Boolean(host) === Boolean(cluster)) {
    throw new ServiceError('bad_request', 'Invalid input received: One and only one of cluster and host must be set.');
  }
  if (host) return host;
  throw new ServiceError('bad_request', `Invalid host: No available service named '${cluster ?? ''}'`);
}

function moveRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeRetype']>({
      ...action,
      action: 'os-retype',
      operationId: 'retypeVolume',
      policy: 'volume:retype',
      success: 202,
      async handler(context, { param, body }) {
        const { new_type: type, migration_policy: policy } = body['os-retype'];
        const wish = { type, policy: policy ?? 'never' } as const;
        await retypeVolume(database, param('volume_id'), wish, context.isAdmin, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeMigrate']>({
      ...action,
      action: 'os-migrate_volume',
      operationId: 'migrateVolume',
      policy: 'volume:migrate',
      success: 202,
      async handler(context, { param, body }) {
        const host = readDestination(body['os-migrate_volume'], context);
        await migrateVolume(database, param('volume_id'), host, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeRevert']>({
      ...action,
      action: 'revert',
      operationId: 'revertVolume',
      since: gates['volume-revert'],
      policy: 'volume:revert',
      success: 202,
      async handler(context, { param, body }) {
        const snapshotId = readId(body.revert.snapshot_id) ?? 'None';
        await revertVolume(database, param('volume_id'), snapshotId, requesterOf(context));
        return {};
      },
    }),
    defineRoute({
      ...action,
      action: 'os-unmanage',
      operationId: 'unmanageVolume',
      policy: 'volume:unmanage',
      success: 202,
      async handler(context, { param }) {
        await unmanageVolume(database, param('volume_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

function completionRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeMigrateCompletion']>({
      ...action,
      action: 'os-migrate_volume_completion',
      operationId: 'completeVolumeMigration',
      policy: 'volume:migrate',
      success: 200,
      handler(context, { param, body }) {
        const newVolume = readId(body['os-migrate_volume_completion'].new_volume) ?? '';
        return refuseMigrationCompletion(database, param('volume_id'), newVolume, requesterOf(context));
      },
    }),
    defineRoute<Schemas['VolumeExtendCompletion']>({
      ...action,
      action: 'os-extend_volume_completion',
      operationId: 'completeVolumeExtend',
      since: gates['extend-completion'],
      policy: 'volume:extend-completion',
      success: 202,
      handler(context, { param }) {
        return refuseExtendCompletion(database, param('volume_id'), requesterOf(context));
      },
    }),
  ];
}

export function volumeMoveRoutes(api: BlockStorageApi): Route[] {
  return [...moveRoutes(api), ...completionRoutes(api)];
}
