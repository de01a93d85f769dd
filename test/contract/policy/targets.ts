// The resources that the policy tests act on: each kind is made fresh, owned by ann, in the state that the request under test needs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, backendHost, missingId, poolName, projectOf } from '../block-storage/block-rig.js';

/** A qcow2 file of a volume as a scan of a share tells of it; its length is that of no raw disk. */
export function foundVolume(volumeId: string): object {
  const verdict = {
    format: 'qcow2',
    version: 3,
    virtualSizeBytes: 1024 ** 3,
    backingFile: null,
    backingFormat: null,
    hostile: null,
  };
  const figures = { sizeBytes: 197_120, allocatedBytes: 200_704, modifiedMs: 0, mode: 0o666, linkCount: 1 };
  return { kind: 'file', name: `volume-${volumeId}`, ...figures, verdict };
}

/** Values for parameters of paths and bodies, by name. */
export type Ids = Readonly<Record<string, string>>;

export const version = '3.71';

async function attachment(rig: BlockRig, more: object = {}): Promise<Ids> {
  const volume = await rig.volume();
  const body = { attachment: { volume_uuid: volume, instance_uuid: missingId, ...more } };
  const made = await rig.ask('POST', '/attachments', { version, body });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return { volume_id: volume, attachment_id: made.body.attachment.id as string };
}

async function volumeAfter(rig: BlockRig, ...actions: object[]): Promise<Ids> {
  const id = await rig.volume();
  for (const action of actions) {
    const done = await rig.act(id, action, { version });
    assert.equal(done.status, 202, JSON.stringify(done.body));
  }
  return { volume_id: id };
}

async function volumeType(rig: BlockRig, specs: Readonly<Record<string, string>>, more: object = {}): Promise<Ids> {
  const body = { volume_type: { name: `policy-${randomUUID()}`, extra_specs: specs, ...more } };
  const made = await rig.ask('POST', '/types', { as: 'admin', body });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return { type_id: made.body.volume_type.id as string };
}

async function host(rig: BlockRig, frozen: boolean): Promise<Ids> {
  await rig.database('services').update({ frozen });
  return { host: backendHost };
}

async function groupType(rig: BlockRig): Promise<Ids> {
  const body = { group_type: { name: `policy-${randomUUID()}`, group_specs: { colour: 'red' } } };
  const made = await rig.ask('POST', '/group_types', { as: 'admin', version, body });
  assert.equal(made.status, 202, JSON.stringify(made.body));
  return { group_type_id: made.body.group_type.id as string };
}

/** With a volume. */
async function filledGroup(rig: BlockRig): Promise<Ids> {
  const group = await rig.group();
  await rig.volumeIn(group);
  return { group_id: group };
}

async function groupSnapshot(rig: BlockRig): Promise<Ids> {
  const ids = await filledGroup(rig);
  const body = { group_snapshot: ids };
  const made = await rig.ask('POST', '/group_snapshots', { version, body });
  assert.equal(made.status, 202, JSON.stringify(made.body));
  await rig.engine.settle();
  return { ...ids, group_snapshot_id: made.body.group_snapshot.id as string };
}

/** Of the type that all consistency groups have. */
async function consistencyGroup(rig: BlockRig): Promise<Ids> {
  await rig
    .database('group_types')
    .insert({ name: 'default_cgsnapshot_type', group_specs: { consistent_group_snapshot_enabled: '<is> True' } })
    .onConflict('name')
    .ignore();
  return { consistencygroup_id: await rig.group() };
}

async function filledConsistencyGroup(rig: BlockRig): Promise<Ids> {
  const ids = await consistencyGroup(rig);
  await rig.volumeIn(ids['consistencygroup_id'] ?? '');
  return ids;
}

async function cgsnapshot(rig: BlockRig): Promise<Ids> {
  const ids = await filledConsistencyGroup(rig);
  const made = await rig.ask('POST', '/cgsnapshots', { body: { cgsnapshot: ids } });
  assert.equal(made.status, 202, JSON.stringify(made.body));
  await rig.engine.settle();
  return { ...ids, cgsnapshot_id: made.body.cgsnapshot.id as string };
}

