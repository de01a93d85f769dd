// One row for each of the 71 steps of the block-storage API. Source of what each step brings: the REST API version history of Cinder.
import { missingId, projectOf } from '../block-storage/block-rig.js';
import { field, listed, type Row, route, type Side, same, status, turns } from './boundary.js';

const admin = { as: 'admin' } as const;
const noServerImages =
  'an image that is a server of volumes (no data, a block_device_mapping) is not made here, so none is read';

const volumeOf = async (side: Side, as: 'ann' | 'admin' = 'ann') =>
  (await side.ask('GET', `/volumes/${side.things.volume}`, { as })).body.volume;
const snapshotOf = async (side: Side) => (await side.ask('GET', `/snapshots/${side.things.snapshot}`)).body.snapshot;
const backupOf = async (side: Side, as: 'ann' | 'admin' = 'ann') =>
  (await side.ask('GET', `/backups/${side.things.backup}`, { as })).body.backup;
const encode = encodeURIComponent;

/** A volume of its own for a deed that can be done once. */
async function freshVolume(side: Side, changes: Record<string, unknown> = {}): Promise<string> {
  const id = await side.things.rig.volume();
  if (Object.keys(changes).length > 0) await side.things.rig.database('volumes').where({ id }).update(changes);
  return id;
}

const uploadAs = (visibility: string) => async (side: Side) => {
  const body = { 'os-volume_upload_image': { image_name: 'i', visibility } };
  return (await side.ask('POST', `/volumes/${await freshVolume(side)}/action`, { ...admin, body })).status;
};

const from1to20: readonly Row[] = [
  turns('upload-image-visibility', uploadAs('private'), 400, 202),
  turns('strict-list-booleans', status('GET', '/volumes?bootable=perhaps'), 200, 400),
  route('messages', 'GET', '/messages', 200),
  turns(
    'volume-filter-glance-metadata',
    listed(`/volumes?all_tenants=1&glance_metadata=${encode("{'no': 'such'}")}`, 'volumes', admin),
    'some',
    'none',
  ),
  turns('messages-paging', listed('/messages?limit=0', 'messages'), 'some', 'none'),
  turns(
    'consistencygroup-blank-name',
    status('PUT', `/consistencygroups/${missingId}`, { body: { consistencygroup: { name: '' } } }),
    400,
    404,
  ),
  route('clusters', 'GET', '/clusters', 200, admin),
  route('manageable-resources', 'POST', '/manageable_volumes', 400, { ...admin, body: {} }),
  route('backup-update', 'PUT', `/backups/${missingId}`, 404, { body: { backup: { name: 'n' } } }),
  turns('volume-filter-group', listed(`/volumes?group_id=${missingId}`, 'volumes'), 'some', 'none'),
  route('group-types', 'GET', '/group_types', 200),
  route('volume-summary', 'GET', '/volumes/summary', 200),
  field('groups', async (side) => (await volumeOf(side)).group_id),
  field('group-snapshots', async (side) => (await snapshotOf(side)).group_snapshot_id),
  field('metadata-etag', async (side) => {
    const { headers } = await side.ask('GET', `/volumes/${side.things.volume}/metadata`);
    return headers.get('etag') ?? undefined;
  }),
  turns(
    'migrate-to-cluster',
    async (side) => {
      const body = { 'os-migrate_volume': { cluster: 'none' } };
      const { body: told } = await side.ask('POST', `/volumes/${side.things.volume}/action`, { ...admin, body });
      return /unexpected/.test(told.badRequest.message as string) ? 'unknown' : 'looked for';
    },
    'unknown',
    'looked for',
  ),
  turns(
    'manageable-cluster',
    async (side) => {
      const { body } = await side.ask('GET', '/manageable_snapshots?cluster=none', admin);
      return /Host field/.test(body.badRequest.message as string) ? 'unknown' : 'looked for';
    },
    'unknown',
    'looked for',
  ),
  field('backup-project', async (side) => (await backupOf(side, 'admin'))['os-backup-project-attr:project_id']),
  route('group-snapshot-reset', 'POST', `/group_snapshots/${missingId}/action`, 404, {
    ...admin,
    body: { reset_status: { status: 'available' } },
  }),
  route('group-reset', 'POST', `/groups/${missingId}/action`, 404, {
    ...admin,
    body: { reset_status: { status: 'available' } },
  }),
];

