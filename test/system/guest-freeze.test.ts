// One moment for several disks of a real guest, and its file systems frozen at that moment by the agent inside it. Disks are on a plain
// directory: what is shown here does not depend on the share. Figures are printed as they are measured.
// Skipped, with the reason printed, where QEMU is not installed.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GUEST_LIMIT_MS, GuestConsole } from '../../deploy/guest/console.js';
import { ensureGuestImage } from '../../deploy/guest/guest-image.js';
import type { DiskSpec, FreezeReport } from '../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { defaultFreezeLimits } from '../../drivers/qemu/guest-freeze.js';
import { GuestMonitor } from '../../drivers/qemu/guest-monitor.js';
import { QemuHypervisor } from '../../drivers/qemu/qemu-hypervisor.js';
import { appendOverlay, type Layer } from '../../services/core/domain/chain.js';
import { newId } from '../../services/core/domain/ids.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { waitFor } from '../harness/wait-for.js';

const MIB = 1024 ** 2;
const GROUP_SNAPSHOTS = 25;

describe('one moment for the disks of a real guest', function suite() {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'sgr-gf-'));
  const serverId = newId<string & {}>();
  const warnings: string[] = [];
  const access = {
    share: `dir:${folder}`,
    glusterVolumeName: 'plain',
    directory: '',
    servers: [],
    mountOptions: null,
  };
  let driver: QemuHypervisor;
  let guest: GuestConsole | null = null;
  let disks: readonly DiskSpec[] = [];
  let devices: readonly string[] = [];

  const run = (command: string) => (guest ?? assert.fail('no console')).check(command, GUEST_LIMIT_MS);
  const newDriver = () =>
    new QemuHypervisor({
      stateDirectory: folder,
      runner: systemCommandRunner,
      warn: (text) => warnings.push(text),
      // A guest that is emulated on a busy machine may take a while to answer.
      freezeLimits: { ...defaultFreezeLimits, answerMs: 10_000 },
    });
  const makeLayer = (file: string, below: Layer | null): Layer => {
    const size = below?.virtualSizeBytes ?? 64 * MIB;
    const backing = below === null ? [] : ['-u', '-b', below.file, '-F', below.format];
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, path.join(folder, file), String(size)]);
    return { file, format: 'qcow2', virtualSizeBytes: size, snapshotId: null };
  };
  const makeDisk = (): DiskSpec => {
    const id = newId<string & {}>();
    const chain = [makeLayer(`volume-${id}`, null)];
    return { volumeId: id, serial: id.slice(0, 20), access, chain, readOnly: false, bootIndex: null };
  };
  /** Switches the chosen disks together; answers what is frozen below each, and what was said of the freeze. */
  async function snapshot(
    chosen: readonly number[],
    freeze: 'none' | 'try',
  ): Promise<{ below: string[]; report: FreezeReport; tookMs: number }> {
    const wish = chosen.map((index) => {
      const { volumeId, chain } = disks[index] ?? assert.fail();
      const overlayFile = `volume-${volumeId}.${newId()}`;
      makeLayer(overlayFile, chain.at(-1) ?? null);
      return { volumeId, chain, overlayFile };
    });
    const start = performance.now();
    const { freeze: report } = await driver.switchToOverlays({ serverId, disks: wish, freeze });
    const tookMs = performance.now() - start;
    disks = disks.map((disk) => {
      const one = wish.find(({ volumeId }) => volumeId === disk.volumeId);
      return one === undefined ? disk : { ...disk, chain: appendOverlay(disk.chain, one.overlayFile, newId()) };
    });
    return { below: wish.map(({ chain }) => chain.at(-1)?.file ?? ''), report, tookMs };
  }
  /** The snapshot's whole content as a plain file. */
  const flat = (file: string): string => {
    const target = path.join(folder, 'flat');
    execFileSync('qemu-img', ['convert', '-U', '-f', 'qcow2', '-O', 'raw', path.join(folder, file), target]);
    return target;
  };
  /** The highest number in the slots that `pairs` writes. */
  const highest = (file: string): number => {
    const bytes = readFileSync(flat(file)).subarray(0, 4096 * 512);
    let best = 0;
    for (let at = 0; at < bytes.length; at += 512) {
      const word =
        bytes
          .subarray(at, at + 12)
          .toString('latin1')
          .split(' ')[0] ?? '';
      if (/^\d+$/.test(word)) best = Math.max(best, Number(word));
    }
    return best;
  };
  const needsRecovery = (file: string): boolean => {
    const said = execFileSync('/usr/sbin/dumpe2fs', ['-h', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const features = /^Filesystem features:(.*)$/m.exec(said)?.[1] ?? assert.fail('no ext4');
    return features.includes('needs_recovery');
  };

  before(async function start() {
    const qemu = spawnSync('qemu-system-x86_64', ['--version']);
    if (qemu.status !== 0) {
      console.log('      skipped: qemu-system-x86_64 is not installed');
      this.skip();
    }
    const image = await ensureGuestImage(path.join(projectRoot(), 'node_modules', '.cache', 'saggar-guest'));
    const id = newId<string & {}>();
    execFileSync('cp', ['--sparse=always', image.file, path.join(folder, `volume-${id}`)]);
    const boot: Layer = { file: `volume-${id}`, format: 'raw', virtualSizeBytes: image.sizeBytes, snapshotId: null };
    const root: DiskSpec = {
      volumeId: id,
      serial: id.slice(0, 20),
      access,
      chain: [boot],
      readOnly: false,
      bootIndex: 0,
    };
    disks = [makeDisk(), makeDisk(), makeDisk()];
    driver = newDriver();
    await driver.setup();
    await driver.startServer({ serverId, name: 'guest', vcpus: 1, memoryMib: 256, disks: [root, ...disks] });
    guest = await GuestConsole.connect(path.join(folder, 'servers', serverId, 'console.sock'));
    await guest.waitUntilReady(GUEST_LIMIT_MS);
    const found: string[] = [];
    for (const { serial } of disks) found.push(await run(`disk ${serial} 120`));
    devices = found;
  });

  after(async () => {
    guest?.close();
    await driver?.deleteServer(serverId);
    await driver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`is one moment for both disks of an ordered writer, ${GROUP_SNAPSHOTS} times`, async () => {
    await run(`pairs start ${devices[0]} ${devices[1]}`);
    await waitFor('the first writes', async () => Number(await run('pairs count')) > 3, { timeoutMs: 30_000 });
    const taken: { below: string[]; tookMs: number }[] = [];
    for (let index = 0; index < GROUP_SNAPSHOTS; index += 1) taken.push(await snapshot([0, 1], 'none'));
    const written = Number(await run('pairs stop'));
    const seen = taken.map(({ below: [a = '', b = ''] }) => ({ a: highest(a), b: highest(b) }));
    assert.deepEqual(
      seen.filter(({ a, b }) => a !== b && a !== b + 1),
      [],
      'order violations',
    );
    assert.ok(new Set(seen.map(({ b }) => b)).size > GROUP_SNAPSHOTS / 3, 'the writer went on between the snapshots');
    const times = taken.map(({ tookMs }) => tookMs).sort((one, two) => one - two);
    console.log(
      `      ${written} pairs of writes, 0 order violations in ${taken.length} snapshots; ` +
        `verb median ${Math.round(times[taken.length >> 1] ?? 0)} ms, longest ${Math.round(times.at(-1) ?? 0)} ms`,
    );
  });

  it('leaves a clean file system below a frozen switch, with a writer running, and an unclean one without', async () => {
    const device = devices[2] ?? '';
    await run(`mkfs.ext4 -q ${device} && mkdir -p /mnt && mount -t ext4 ${device} /mnt`);
    await run(
      '(n=0; while [ ! -e /run/stop ]; do n=$((n+1)); echo $n > /mnt/$((n % 50)).new; mv /mnt/$((n % 50)).new /mnt/$((n % 50)); fsync /mnt/$((n % 50)); echo $n > /run/n; done) < /dev/null > /dev/null 2>&1 &',
    );
    const count = async () => Number(await run('cat /run/n 2>/dev/null || echo 0'));
    await waitFor('the writer', async () => (await count()) > 5, { timeoutMs: 30_000 });
    const plain = await snapshot([2], 'none');
    assert.deepEqual(plain.report, { frozen: false, fileSystems: 0, reason: 'not_asked' });
    assert.equal(needsRecovery(flat(plain.below[0] ?? '')), true, 'the control: a journal to replay');
    for (let round = 0; round < 5; round += 1) {
      const before = await count();
      const frozen = await snapshot([0, 1, 2], 'try');
      assert.deepEqual(frozen.report, { frozen: true, fileSystems: 1, reason: null });
      const file = flat(frozen.below[2] ?? '');
      assert.equal(needsRecovery(file), false);
      const check = spawnSync('/usr/sbin/e2fsck', ['-f', '-n', file], { encoding: 'utf8' });
      assert.equal(check.status, 0, check.stdout);
      await waitFor('the writer to go on', async () => (await count()) > before, { timeoutMs: 30_000 });
      if (round === 0) console.log(`      with freeze and thaw: ${Math.round(frozen.tookMs)} ms`);
    }
    assert.deepEqual(warnings, []);
  });

  it('is thawed by the next worker when its worker dies between freeze and thaw', async () => {
    await driver.close();
    const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'freeze-and-hang.ts');
    const worker = spawn(process.execPath, ['--import', 'tsx', script, folder, serverId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    worker.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await waitFor('the freeze', () => Promise.resolve(said.includes('holding')), { timeoutMs: 30_000 });
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGKILL');
    await exited;
    // The writer can end what it had begun; then it stands.
    const stands = await run('usleep 300000; cat /run/n; usleep 500000; cat /run/n');
    assert.equal(new Set(stands.split('\n')).size, 1, `it is frozen: ${stands}`);
    driver = newDriver();
    const start = performance.now();
    await driver.setup();
    await waitFor('the thaw', async () => Number(await run('cat /run/n')) > Number(stands.split('\n')[0]), {
      timeoutMs: 30_000,
    });
    console.log(
      `      thawed and writing ${Math.round(performance.now() - start)} ms after the start of the next worker`,
    );
    // Told when the agent has answered, which may be after the guest goes on.
    await waitFor('the warning', async () => /left frozen by a worker that died/.test(warnings.join()));
    const again = await snapshot([2], 'try');
    assert.deepEqual(again.report, { frozen: true, fileSystems: 1, reason: null });
    await run('touch /run/stop');
  });

  it('says that no agent answered when the guest has ended it', async () => {
    await run('touch /run/no-agent; killall qemu-ga');
    await waitFor('its end', async () => (await run('pidof qemu-ga || echo none')) === 'none');
    const { report } = await snapshot([2], 'try');
    assert.equal(report.frozen, false);
    assert.equal(report.reason, 'no_agent');
    // The guest waits for the transaction alone.
    const waits: number[] = [];
    const execute = GuestMonitor.prototype.execute;
    GuestMonitor.prototype.execute = async function timed(command, ...rest) {
      const start = performance.now();
      const answer = await execute.call(this, command, ...rest);
      if (command === 'transaction') waits.push(performance.now() - start);
      return answer;
    };
    try {
      for (let index = 0; index < 20; index += 1) await snapshot([index % 3], 'try');
    } finally {
      GuestMonitor.prototype.execute = execute;
    }
    waits.sort((one, two) => one - two);
    const at = (share: number) => (waits[Math.floor(share * (waits.length - 1))] ?? 0).toFixed(1);
    console.log(
      `      without an agent the guest waits: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`,
    );
  });
});