const olderAttach = { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere', mode: 'rw' } };

async function madeBackup(rig: BlockRig) {
  const row = { binary: 'saggar-backup', host: backendHost, zone: 'nova', updated_at: rig.database.raw('utc_now()') };
  await rig.database('services').insert(row).onConflict(['binary', 'host']).merge();
  const volume = await rig.volume();
  const made = await rig.ask('POST', '/backups', { version, body: { backup: { volume_id: volume } } });
  assert.equal(made.status, 202, JSON.stringify(made.body));
  await rig.engine.settle();
  return { volume_id: volume, backup_id: made.body.backup.id as string };
}

export const targets = {
  nothing: () => Promise.resolve({}),
  pool: async (rig: BlockRig) => {
    // Its worker has just reported, however long the tests before took.
    await rig.database('services').update({ updated_at: rig.database.raw('utc_now()') });
    return { pool_name: encodeURIComponent(poolName) };
  },
  volume: async (rig: BlockRig) => ({ volume_id: await rig.volume({ metadata: { colour: 'red' } }) }),
  reservedVolume: (rig: BlockRig) => volumeAfter(rig, { 'os-reserve': null }),
  attachedVolume: (rig: BlockRig) => volumeAfter(rig, olderAttach),
  detachingVolume: (rig: BlockRig) => volumeAfter(rig, olderAttach, { 'os-begin_detaching': null }),
  /** As one that was made from a boot image. */
  async imageVolume(rig: BlockRig) {
    const id = await rig.volume();
    await rig.database('volumes').where({ id }).update({ image_metadata: '{"os":"debian"}' });
    return { volume_id: id };
  },
  async volumeAndType(rig: BlockRig) {
    return { volume_id: await rig.volume(), ...(await volumeType(rig, { volume_backend_name: 'gluster' })) };
  },
  async snapshot(rig: BlockRig) {
    const volume = await rig.volume();
    return { volume_id: volume, snapshot_id: await rig.snapshot(volume, { metadata: { colour: 'red' } }) };
  },
  /** One that was let go; `old_id` was its id. */
  async unmanagedSnapshot(rig: BlockRig) {
    const volume = await rig.volume();
    const snapshot = await rig.snapshot(volume);
    const path = `/snapshots/${snapshot}/action`;
    const done = await rig.ask('POST', path, { as: 'admin', body: { 'os-unmanage': null } });
    assert.equal(done.status, 202, JSON.stringify(done.body));
    await rig.engine.settle();
    return { volume_id: volume, old_id: snapshot };
  },
  /** As while another service makes its files. */
  async reportedSnapshot(rig: BlockRig) {
    const volume = await rig.volume();
    const snapshot = await rig.snapshot(volume);
    await rig.database('snapshots').where({ id: snapshot }).update({ status: 'creating' });
    return { volume_id: volume, snapshot_id: snapshot };
  },
  attachment: (rig: BlockRig) => attachment(rig),
  connectedAttachment: (rig: BlockRig) => attachment(rig, { connector: { host: 'elsewhere' } }),
  type: (rig: BlockRig) => volumeType(rig, { colour: 'red' }),
  typeWithPublicSpec: (rig: BlockRig) => volumeType(rig, { multiattach: '<is> False' }),
  async encryptedType(rig: BlockRig) {
    const ids = await volumeType(rig, {});
    const body = { encryption: { provider: 'luks', control_location: 'front-end', cipher: 'aes' } };
    const made = await rig.ask('POST', `/types/${ids['type_id'] ?? ''}/encryption`, { as: 'admin', body });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return ids;
  },
  /** Which ann's project may use. */
  async privateType(rig: BlockRig) {
    const ids = await volumeType(rig, {}, { 'os-volume-type-access:is_public': false });
    const project = projectOf('ann');
    const path = `/types/${ids['type_id'] ?? ''}/action`;
    const given = await rig.ask('POST', path, { as: 'admin', body: { addProjectAccess: { project } } });
    assert.equal(given.status, 202, JSON.stringify(given.body));
    return { ...ids, target_project_id: project };
  },
  /** Of ann's project. */
  async defaultType(rig: BlockRig) {
    const ids = await volumeType(rig, {});
    const path = `/default-types/${projectOf('ann')}`;
    const body = { default_type: { volume_type: ids['type_id'] } };
    assert.equal((await rig.ask('PUT', path, { as: 'admin', version, body })).status, 200);
    return { ...ids, target_project_id: projectOf('ann') };
  },
  async qos(rig: BlockRig) {
    const body = { qos_specs: { name: `policy-${randomUUID()}`, read_iops_sec: '1' } };
    const made = await rig.ask('POST', '/qos-specs', { as: 'admin', body });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return { ...(await volumeType(rig, {})), qos_id: made.body.qos_specs.id as string };
  },
  async dataTransfer(rig: BlockRig) {
    const body = { volume_upload: { size: 1, disk_format: 'raw' } };
    const made = await rig.ask('POST', '/saggar/volume-uploads', { body });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const { id, volume_id } = made.body.volume_upload as { id: string; volume_id: string };
    return { volume_id, data_transfer_id: id };
  },
  backup: madeBackup,
  async backupVerification(rig: BlockRig) {
    const ids = await madeBackup(rig);
    const body = { backup_verification: { backup_id: ids.backup_id } };
    const made = await rig.ask('POST', '/saggar/backup-verifications', { body });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    return { ...ids, backup_verification_id: made.body.backup_verification.id as string };
  },
  async transfer(rig: BlockRig) {
    const volume = await rig.volume();
    const body = { transfer: { volume_id: volume } };
    const made = await rig.ask('POST', '/volume-transfers', { version, body });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const { id, auth_key: key } = made.body.transfer as { id: string; auth_key: string };
    return { volume_id: volume, transfer_id: id, auth_key: key };
  },
  groupType,
  group: async (rig: BlockRig) => ({ group_id: await rig.group() }),
  filledGroup,
  groupSnapshot,
  consistencyGroup,
  filledConsistencyGroup,
  cgsnapshot,
  thawedHost: (rig: BlockRig) => host(rig, false),
  frozenHost: (rig: BlockRig) => host(rig, true),
  async message(rig: BlockRig) {
    const id = randomUUID();
    await rig.database('user_messages').insert({
      id,
      project_id: projectOf('ann'),
      event_id: 'VOLUME_VOLUME_001_002',
      resource_type: 'VOLUME',
      resource_uuid: missingId,
      user_message: 'No storage could be allocated for this volume request.',
    });
    return { message_id: id };
  },
  project: () => Promise.resolve({ target_project_id: projectOf('ann') }),
  /** The last of a volume of ann's. */
  async operation(rig: BlockRig) {
    const volume = await rig.volume();
    const row: { id: string } | undefined = await rig
      .database('operations')
      .whereRaw('params @> ?::jsonb', [JSON.stringify({ volumeId: volume })])
      .first('id');
    return { volume_id: volume, operation_id: row?.id ?? '' };
  },
  /** A file of a volume that is on no record, found by a scan. */
  async orphan(rig: BlockRig) {
    const file = `volume-${randomUUID()}`;
    rig.engine.world.scanned = [
      {
        ...{
          kind: 'file',
          name: file,
          sizeBytes: 1024,
          allocatedBytes: 1024,
          modifiedMs: 0,
          mode: 0o660,
          linkCount: 1,
        },
        verdict: { format: 'none', claims: null },
      },
    ];
    const made = await rig.askAdmin('POST', '/v1/share-scans', { body: { share_scan: { pool: poolName } } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    await rig.engine.settle();
    rig.engine.world.scanned = [];
    return { scan_id: made.body.share_scan.id as string, file };
  },
  /** A copy of a snapshot that has begun. */
  async runningCopy(rig: BlockRig) {
    const snapshot = await rig.snapshot(await rig.volume());
    const made = await rig.ask('POST', '/volumes', { body: { volume: { snapshot_id: snapshot } } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const volume = made.body.volume.id as string;
    const row: { id: string } | undefined = await rig
      .database('operations')
      .whereRaw('params @> ?::jsonb', [JSON.stringify({ volumeId: volume })])
      .first('id');
    return { volume_id: volume, operation_id: row?.id ?? '' };
  },
  /** A volume that stands on another one's layers; whoever asks for it takes the bond away again (`forgetCopies`). */
  async instantCopy(rig: BlockRig) {
    const source = await rig.volume();
    const snapshot = await rig.snapshot(source);
    const volume = await rig.volume();
    const bond = { backing_volume_id: source, backing_snapshot_id: snapshot };
    await rig.database('volumes').where({ id: volume }).update(bond);
    return { volume_id: volume };
  },
  /** Of a volume of ann's with a snapshot. */
  async chainCheck(rig: BlockRig) {
    const volume = await rig.volume();
    await rig.snapshot(volume);
    const body = { volume_ids: [volume] };
    const made = await rig.askAdmin('POST', '/v1/chain-checks', { body });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    await rig.engine.settle();
    return { volume_id: volume, operation_id: made.body.chain_checks[0].operation_id as string };
  },
  /** Of a share with one volume that nobody has recorded. */
  async shareScan(rig: BlockRig) {
    const fileId = randomUUID();
    rig.engine.world.scanned = [foundVolume(fileId)];
    const body = { share_scan: { pool: poolName } };
    const made = await rig.askAdmin('POST', '/v1/share-scans', { body });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    await rig.engine.settle();
    return { scan_id: made.body.share_scan.id as string, file_id: fileId };
  },
  file: (rig: BlockRig) => {
    const name = `existing-${randomUUID()}`;
    rig.engine.world.files.set(name, { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: null });
    return Promise.resolve({ file: name, host: poolName });
  },
} as const satisfies Record<string, (rig: BlockRig) => Promise<Ids>>;

export type TargetName = keyof typeof targets;

/** Quotas are another test's matter. BlockRig.clear takes this back. */
export async function allowMany(rig: BlockRig): Promise<void> {
  const rows = ['volumes', 'snapshots', 'gigabytes', 'groups', 'backups', 'backup_gigabytes'].map((resource) => ({
    project_id: projectOf('ann'),
    resource,
    hard_limit: -1,
  }));
  await rig.database('quota_limits').insert(rows);
}

/** Takes the bonds of `instantCopy` away, so that everything can be deleted. */
export async function forgetCopies(rig: BlockRig): Promise<void> {
  // One that is being made stands on its source for real, and has a file there when it is settled.
  await rig.engine.settle();
  await rig
    .database('volumes')
    .whereNull('backing_file')
    .update({ backing_volume_id: null, backing_snapshot_id: null });
}