const from21to40: readonly Row[] = [
  field('volume-provider-id', async (side) => (await volumeOf(side, 'admin')).provider_id),
  turns(
    'snapshot-filter-metadata',
    listed(`/snapshots?metadata=${encode("{'no': 'such'}")}`, 'snapshots'),
    'some',
    'none',
  ),
  turns(
    'volume-delete-force',
    async (side) => {
      const id = await freshVolume(side, { status: 'maintenance' });
      return (await side.ask('DELETE', `/volumes/${id}?force=true`, admin)).status;
    },
    400,
    202,
  ),
  route('workers-cleanup', 'POST', '/workers/cleanup', 202, { ...admin, body: {} }),
  turns('group-list-volume', status('GET', '/groups/detail?list_volume=perhaps'), 200, 400),
  route('service-failover', 'PUT', '/os-services/failover', 400, { ...admin, body: {} }),
  route('attachments', 'GET', '/attachments', 200),
  turns('pool-filters', listed('/scheduler-stats/get_pools?name=none', 'pools', admin), 'some', 'none'),
  turns('group-snapshot-paging', status('GET', '/group_snapshots?limit=x'), 200, 400),
  turns('snapshot-sort-name', status('GET', '/snapshots?sort=name'), 400, 200),
  turns('unknown-filter-refused', status('GET', '/volumes?colour=red'), 200, 400),
  route('service-log-levels', 'PUT', '/os-services/get-log', 200, { ...admin, body: {} }),
  route('resource-filters', 'GET', '/resource_filters', 200),
  turns('like-filters', status('GET', '/volumes?name~=lai'), 400, 200),
  turns('pool-filter-type', status('GET', '/scheduler-stats/get_pools?volume_type=__DEFAULT__', admin), 400, 200),
  field('volume-summary-metadata', async (side) => {
    const { body } = await side.ask('GET', '/volumes/summary');
    return body['volume-summary'].metadata;
  }),
  turns('backup-sort-name', status('GET', '/backups?sort=name'), 400, 200),
  route('group-replication', 'POST', `/groups/${missingId}/action`, 404, {
    ...admin,
    body: { list_replication_targets: {} },
  }),
  turns(
    'limits-project',
    async (side) => {
      const { body } = await side.ask('GET', `/limits?project_id=${projectOf('ann')}`, admin);
      return body.limits.absolute.totalVolumesUsed > 0 ? 'the project asked for' : 'one’s own';
    },
    'one’s own',
    'the project asked for',
  ),
  route('volume-revert', 'POST', `/volumes/${missingId}/action`, 404, { body: { revert: { snapshot_id: missingId } } }),
];

