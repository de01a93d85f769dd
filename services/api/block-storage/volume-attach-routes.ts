// The older way to attach a volume: nine actions over the same rows as the attachments of 3.27.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  attachOlderWay,
  beginDetaching,
  detachOlderWay,
  initializeConnection,
  reserveVolume,
  rollDetaching,
  terminateConnection,
  unreserveVolume,
} from '../../core/db/block-storage/older-attach.js';
import type { Requester } from '../../core/db/block-storage/requester.js';
import type { Database } from '../../core/db/connection.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { PolicyRule } from '../auth/policy.js';
import { defineRoute, type Route } from '../shell/route.js';
import { mayReadConnections } from './attachment-view.js';
import { type BlockStorageApi, requesterOf } from './block-storage-api.js';
import { readId } from './request-fields.js';

type Schemas = components['schemas'];
const action = { method: 'POST', path: '/v3/volumes/{volume_id}/action' } as const;

type StatusChange = (database: Database, id: string, who: Requester) => Promise<unknown>;

const statusChanges: readonly (readonly [string, string, PolicyRule, StatusChange])[] = [
  ['os-reserve', 'reserveVolume', 'volume:reserve', reserveVolume],
  ['os-unreserve', 'unreserveVolume', 'volume:reserve', unreserveVolume],
  ['os-begin_detaching', 'beginDetachingVolume', 'volume:detach', beginDetaching],
  ['os-roll_detaching', 'rollDetachingVolume', 'volume:detach', rollDetaching],
];

function statusRoutes({ database }: BlockStorageApi): Route[] {
  return statusChanges.map(([name, operationId, policy, change]) =>
    defineRoute({
      ...action,
      action: name,
      operationId,
      policy,
      success: 202,
      async handler(context, { param }) {
        await change(database, param('volume_id'), requesterOf(context));
        return {};
      },
    }),
  );
}

function connectionRoutes({ database }: BlockStorageApi): Route[] {
  return [
    defineRoute<Schemas['VolumeInitializeConnection']>({
      ...action,
      action: 'os-initialize_connection',
      operationId: 'initializeVolumeConnection',
      policy: 'volume:initialize-connection',
      success: 200,
      async handler(context, { param }) {
        const connection = await initializeConnection(database, param('volume_id'), requesterOf(context));
        const { driver_volume_type: type, ...data } = connection;
        return {
          body: { connection_info: { driver_volume_type: type, data: mayReadConnections(context) ? data : {} } },
        };
      },
    }),
    defineRoute<Schemas['VolumeTerminateConnection']>({
      ...action,
      action: 'os-terminate_connection',
      operationId: 'terminateVolumeConnection',
      policy: 'volume:terminate-connection',
      success: 202,
      async handler(context, { param }) {
        await terminateConnection(database, param('volume_id'), requesterOf(context));
        return {};
      },
    }),
  ];
}

export function volumeAttachRoutes(api: BlockStorageApi): Route[] {
  const { database } = api;
  return [
    ...statusRoutes(api),
    ...connectionRoutes(api),
    defineRoute<Schemas['VolumeAttach']>({
      ...action,
      action: 'os-attach',
      operationId: 'attachVolume',
      policy: 'volume:attach',
      success: 202,
      async handler(context, { param, body }) {
        const { instance_uuid, host_name: hostName, mountpoint, mode } = body['os-attach'];
        if (!instance_uuid && !hostName) {
          throw new ServiceError('bad_request', 'Invalid request to attach volume to an invalid target');
        }
        const wish = { instanceId: readId(instance_uuid), hostName: hostName ?? null, mountpoint, mode: mode ?? 'rw' };
        await attachOlderWay(database, param('volume_id'), wish, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeDetach']>({
      ...action,
      action: 'os-detach',
      operationId: 'detachVolume',
      policy: 'volume:detach',
      success: 202,
      async handler(context, { param, body }) {
        const attachmentId = readId(body['os-detach']?.attachment_id);
        await detachOlderWay(database, param('volume_id'), attachmentId, requesterOf(context));
        return {};
      },
    }),
    defineRoute<Schemas['VolumeForceDetach']>({
      ...action,
      action: 'os-force_detach',
      operationId: 'forceDetachVolume',
      policy: 'volume:force-detach',
      success: 202,
      async handler(context, { param, body }) {
        const attachmentId = readId(body['os-force_detach'].attachment_id);
        await detachOlderWay(database, param('volume_id'), attachmentId, requesterOf(context));
        return {};
      },
    }),
  ];
}
