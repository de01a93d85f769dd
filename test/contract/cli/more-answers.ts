// Answers of the example cloud for what the first commands did not need: type records, QoS, transfers, messages, hosts, filters, log
// levels, quota classes, versions, domains, application credentials, the catalog's records. They keep no state.
import { adminAnswers } from './admin-answers.js';
import { groupAnswers } from './group-answers.js';
import { imageAnswers } from './image-answers.js';
import { type CloudAnswer, projectId, type SeenRequest, userId } from './recording-cloud.js';
import * as sample from './sample-resources.js';

type Answers = Record<string, (request: SeenRequest) => CloudAnswer>;

const time = '2026-11-21T01:32:34.230344';
const links = { self: 'http://localhost/', previous: null, next: null };
const self = { self: 'http://localhost/' };
const accepted = (): CloudAnswer => ({ status: 202 });
const done = (): CloudAnswer => ({ status: 200 });
const deleted = (): CloudAnswer => ({ status: 204 });
const ok = (body: unknown) => (): CloudAnswer => ({ status: 200, body });

function named(request: SeenRequest, fallback: string): string {
  return request.query['name'] ?? fallback;
}

const quotas = {
  volumes: 10,
  snapshots: 10,
  gigabytes: 1000,
  per_volume_gigabytes: -1,
  backups: 10,
  backup_gigabytes: 1000,
  groups: 10,
};
const extension = { name: 'Quotas', alias: 'os-quota-sets', description: 'quotas', updated: '', links: [] };
const qos = { id: sample.ids.qos, name: 'modest', consumer: 'front-end', specs: { total_iops_sec: '500' } };
/** Of the download; the upload has the id of the transfer. */
const readId = sample.ids.volume;

function openedTransfer(request: SeenRequest, way: 'read' | 'write'): object {
  return {
    ...{ id: way === 'read' ? readId : sample.ids.transfer, volume_id: sample.ids.volume, snapshot_id: null },
    ...{ url: `http://${request.headers.host}/transfers/${way}`, ticket: 'ab'.repeat(32), idle_seconds: 120 },
    expires_at: null,
  };
}

const backup = {
  id: sample.ids.backup,
  name: 'monday',
  links: [],
  status: 'available' as const,
  size: 1,
  object_count: 2,
  availability_zone: null,
  container: 'volumebackups',
  created_at: '2026-11-21T01:32:34.230344',
  updated_at: null,
  description: null,
  fail_reason: null,
  volume_id: sample.ids.volume,
  is_incremental: false,
  has_dependent_backups: false,
  snapshot_id: null,
  data_timestamp: '2026-11-21T01:32:34.230344',
  metadata: {},
};
const backupVerification = {
  ...{ id: sample.ids.transfer, backup_id: backup.id, status: 'whole', progress: 100, checked_chunks: 3 },
  ...{ damaged_chunks: 0, damage: [], error: null, created_at: time },
};
const backupSummary = { id: backup.id, name: backup.name, links: [] };
const transfer = {
  id: sample.ids.transfer,
  name: 'to-shop',
  volume_id: sample.ids.volume,
  links: [],
  created_at: time,
  no_snapshots: false,
  source_project_id: projectId,
  destination_project_id: null,
  accepted: false,
};
const message = {
  id: sample.ids.message,
  event_id: 'VOLUME_001_003',
  user_message: 'The storage backend ran out of space.',
  message_level: 'ERROR',
  created_at: time,
  guaranteed_until: null,
  request_id: null,
  links: [],
};
const credential = {
  id: sample.ids.role,
  name: 'backup-script',
  description: null,
  project_id: projectId,
  unrestricted: false,
  expires_at: null,
  user_id: userId,
  system: null,
  roles: [{ id: sample.ids.role, name: 'member', domain_id: null, description: null, options: {} }],
  links: self,
};
const service = { id: projectId, type: 'compute', name: 'nova', description: '', enabled: true, links: self };
const endpoint = {
  id: sample.ids.endpoint,
  interface: 'public',
  region: 'RegionOne',
  region_id: 'RegionOne',
  service_id: projectId,
  url: 'http://localhost/compute/v2.1',
  enabled: true,
  links: self,
};
const version = { id: 'v3.0', status: 'CURRENT', version: '3.71', min_version: '3.0', updated: '', links: [] };
const mediaTypes = [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }];
const keystone = { id: 'v3.14', status: 'stable', updated: '', links: [], 'media-types': mediaTypes };

function serviceChanged(status: 'enabled' | 'disabled'): () => CloudAnswer {
  const service = { host: 'store1@gluster', service: '', binary: 'cinder-volume', status };
  return ok({ ...service, disabled: status === 'disabled' });
}

function domain(name: string): object {
  return { id: 'default', name, description: '', enabled: true, tags: [], options: {}, links: self };
}

