// The driver suite on a real Gluster volume in a network namespace of its own, and what only a real share can do: hang, die, come back.
// Skipped, with the reason printed, where GlusterFS is not installed or namespaces are not allowed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ensureVolume,
  type GlusterPlan,
  type RunningGluster,
  sharesFileText,
  startGluster,
  stopGluster,
} from '../../deploy/gluster.js';
import { unmountBelow } from '../../deploy/mounts.js';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { mountPathOf } from '../../drivers/gluster/share-text.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { type DriverPlace, freshIds, guest, MIB, top, waitFor } from '../contract/volume-driver/harness.js';
import { type DriverCase, describeDriverVerbs, makeChain } from '../contract/volume-driver/suite.js';
import { describeAllocation } from '../contract/volume-driver/suite-allocation.js';
import { describeCustody } from '../contract/volume-driver/suite-custody.js';
import { describeEmptyLayers } from '../contract/volume-driver/suite-empty.js';
import { describeExports } from '../contract/volume-driver/suite-export.js';
import { describeInspection } from '../contract/volume-driver/suite-inspect.js';
import { describeInterruptions } from '../contract/volume-driver/suite-interruptions.js';
import { describePoisonedVolumes } from '../contract/volume-driver/suite-poison.js';
import { describePulls } from '../contract/volume-driver/suite-pull.js';
import { describeStreams } from '../contract/volume-driver/suite-streams.js';
import { describeTakingOver } from '../contract/volume-driver/suite-taking-over.js';
import { privateGlusterPlan } from '../harness/gluster-plan.js';
import { describeCoherence } from './gluster-coherence.js';

const VOLUME = 'vols';

