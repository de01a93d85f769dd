// Retype and migrate: who may, what is refused and in which words, and that a failure leaves the volume as it was.
import assert from 'node:assert/strict';
import type { Command, StepOutcome } from '../../../services/core/messages/envelope.js';
import { type Asking, type BlockRig, insertPool, missingId, poolName } from './block-rig.js';

const fastPool = 'node1@fast#10.0.0.9:/fast';
const farPool = 'node2@far#10.0.0.8:/far';

/** Lets commands of the type fail for good. */
export function failing(type: Command['type']): (command: Command) => StepOutcome | null {
  return (command) =>
    command.type === type && command.phase === 'do'
      ? { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false }
      : null;
}

export function volumeMoveCases(rig: () => BlockRig): void {
  before(async () => {
    const capabilities = {
      volumeBackendName: 'fast',
      vendorName: 'Open Source',
      driverVersion: '0.1.0',
      storageProtocol: 'glusterfs',
      reservedPercentage: 0,
      maxOverSubscriptionRatio: 20,
      thinProvisioning: true,
      thickProvisioning: false,
      volumeFormat: 'raw',
      preallocation: 'metadata',
    };
    // No room for what nobody asks to be there, so that new volumes stay in the first pool.
    await insertPool(rig().database, fastPool, {
      capabilities: JSON.stringify(capabilities),
      total_bytes: 4 * 1024 ** 3,
      free_bytes: 4 * 1024 ** 3,
    });
    const far = JSON.stringify({ ...capabilities, volumeBackendName: 'far' });
    await insertPool(rig().database, farPool, { capabilities: far, total_bytes: 1024 ** 3, free_bytes: 1024 ** 3 });
  });
  after(async () => {
    await rig().database('pools').whereIn('name', [fastPool, farPool]).delete();
    await rig()
      .database('services')
      .whereIn(
        'host',
        [fastPool, farPool].map((name) => name.split('#')[0] ?? ''),
      )
      .delete();
  });
  beforeEach(() => rig().database('user_messages').delete());
  afterEach(async () => {
    rig().engine.interfere = () => null;
    await rig().clear();
    await rig().database('volume_types').whereNot({ name: '__DEFAULT__' }).delete();
  });

  async function newType(name: string, specs: Record<string, string> = {}): Promise<string> {
    const body = { volume_type: { name, extra_specs: specs } };
    const answer = await rig().ask('POST', '/types', { as: 'admin', body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.volume_type.id as string;
  }
  const retype = (id: string, type: string, policy?: string, asking: Asking = {}) =>
    rig().act(
      id,
      { 'os-retype': { new_type: type, ...(policy === undefined ? {} : { migration_policy: policy }) } },
      asking,
    );
  const show = async (id: string) => (await rig().ask('GET', `/volumes/${id}`, { as: 'admin' })).body.volume;
  const messages = async (): Promise<{ event_id: string; user_message: string }[]> =>
    (await rig().ask('GET', '/messages', { version: '3.3' })).body.messages;

  it('retypes at once where the pool is what the type asks for, in use too', async () => {
    const id = await rig().volume();
    await newType('same', { volume_backend_name: 'gluster' });
    const plainId = await newType('plain');
    assert.equal((await retype(id, 'same', 'never')).status, 202);
    assert.deepEqual([(await show(id)).volume_type, (await show(id)).status], ['same', 'available']);
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.equal((await retype(id, plainId)).status, 202);
    const shown = await show(id);
    assert.deepEqual([shown.volume_type, shown.status, shown.migration_status], ['plain', 'in-use', null]);
    assert.deepEqual(await messages(), []);
  });

  it('refuses to retype in Cinder’s words', async () => {
    const id = await rig().volume();
    await newType('other');
    await newType('shared', { multiattach: '<is> True' });
    const message = async (answer: ReturnType<typeof retype>) => (await answer).body.badRequest?.message as string;
    assert.equal((await retype(id, missingId)).status, 404);
    assert.equal((await retype(id, 'nowhere')).status, 404);
    assert.equal((await retype(missingId, 'other')).status, 404);
    assert.equal((await retype(id, 'other', 'never', { as: 'bob' })).status, 404);
    assert.equal((await retype(id, 'other', 'never', { as: 'reader' })).status, 403);
    assert.match(await message(retype(id, 'other', 'maybe')), /'maybe' is not one of/);
    assert.match(await message(rig().act(id, { 'os-retype': {} })), /'new_type' is a required property/);
    assert.match(await message(retype(id, '')), /too short/);
    assert.match(await message(retype(id, '__DEFAULT__')), /requested type has to be different/);
    for (const change of [{ status: 'error' }, { group_id: await rig().group() }, { migration_status: 'migrating' }]) {
      await rig().database('volumes').where({ id }).update(change);
      assert.match(await message(retype(id, 'other')), /Retype needs volume to be in available or in-use state/);
      await rig()
        .database('volumes')
        .where({ id })
        .update({ status: 'available', group_id: null, migration_status: null });
    }
    await rig().database('volumes').where({ id }).update({ status: 'in-use' });
    assert.match(await message(retype(id, 'shared')), /retypes affecting multiattach are only allowed on available/);
    assert.equal((await show(id)).volume_type, '__DEFAULT__');
  });

  it('counts the quota of the new type, and the totals not twice', async () => {
    const id = await rig().volume({ size: 2 });
    await newType('dear');
    const { project_id: project } = await rig().database('volumes').where({ id }).first('project_id');
    const limit = (quota: object) =>
      rig().ask('PUT', `/os-quota-sets/${project as string}`, { as: 'admin', body: { quota_set: quota } });
    await limit({ volumes: 1, gigabytes: 2, gigabytes_dear: 1 });
    const answer = await retype(id, 'dear');
    assert.equal(answer.status, 413);
    assert.match(answer.body.overLimit.message, /gigabytes_dear/);
    await limit({ gigabytes_dear: 2 });
    assert.equal((await retype(id, 'dear')).status, 202);
    assert.equal((await show(id)).volume_type, 'dear');
  });

  it('moves the volume for its new type only when it may, and says why not', async () => {
    const id = await rig().volume();
    const fastId = await newType('fast', { volume_backend_name: 'fast' });
    assert.equal((await retype(id, 'fast')).status, 202);
    assert.deepEqual([(await show(id)).status, (await show(id)).volume_type], ['available', '__DEFAULT__']);
    assert.match(
      (await messages())[0]?.user_message ?? '',
      /change the type.*No backend offers what the volume type asks/,
    );
    await newType('shared', { multiattach: '<is> True', volume_backend_name: 'fast' });
    const snapshot = await rig().snapshot(id);
    assert.equal((await retype(id, 'shared', 'on-demand')).status, 202);
    assert.equal((await show(id)).volume_type, '__DEFAULT__', 'what several servers write to is one file');
    assert.equal((await messages()).length, 2);
    assert.equal((await retype(id, 'fast', 'on-demand')).status, 202);
    assert.equal((await show(id)).status, 'retyping');
    assert.equal((await rig().ask('DELETE', `/volumes/${id}`)).status, 400);
    assert.equal((await rig().ask('DELETE', `/types/${fastId}`, { as: 'admin' })).status, 400, 'about to be used');
    await rig().engine.settle();
    const moved = await show(id);
    assert.deepEqual(
      [moved.status, moved.volume_type, moved['os-vol-host-attr:host'], moved.migration_status],
      ['available', 'fast', fastPool, 'success'],
    );
    const name = `volume-${moved['os-vol-mig-status-attr:name_id'] as string}`;
    assert.deepEqual(await rig().engine.chainFiles(id), [name, `${name}.${snapshot}`], 'the snapshot goes along');
  });

  it('makes a volume for several servers raw when it is retyped to one, in its own pool', async () => {
    const id = await rig().volume();
    await newType('shared', { multiattach: '<is> True', volume_backend_name: 'gluster' });
    assert.equal((await retype(id, 'shared', 'on-demand')).status, 202);
    await rig().engine.settle();
    const moved = await show(id);
    assert.deepEqual([moved.multiattach, moved['os-vol-host-attr:host']], [true, poolName]);
    const [layer] = await rig().database('chain_layers').where({ volume_id: id }).select('format');
    assert.equal(layer.format, 'raw');
  });

  it('restores the status and tells the user when the copy fails', async () => {
    const id = await rig().volume();
    await newType('fast', { volume_backend_name: 'fast' });
    const before = await rig().engine.chainFiles(id);
    rig().engine.interfere = failing('image.copy');
    await retype(id, 'fast', 'on-demand');
    await rig().engine.settle();
    const shown = await show(id);
    assert.deepEqual(
      [shown.status, shown.volume_type, shown['os-vol-host-attr:host'], shown.migration_status],
      ['available', '__DEFAULT__', poolName, 'error'],
    );
    assert.deepEqual(await rig().engine.chainFiles(id), before);
    assert.match((await messages())[0]?.user_message ?? '', /ran out of space/);
  });

  const migrate = (id: string, body: object, asking: Asking = {}) =>
    rig().act(id, { 'os-migrate_volume': body }, { as: 'admin', ...asking });

  it('migrates to another pool of the same worker for administrators', async () => {
    const id = await rig().volume({ size: 2 });
    assert.equal((await migrate(id, { host: fastPool }, { as: 'ann' })).status, 403);
    assert.equal((await migrate(id, { host: fastPool, force_host_copy: 'True', lock_volume: false })).status, 202);
    const moving = await show(id);
    assert.deepEqual([moving.status, moving['os-vol-mig-status-attr:migstat']], ['maintenance', 'migrating']);
    for (const action of ['os-reserve', 'os-unmanage', 'os-initialize_connection']) {
      const body = { [action]: action === 'os-initialize_connection' ? { connector: { host: 'h' } } : null };
      assert.equal((await rig().act(id, body, { as: 'admin' })).status, 400, `${action} of what is being copied`);
    }
    await rig().engine.settle();
    const moved = await show(id);
    assert.deepEqual(
      [moved.status, moved['os-vol-host-attr:host'], moved.migration_status],
      ['available', fastPool, 'success'],
    );
    assert.equal((await migrate(id, { host: poolName })).status, 202);
    await rig().engine.settle();
    assert.equal((await show(id))['os-vol-host-attr:host'], poolName, 'and back');
    await rig().ask('DELETE', `/volumes/${id}`);
    await rig().engine.settle();
    assert.equal(rig().engine.world.records.has(id), false);
  });

  it('refuses a destination that is none, and a volume that cannot be moved', async () => {
    const id = await rig().volume();
    const message = async (body: object, asking: Asking = {}) => {
      const answer = await migrate(id, body, asking);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      return answer.body.badRequest.message as string;
    };
    assert.match(await message({}), /os-migrate_volume\. Value: {}\. 'host' is a required property/);
    assert.match(await message({ host: '' }), /Host field is missing/);
    assert.match(await message({}, { version: '3.16' }), /One and only one of cluster and host/);
    assert.match(await message({ host: poolName, cluster: 'c' }), /Additional properties are not allowed/);
    assert.match(
      await message({ host: poolName, cluster: 'c' }, { version: '3.16' }),
      /One and only one of cluster and host/,
    );
    assert.match(await message({ cluster: 'c' }, { version: '3.16' }), /No available service named 'c'/);
    assert.match(await message({ host: 'nobody@nowhere#x' }), /No available service named 'nobody@nowhere#x'/);
    assert.match(await message({ host: farPool }), /served by another worker host/);
    assert.match(await message({ host: poolName }), /destination host\/cluster must be different/);
    assert.equal((await migrate(missingId, { host: fastPool })).status, 404);
    await rig().database('services').where({ host: 'node1@fast' }).update({ disabled: true });
    assert.match(await message({ host: fastPool }), /No available service named/);
    await rig().database('services').where({ host: 'node1@fast' }).update({ disabled: false });
    await rig().database('volumes').where({ id }).update({ status: 'reserved' });
    assert.match(await message({ host: fastPool }), /status must be available or in-use to migrate/);
    await rig().database('volumes').where({ id }).update({ status: 'available' });
    await rig().act(id, { 'os-attach': { host_name: 'elsewhere', mountpoint: '/dev/vdb', mode: 'rw' } });
    assert.match(await message({ host: fastPool }), /not to one server of this service alone/);
    const large = await rig().volume({ size: 90 });
    assert.match((await migrate(large, { host: fastPool })).body.badRequest.message, /has no room for 90 GiB/);
    await newType('slow', { volume_backend_name: 'gluster' });
    const bound = await rig().volume({ volume_type: 'slow' });
    assert.match(
      (await migrate(bound, { host: fastPool })).body.badRequest.message,
      /does not offer what type slow asks/,
    );
  });

  it('leaves the volume where it was when the copy is not what it should be', async () => {
    const id = await rig().volume();
    const before = await rig().engine.chainFiles(id);
    rig().engine.interfere = failing('chain.verify');
    await migrate(id, { host: fastPool });
    await rig().engine.settle();
    const shown = await show(id);
    assert.deepEqual(
      [shown.status, shown['os-vol-host-attr:host'], shown.migration_status],
      ['available', poolName, 'error'],
    );
    assert.deepEqual(await rig().engine.chainFiles(id), before);
  });

  /** What was accepted for the volume since it was made, in order. */
  const begun = (id: string): Promise<string[]> =>
    rig()
      .database('operations')
      .whereRaw(`params->>'volumeId' = ?`, [id])
      .whereNot({ type: 'volume-create' })
      .orderBy('seq')
      .pluck('type');

  it('takes along a snapshot that is still being taken, and lets none be taken meanwhile', async () => {
    const id = await rig().volume();
    const take = () => rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: id } } });
    const snapshot = await take();
    assert.equal((await migrate(id, { host: fastPool })).status, 202);
    assert.equal((await take()).status, 400);
    assert.deepEqual(await begun(id), ['snapshot-create', 'volume-migrate']);
    await rig().engine.settle();
    const shown = await show(id);
    assert.deepEqual([shown.status, shown['os-vol-host-attr:host']], ['available', fastPool]);
    const snapshotId = snapshot.body.snapshot.id as string;
    assert.equal(await rig().engine.statusOf('snapshots', snapshotId), 'available');
    const files = await rig().engine.chainFiles(id);
    assert.deepEqual([files.length, files[1]], [2, `${files[0] ?? ''}.${snapshotId}`]);
  });

  it('lets one of several requests for one volume win, and the others know', async () => {
    for (let round = 0; round < 3; round += 1) {
      const id = await rig().volume();
      const [moved, snapshot, ...others] = await Promise.all([
        migrate(id, { host: fastPool }),
        rig().ask('POST', '/snapshots', { body: { snapshot: { volume_id: id } } }),
        rig().act(id, { 'os-reserve': null }),
        rig().act(id, { 'os-extend': { new_size: 2 } }),
        rig().act(id, { 'os-unmanage': {} }, { as: 'admin' }),
        rig().ask('DELETE', `/volumes/${id}`),
      ]);
      const accepted = [moved, ...others].filter((answer) => answer.status === 202);
      assert.ok(accepted.length <= 1 && accepted.length + Number(snapshot.status === 202) >= 1);
      // A move takes along a snapshot that was asked for before it; during a move, none is taken.
      if (moved.status === 202 && snapshot.status === 202)
        assert.deepEqual(await begun(id), ['snapshot-create', 'volume-migrate']);
      for (const { status } of [moved, snapshot, ...others])
        assert.ok([202, 400, 404].includes(status), String(status));
      await rig().engine.settle();
      // An unmanaged volume's file is nobody's any more; what else is left is checked afterwards.
      if (others[2]?.status === 202) rig().engine.world.files.delete(`volume-${id}`);
    }
  });

  it('waits for no completion', async () => {
    const id = await rig().volume();
    const other = await rig().volume();
    const complete = (body: object) => rig().act(id, { 'os-migrate_volume_completion': body }, { as: 'admin' });
    assert.match((await complete({ new_volume: other })).body.badRequest.message, /Source volume not mid-migration/);
    assert.equal((await complete({ new_volume: missingId })).status, 404);
    assert.equal((await complete({ error: false })).status, 400);
    const grown = { 'os-extend_volume_completion': { error: false } };
    assert.equal((await rig().act(id, grown, { as: 'admin', version: '3.70' })).status, 404);
    const refused = await rig().act(id, grown, { as: 'admin', version: '3.71' });
    assert.match(refused.body.badRequest.message, /does not wait for the completion of an extend/);
    assert.equal((await rig().act(id, grown, { version: '3.71' })).status, 403);
  });
}
