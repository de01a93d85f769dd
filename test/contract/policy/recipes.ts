// How every route of the block-storage API is asked in the policy tests: on which resource, with which body, and what somebody of another
// project gets. The suite fails for a route without a row here, so a new route cannot escape the matrix.
import { randomUUID } from 'node:crypto';
import { missingId, poolName } from '../block-storage/block-rig.js';
import { groupRecipes } from './group-recipes.js';
import { operatorRecipes } from './operator-recipes.js';
import { type Recipe, shared } from './recipe.js';
import type { TargetName } from './targets.js';

const volumeAction = (on: TargetName, name: string, value: unknown = null): Recipe => ({
  on,
  body: () => ({ [name]: value }),
  foreign: 'missing',
});
const key = { key: 'colour' };
const pairs = (): object => ({ metadata: { shape: 'round' } });

const versions = {
  listVersions: shared,
  showVersion: shared,
  listExtensions: shared,
  showExtension: { on: 'nothing', path: { alias: 'os-volume-actions' }, foreign: 'shared' },
} as const satisfies Record<string, Recipe>;

const volumes = {
  listVolumes: { on: 'volume', foreign: 'hidden' },
  listVolumesDetail: { on: 'volume', foreign: 'hidden' },
  summarizeVolumes: { on: 'volume', foreign: 'hidden' },
  createVolume: { on: 'nothing', body: () => ({ volume: { size: 1 } }), foreign: 'shared' },
  showVolume: { on: 'volume', foreign: 'missing' },
  createVolumeUpload: {
    on: 'nothing',
    body: () => ({ volume_upload: { size: 1, disk_format: 'raw' } }),
    foreign: 'shared',
  },
  createVolumeDownload: {
    on: 'volume',
    body: ({ volume_id }) => ({ volume_download: { volume_id, disk_format: 'raw' } }),
    foreign: 'missing',
  },
  showDataTransfer: { on: 'dataTransfer', foreign: 'missing' },
  updateVolume: { on: 'volume', body: () => ({ volume: { name: 'renamed' } }), foreign: 'missing' },
  deleteVolume: { on: 'volume', foreign: 'missing' },
  showVolumeEncryption: { on: 'volume', foreign: 'missing' },
  extendVolume: volumeAction('volume', 'os-extend', { new_size: 2 }),
  resetVolumeStatus: volumeAction('volume', 'os-reset_status', { status: 'error' }),
  setVolumeBootable: volumeAction('volume', 'os-set_bootable', { bootable: true }),
  setVolumeReadonly: volumeAction('volume', 'os-update_readonly_flag', { readonly: true }),
  forceDeleteVolume: volumeAction('volume', 'os-force_delete'),
  reserveVolume: volumeAction('volume', 'os-reserve'),
  unreserveVolume: volumeAction('reservedVolume', 'os-unreserve'),
  attachVolume: volumeAction('volume', 'os-attach', { mountpoint: '/dev/vdb', host_name: 'elsewhere' }),
  detachVolume: volumeAction('attachedVolume', 'os-detach', {}),
  forceDetachVolume: volumeAction('attachedVolume', 'os-force_detach', {}),
  beginDetachingVolume: volumeAction('attachedVolume', 'os-begin_detaching'),
  rollDetachingVolume: volumeAction('detachingVolume', 'os-roll_detaching'),
  initializeVolumeConnection: volumeAction('volume', 'os-initialize_connection', { connector: { host: 'h' } }),
  terminateVolumeConnection: volumeAction('attachedVolume', 'os-terminate_connection', { connector: {} }),
  setVolumeImageMetadata: volumeAction('volume', 'os-set_image_metadata', { metadata: { os: 'other' } }),
  showVolumeImageMetadata: volumeAction('imageVolume', 'os-show_image_metadata'),
  unsetVolumeImageMetadata: volumeAction('imageVolume', 'os-unset_image_metadata', { key: 'os' }),
  uploadVolumeToImage: volumeAction('volume', 'os-volume_upload_image', { image_name: 'i' }),
  retypeVolume: {
    on: 'volumeAndType',
    body: ({ type_id: type }) => ({ 'os-retype': { new_type: type } }),
    foreign: 'missing',
  },
  // To where it is already, and with a snapshot: refused, but after the policy.
  migrateVolume: { ...volumeAction('volume', 'os-migrate_volume', { host: poolName }), answers: 400 },
  unmanageVolume: { ...volumeAction('snapshot', 'os-unmanage'), answers: 400 },
  revertVolume: {
    on: 'snapshot',
    body: ({ snapshot_id: snapshot }) => ({ revert: { snapshot_id: snapshot } }),
    foreign: 'missing',
  },
  completeVolumeMigration: {
    on: 'volume',
    body: ({ volume_id: volume }) => ({ 'os-migrate_volume_completion': { new_volume: volume } }),
    foreign: 'missing',
    answers: 400,
  },
  completeVolumeExtend: { ...volumeAction('volume', 'os-extend_volume_completion', {}), answers: 400 },
  // In use: refused, but after the policy.
  reimageVolume: { ...volumeAction('attachedVolume', 'os-reimage', { image_id: missingId }), answers: 400 },
} as const satisfies Record<string, Recipe>;

