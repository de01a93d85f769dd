// What clients see of groups, group types and group snapshots, version by version. Pure. Source: cinder/api/v3/views.
import type { components } from '../../../api-spec/generated/block-storage.js';
import type { GroupRecord, GroupSnapshotRecord } from '../../core/db/block-storage/group-rows.js';
import type { GroupTypeRecord } from '../../core/db/block-storage/group-type-rows.js';
import type { RequestContext } from '../request-context.js';
import { passes } from './microversions.js';
import { naiveTime } from './naive-time.js';

type Schemas = components['schemas'];

/** Specs are for administrators. */
export function viewGroupType(type: GroupTypeRecord, context: RequestContext): Schemas['GroupType'] {
  return {
    id: type.id,
    name: type.name,
    description: type.description,
    is_public: type.is_public,
    ...(context.isAdmin ? { group_specs: { ...type.group_specs } } : {}),
  };
}

export function viewGroupSummary(group: Pick<GroupRecord, 'id' | 'name'>): Schemas['GroupSummary'] {
  return { id: group.id, name: group.name };
}

function ownerOf(projectId: string, context: RequestContext): { project_id?: string } {
  return passes(context, 'group-project') && context.isAdmin ? { project_id: projectId } : {};
}

export function viewGroup(group: GroupRecord, context: RequestContext, withVolumes: boolean): Schemas['Group'] {
  return {
    id: group.id,
    status: group.status,
    availability_zone: group.availability_zone,
    created_at: naiveTime(group.created_at),
    name: group.name,
    description: group.description,
    group_type: group.group_type_id,
    volume_types: [...group.volume_types],
    ...(passes(context, 'group-snapshots')
      ? { group_snapshot_id: group.group_snapshot_id, source_group_id: group.source_group_id }
      : {}),
    ...(withVolumes ? { volumes: [...group.volumes] } : {}),
    ...(passes(context, 'group-replication') ? { replication_status: group.replication_status } : {}),
    ...ownerOf(group.project_id, context),
  };
}

export function viewGroupSnapshot(found: GroupSnapshotRecord, context: RequestContext): Schemas['GroupSnapshot'] {
  return {
    id: found.id,
    group_id: found.group_id,
    group_type_id: found.group_type_id,
    status: found.status,
    created_at: naiveTime(found.created_at),
    name: found.name,
    description: found.description,
    ...ownerOf(found.project_id, context),
  };
}
