// Opening disks anew on real QEMU, broken off behind every command that it sends, and then tried again: each try must get to the end from
// whatever the one before has left. No guest and no Gluster: the files lie in a directory, a few lines answer as glusterd does, and the
// monitor says that the guest stands for an I/O error. The nodes are not dead, so nothing here shows that dead ones can be given up
// (test/system/brick-outage.test.ts).
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DiskSpec, ServerSpec } from '../../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import type { JsonObject } from '../../../drivers/qemu/qmp-messages.js';
import { recoverDisks } from '../../../drivers/qemu/recover-disks.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { newId } from '../../../services/core/domain/ids.js';
import { expectContents, makeDisk } from './disks.js';

type Break = 'before' | 'behind' | 'none';

/** Gluster's nodes are files of `directory`; the call of the given number is not sent, or its answer is lost. */
class BrokenMonitor extends GuestMonitor {
  calls = 0;
  private breakAt = 0;
  private place: Break = 'none';

  constructor(
    socket: string,
    private readonly directory: string,
  ) {
    super(socket);
  }

  break(place: Break, breakAt: number): void {
    this.calls = 0;
    this.place = place;
    this.breakAt = breakAt;
  }

  /** As after an I/O error: the machine stands, so its devices have given their nodes back to the main loop. */
  override async runState(): Promise<string> {
    await super.execute('stop');
    return 'io-error';
  }

  override async execute(command: string, args: JsonObject = {}, deadlineMs?: number): Promise<unknown> {
    this.calls += 1;
    const isBroken = this.calls === this.breakAt;
    if (isBroken && this.place === 'before') throw lost();
    const answer = await super.execute(command, this.asFile(args), deadlineMs);
    if (isBroken && this.place === 'behind') throw lost();
    return answer;
  }

  private asFile(args: JsonObject): JsonObject {
    const { server, volume, path: file, ...others } = args;
    if (args['driver'] !== 'gluster') return args;
    assert.ok(Array.isArray(server) && volume === 'lab');
    // Two nodes have the same file open for a moment, which Gluster does not mind.
    return { ...others, driver: 'file', filename: path.join(this.directory, String(file)), locking: 'off' };
  }
}

function lost(): ServiceError {
  return new ServiceError('hypervisor_offline', 'The monitor of the guest does not answer.');
}

describe('opening disks anew on real QEMU', function suite() {
  this.timeout(120_000);
  let directory = '';
  let share = '';
  let disks: DiskSpec[] = [];
  let spec: ServerSpec;
  let driver: QemuHypervisor;
  let monitor: BrokenMonitor;
  // Answers whatever it is asked with the beginning of a reply to the probe.
  const glusterd = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (call: Buffer) => {
      const reply = Buffer.from(call.subarray(0, 12));
      reply.writeUInt32BE(1, 8);
      socket.write(reply);
    });
  });

  const recover = () => recoverDisks(monitor, disks);

  before(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-rc-'));
    share = path.join(directory, 'share');
    mkdirSync(share);
    await new Promise<void>((resolve) => glusterd.listen(0, '127.0.0.1', resolve));
    const { port } = glusterd.address() as AddressInfo;
    const plain = [makeDisk(share, 'raw', 2), makeDisk(share, 'qcow2', 1)];
    spec = { serverId: newId(), name: 'guest', vcpus: 1, memoryMib: 64, disks: plain };
    driver = new QemuHypervisor({ stateDirectory: directory, runner: systemCommandRunner, accelerator: 'tcg' });
    await driver.setup();
    await driver.startServer(spec);
    await driver.close();
    const servers = [{ host: '127.0.0.1', port }];
    const access = { share: '127.0.0.1:/lab', glusterVolumeName: 'lab', directory: '', servers, mountOptions: null };
    disks = plain.map((disk) => ({ ...disk, access }));
    monitor = new BrokenMonitor(path.join(directory, 'servers', spec.serverId, 'qmp.sock'), share);
  });

  after(async () => {
    await monitor.close();
    await driver.deleteServer(spec.serverId);
    await driver.close();
    await new Promise<void>((resolve) => glusterd.close(() => resolve()));
    rmSync(directory, { recursive: true, force: true });
  });

  it('ends when nothing comes between', async () => {
    monitor.break('none', 0);
    assert.equal(await recover(), 'recovered');
    assert.ok(monitor.calls > 20, `${monitor.calls} commands`);
  });

  for (const place of ['before', 'behind'] as const) {
    it(`broken off ${place} each of its commands, ends when tried again`, async () => {
      for (let breakAt = 1; ; breakAt += 1) {
        monitor.break(place, breakAt);
        const first = await recover().catch((thrown: { code: string }) => thrown.code);
        if (monitor.calls < breakAt) break;
        assert.ok(['hypervisor_offline', 'share-away', 'recovered'].includes(first), `command ${breakAt}: ${first}`);
        monitor.break('none', 0);
        assert.equal(await recover(), 'recovered', `command ${breakAt}`);
      }
    });
  }

  it('broken off one command later each time, without an end in between, ends at last', async () => {
    let tries = 0;
    for (let breakAt = 1; ; breakAt += 1) {
      monitor.break(breakAt % 2 === 0 ? 'before' : 'behind', breakAt);
      const said = await recover().catch((thrown: { code: string }) => thrown.code);
      tries += 1;
      if (monitor.calls < breakAt) {
        assert.equal(said, 'recovered');
        break;
      }
    }
    assert.ok(tries > 20);
  });

  it('leaves no node that is none of the disks’, and every byte', async () => {
    monitor.break('none', 0);
    const { nodes } = await monitor.blockGraph();
    // Three nodes for each of five layers.
    assert.equal([...nodes.keys()].filter((name) => /^[fpgh]-/.test(name)).length, 15, [...nodes.keys()].join());
    await driver.stopServer(spec.serverId, 0);
    for (const { chain } of disks) expectContents(share, chain, chain.length);
  });
});
