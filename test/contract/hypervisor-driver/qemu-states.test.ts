// Merges and flattens in guests that do not simply run, on real QEMU: paused by somebody, left standing by a worker that died, just
// starting, and killed in the middle of the work, when the offline verb has to finish what the live one began.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseBackendOptions } from '../../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../../drivers/gluster/create-volume-driver.js';
import type { ShareVolumeDriver } from '../../../drivers/gluster/share-volume-driver.js';
import type { DiskSpec, ObservedDisk, ServerSpec } from '../../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { GuestMonitor } from '../../../drivers/qemu/guest-monitor.js';
import { findGuestProcess, killGuest } from '../../../drivers/qemu/guest-process.js';
import { QemuHypervisor } from '../../../drivers/qemu/qemu-hypervisor.js';
import { QmpClient } from '../../../drivers/qemu/qmp-client.js';
import { isObject } from '../../../drivers/qemu/qmp-messages.js';
import type { LongWork } from '../../../drivers/volume-driver.js';
import type { Chain } from '../../../services/core/domain/chain.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { newId } from '../../../services/core/domain/ids.js';
import { waitFor } from '../../harness/wait-for.js';
import { expectContents, makeDisk } from './disks.js';

const PAUSED = 3;
const quiet = (): LongWork => ({ onProgress: () => undefined, signal: new AbortController().signal });
const files = (layers: readonly { file: string }[]) => layers.map(({ file }) => file);

type Deed = 'down' | 'active' | 'up' | 'flatten';
const deeds: readonly Deed[] = ['down', 'active', 'up', 'flatten'];
/** Position of the layer that the command names, in a chain of four. */
const named: Readonly<Record<Deed, number>> = { down: 1, active: 3, up: 1, flatten: 2 };
const afterwards = (deed: Deed, chain: Chain): Chain =>
  deed === 'flatten' ? chain.slice(2) : chain.filter((_, index) => index !== named[deed]);

