// What could be taken over, listed, and snapshots taken back. Each call at Cinder's older path and at the one of 3.8.
import type { components } from '../../../api-spec/generated/block-storage.js';
import {
  listManageableSnapshots,
  listManageableVolumes,
  type ManageableSnapshot,
  type ManageableVolume,
} from '../../core/db/block-storage/manageable.js';
import { manageSnapshot } from '../../core/db/block-storage/snapshot-custody.js';
import { loadSnapshot } from '../../core/db/block-storage/snapshot-rows.js';
import { ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import { defineRoute, type Route, type RouteInput } from '../shell/route.js';
import { type BlockStorageApi, requesterOf, visibleProject } from './block-storage-api.js';
import { pageOf, readHost } from './manageable-list.js';
import { gates } from './microversions.js';
import { readNames } from './request-fields.js';
import { viewSnapshotBase } from './snapshot-view.js';

type Schemas = components['schemas'];

/** A worker answers within this, or the list is asked for again. */
const SCAN_WAIT_MS = 8000;

function viewFile(one: ManageableVolume): Schemas['ManageableVolume'] {
  return {
    reference: { 'source-name': one.file },
    size: one.sizeGib,
    safe_to_manage: one.reason === null,
    reason_not_managed: one.reason,
    cinder_id: one.volumeId,
    extra_info: one.format === null ? null : `format: ${one.format}`,
  };
}

function viewOverlay(one: ManageableSnapshot): Schemas['ManageableSnapshot'] {
  return {
    reference: { 'source-name': one.file },
    size: one.size_gib,
    safe_to_manage: one.snapshotId === null,
    source_reference: { 'source-name': one.sourceFile },
    reason_not_managed: one.snapshotId === null ? null : 'already managed',
    cinder_id: one.snapshotId,
    extra_info: null,
  };
}

type Detail = 'reason_not_managed' | 'cinder_id' | 'extra_info';

/** The short list is without what explains. */
function shorten<T extends Record<Detail, unknown>>({
  reason_not_managed: _r,
  cinder_id: _c,
  extra_info: _e,
  ...rest
}: T): Omit<T, Detail> {
  return rest;
}

interface Place {
  readonly path: string;
  readonly suffix: string;
  readonly since?: NonNullable<Route['since']>;
}

function listRoutesAt(api: BlockStorageApi, kind: 'Volumes' | 'Snapshots', { path, suffix, since }: Place): Route[] {
  const { database, scanWaitMs = SCAN_WAIT_MS } = api;
  const load = async (context: RequestContext, host: string) =>
    kind === 'Volumes'
      ? (await listManageableVolumes(database, host, scanWaitMs, requesterOf(context))).map(viewFile)
      : (await listManageableSnapshots(database, host)).map(viewOverlay);
  const key = `manageable-${kind.toLowerCase()}`;
  return [false, true].map((detail) =>
    defineRoute({
      method: 'GET',
      path: `${path}${detail ? '/detail' : ''}`,
      operationId: `listManageable${kind}${detail ? 'Detail' : ''}${suffix}`,
      policy: kind === 'Volumes' ? 'volume:list-manageable' : 'snapshot:list-manageable',
      success: 200,
      ...(since === undefined ? {} : { since }),
      async handler(context, { query }) {
        const { items, links } = pageOf(context, query, await load(context, readHost(context, query)));
        return {
          body: {
            [key]: detail ? items : items.map(shorten),
            ...(links.length === 0 ? {} : { [`${key}_links`]: links }),
          },
        };
      },
    }),
  );
}

function readSource(ref: Schemas['SnapshotManage']['snapshot']['ref']): string {
  const name: unknown = typeof ref === 'string' ? ref : (ref as Record<string, unknown> | null)?.['source-name'];
  if (typeof name === 'string' && name !== '') return name.slice(name.lastIndexOf('/') + 1);
  throw new ServiceError(
    'bad_request',
    "Invalid input received: The element 'ref' must name the snapshot as source-name.",
  );
}

function manageRoutesAt({ database }: BlockStorageApi, { path, suffix, since }: Place): Route {
  return defineRoute<Schemas['SnapshotManage']>({
    method: 'POST',
    path,
    operationId: `manageSnapshot${suffix}`,
    policy: 'snapshot:manage',
    success: 202,
    ...(since === undefined ? {} : { since }),
    async handler(context: RequestContext, { body: { snapshot } }: RouteInput<Schemas['SnapshotManage']>) {
      const { name = null, description = null } = readNames(snapshot);
      const wish = { volumeId: snapshot.volume_id, source: readSource(snapshot.ref), name, description };
      const id = await manageSnapshot(database, { ...wish, metadata: snapshot.metadata ?? {} }, requesterOf(context));
      const made = await loadSnapshot(database, id, visibleProject(context));
      return { body: { snapshot: viewSnapshotBase(made, context) } };
    },
  });
}

export function manageableRoutes(api: BlockStorageApi): Route[] {
  const since = gates['manageable-resources'];
  const snapshots = { path: '/v3/manageable_snapshots', suffix: '', since };
  const older = { path: '/v3/os-snapshot-manage', suffix: 'Older' };
  return [
    ...listRoutesAt(api, 'Volumes', { path: '/v3/manageable_volumes', suffix: '', since }),
    ...listRoutesAt(api, 'Volumes', { path: '/v3/os-volume-manage', suffix: 'Older' }),
    ...listRoutesAt(api, 'Snapshots', snapshots),
    ...listRoutesAt(api, 'Snapshots', older),
    manageRoutesAt(api, snapshots),
    manageRoutesAt(api, older),
  ];
}