describe('volume driver on a real Gluster volume', function suite() {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-gluster-'));
  const sharesFile = path.join(folder, 'shares');
  const mounts = path.join(folder, 'mnt');
  let plan: GlusterPlan | null = null;
  let gluster: RunningGluster | null = null;
  let place: DriverPlace | null = null;
  let driver: ShareVolumeDriver | null = null;
  const t: DriverCase = { place: () => place ?? fail(), driver: () => driver ?? fail() };

  const openDriver: DriverPlace['openDriver'] = async (runner = systemCommandRunner, options = {}) => {
    const raw = { glusterfs_shares_config: sharesFile, glusterfs_mount_point_base: mounts, ...options };
    const opened = createVolumeDriver(parseBackendOptions('test', raw), { runner });
    await opened.setup();
    return opened;
  };

  before(async function start() {
    try {
      execFileSync('glusterd', ['--version'], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: glusterd is not installed');
      this.skip();
    }
    mkdirSync(mounts);
    plan = await privateGlusterPlan(folder);
    gluster = await startGluster(plan);
    await ensureVolume(plan, gluster, { name: VOLUME, replica: 1 });
    writeFileSync(sharesFile, `# shares\n${sharesFileText(gluster, [VOLUME])}`);
    const share = `${gluster.nodes[0]?.address}:/${VOLUME}`;
    place = { share, path: mountPathOf(mounts, share), openDriver, close: async () => undefined };
    driver = await openDriver();
  });
  after(async () => {
    await driver?.close();
    await unmountBelow(mounts);
    if (plan !== null) await stopGluster(plan);
    rmSync(folder, { recursive: true });
  });

  const askNode = (...words: readonly string[]) => {
    const node = gluster?.nodes[0] ?? fail();
    const command = ['gluster', '--mode=script', `--glusterd-sock=${node.glusterdSocket}`, ...words];
    execFileSync('nsenter', [`--net=${node.namespacePath}`, '--', ...command], { stdio: 'ignore' });
  };

  describeDriverVerbs(t);
  describeEmptyLayers(t);
  describe('manageImage', () => describeTakingOver(t));
  describe('beside guests that write through libgfapi', () =>
    describeCoherence({
      ...t,
      libgfapi: () => ({ host: gluster?.nodes[0]?.address ?? fail(), glusterVolumeName: VOLUME }),
      reopenAfter: async (act) => {
        await t.driver().close();
        await act();
        driver = await openDriver();
      },
    }));
  describe('custody', () => describeCustody(t));
  describe('allocation', () => describeAllocation(t));
  describe('interruptions', () => describeInterruptions(t));
  describe('merges upwards and flattens', () => describePulls(t));
  describe('poisoned volumes', () => describePoisonedVolumes(t));
  describe('inspection', () => describeInspection(t));
  describe('exports', () => describeExports(t));
  describe('bytes from outside and to it', () => describeStreams(t));

  describe('a share in trouble', () => {
    const clientPid = () => {
      const { path: mount } = t.place();
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        const argv = commandLineOf(pid);
        if (argv[0]?.endsWith('glusterfs') === true && argv.includes(mount)) return Number(pid);
      }
      return fail();
    };
    const blank = () => {
      const { share } = t.place();
      return { share, file: freshIds().file, format: 'qcow2', sizeBytes: 64 * MIB, preallocation: 'off' } as const;
    };

    it('reports nothing wrong with a volume that is set as it should be, and all servers', async () => {
      const [report] = await t.driver().reportPools();
      assert.deepEqual(
        report?.findings.filter(({ severity }) => severity !== 'info'),
        [],
      );
      assert.deepEqual(report?.access.servers, [{ host: gluster?.nodes[0]?.address, port: 24007 }]);
    });

    it('fails in time while the mount hangs, freezes nothing, and goes on when it is back', async () => {
      const quick = await openDriver(systemCommandRunner, { saggar_io_deadline_seconds: 1 });
      const pid = clientPid();
      process.kill(pid, 'SIGSTOP');
      try {
        const calls = Array.from({ length: 12 }, () =>
          quick.createImage(blank()).then(
            () => 'made',
            (e: { code: string }) => e.code,
          ),
        );
        const started = performance.now();
        assert.deepEqual(new Set(await Promise.all(calls)), new Set(['backend_offline']));
        assert.ok(performance.now() - started < 3_000);
        await stat('/tmp'); // this process's own file calls still work
        const [report] = await quick.reportPools();
        assert.equal(report?.state, 'down');
        assert.ok(report?.findings.some(({ code }) => code === 'share.down'));
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await waitFor(async () => (await quick.reportPools())[0]?.state === 'up', 'the share is up again', 20_000);
      await quick.createImage(blank());
      await quick.close();
    });

    it('mounts anew when the client process has died', async () => {
      const chain = await makeChain(t, freshIds(), 'raw', 1);
      process.kill(clientPid(), 'SIGKILL');
      await waitFor(
        async () => (await t.driver().reportPools())[0]?.state === 'up',
        'the share is mounted again',
        20_000,
      );
      guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M');
      await t.driver().createImage(blank());
    });

    it('refuses to write to the local disk when somebody unmounted the share, and mounts it when opened again', async () => {
      const { path: mount, share } = t.place();
      await t.driver().close();
      execFileSync('umount', [mount]);
      driver = await openDriver();
      const { file } = await driver.createImage(blank());
      execFileSync('umount', ['-l', mount]);
      const next = blank();
      await driver.createImage(next); // the helper still stands in the share, not on the disk below the mount point
      assert.deepEqual(readdirSync(mount), []);
      await driver.close();
      driver = await openDriver();
      assert.ok(readdirSync(mount).includes(file) && readdirSync(mount).includes(next.file));
      assert.equal((await driver.reportPools())[0]?.access.share, share);
    });

    it('picks up a new line of the shares file without a restart; a share that cannot be mounted is down, with causes', async () => {
      appendFileSync(sharesFile, `${gluster?.nodes[0]?.address}:/nosuch\n${plan?.subnet}.77:/vols\nnonsense\n`);
      const open = t.driver();
      const down = async () => (await open.reportPools()).filter(({ state }) => state === 'down');
      const told = async () =>
        (await down())
          .flatMap(({ findings }) => findings)
          .filter(({ code, text }) => code === 'share.down' && !text.includes('still being'));
      // A mount that fails late may be seen in the mount table for a moment, and is then told with its causes at the next attempt.
      const causes = async () => (await told()).filter(({ cure }) => !cure.includes('tried again by itself'));
      await waitFor(async () => (await causes()).length === 2, 'both bad shares are told as down, with causes', 60_000);
      const cures = (await told()).map(({ cure }) => cure).join('\n');
      assert.match(cures, /Gluster volume nosuch exists and is started/);
      assert.ok(cures.includes(`no answer from ${plan?.subnet}.77 port 24007`), cures);
      const reports = await open.reportPools();
      assert.equal(reports.find(({ access }) => access.share === t.place().share)?.state, 'up');
      assert.ok(
        reports[0]?.findings.some(({ code, text }) => code === 'shares-file.line' && text.includes('nonsense')),
      );
    });

    it('sets what the audit wants when the operator allows it', async () => {
      const node = gluster?.nodes[0] ?? fail();
      askNode('volume', 'set', VOLUME, 'performance.open-behind', 'on');
      const options = { saggar_set_gluster_options: 'true', saggar_glusterd_socket: node.glusterdSocket };
      const setting = await openDriver(systemCommandRunner, options);
      const warnings = async () =>
        (await setting.reportPools())
          .filter(({ access }) => access.share === t.place().share)
          .flatMap(({ findings }) => findings.filter(({ code }) => code.startsWith('options.')));
      await waitFor(async () => (await warnings()).length === 0, 'the option is off again', 20_000);
      await setting.close();
    });
  });
});

function commandLineOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function fail(): never {
  throw new Error('the suite is not set up');
}