function storage(): Answers {
  return {
    listVersions: () => ({ status: 300, body: { versions: [{ ...version, 'media-types': [] }] } }),
    updateVolume: ok({ volume: sample.createdVolume() }),
    mergeVolumeMetadata: ok({ metadata: {} }),
    replaceVolumeMetadata: ok({ metadata: {} }),
    resetVolumeStatus: accepted,
    setVolumeBootable: done,
    setVolumeReadonly: accepted,
    setVolumeImageMetadata: ok({ metadata: {} }),
    unsetVolumeImageMetadata: done,
    forceDeleteVolume: accepted,
    retypeVolume: accepted,
    manageVolume: () => ({ status: 202, body: { volume: sample.createdVolume({ status: 'creating' }) } }),
    forceDetachVolume: accepted,
    mergeSnapshotMetadata: ok({ metadata: {} }),
    replaceSnapshotMetadata: ok({ metadata: {} }),
    resetSnapshotStatus: accepted,
    forceDeleteSnapshot: accepted,
    mergeExtraSpecs: ok({ extra_specs: {} }),
    showTypeEncryption: ({ path }) => ({
      status: 200,
      body: path.includes(sample.ids.encrypted) ? { provider: 'luks', control_location: 'front-end' } : {},
    }),
    createTypeEncryption: ok({
      encryption: {
        provider: 'luks',
        control_location: 'front-end',
        volume_type_id: sample.ids.type,
        encryption_id: sample.ids.type,
      },
    }),
    updateTypeEncryption: ok({ encryption: {} }),
    deleteTypeEncryption: accepted,
    listTypeAccess: ok({ volume_type_access: [{ volume_type_id: sample.ids.type, project_id: projectId }] }),
    addTypeAccess: accepted,
    removeTypeAccess: accepted,
    showQosSpecs: ok({ qos_specs: qos, links: [] }),
    disassociateAllQosSpecs: accepted,
    showTransfer: ok({ transfer }),
    showQuotaDefaults: ok({ quota_set: { id: 'x', ...quotas } }),
    showQuotaClass: ok({ quota_class_set: { id: 'default', ...quotas } }),
    updateQuotaClass: ok({ quota_class_set: quotas }),
    enableService: serviceChanged('enabled'),
    disableService: serviceChanged('disabled'),
    thawHost: done,
    listExtensions: ok({ extensions: [extension] }),
    showExtension: ok({ extension }),
    summarizeVolumes: ok({ 'volume-summary': { total_count: 1, total_size: 1, metadata: {} } }),
    revertVolume: accepted,
    reserveVolume: accepted,
    unreserveVolume: accepted,
    attachVolume: accepted,
    beginDetachingVolume: accepted,
    rollDetachingVolume: accepted,
    detachVolume: accepted,
    terminateVolumeConnection: accepted,
    initializeVolumeConnection: () => ({
      status: 200,
      unchecked: true,
      body: { connection_info: { driver_volume_type: 'glusterfs', data: { export: '10.0.0.1:/vols' } } },
    }),
    updateSnapshotStatus: accepted,
    listQosSpecs: ok({ qos_specs: [qos] }),
    createQosSpecs: ok({ qos_specs: qos, links: [] }),
    updateQosSpecs: ok({ qos_specs: {} }),
    deleteQosKeys: accepted,
    deleteQosSpecs: accepted,
    associateQosSpecs: accepted,
    disassociateQosSpecs: accepted,
    listQosAssociations: ok({
      qos_associations: [{ association_type: 'volume_type', name: 'fast', id: sample.ids.type }],
    }),
    createVolumeUpload: (request) => ({ status: 202, body: { volume_upload: openedTransfer(request, 'write') } }),
    createVolumeDownload: (request) => ({ status: 202, body: { volume_download: openedTransfer(request, 'read') } }),
    showDataTransfer: ({ path, headers }) => ({
      status: 200,
      body: {
        data_transfer: {
          ...{ id: sample.ids.transfer, kind: 'upload', volume_id: sample.ids.volume, status: 'open', error: null },
          url: `http://${headers.host}/transfers/${path.endsWith(readId) ? 'read' : 'write'}`,
          created_at: '2026-11-21T00:00:00.000000',
        },
      },
    }),
    listBackupsDetail: ok({ backups: [backup] }),
    createBackup: () => ({ status: 202, body: { backup: backupSummary } }),
    showBackup: ok({ backup }),
    updateBackup: ok({ backup: backupSummary }),
    deleteBackup: accepted,
    restoreBackup: () => ({
      status: 202,
      body: { restore: { backup_id: backup.id, volume_id: sample.ids.volume, volume_name: 'restored' } },
    }),
    resetBackupStatus: accepted,
    forceDeleteBackup: accepted,
    createBackupVerification: () => ({ status: 202, body: { backup_verification: backupVerification } }),
    showBackupVerification: ok({ backup_verification: backupVerification }),
    exportBackupRecord: ok({ 'backup-record': { backup_service: 'directory', backup_url: 'e30=' } }),
    importBackupRecord: () => ({ status: 201, body: { backup: backupSummary } }),
    createTransfer: () => ({ status: 202, body: { transfer: { ...transfer, auth_key: '0123456789abcdef' } } }),
    listTransfersDetail: ok({ transfers: [transfer] }),
    acceptTransfer: () => ({
      status: 202,
      body: { transfer: { id: transfer.id, name: transfer.name, volume_id: transfer.volume_id, links: [] } },
    }),
    deleteTransfer: accepted,
    showMessage: ok({ message }),
    deleteMessage: deleted,
    showCapabilities: ok({
      namespace: 'OS::Storage::Capabilities::store1@gluster',
      vendor_name: 'Open Source',
      volume_backend_name: 'gluster',
      pool_name: null,
      driver_version: '0.1.0',
      storage_protocol: 'glusterfs',
      display_name: null,
      description: null,
      visibility: null,
      replication_targets: [],
      properties: {
        thin_provisioning: { title: 'Thin', description: 'grows as it is written', type: 'boolean' },
      },
    }),
    freezeHost: done,
    listHosts: ok({
      hosts: [
        {
          host_name: 'store1@gluster',
          service: 'cinder-volume',
          zone: 'nova',
          'service-status': 'available',
          'service-state': 'enabled',
          'last-update': null,
        },
      ],
    }),
    showHost: ok({
      host: [
        {
          resource: {
            host: 'store1@gluster',
            project: '(total)',
            volume_count: '1',
            total_volume_gb: '1',
            snapshot_count: '0',
            total_snapshot_gb: '0',
          },
        },
      ],
    }),
    listResourceFilters: ok({ resource_filters: [{ resource: 'volume', filters: ['name', 'status'] }] }),
    showLogLevels: ok({
      log_levels: [{ binary: 'cinder-volume', host: 'store1@gluster', levels: { 'saggar-volume': 'INFO' } }],
    }),
    setLogLevels: accepted,
    deleteQuotaSet: done,
  };
}

