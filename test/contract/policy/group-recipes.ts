// Rows of the policy tests for groups, group types and group snapshots.
import { randomUUID } from 'node:crypto';
import type { Recipe } from './recipe.js';

const key = { key: 'colour' };
const reset = (): object => ({ reset_status: { status: 'error' } });

/** No backend replicates: refused, but after the policy. */
const replication = (name: string): Recipe => ({
  on: 'group',
  body: () => ({ [name]: {} }),
  foreign: 'missing',
  answers: 400,
});

export const groupRecipes = {
  listGroupTypes: { on: 'groupType', foreign: 'shared' },
  createGroupType: { on: 'nothing', body: () => ({ group_type: { name: `made-${randomUUID()}` } }), foreign: 'shared' },
  showGroupType: { on: 'groupType', foreign: 'shared' },
  updateGroupType: { on: 'groupType', body: () => ({ group_type: { description: 'other' } }), foreign: 'shared' },
  deleteGroupType: { on: 'groupType', foreign: 'shared' },
  listGroupSpecs: { on: 'groupType', foreign: 'shared' },
  mergeGroupSpecs: { on: 'groupType', body: () => ({ group_specs: { shape: 'round' } }), foreign: 'shared' },
  showGroupSpec: { on: 'groupType', path: key, foreign: 'shared' },
  setGroupSpec: { on: 'groupType', path: key, body: () => ({ colour: 'blue' }), foreign: 'shared' },
  deleteGroupSpec: { on: 'groupType', path: key, foreign: 'shared' },
  listGroups: { on: 'group', foreign: 'hidden' },
  listGroupsDetail: { on: 'group', foreign: 'hidden' },
  createGroup: {
    on: 'groupType',
    body: ({ group_type_id: type }) => ({ group: { group_type: type, volume_types: ['__DEFAULT__'] } }),
    foreign: 'shared',
  },
  createGroupFromSource: {
    on: 'filledGroup',
    body: ({ group_id: id }) => ({ 'create-from-src': { source_group_id: id } }),
    foreign: 'missing',
  },
  showGroup: { on: 'group', foreign: 'missing' },
  updateGroup: { on: 'group', body: () => ({ group: { name: 'renamed' } }), foreign: 'missing' },
  deleteGroup: { on: 'group', body: () => ({ delete: {} }), foreign: 'missing' },
  resetGroupStatus: { on: 'group', body: reset, foreign: 'missing' },
  enableGroupReplication: replication('enable_replication'),
  disableGroupReplication: replication('disable_replication'),
  failoverGroupReplication: replication('failover_replication'),
  listGroupReplicationTargets: replication('list_replication_targets'),
  listGroupSnapshots: { on: 'groupSnapshot', foreign: 'hidden' },
  listGroupSnapshotsDetail: { on: 'groupSnapshot', foreign: 'hidden' },
  createGroupSnapshot: {
    on: 'filledGroup',
    body: ({ group_id: id }) => ({ group_snapshot: { group_id: id } }),
    foreign: 'missing',
  },
  showGroupSnapshot: { on: 'groupSnapshot', foreign: 'missing' },
  deleteGroupSnapshot: { on: 'groupSnapshot', foreign: 'missing' },
  resetGroupSnapshotStatus: { on: 'groupSnapshot', body: reset, foreign: 'missing' },
  listConsistencyGroups: { on: 'consistencyGroup', foreign: 'hidden' },
  listConsistencyGroupsDetail: { on: 'consistencyGroup', foreign: 'hidden' },
  createConsistencyGroup: {
    on: 'consistencyGroup',
    body: () => ({ consistencygroup: { volume_types: '__DEFAULT__' } }),
    foreign: 'shared',
  },
  createConsistencyGroupFromSource: {
    on: 'filledConsistencyGroup',
    body: ({ consistencygroup_id: id }) => ({ 'consistencygroup-from-src': { source_cgid: id } }),
    foreign: 'missing',
  },
  showConsistencyGroup: { on: 'consistencyGroup', foreign: 'missing' },
  updateConsistencyGroup: {
    on: 'consistencyGroup',
    body: () => ({ consistencygroup: { name: 'renamed' } }),
    foreign: 'missing',
  },
  updateConsistencyGroupByAction: {
    on: 'consistencyGroup',
    body: () => ({ consistencygroup: { name: 'renamed' } }),
    foreign: 'missing',
  },
  deleteConsistencyGroup: {
    on: 'consistencyGroup',
    body: () => ({ consistencygroup: { force: true } }),
    foreign: 'missing',
  },
  listCgsnapshots: { on: 'cgsnapshot', foreign: 'hidden' },
  listCgsnapshotsDetail: { on: 'cgsnapshot', foreign: 'hidden' },
  createCgsnapshot: {
    on: 'filledConsistencyGroup',
    body: ({ consistencygroup_id: id }) => ({ cgsnapshot: { consistencygroup_id: id } }),
    foreign: 'missing',
  },
  showCgsnapshot: { on: 'cgsnapshot', foreign: 'missing' },
  deleteCgsnapshot: { on: 'cgsnapshot', foreign: 'missing' },
} as const satisfies Record<string, Recipe>;
