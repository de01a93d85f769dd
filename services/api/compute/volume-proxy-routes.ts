// Volumes by the compute API, as older clients ask for them: gone since 2.36, and in a spelling of its own. The block-storage API says who may,
// and does the same. Source: nova/api/openstack/compute/volumes.py.
import type { components } from '../../../api-spec/generated/compute.js';
import { zoneExists } from '../../core/db/block-storage/placement.js';
import type { Requester } from '../../core/db/block-storage/requester.js';
import { createVolume } from '../../core/db/block-storage/volume-create.js';
import { deleteVolume } from '../../core/db/block-storage/volume-delete.js';
import { listVolumes, loadVolume, type VolumeRecord } from '../../core/db/block-storage/volume-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import { type RequestContext, requireScope } from '../request-context.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, visibleProject } from './compute-api.js';
import { limitOf, offsetOf } from './list-query.js';
import { lastProxyVersion } from './microversions.js';
import { naiveMicroseconds } from './times.js';

type Schemas = components['schemas'];

const path = '/v2.1/os-volumes';
const common = { until: lastProxyVersion } as const;

/** A page of the asker's own project, the newest first. */
export function proxyPage(context: RequestContext, query: URLSearchParams) {
  return {
    projectId: requireScope(context).projectId,
    conditions: [],
    sorts: [{ column: 'created_at', direction: 'desc' }],
    marker: null,
    limit: limitOf(query),
    offset: offsetOf(query),
  } as const;
}

export function proxyRequester(context: RequestContext): Requester {
  const { requestId, isServiceToken } = context;
  return { visibleProjectId: visibleProject(context), ...requireScope(context), requestId, isService: isServiceToken };
}

function viewAttachments({ id, attachments }: VolumeRecord): Schemas['ProxyVolume']['attachments'] {
  const shown = attachments.filter((one) => one.server_id !== null);
  // Nova shows the first, and an object without anything where there is none.
  const [first] = shown;
  if (first === undefined) return [{}];
  const device = first.device === null ? {} : { device: first.device };
  return [{ id, volumeId: id, serverId: first.server_id ?? '', ...device }];
}

function viewProxyVolume(volume: VolumeRecord): Schemas['ProxyVolume'] {
  return {
    id: volume.id,
    status: volume.status,
    size: volume.size_gib,
    availabilityZone: volume.availability_zone ?? '',
    createdAt: naiveMicroseconds(volume.created_at) ?? volume.created_at,
    attachments: viewAttachments(volume),
    displayName: volume.name,
    displayDescription: volume.description,
    volumeType: volume.volume_type,
    snapshotId: volume.snapshot_id,
    metadata: { ...volume.metadata },
  };
}

function listRoute({ database }: ComputeApi, detail: boolean): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: detail ? `${path}/detail` : path,
    operationId: detail ? 'computeListProxyVolumesDetail' : 'computeListProxyVolumes',
    policy: 'volume:list',
    success: 200,
    handler: async (context, { query }) => ({
      body: { volumes: (await listVolumes(database, proxyPage(context, query))).map(viewProxyVolume) },
    }),
  });
}

async function create({ database }: ComputeApi, context: RequestContext, wish: Schemas['ProxyVolumeCreate']['volume']) {
  const sizeGib = Number(wish.size);
  if (!(sizeGib >= 1 && sizeGib <= 2 ** 31 - 1))
    throw new ServiceError(
      'bad_request',
      `Invalid input received: Invalid volume size provided for create request: ${wish.size} (size argument must be an integer (or string representation of an integer) and greater than zero).`,
    );
  const zone = wish.availability_zone ?? null;
  if (zone !== null && !(await zoneExists(database, zone)))
    throw new ServiceError('bad_request', `Availability zone '${zone}' is invalid.`);
  const { snapshot_id: snapshotId } = wish;
  const volume = {
    name: wish.display_name ?? null,
    description: wish.display_description ?? null,
    sizeGib,
    type: wish.volume_type ?? null,
    zone,
    metadata: wish.metadata ?? {},
    source: snapshotId === undefined ? null : ({ kind: 'snapshot', id: snapshotId } as const),
  };
  return createVolume(database, volume, context.isAdmin, proxyRequester(context));
}

function singleRoutes(api: ComputeApi): readonly Route[] {
  const { database } = api;
  const show = async (context: RequestContext, id: string) => ({
    body: { volume: viewProxyVolume(await loadVolume(database, id, visibleProject(context))) },
  });
  return [
    defineRoute<Schemas['ProxyVolumeCreate']>({
      ...common,
      method: 'POST',
      path,
      operationId: 'computeCreateProxyVolume',
      policy: 'volume:create',
      success: 200,
      handler: async (context, { body }) => {
        const id = await create(api, context, body.volume);
        return { ...(await show(context, id)), headers: { Location: `${context.apiUrl}${path}/${id}` } };
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${path}/{volume_id}`,
      operationId: 'computeShowProxyVolume',
      policy: 'volume:show',
      success: 200,
      handler: (context, { param }) => show(context, param('volume_id')),
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: `${path}/{volume_id}`,
      operationId: 'computeDeleteProxyVolume',
      policy: 'volume:delete',
      success: 202,
      handler: async (context, { param }) => {
        await deleteVolume(database, param('volume_id'), { cascade: false, force: false }, proxyRequester(context));
        return {};
      },
    }),
  ];
}

export function volumeProxyRoutes(api: ComputeApi): readonly Route[] {
  return [listRoute(api, false), listRoute(api, true), ...singleRoutes(api)];
}