const from41to60: readonly Row[] = [
  field('snapshot-user', async (side) => (await snapshotOf(side)).user_id),
  turns(
    'extend-in-use',
    async (side) => {
      const body = { 'os-extend': { new_size: 2 } };
      const answer = await side.ask('POST', `/volumes/${side.things.attachedVolume}/action`, { body });
      // This one's guest is not ours, so the volume cannot grow; but the reason is another one.
      return /status must be|current status/i.test(answer.body.badRequest.message as string)
        ? 'its status'
        : 'its guest';
    },
    'its status',
    'its guest',
  ),
  field('backup-metadata', async (side) => (await backupOf(side)).metadata),
  route('attachment-complete', 'POST', `/attachments/${missingId}/action`, 404, { body: { 'os-complete': null } }),
  turns(
    'list-count',
    async (side) => (await side.ask('GET', '/volumes?with_count=true&limit=1')).body.count > 1,
    false,
    true,
  ),
  same('volume-from-server-image', noServerImages, {
    method: 'POST',
    path: '/volumes',
    asking: { body: { volume: { size: 1, imageRef: missingId } } },
  }),
  same('volume-from-backup', 'the backup is looked up in every version, as by Cinder', {
    method: 'POST',
    path: '/volumes',
    asking: { body: { volume: { size: 1, backup_id: missingId } } },
  }),
  field('volume-shared-targets', async (side) => (await volumeOf(side)).shared_targets),
  field('service-backend-state', async (side) => {
    const { body } = await side.ask('GET', '/os-services?binary=cinder-volume', admin);
    return body.services[0].backend_state;
  }),
  same('multiattach', 'the step marks an ability that types have at every version', {
    method: 'GET',
    path: ({ volume }) => `/volumes/${volume}`,
  }),
  turns(
    'backup-zone',
    status('POST', '/backups', { body: { backup: { volume_id: missingId, availability_zone: 'nova' } } }),
    400,
    404,
  ),
  turns(
    'type-filter-extra-specs',
    listed(`/types?extra_specs=${encode("{'no': 'such'}")}`, 'volume_types'),
    'some',
    'none',
  ),
  turns('volume-strict-body', status('POST', '/volumes', { body: { volume: { size: 1, colour: 'red' } } }), 202, 400),
  turns(
    'attachment-mode',
    async (side) => {
      const attachment = { volume_uuid: await freshVolume(side), mode: 'ro' };
      return (await side.ask('POST', '/attachments', { body: { attachment } })).status;
    },
    400,
    200,
  ),
  turns(
    'transfer-snapshots',
    async (side) => {
      const transfer = { volume_id: await freshVolume(side), no_snapshots: true };
      return (await side.ask('POST', '/volume-transfers', { body: { transfer } })).status;
    },
    400,
    202,
  ),
  field('backup-user', async (side) => (await backupOf(side, 'admin')).user_id),
  field('transfer-projects', async (side) => {
    const { body } = await side.ask('GET', `/volume-transfers/${side.things.transfer}`);
    return body.transfer.source_project_id;
  }),
  field('group-project', async (side) => {
    const { body } = await side.ask('GET', '/groups/detail?all_tenants=1', admin);
    return body.groups[0].project_id;
  }),
  turns('transfer-paging', status('GET', `/volume-transfers?marker=${missingId}`), 200, 404),
  turns('time-filters', listed('/volumes?created_at=gt:2999-01-01T00:00:00', 'volumes'), 'some', 'none'),
];

const from61to71: readonly Row[] = [
  field('volume-cluster-name', async (side) => (await volumeOf(side, 'admin')).cluster_name),
  route('default-types', 'GET', '/default-types', 200, admin),
  field('volume-type-id', async (side) => (await volumeOf(side)).volume_type_id),
  field('encryption-key-id', async (side) => {
    const id = await freshVolume(side, { encryption_key_id: missingId });
    return (await side.ask('GET', `/volumes/${id}`)).body.volume.encryption_key_id;
  }),
  field('consumes-quota', async (side) => (await volumeOf(side)).consumes_quota),
  turns(
    'snapshot-in-use-unforced',
    async (side) => {
      const snapshot = { volume_id: side.things.volume, force: false };
      return (await side.ask('POST', '/snapshots', { body: { snapshot } })).status;
    },
    202,
    400,
  ),
  same('project-optional', 'the project id has always been optional here', { method: 'GET', path: '/volumes' }),
  route('reimage', 'POST', `/volumes/${missingId}/action`, 404, { body: { 'os-reimage': { image_id: missingId } } }),
  same('shared-targets-nullable', 'no volume has targets to share, so the field is false and never null', {
    method: 'GET',
    path: ({ volume }) => `/volumes/${volume}`,
  }),
  turns(
    'transfer-encrypted',
    async (side) => {
      const transfer = { volume_id: await freshVolume(side, { encrypted: true }) };
      return (await side.ask('POST', '/volume-transfers', { body: { transfer } })).status;
    },
    400,
    202,
  ),
  route('extend-completion', 'POST', `/volumes/${missingId}/action`, 404, {
    ...admin,
    body: { 'os-extend_volume_completion': {} },
  }),
];

export const rows: readonly Row[] = [...from1to20, ...from21to40, ...from41to60, ...from61to71];
