// A guest that another service runs opens a volume's files while a request of several operations is under way on it. Between two operations
// nothing is locked, yet the later ones change the files: a clone merges the overlay that it froze the source with, and removes it.
import assert from 'node:assert/strict';
import { applyResult } from '../../../services/core/db/engine/results.js';
import { resultOf } from '../../../services/core/messages/envelope.js';
import { BlockRig } from '../../contract/block-storage/block-rig.js';
import { attachToOurs, endServers, ourServer } from '../../contract/policy/our-servers.js';
import { settings } from '../engine/rig.js';

const instance = '11111111-2222-4333-8444-555555555555';

describe('writers elsewhere and requests of several operations', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  before(async () => {
    rig = await BlockRig.open();
  });
  after(() => rig.close());
  afterEach(() => rig.clear());

  /** Works until a command of this type is the next one, and leaves it unanswered. */
  async function stopBefore(type: string): Promise<void> {
    let reached = false;
    rig.engine.interfere = (command) => {
      if (command.type !== type) return null;
      reached = true;
      return 'silence';
    };
    while (!reached && (await rig.engine.step()));
    rig.engine.interfere = () => null;
    assert.ok(reached, `nobody asked for ${type}`);
  }

  const connect = async (volume: string): Promise<number[]> => {
    const connector = { host: 'elsewhere' };
    const attachment = { volume_uuid: volume, instance_uuid: instance, connector };
    const asked = [
      await rig.ask('POST', '/attachments', { version: '3.71', body: { attachment } }),
      await rig.act(volume, { 'os-attach': { mountpoint: '/dev/vdb', host_name: 'elsewhere' } }),
      await rig.act(volume, { 'os-initialize_connection': { connector } }),
    ];
    return asked.map((one) => one.status);
  };

  it('gets no connection to the source of a clone before the clone has merged its overlay', async () => {
    const type = { name: 'copied', extra_specs: { 'saggar:copy': 'full' } };
    assert.equal((await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: type } })).status, 200);
    const volume = await rig.volume({ volume_type: 'copied' });
    const cloned = await rig.ask('POST', '/volumes', { body: { volume: { size: 1, source_volid: volume } } });
    assert.equal(cloned.status, 202);
    await stopBefore('image.copy');
    assert.equal((await rig.engine.chainFiles(volume)).length, 2, 'the source is frozen by an overlay');
    assert.deepEqual(await connect(volume), [400, 400, 400]);
    await rig.engine.settle();
    assert.equal((await rig.engine.chainFiles(volume)).length, 1);
    assert.equal((await connect(volume))[0], 200, 'when the clone has ended');
  });

  it('keeps the overlay that it writes to while the clone below it becomes independent', async () => {
    const volume = await rig.volume();
    await rig.volume({ source_volid: volume });
    const [base, overlay] = await rig.engine.chainFiles(volume);
    const connector = { host: 'elsewhere' };
    const attachment = { volume_uuid: volume, instance_uuid: instance, connector };
    const asked = { version: '3.71', body: { attachment } };
    const connected = await rig.ask('POST', '/attachments', asked);
    assert.equal(connected.status, 200, 'the overlay is merged some day, and not under whoever has it open');
    await rig.engine.flattenAll();
    assert.deepEqual(await rig.engine.chainFiles(volume), [base, overlay]);
    const gone = `/attachments/${connected.body.attachment.id as string}`;
    assert.equal((await rig.ask('DELETE', gone, { version: '3.71' })).status, 200);
    // The next look at what waits, which otherwise comes after some seconds.
    await rig
      .database('operations')
      .where({ state: 'pending' })
      .update({ wake_at: rig.database.raw('utc_now()') });
    await rig.engine.settle();
    assert.deepEqual(await rig.engine.chainFiles(volume), [base]);
  });

  it('stays the only writer when a reset makes its volume look free', async () => {
    const volume = await rig.volume();
    assert.equal((await connect(volume))[0], 200);
    const reset = (more: object) =>
      rig.act(volume, { 'os-reset_status': { status: 'available', ...more } }, { as: 'admin' });
    assert.equal((await reset({})).status, 202);
    const other = { volume_uuid: volume, instance_uuid: '66666666-2222-4333-8444-555555555555' };
    const again = () => rig.ask('POST', '/attachments', { version: '3.71', body: { attachment: other } });
    const refused = await again();
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /still connected/);
    const server = await ourServer(rig, 'ann');
    await assert.rejects(attachToOurs(rig, volume, server), /still connected/);
    assert.equal((await reset({ attach_status: 'detached' })).status, 202);
    await attachToOurs(rig, volume, server);
    assert.equal(await rig.statusOf(volume), 'in-use', 'the administrator says that nobody has it');
    await endServers(rig);
  });

  it('has a shared volume for itself once its active file is an overlay', async () => {
    const type = { name: 'shared', extra_specs: { multiattach: '<is> True' } };
    assert.equal((await rig.ask('POST', '/types', { as: 'admin', body: { volume_type: type } })).status, 200);
    const volume = await rig.volume({ volume_type: 'shared' });
    const asked = async (instanceId: string, connector?: object) => {
      const attachment = { volume_uuid: volume, instance_uuid: instanceId, ...(connector ? { connector } : {}) };
      return (await rig.ask('POST', '/attachments', { version: '3.71', body: { attachment } })).body.attachment
        .id as string;
    };
    const first = await asked(instance, { host: 'a' });
    await rig.ask('POST', `/attachments/${first}/action`, { version: '3.44', body: { 'os-complete': {} } });
    const two = [
      await asked('66666666-2222-4333-8444-555555555555'),
      await asked('77777777-2222-4333-8444-555555555555'),
    ];
    assert.equal((await rig.ask('DELETE', `/attachments/${first}`, { version: '3.27' })).status, 200);
    await rig.act(volume, { 'os-reset_status': { status: 'available' } }, { as: 'admin' });
    await rig.snapshot(volume);
    const answers = [];
    for (const id of two) {
      const body = { attachment: { connector: { host: id } } };
      answers.push((await rig.ask('PUT', `/attachments/${id}`, { version: '3.71', body })).status);
    }
    assert.deepEqual(answers, [200, 400]);
  });

  it('gets none between the operations of a cascading deletion, whatever the status says', async () => {
    const volume = await rig.volume();
    await rig.snapshot(volume);
    await rig.snapshot(volume);
    assert.equal((await rig.ask('DELETE', `/volumes/${volume}?cascade=true`)).status, 202);
    // The first snapshot's operation ends; what starts the second (the conductor, after its commit) has not come to it.
    let ended = false;
    while (!ended) {
      const command = await rig.engine.takeCommand();
      assert.ok(command);
      if (command.step !== 'remove-layer') await rig.engine.answer(command, rig.engine.perform(command));
      else {
        const result = resultOf(command, 'test', rig.engine.perform(command));
        ended = await rig.database.transaction(
          async (tx) => (await applyResult(tx, result, settings)).kind === 'applied',
        );
      }
    }
    assert.deepEqual(await rig.database('resource_locks').select(), []);
    await rig.act(volume, { 'os-reset_status': { status: 'available', attach_status: 'detached' } }, { as: 'admin' });
    assert.deepEqual(await connect(volume), [400, 400, 400]);
    await rig.engine.settle();
    // The deletion of the volume itself had not begun: the administrator's word withdrew it, and the volume is whole.
    assert.equal(await rig.statusOf(volume), 'available');
    assert.equal((await connect(volume))[0], 200);
  });
});
