// Snapshots by the compute API, as older clients ask for them: gone since 2.36, like its volumes.
// Source: nova/api/openstack/compute/volumes.py.
import type { components } from '../../../api-spec/generated/compute.js';
import { createSnapshot, deleteSnapshot } from '../../core/db/block-storage/snapshot-change.js';
import { listSnapshots, loadSnapshot, type SnapshotRecord } from '../../core/db/block-storage/snapshot-rows.js';
import { tryCanonicalUuid } from '../../core/domain/ids.js';
import type { RequestContext } from '../request-context.js';
import { parseBoolean } from '../shell/boolean-text.js';
import { defineRoute, type Route } from '../shell/route.js';
import { type ComputeApi, visibleProject } from './compute-api.js';
import { lastProxyVersion } from './microversions.js';
import { naiveMicroseconds } from './times.js';
import { proxyPage, proxyRequester } from './volume-proxy-routes.js';

type Schemas = components['schemas'];

const path = '/v2.1/os-snapshots';
const common = { until: lastProxyVersion } as const;

function viewProxySnapshot(snapshot: SnapshotRecord): Schemas['ProxySnapshot'] {
  return {
    id: snapshot.id,
    volumeId: snapshot.volume_id,
    status: snapshot.status,
    size: snapshot.size_gib,
    createdAt: naiveMicroseconds(snapshot.created_at) ?? snapshot.created_at,
    displayName: snapshot.name,
    displayDescription: snapshot.description,
  };
}

function listRoute({ database }: ComputeApi, detail: boolean): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: detail ? `${path}/detail` : path,
    operationId: detail ? 'computeListProxySnapshotsDetail' : 'computeListProxySnapshots',
    policy: 'snapshot:list',
    success: 200,
    handler: async (context, { query }) => ({
      body: { snapshots: (await listSnapshots(database, proxyPage(context, query))).map(viewProxySnapshot) },
    }),
  });
}

export function snapshotProxyRoutes(api: ComputeApi): readonly Route[] {
  const { database } = api;
  const show = async (context: RequestContext, id: string) => ({
    body: { snapshot: viewProxySnapshot(await loadSnapshot(database, id, visibleProject(context))) },
  });
  return [
    listRoute(api, false),
    listRoute(api, true),
    defineRoute<Schemas['ProxySnapshotCreate']>({
      ...common,
      method: 'POST',
      path,
      operationId: 'computeCreateProxySnapshot',
      policy: 'snapshot:create',
      success: 200,
      handler: async (context, { body: { snapshot } }) => {
        const wish = {
          volumeId: tryCanonicalUuid(snapshot.volume_id) ?? snapshot.volume_id,
          name: snapshot.display_name ?? null,
          description: snapshot.display_description ?? null,
          metadata: {},
          inUseAllowed: snapshot.force !== undefined && parseBoolean('force', snapshot.force),
        };
        return show(context, await createSnapshot(database, wish, proxyRequester(context)));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${path}/{snapshot_id}`,
      operationId: 'computeShowProxySnapshot',
      policy: 'snapshot:show',
      success: 200,
      handler: (context, { param }) => show(context, param('snapshot_id')),
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: `${path}/{snapshot_id}`,
      operationId: 'computeDeleteProxySnapshot',
      policy: 'snapshot:delete',
      success: 202,
      handler: async (context, { param }) => {
        await deleteSnapshot(database, param('snapshot_id'), false, proxyRequester(context));
        return {};
      },
    }),
  ];
}
