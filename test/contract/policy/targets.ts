// The resources that the policy tests act on: each kind is made fresh, owned by ann, in the state that the request under test needs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type BlockRig, missingId, poolName, projectOf } from '../block-storage/block-rig.js';

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

async function volumeType(rig: BlockRig, specs: Readonly<Record<string, string>>): Promise<Ids> {
  const body = { volume_type: { name: `policy-${randomUUID()}`, extra_specs: specs } };
  const made = await rig.ask('POST', '/types', { as: 'admin', body });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return { type_id: made.body.volume_type.id as string };
}

const olderAttach = { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere', mode: 'rw' } };

export const targets = {
  nothing: () => Promise.resolve({}),
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
  async snapshot(rig: BlockRig) {
    const volume = await rig.volume();
    return { volume_id: volume, snapshot_id: await rig.snapshot(volume, { metadata: { colour: 'red' } }) };
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
  file: (rig: BlockRig) => {
    const name = `existing-${randomUUID()}`;
    rig.engine.world.files.set(name, { format: 'qcow2', virtualSizeBytes: 1024 ** 3, backingFile: null });
    return Promise.resolve({ file: name, host: poolName });
  },
} as const satisfies Record<string, (rig: BlockRig) => Promise<Ids>>;

export type TargetName = keyof typeof targets;