describe('live merges in guests that do not simply run', function suite() {
  this.timeout(60_000);
  let directory = '';
  let share = '';
  let driver: QemuHypervisor;
  let offline: ShareVolumeDriver;
  let spec: ServerSpec;
  let disk: DiskSpec;

  const newDriver = (qemuBinary?: string) =>
    new QemuHypervisor({
      stateDirectory: directory,
      runner: systemCommandRunner,
      accelerator: 'tcg',
      ...(qemuBinary === undefined ? {} : { qemuBinary }),
    });
  const guestFile = (name: string) => path.join(directory, 'servers', spec.serverId, name);
  const run = (deed: Deed, slow: object = {}, work = quiet(), by = driver): Promise<ObservedDisk> => {
    const { volumeId, chain } = disk;
    const wish = { serverId: spec.serverId, volumeId, chain, file: chain[named[deed]]?.file ?? '', ...slow };
    if (deed === 'flatten') return by.flattenDisk(wish, work);
    return by.mergeLayer({ ...wish, direction: deed === 'up' ? 'up' : 'down' }, work);
  };
  const runOffline = (deed: Deed): Promise<Chain> => {
    const wish = { share: `dir:${share}`, chain: disk.chain, file: disk.chain[named[deed]]?.file ?? '' };
    if (deed === 'flatten') return offline.flattenLayer(wish, quiet());
    return offline.commitLayer({ ...wish, direction: deed === 'up' ? 'up' : 'down' }, quiet());
  };
  const byHand = async (...commands: readonly (readonly [string, Record<string, unknown>?])[]): Promise<unknown> => {
    const human = new QmpClient(guestFile('qmp-human.sock'));
    await human.connect(5_000);
    try {
      let answer: unknown = null;
      for (const [command, args] of commands) answer = await human.execute(command, args ?? {});
      return answer;
    } finally {
      await human.close();
    }
  };
  const runState = async () => {
    const status = await byHand(['query-status']);
    return isObject(status) ? status['status'] : null;
  };

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-st-'));
    share = path.join(directory, 'share');
    mkdirSync(share);
    disk = makeDisk(share, 'raw', 3);
    spec = { serverId: newId(), name: 'guest', vcpus: 1, memoryMib: 64, disks: [disk] };
    driver = newDriver();
    await driver.setup();
    const options = parseBackendOptions('test', { driver: 'directory', saggar_directories: [share] });
    offline = createVolumeDriver(options, { runner: systemCommandRunner });
    await offline.setup();
  });

  afterEach(async () => {
    await driver.deleteServer(spec.serverId);
    await driver.close();
    await offline.close();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const deed of deeds) {
    it(`${deed}: works while the guest is paused, and leaves it paused`, async () => {
      await driver.startServer(spec);
      await byHand(['stop']);
      const seen = await run(deed);
      assert.deepEqual(files(seen.layers), files(afterwards(deed, disk.chain)));
      assert.equal(await runState(), 'paused');
      assert.equal((await driver.inspectServer(spec.serverId)).powerState, PAUSED);
      await driver.stopServer(spec.serverId, 0);
      expectContents(share, afterwards(deed, disk.chain), 4);
    });
  }

  it('gives a guest that stands up at once, and one without an operating system when somebody does not want to wait', async () => {
    await driver.startServer(spec);
    await byHand(['stop']);
    const before = performance.now();
    await assert.rejects(driver.detachDisk(spec.serverId, disk.volumeId), { code: 'server_state' });
    assert.ok(performance.now() - before < 15_000, 'five seconds, not ninety');
    assert.equal((await driver.inspectServer(spec.serverId)).disks.length, 1, 'the guest has it still');
    await byHand(['cont']);
    const abort = new AbortController();
    const detaching = driver.detachDisk(spec.serverId, disk.volumeId, abort.signal);
    abort.abort();
    await assert.rejects(detaching, { code: 'cancelled' });
    const stop = new AbortController();
    const stopping = driver.stopServer(spec.serverId, 50_000, stop.signal);
    stop.abort();
    await stopping;
    assert.equal(await findGuestProcess(guestFile('pid')), null, 'the power is cut all the same');
    await driver.startServer(spec);
    const start = performance.now();
    await driver.deleteServer(spec.serverId);
    assert.ok(performance.now() - start < 5_000, 'a deleted server is not asked');
    await driver.startServer(spec);
  });

  it('lets a guest go on that a worker had stopped for a merge before it died', async () => {
    await driver.startServer(spec);
    const held = { driver: 'null-co', 'node-name': 'held-by-a-merge', size: 512, 'read-only': true };
    await byHand(['blockdev-add', held], ['stop']);
    await run('active');
    assert.equal(await runState(), 'running');
    // Repeated, it is done already, and nothing is stopped or let go.
    await byHand(['stop']);
    await run('active');
    assert.equal(await runState(), 'paused');
  });

  it('keeps a guest standing that was switched and whose old layer could not be marked, and says that it is not known', async () => {
    await driver.startServer(spec);
    const { execute } = GuestMonitor.prototype;
    GuestMonitor.prototype.execute = function planned(this: GuestMonitor, command, options, ...rest) {
      const isMark = JSON.stringify(options ?? {}).includes('write -q -P 0x80');
      if (!isMark) return execute.call(this, command, options, ...rest);
      return Promise.reject(new ServiceError('internal', 'The share hangs.'));
    };
    try {
      await assert.rejects(run('active'), { code: 'hypervisor_offline' });
    } finally {
      GuestMonitor.prototype.execute = execute;
    }
    assert.equal(await runState(), 'paused', 'a write now would be lost to a commit that is done once more');
    await run('active');
    assert.equal(await runState(), 'running');
    const guest = await findGuestProcess(guestFile('pid'));
    assert.ok(guest);
    await killGuest(guest);
    assert.deepEqual(await runOffline('active'), afterwards('active', disk.chain));
  });

  it('pulls an active layer of an old Cinder up, and never writes the mark into its header, which has no room for it', async () => {
    const overlay = path.join(share, disk.chain[3]?.file ?? '');
    execFileSync('qemu-img', ['amend', '-f', 'qcow2', '-o', 'compat=0.10', overlay]);
    const header = () => readFileSync(overlay).subarray(0, 512);
    const before = header();
    await driver.startServer(spec);
    await assert.rejects(run('active'), { code: 'bad_request', message: /version 2/ });
    assert.deepEqual(header(), before);
    assert.equal(await runState(), 'running');
    const { volumeId, chain } = disk;
    const [removed, ...rest] = [chain[2]?.file ?? '', ...chain.filter((_, index) => index !== 2)];
    const seen = await driver.mergeLayer(
      { serverId: spec.serverId, volumeId, chain, file: removed, direction: 'up' },
      quiet(),
    );
    assert.deepEqual(files(seen.layers), files(rest));
    const guest = await findGuestProcess(guestFile('pid'));
    assert.ok(guest);
    await killGuest(guest);
    // What the conductor asks when it does not know whether the guest did it: done already.
    const result = await offline.commitLayer({ share: `dir:${share}`, chain, file: removed, direction: 'up' }, quiet());
    assert.deepEqual(files(result), files(rest));
    expectContents(share, rest, 4);
  });

  it('never takes a guest for gone whose QEMU is just starting', async () => {
    // The program takes a second before its monitor answers, as one does whose shares are slow.
    const slowStart = path.join(directory, 'slow-qemu');
    writeFileSync(slowStart, '#!/bin/sh\nsleep 1\nexec qemu-system-x86_64 "$@"\n');
    chmodSync(slowStart, 0o755);
    const starter = newDriver(slowStart);
    // A monitor serves one worker: whichever of the two loses it is as good as dead.
    const starting = starter
      .startServer(spec)
      .catch(() => undefined)
      .finally(() => starter.close());
    await waitFor('the process', async () => (await findGuestProcess(guestFile('pid'))) !== null);
    const codes = new Set<string>();
    for (;;) {
      const code = await run('up').then(
        () => 'done',
        (thrown: { code: string }) => thrown.code,
      );
      codes.add(code);
      if (code === 'done') break;
      assert.equal(code, 'hypervisor_offline');
    }
    assert.ok(codes.has('hypervisor_offline'), 'asked before the monitor was up');
    await starting;
    await driver.startServer({ ...spec, disks: [{ ...disk, chain: afterwards('up', disk.chain) }] });
    assert.equal(await runState(), 'running');
    assert.deepEqual(
      files((await driver.inspectServer(spec.serverId)).disks[0]?.layers ?? []),
      files(afterwards('up', disk.chain)),
    );
  });

  it('says that a stopped guest does not run', async () => {
    await driver.startServer(spec);
    await driver.stopServer(spec.serverId, 0);
    for (const deed of deeds) await assert.rejects(run(deed), { code: 'guest_not_running' });
  });

  for (const deed of deeds) {
    // Percent at which QEMU is killed; 100 is after the end, before anybody has looked.
    for (const percent of [0, 40, 100]) {
      it(`${deed}: QEMU killed at ${percent} %, the offline verb finishes`, async () => {
        await driver.startServer(spec);
        const guest = await findGuestProcess(guestFile('pid'));
        assert.ok(guest !== null);
        const slow = percent === 100 ? {} : { bytesPerSecond: 16 * 1024 ** 2 };
        const reached = new Promise<void>((resolve) => {
          const onProgress = (now: number) => {
            if (now >= percent && percent < 100) resolve();
          };
          const work = { onProgress, signal: new AbortController().signal };
          void run(deed, slow, work).then(
            () => resolve(),
            () => resolve(),
          );
        });
        await reached;
        await killGuest(guest);
        const result = await runOffline(deed);
        assert.deepEqual(files(result), files(afterwards(deed, disk.chain)));
        assert.deepEqual(await runOffline(deed), result, 'asked again');
        expectContents(share, result, 4);
      });
    }
  }
});
