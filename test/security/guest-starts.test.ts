// T-F05 before a guest starts: whoever can write to a share changes the header of a disk's file, and the server is created or started. The
// volume worker reads every header before the hypervisor is asked for anything: the server ends in ERROR with the reason, and no command to open
// a disk has left. Real image files; the compute worker's part is the list of commands that it would have got.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import * as requests from '../integration/engine/requests.js';

const SECRET = 'of the host, and of no guest';

describe('T-F05 starting guests', function () {
  this.timeout(60_000);
  let stage: DirectoryStage;
  let secret = '';
  before(async () => {
    stage = await DirectoryStage.open();
    secret = path.join(stage.folder, 'host-file');
    writeFileSync(secret, SECRET.padEnd(65_536));
  });
  after(() => stage.close());

  const place = () => ({ pool: stage.pool('plain'), computeHost: 'host' });

  /** Works until the operation has ended so; the compute worker does all that it is asked. */
  async function ended(asked: requests.Asked, state = 'done'): Promise<string> {
    for (;;) {
      const { rows } = (await stage.db.raw('select routing_key from outbox order by id limit 1')) as {
        rows: { routing_key: string }[];
      };
      if (rows[0]?.routing_key.startsWith('commands.compute.') !== true) {
        if ((await stage.step()) === null) break;
        continue;
      }
      const command = await stage.rig.takeCommand();
      assert.ok(command);
      await stage.rig.answer(command, { kind: 'done', output: {} });
    }
    return stage.ended(asked, state);
  }

  /** The header as a member of the share's group could write it. */
  const poisons: Readonly<Record<string, (file: string) => void>> = {
    'a backing file of the host': (file) =>
      void execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', secret, file, '1G']),
    'an external data file': (file) =>
      void execFileSync('qemu-img', [
        ...['create', '-q', '-f', 'qcow2', '-o', `data_file=${secret}.data,data_file_raw=on`, file, '1G'],
      ]),
    'another format': (file) => void execFileSync('qemu-img', ['create', '-q', '-f', 'raw', file, '1G']),
    'another size': (file) => void execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '2G']),
  };

  async function commandsOf(operationId: string): Promise<string[]> {
    return stage.rig.commands.filter((one) => one.operationId === operationId).map((one) => one.type);
  }

  async function demandRefused(serverId: string, volumeId: string, operationId: string): Promise<void> {
    assert.ok(!(await commandsOf(operationId)).includes('server.start'), 'the hypervisor was asked to open it');
    const server: { vm_state: string; fault: { message: string } | null } | undefined = await stage
      .db('servers')
      .where({ id: serverId })
      .first('vm_state', 'fault');
    assert.equal(server?.vm_state, 'error');
    assert.match(server.fault?.message ?? '', new RegExp(`^Volume ${volumeId} was not opened: .+`));
  }

  for (const [what, poison] of Object.entries(poisons)) {
    it(`creates no guest with a disk that has ${what}`, async () => {
      const [good, bad] = [await stage.make(), await stage.make()];
      poison((await stage.activeFile(bad)).name);
      const asked = await requests.createServer(stage.db, place(), [good, bad]);
      await ended(asked, 'failed');
      await demandRefused(asked.id, bad, asked.operationId);
      assert.deepEqual(await commandsOf(asked.operationId), ['chain.verify', 'chain.verify']);
      assert.deepEqual(
        [await stage.rig.statusOf('volumes', good), await stage.rig.statusOf('volumes', bad)],
        ['available', 'available'],
      );
    });

    it(`starts no guest again whose disk has got ${what} meanwhile`, async () => {
      const volume = await stage.make();
      const server = await ended(await requests.createServer(stage.db, place(), [volume]));
      await ended(await requests.actOnServer(stage.db, 'server-stop', server));
      poison((await stage.activeFile(volume)).name);
      const asked = await requests.actOnServer(stage.db, 'server-start', server);
      await ended(asked, 'failed');
      await demandRefused(server, volume, asked.operationId);
      assert.equal(await stage.rig.statusOf('volumes', volume), 'in-use');
    });
  }

  it('starts a guest whose disks are as recorded, each looked at by the worker of its own pool', async () => {
    const [here, there] = [await stage.make('plain'), await stage.make('other')];
    const asked = await requests.createServer(stage.db, place(), [here, there]);
    await ended(asked);
    assert.deepEqual(await commandsOf(asked.operationId), ['chain.verify', 'chain.verify', 'server.start']);
    await ended(await requests.actOnServer(stage.db, 'server-stop', asked.id));
    await ended(await requests.actOnServer(stage.db, 'server-start', asked.id));
  });
});
