// Rows of the policy tests for limits, quotas, services, hosts, messages and offers of volumes.
import { backendHost, poolName } from '../block-storage/block-rig.js';
import { type Recipe, shared } from './recipe.js';

const quotas = (): object => ({ quota_set: { volumes: 77 } });
const service = (more: object = {}) => ({
  on: 'nothing' as const,
  body: () => ({ host: backendHost, binary: 'cinder-volume', ...more }),
  foreign: 'shared' as const,
});
const manage: Recipe = {
  on: 'file',
  body: ({ file }) => ({ volume: { host: poolName, ref: { 'source-name': file } } }),
  foreign: 'shared',
};
const manageable = (what: string): Record<string, Recipe> => ({
  [what]: { on: 'file', query: `?host=${backendHost}`, foreign: 'shared' },
  [`${what}Detail`]: { on: 'file', query: `?host=${backendHost}`, foreign: 'shared' },
  [`${what}Older`]: { on: 'file', query: `?host=${backendHost}`, foreign: 'shared' },
  [`${what}DetailOlder`]: { on: 'file', query: `?host=${backendHost}`, foreign: 'shared' },
});
const manageSnapshot: Recipe = {
  on: 'unmanagedSnapshot',
  body: ({ volume_id, old_id: id }) => ({
    snapshot: { volume_id, ref: { 'source-name': `volume-${volume_id}.${id}` } },
  }),
  foreign: 'missing',
};
const host: Recipe = { on: 'nothing', body: () => ({ host: backendHost }), foreign: 'shared' };
/** There are none, and that is what is said. */
const cluster: Recipe = { on: 'nothing', path: { name: 'none' }, foreign: 'shared', answers: 404 };

/** The same six calls at two paths. */
function transfersAt(suffix: '' | 'Older'): Record<string, Recipe> {
  return {
    [`listTransfers${suffix}`]: { on: 'transfer', foreign: 'hidden' },
    [`listTransfersDetail${suffix}`]: { on: 'transfer', foreign: 'hidden' },
    [`createTransfer${suffix}`]: {
      on: 'volume',
      body: ({ volume_id }) => ({ transfer: { volume_id } }),
      foreign: 'missing',
    },
    [`showTransfer${suffix}`]: { on: 'transfer', foreign: 'missing' },
    // Whoever knows the key may take the volume: that is what an offer is for.
    [`acceptTransfer${suffix}`]: {
      on: 'transfer',
      body: ({ auth_key }) => ({ accept: { auth_key } }),
      foreign: 'shared',
    },
    [`deleteTransfer${suffix}`]: { on: 'transfer', foreign: 'missing' },
  };
}

const backupRecipes = {
  listBackups: { on: 'backup', foreign: 'hidden' },
  listBackupsDetail: { on: 'backup', foreign: 'hidden' },
  createBackup: { on: 'backup', body: ({ volume_id }) => ({ backup: { volume_id } }), foreign: 'missing' },
  showBackup: { on: 'backup', foreign: 'missing' },
  updateBackup: { on: 'backup', body: () => ({ backup: { name: 'renamed' } }), foreign: 'missing' },
  deleteBackup: { on: 'backup', foreign: 'missing' },
  restoreBackup: { on: 'backup', body: () => ({ restore: {} }), foreign: 'missing' },
  createBackupVerification: {
    on: 'backup',
    body: ({ backup_id }) => ({ backup_verification: { backup_id } }),
    foreign: 'missing',
  },
  showBackupVerification: { on: 'backupVerification', foreign: 'missing' },
  exportBackupRecord: { on: 'backup', foreign: 'missing' },
  // A record that is none: refused, but after the policy.
  importBackupRecord: {
    on: 'nothing',
    body: () => ({ 'backup-record': { backup_service: 'directory', backup_url: 'e30=' } }),
    foreign: 'shared',
    answers: 400,
  },
  resetBackupStatus: { on: 'backup', body: () => ({ 'os-reset_status': { status: 'error' } }), foreign: 'missing' },
  forceDeleteBackup: { on: 'backup', body: () => ({ 'os-force_delete': {} }), foreign: 'missing' },
} as const satisfies Record<string, Recipe>;

export const operatorRecipes = {
  ...backupRecipes,
  showLimits: shared,
  showQuotaSet: { on: 'project', foreign: 'missing' },
  showQuotaDefaults: { on: 'project', foreign: 'missing' },
  updateQuotaSet: { on: 'project', body: quotas, foreign: 'missing' },
  deleteQuotaSet: { on: 'project', foreign: 'missing' },
  showQuotaClass: { on: 'nothing', path: { class_name: 'default' }, foreign: 'shared' },
  updateQuotaClass: {
    on: 'nothing',
    path: { class_name: 'default' },
    body: () => ({ quota_class_set: { volumes: 55 } }),
    foreign: 'shared',
  },
  listServices: shared,
  enableService: service(),
  disableService: service(),
  disableServiceWithReason: service({ disabled_reason: 'broken' }),
  listZones: shared,
  listPools: shared,
  manageVolume: manage,
  manageVolumeNewPath: manage,
  ...manageable('listManageableVolumes'),
  ...manageable('listManageableSnapshots'),
  manageSnapshot,
  manageSnapshotOlder: manageSnapshot,
  freezeHost: { ...host, on: 'thawedHost' },
  thawHost: { ...host, on: 'frozenHost' },
  failoverHost: { ...host, answers: 400 },
  failover: { ...host, answers: 400 },
  setLogLevels: { on: 'nothing', body: () => ({ level: 'INFO' }), foreign: 'shared' },
  showLogLevels: { on: 'nothing', body: () => ({}), foreign: 'shared' },
  listHosts: shared,
  showHost: { on: 'nothing', path: { host: backendHost }, foreign: 'shared' },
  updateHost: { on: 'nothing', path: { host: backendHost }, body: () => ({ status: 'enable' }), foreign: 'shared' },
  showCapabilities: { on: 'nothing', path: { host: backendHost }, foreign: 'shared' },
  listClusters: shared,
  listClustersDetail: shared,
  showCluster: cluster,
  enableCluster: { ...cluster, body: () => ({ name: 'none' }) },
  disableCluster: { ...cluster, body: () => ({ name: 'none' }) },
  cleanUpWorkers: { on: 'nothing', body: () => ({}), foreign: 'shared' },
  listResourceFilters: shared,
  listMessages: { on: 'message', foreign: 'hidden' },
  showMessage: { on: 'message', foreign: 'missing' },
  deleteMessage: { on: 'message', foreign: 'missing' },
  ...transfersAt(''),
  ...transfersAt('Older'),
} as const satisfies Record<string, Recipe>;
