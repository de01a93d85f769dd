// The deletion of a server that somebody waits for: nobody waits any more for its guest to shut down, or to let go of a disk.
import assert from 'node:assert/strict';
import { deleteServer } from '../../../services/core/db/compute/server-actions.js';
import type { Command } from '../../../services/core/messages/envelope.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { actOnServer, createServer, createVolume, detachVolume } from './requests.js';
import { place, Rig } from './rig.js';

describe('engine: deleted guests', function suite() {
  this.timeout(60_000);
  let testDatabase: TestDatabase;
  let rig: Rig;

  before(async () => {
    testDatabase = await freshDatabase();
    rig = await Rig.open(testDatabase.url);
  });
  after(async () => {
    await rig.close();
    await testDatabase.drop();
    await closeOwnParts();
  });
  afterEach(() => {
    rig.cancels.length = 0;
  });

  async function runningServer(): Promise<{ readonly volumeId: string; readonly serverId: string }> {
    const volume = await createVolume(rig.db, place);
    await rig.settle();
    const server = await createServer(rig.db, place, [volume.id]);
    await rig.settle();
    return { volumeId: volume.id, serverId: server.id };
  }

  const remove = (id: string) =>
    deleteServer(rig.db, id, { visibleProjectId: null, userId: 'admin', requestId: 'req-delete' });

  /** The worker is told to stop what it does, and nothing else is asked of it yet. */
  async function assertCutShort(command: Command): Promise<void> {
    assert.equal(await rig.takeCommand(), null);
    const told = rig.cancels.map(({ operationId, epoch }) => [operationId, epoch]);
    assert.deepEqual(told, [[command.operationId, command.epoch]]);
  }

  async function assertGone(serverId: string, volumeId: string): Promise<void> {
    assert.equal(await rig.db('servers').where({ id: serverId }).first('id'), undefined);
    assert.equal(await rig.statusOf('volumes', volumeId), 'available');
    assert.equal(await rig.db('attachments').where({ volume_id: volumeId }).first('id'), undefined);
  }

  it('ends the wait for a shutdown', async () => {
    const { volumeId, serverId } = await runningServer();
    await actOnServer(rig.db, 'server-stop', serverId);
    const command = (await rig.takeCommand()) ?? assert.fail('nothing was asked');
    assert.equal(command.type, 'server.stop');
    await remove(serverId);
    await assertCutShort(command);
    await rig.answer(command, rig.perform(command));
    await rig.settle();
    await assertGone(serverId, volumeId);
  });

  it('ends the wait for a guest that does not let go of a disk', async () => {
    const { volumeId, serverId } = await runningServer();
    await detachVolume(rig.db, volumeId, serverId);
    let command = (await rig.takeCommand()) ?? assert.fail('nothing was asked');
    await rig.answer(command, rig.perform(command));
    command = (await rig.takeCommand()) ?? assert.fail('nothing was asked');
    assert.equal(command.type, 'disk.detach');
    await remove(serverId);
    await assertCutShort(command);
    const error = { code: 'cancelled', message: 'The work was cancelled.' };
    await rig.answer(command, { kind: 'failed', error, partial: true });
    await rig.settle();
    await assertGone(serverId, volumeId);
  });

  it('stops nothing that does not wait for the guest', async () => {
    const { volumeId, serverId } = await runningServer();
    await actOnServer(rig.db, 'server-stop', serverId);
    await rig.settle();
    await actOnServer(rig.db, 'server-start', serverId);
    const command = (await rig.takeCommand()) ?? assert.fail('nothing was asked');
    await remove(serverId);
    assert.equal(await rig.takeCommand(), null);
    assert.deepEqual(rig.cancels, []);
    await rig.answer(command, rig.perform(command));
    await rig.settle();
    await assertGone(serverId, volumeId);
  });
});