function metadataOf(noun: 'Volume' | 'Snapshot', on: TargetName): Record<string, Recipe> {
  return {
    [`show${noun}Metadata`]: { on, foreign: 'missing' },
    [`merge${noun}Metadata`]: { on, body: pairs, foreign: 'missing' },
    [`replace${noun}Metadata`]: { on, body: pairs, foreign: 'missing' },
    [`show${noun}MetadataKey`]: { on, path: key, foreign: 'missing' },
    [`set${noun}MetadataKey`]: { on, path: key, body: () => ({ meta: { colour: 'blue' } }), foreign: 'missing' },
    [`delete${noun}MetadataKey`]: { on, path: key, foreign: 'missing' },
  };
}

const snapshots = {
  listSnapshots: { on: 'snapshot', foreign: 'hidden' },
  listSnapshotsDetail: { on: 'snapshot', foreign: 'hidden' },
  createSnapshot: {
    on: 'volume',
    body: ({ volume_id }) => ({ snapshot: { volume_id } }),
    foreign: 'missing',
  },
  showSnapshot: { on: 'snapshot', foreign: 'missing' },
  updateSnapshot: { on: 'snapshot', body: () => ({ snapshot: { name: 'renamed' } }), foreign: 'missing' },
  deleteSnapshot: { on: 'snapshot', foreign: 'missing' },
  resetSnapshotStatus: volumeAction('snapshot', 'os-reset_status', { status: 'error' }),
  updateSnapshotStatus: volumeAction('reportedSnapshot', 'os-update_snapshot_status', {
    status: 'available',
    progress: '100%',
  }),
  unmanageSnapshot: volumeAction('snapshot', 'os-unmanage'),
  forceDeleteSnapshot: volumeAction('snapshot', 'os-force_delete', {}),
} as const satisfies Record<string, Recipe>;

const attachments = {
  listAttachments: { on: 'attachment', foreign: 'hidden' },
  listAttachmentsDetail: { on: 'attachment', foreign: 'hidden' },
  createAttachment: {
    on: 'volume',
    body: ({ volume_id }) => ({ attachment: { volume_uuid: volume_id } }),
    foreign: 'missing',
  },
  showAttachment: { on: 'attachment', foreign: 'missing' },
  updateAttachment: {
    on: 'attachment',
    body: () => ({ attachment: { connector: { host: 'elsewhere' } } }),
    foreign: 'missing',
  },
  deleteAttachment: { on: 'attachment', foreign: 'missing' },
  completeAttachment: volumeAction('connectedAttachment', 'os-complete'),
} as const satisfies Record<string, Recipe>;

