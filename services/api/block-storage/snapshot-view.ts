// What clients see of a snapshot. Pure.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { SnapshotRecord } from '../../core/db/block-storage/snapshot-rows.js';
import type { RequestContext } from '../request-context.js';
import { passes } from './microversions.js';
import { naiveTime, naiveTimeOrNull } from './naive-time.js';

type Schemas = components['schemas'];

/** As the plain list, POST and PUT answer. */
export function viewSnapshotBase(snapshot: SnapshotRecord, context: RequestContext): Schemas['SnapshotBase'] {
  return {
    id: snapshot.id,
    created_at: naiveTime(snapshot.created_at),
    updated_at: naiveTimeOrNull(snapshot.updated_at),
    name: snapshot.name,
    description: snapshot.description,
    volume_id: snapshot.volume_id,
    status: snapshot.status,
    size: snapshot.size_gib,
    metadata: { ...snapshot.metadata },
    ...(passes(context, 'group-snapshots') ? { group_snapshot_id: snapshot.group_snapshot_id } : {}),
    ...(passes(context, 'snapshot-user') ? { user_id: snapshot.user_id } : {}),
    ...(passes(context, 'consumes-quota') ? { consumes_quota: snapshot.consumes_quota } : {}),
  };
}

/** The plain list shows the nine fields that every version has. */
export function viewSnapshotSummary(snapshot: SnapshotRecord, context: RequestContext): Schemas['SnapshotBase'] {
  const {
    group_snapshot_id: _group,
    user_id: _user,
    consumes_quota: _quota,
    ...base
  } = viewSnapshotBase(snapshot, context);
  return base;
}

/** As show and detail answer. */
export function viewSnapshot(snapshot: SnapshotRecord, context: RequestContext): Schemas['Snapshot'] {
  return {
    ...viewSnapshotBase(snapshot, context),
    'os-extended-snapshot-attributes:project_id': snapshot.project_id,
    'os-extended-snapshot-attributes:progress': snapshot.progress,
  };
}
