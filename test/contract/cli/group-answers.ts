// Answers of the example cloud about groups, group types and group snapshots: one of each, whatever it is called, until it is deleted.
import type { CloudAnswer, SeenRequest } from './recording-cloud.js';
import { ids } from './sample-resources.js';

const created_at = '2026-11-21T01:32:34.230344';

export function groupAnswers(): Record<string, (request: SeenRequest) => CloudAnswer> {
  const gone = new Set<string>();
  const named = (request: SeenRequest, fallback: string): string => request.query['name'] ?? fallback;
  const ok = (body: unknown) => (): CloudAnswer => ({ status: 200, body });
  const accepted = (): CloudAnswer => ({ status: 202 });
  const removed = (id: string) => (): CloudAnswer => {
    gone.add(id);
    return { status: 202 };
  };
  const unless = (id: string, body: unknown) => (): CloudAnswer =>
    gone.has(id) ? { status: 404, body: { itemNotFound: { code: 404, message: 'not found' } } } : { status: 200, body };
  const type = { id: ids.groupType, name: 'together', description: null, is_public: true, group_specs: { a: 'b' } };
  const group = {
    id: ids.group,
    status: 'available',
    availability_zone: 'nova',
    created_at,
    name: 'shop',
    description: null,
    group_type: ids.groupType,
    volume_types: [ids.type],
    group_snapshot_id: null,
    source_group_id: null,
  };
  const snapshot = {
    id: ids.groupSnapshot,
    group_id: ids.group,
    group_type_id: ids.groupType,
    status: 'available',
    created_at,
    name: 'monday',
    description: null,
  };
  const made = { group: { id: ids.group, name: 'shop' } };
  return {
    listGroupTypes: ok({ group_types: [type] }),
    createGroupType: () => ({ status: 202, body: { group_type: type } }),
    showGroupType: ok({ group_type: type }),
    updateGroupType: ok({ group_type: type }),
    deleteGroupType: accepted,
    mergeGroupSpecs: () => ({ status: 202, body: { group_specs: { a: 'b' } } }),
    deleteGroupSpec: accepted,
    listGroupsDetail: (request) => ok({ groups: [{ ...group, name: named(request, 'shop') }] })(),
    createGroup: () => ({ status: 202, body: made }),
    createGroupFromSource: () => ({ status: 202, body: made }),
    showGroup: unless(ids.group, { group }),
    updateGroup: accepted,
    deleteGroup: removed(ids.group),
    resetGroupStatus: accepted,
    listGroupSnapshotsDetail: (request) => ok({ group_snapshots: [{ ...snapshot, name: named(request, 'monday') }] })(),
    createGroupSnapshot: () => ({
      status: 202,
      body: { group_snapshot: { id: ids.groupSnapshot, name: 'monday', group_type_id: ids.groupType } },
    }),
    showGroupSnapshot: unless(ids.groupSnapshot, { group_snapshot: snapshot }),
    deleteGroupSnapshot: removed(ids.groupSnapshot),
    resetGroupSnapshotStatus: accepted,
  };
}
