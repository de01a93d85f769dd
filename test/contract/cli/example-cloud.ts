// What the cloud answers to the examples of the commands: one of each resource, whatever it is called, that follows what is done to it
// closely enough for `--wait` to end. Answers per operation, so that a command which calls something new fails until it is put here.
import { moreAnswers } from './more-answers.js';
import type { CloudAnswer, SeenRequest } from './recording-cloud.js';
import * as sample from './sample-resources.js';

/** Answers for one example; begin each example with a fresh one. */
export function exampleCloud(): (request: SeenRequest) => CloudAnswer {
  const gone = new Set<string>();
  let volume = sample.sampleVolume();
  let server = sample.sampleServer();
  const links = { self: 'http://localhost/', previous: null, next: null };
  const named = (request: SeenRequest, fallback: string): string =>
    (request.query['name'] ?? fallback).replace(/^\^|\$$/g, '');
  const envelope = (request: SeenRequest): string => {
    const inner = Object.values(request.body as Record<string, Record<string, unknown>>)[0];
    return String(inner?.['name'] ?? 'x');
  };
  const unless = (id: string, answer: CloudAnswer): CloudAnswer =>
    gone.has(id) ? { status: 404, body: { itemNotFound: { code: 404, message: 'not found' } } } : answer;
  const ok = (body: unknown): CloudAnswer => ({ status: 200, body });
  const quotas = {
    volumes: 10,
    snapshots: 10,
    gigabytes: 1000,
    per_volume_gigabytes: -1,
    backups: 10,
    backup_gigabytes: 1000,
    groups: 10,
  };
  const absolute = {
    maxTotalVolumes: 10,
    maxTotalSnapshots: 10,
    maxTotalVolumeGigabytes: 1000,
    maxTotalBackups: 10,
    maxTotalBackupGigabytes: 1000,
    totalVolumesUsed: 1,
    totalGigabytesUsed: 1,
    totalSnapshotsUsed: 0,
    totalBackupsUsed: 0,
    totalBackupGigabytesUsed: 0,
  };
  const removed = (id: string, status: number): CloudAnswer => {
    gone.add(id);
    return { status };
  };

  const answers: Record<string, (request: SeenRequest) => CloudAnswer> = {
    ...moreAnswers(),
    listVolumesDetail: (request) => ok({ volumes: [{ ...volume, name: named(request, 'data') }] }),
    showVolume: () => unless(volume.id, ok({ volume })),
    createVolume: (request) => ({
      status: 202,
      body: { volume: sample.createdVolume({ status: 'creating', name: envelope(request) }) },
    }),
    deleteVolume: () => removed(volume.id, 202),
    extendVolume: () => ({ status: 202 }),
    deleteVolumeMetadataKey: () => ({ status: 200 }),
    listSnapshotsDetail: (request) =>
      ok({ snapshots: [sample.sampleSnapshot({ name: named(request, 'before-upgrade') })] }),
    showSnapshot: () => unless(sample.ids.snapshot, ok({ snapshot: sample.sampleSnapshot() })),
    createSnapshot: () => ({ status: 202, body: { snapshot: sample.createdSnapshot({ status: 'creating' }) } }),
    updateSnapshot: () => ok({ snapshot: sample.createdSnapshot() }),
    deleteSnapshotMetadataKey: () => ({ status: 200 }),
    deleteSnapshot: () => removed(sample.ids.snapshot, 202),
    listAttachments: () =>
      ok({
        attachments: [{ id: sample.ids.attachment, status: 'attached', instance: null, volume_id: sample.ids.volume }],
      }),
    showAttachment: () => ok({ attachment: sample.sampleAttachment }),
    createAttachment: () => ok({ attachment: sample.sampleAttachment }),
    updateAttachment: () => ok({ attachment: sample.sampleAttachment }),
    completeAttachment: () => ({ status: 204 }),
    deleteAttachment: () => ok({ attachments: [] }),
    listTypes: () =>
      ok({
        volume_types: [
          sample.sampleType(),
          sample.sampleType({ name: 'fast' }),
          sample.sampleType({ name: 'private', is_public: false }),
          sample.sampleType({ name: 'encrypted', id: sample.ids.encrypted }),
        ],
      }),
    showType: () => ok({ volume_type: sample.sampleType() }),
    createType: (request) => {
      const access = { 'os-volume-type-access:is_public': true };
      return ok({ volume_type: sample.sampleType({ name: envelope(request), ...access }) });
    },
    migrateVolume: (request) => {
      const { host } = Object.values(request.body as Record<string, { host: string }>)[0] ?? { host: '' };
      volume = sample.sampleVolume({ migration_status: 'success', 'os-vol-host-attr:host': host });
      return { status: 202 };
    },
    updateType: () => ok({ volume_type: sample.sampleType() }),
    deleteExtraSpec: () => ({ status: 202 }),
    deleteType: () => ({ status: 202 }),
    listServices: () =>
      ok({
        services: [
          {
            binary: 'cinder-volume',
            host: 'store1@gluster',
            zone: 'nova',
            status: 'enabled',
            state: 'up',
            updated_at: null,
            disabled_reason: null,
          },
        ],
      }),
    disableServiceWithReason: () =>
      ok({
        host: 'store1@gluster',
        service: '',
        binary: 'cinder-volume',
        status: 'disabled',
        disabled: true,
        disabled_reason: 'x',
      }),
    listPools: () =>
      ok({
        pools: [
          {
            name: 'store1@gluster#10.0.0.1:/vols',
            capabilities: {
              total_capacity_gb: 10,
              free_capacity_gb: 'unknown',
              volume_backend_name: 'gluster',
              vendor_name: 'Open Source',
              storage_protocol: 'glusterfs',
            },
          },
        ],
      }),
    listMessages: () => ok({ messages: [] }),
    showLimits: () => ok({ limits: { rate: [], absolute } }),
    computeShowLimits: () => ok({ limits: { rate: [], absolute: { maxTotalInstances: 10 } } }),
    showQuotaSet: () => ok({ quota_set: { id: 'x', ...quotas } }),
    updateQuotaSet: () => ok({ quota_set: quotas }),
    listZones: () => ok({ availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true } }] }),
    computeListServersDetail: (request) => ok({ servers: [{ ...server, name: named(request, 'vm') }] }),
    computeShowServer: () => unless(server.id, ok({ server })),
    computeCreateServer: () => ({
      status: 202,
      body: {
        server: { id: server.id, links: [], adminPass: 'x', 'OS-DCF:diskConfig': 'MANUAL', security_groups: [] },
      },
    }),
    computeUpdateServer: () => ok({ server }),
    computeStartServer: () => ({ status: 202 }),
    computeStopServer: () => {
      server = sample.sampleServer({ status: 'SHUTOFF' });
      return { status: 202 };
    },
    computeRebootServer: () => ({ status: 202 }),
    computeReadConsole: () => ok({ output: 'login:' }),
    computeDeleteServer: () => removed(server.id, 204),
    computeCreateVolumeAttachment: () => {
      volume = sample.attachedVolume();
      const attachment = { id: volume.id, serverId: server.id, volumeId: volume.id, device: '/dev/vdb' };
      return ok({ volumeAttachment: attachment });
    },
    computeDeleteVolumeAttachment: () => {
      volume = sample.sampleVolume();
      return { status: 202 };
    },
    computeListVolumeAttachments: () =>
      ok({
        volumeAttachments: [{ id: volume.id, serverId: server.id, volumeId: volume.id, device: '/dev/vdb' }],
      }),
    computeListFlavorsDetail: () => ok({ flavors: [sample.sampleFlavor, { ...sample.sampleFlavor, name: 'm1.twin' }] }),
    computeShowFlavor: () => ok({ flavor: sample.sampleFlavor }),
    computeCreateFlavor: () => ok({ flavor: sample.sampleFlavor }),
    computeDeleteFlavor: () => ({ status: 202 }),
    computeListZones: () =>
      ok({ availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true }, hosts: null }] }),
    identityListAuthProjects: () => ok({ projects: [sample.sampleProject('demo')], links }),
    identityListProjects: (request) => ok({ projects: [sample.sampleProject(named(request, 'demo'))], links }),
    identityCreateProject: (request) => ({ status: 201, body: { project: sample.sampleProject(envelope(request)) } }),
    identityUpdateProject: () => ok({ project: sample.sampleProject('shop') }),
    identityDeleteProject: () => ({ status: 204 }),
    identityListUsers: (request) => ok({ users: [sample.sampleUser(named(request, 'anna'))], links }),
    identityCreateUser: (request) => ({ status: 201, body: { user: sample.sampleUser(envelope(request)) } }),
    identityUpdateUser: () => ok({ user: sample.sampleUser('anna') }),
    identityDeleteUser: () => ({ status: 204 }),
    identityListRoles: (request) => ok({ roles: [sample.sampleRole(named(request, 'member'))], links }),
    identityCreateRole: (request) => ({ status: 201, body: { role: sample.sampleRole(envelope(request)) } }),
    identityDeleteRole: () => ({ status: 204 }),
    identityGrantProjectRole: () => ({ status: 204 }),
    identityRevokeProjectRole: () => ({ status: 204 }),
    identityListRoleAssignments: () => ok({ role_assignments: [], links }),
  };
  return (request) => {
    const answer = answers[request.operationId];
    if (answer === undefined) throw new Error(`no example answer for ${request.operationId}`);
    return answer(request);
  };
}