function others(): Answers {
  return {
    computeListVersions: ok({ versions: [{ ...version, id: 'v2.1', version: '2.1', min_version: '2.1' }] }),
    computeDeleteServerTag: deleted,
    computeListExtensions: ok({ extensions: [] }),
    computeShowQuota: ok({ quota_set: { id: 'x', instances: 10, cores: 20, ram: 51_200 } }),
    computeShowQuotaDefaults: ok({ quota_set: { id: 'x', instances: 10 } }),
    computeShowQuotaDetail: ok({ quota_set: { id: 'x', instances: { limit: 10, in_use: 1, reserved: 0 } } }),
    computeDeleteQuota: accepted,
    identityListVersions: () => ({ status: 300, body: { versions: { values: [keystone] } } }),
    identityRevokeToken: deleted,
    identityListDomains: (request) => ({ status: 200, body: { domains: [domain(named(request, 'Default'))], links } }),
    identityCreateDomain: () => ({ status: 201, body: { domain: domain('branch') } }),
    identityUpdateDomain: ok({ domain: domain('branch') }),
    identityDeleteDomain: deleted,
    identityShowDomain: () => ({ status: 404, unchecked: true, body: { error: { code: 404, message: 'no' } } }),
    identityUpdateRole: ok({ role: sample.sampleRole('auditor') }),
    identityChangePassword: deleted,
    identityListApplicationCredentials: ok({ application_credentials: [credential], links }),
    identityCreateApplicationCredential: () => ({
      status: 201,
      body: { application_credential: { ...credential, secret: 'told-once' } },
    }),
    identityDeleteApplicationCredential: deleted,
    identityListServices: ok({ services: [service], links }),
    identityListEndpoints: ok({ endpoints: [endpoint], links }),
    identityShowEndpoint: ok({ endpoint }),
    identityListRegions: ok({
      regions: [{ id: 'RegionOne', description: '', parent_region_id: null, links: self }],
      links,
    }),
  };
}

const manageable = {
  ...{ reference: { 'source-name': 'disk.qcow2' }, size: 1, safe_to_manage: true },
  ...{ reason_not_managed: null, cinder_id: null, extra_info: null },
};

function custody(): Answers {
  return {
    listManageableVolumesDetail: ok({ 'manageable-volumes': [manageable] }),
    listManageableSnapshotsDetail: ok({
      'manageable-snapshots': [{ ...manageable, source_reference: { 'source-name': 'disk.qcow2' } }],
    }),
    manageSnapshot: () => ({ status: 202, body: { snapshot: sample.createdSnapshot({ status: 'creating' }) } }),
    unmanageSnapshot: accepted,
    unmanageVolume: accepted,
  };
}

export function moreAnswers(): Answers {
  return { ...storage(), ...others(), ...adminAnswers(), ...groupAnswers(), ...imageAnswers(), ...custody() };
}
