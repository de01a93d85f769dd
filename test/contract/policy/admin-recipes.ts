// How every route of the administration API is asked in the policy tests and for the examples. The suite fails for a route without a row.
import { poolName } from '../block-storage/block-rig.js';
import { type Recipe, shared } from './recipe.js';
import type { TargetName } from './targets.js';

export const adminRecipes: Readonly<Record<string, Recipe<TargetName>>> = {
  adminListVersions: shared,
  adminListOperations: { on: 'operation', query: '?volume_id={volume_id}', foreign: 'shared' },
  adminCancelOperation: { on: 'runningCopy', foreign: 'shared' },
  adminFlattenVolume: { on: 'instantCopy', foreign: 'shared' },
  adminExportVolume: {
    on: 'snapshot',
    body: ({ volume_id: id, snapshot_id: snapshot }) => ({
      volume_id: id,
      snapshot_id: snapshot,
      directory: 'leave-today',
    }),
    foreign: 'shared',
  },
  adminListOrphans: { on: 'orphan', foreign: 'shared' },
  adminRemoveOrphans: { on: 'orphan', body: ({ file }) => ({ files: [file] }), foreign: 'shared' },
  adminShowChain: { on: 'snapshot', foreign: 'shared' },
  adminCheckChains: { on: 'snapshot', body: ({ volume_id: id }) => ({ volume_ids: [id] }), foreign: 'shared' },
  adminShowChainCheck: { on: 'chainCheck', foreign: 'shared' },
  adminShowAudit: shared,
  adminListPools: { on: 'pool', foreign: 'shared' },
  adminShowPool: { on: 'pool', foreign: 'shared' },
  adminMaintainPool: { on: 'pool', body: () => ({ maintenance: { reason: 'new disks' } }), foreign: 'shared' },
  adminResumePool: { on: 'pool', foreign: 'shared' },
  adminCreateShareScan: { on: 'pool', body: () => ({ share_scan: { pool: poolName } }), foreign: 'shared' },
  adminShowShareScan: { on: 'shareScan', foreign: 'shared' },
  adminShowSharePlan: { on: 'shareScan', foreign: 'shared' },
  adminListShareFindings: { on: 'shareScan', foreign: 'shared' },
  adminRecordVolumes: {
    on: 'shareScan',
    body: ({ file_id: id }) => ({
      recording: { apply: false, project_id: 'a', user_id: 'b', volumes: [{ file_id: id }] },
    }),
    foreign: 'shared',
  },
  adminShowOperation: { on: 'operation', foreign: 'shared' },
};