const types = {
  listTypes: { on: 'type', foreign: 'shared' },
  createType: { on: 'nothing', body: () => ({ volume_type: { name: `made-${randomUUID()}` } }), foreign: 'shared' },
  showType: { on: 'type', foreign: 'shared' },
  updateType: { on: 'type', body: () => ({ volume_type: { description: 'other' } }), foreign: 'shared' },
  deleteType: { on: 'type', foreign: 'shared' },
  showTypeEncryption: { on: 'type', foreign: 'shared' },
  listExtraSpecs: { on: 'type', foreign: 'shared' },
  mergeExtraSpecs: { on: 'type', body: () => ({ extra_specs: { shape: 'round' } }), foreign: 'shared' },
  // Users know of the public extra specs alone; that is told by the type's own tests.
  showExtraSpec: { on: 'typeWithPublicSpec', path: { key: 'multiattach' }, foreign: 'shared' },
  setExtraSpec: { on: 'type', path: key, body: () => ({ colour: 'blue' }), foreign: 'shared' },
  deleteExtraSpec: { on: 'type', path: key, foreign: 'shared' },
} as const satisfies Record<string, Recipe>;

const encryption = (): object => ({ encryption: { provider: 'luks', control_location: 'front-end', key_size: 256 } });
const forAnother = (verb: string) => () => ({ [verb]: { project: 'another-project' } });

const typeRecords = {
  createTypeEncryption: { on: 'type', body: encryption, foreign: 'shared' },
  showTypeEncryptionKey: { on: 'encryptedType', path: { key: 'cipher' }, foreign: 'shared' },
  updateTypeEncryption: { on: 'encryptedType', path: { key: 'provider' }, body: encryption, foreign: 'shared' },
  deleteTypeEncryption: { on: 'encryptedType', path: { key: 'provider' }, foreign: 'shared' },
  listTypeAccess: { on: 'privateType', foreign: 'shared' },
  addTypeAccess: { on: 'privateType', body: forAnother('addProjectAccess'), foreign: 'shared' },
  removeTypeAccess: {
    on: 'privateType',
    body: ({ target_project_id }) => ({ removeProjectAccess: { project: target_project_id } }),
    foreign: 'shared',
  },
  listDefaultTypes: { on: 'defaultType', foreign: 'shared' },
  showDefaultType: { on: 'defaultType', foreign: 'shared' },
  setDefaultType: {
    on: 'defaultType',
    body: ({ type_id }) => ({ default_type: { volume_type: type_id } }),
    foreign: 'shared',
  },
  deleteDefaultType: { on: 'defaultType', foreign: 'shared' },
  listQosSpecs: { on: 'qos', foreign: 'shared' },
  createQosSpecs: { on: 'nothing', body: () => ({ qos_specs: { name: `made-${randomUUID()}` } }), foreign: 'shared' },
  showQosSpecs: { on: 'qos', foreign: 'shared' },
  updateQosSpecs: { on: 'qos', body: () => ({ qos_specs: { consumer: 'both' } }), foreign: 'shared' },
  deleteQosKeys: { on: 'qos', body: () => ({ keys: ['read_iops_sec'] }), foreign: 'shared' },
  deleteQosSpecs: { on: 'qos', query: '?force=true', foreign: 'shared' },
  associateQosSpecs: { on: 'qos', query: '?vol_type_id={type_id}', foreign: 'shared' },
  disassociateQosSpecs: { on: 'qos', query: '?vol_type_id={type_id}', foreign: 'shared' },
  disassociateAllQosSpecs: { on: 'qos', foreign: 'shared' },
  listQosAssociations: { on: 'qos', foreign: 'shared' },
} as const satisfies Record<string, Recipe>;

export const recipes: Readonly<Record<string, Recipe>> = {
  ...versions,
  ...volumes,
  ...metadataOf('Volume', 'volume'),
  ...snapshots,
  ...metadataOf('Snapshot', 'snapshot'),
  ...attachments,
  ...types,
  ...typeRecords,
  ...groupRecipes,
  ...operatorRecipes,
};
