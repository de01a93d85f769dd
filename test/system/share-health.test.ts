// Shares in trouble, on a real pool of three servers with two volumes: bricks and clients die, hang and come back, lines of the shares file
// come and go, options change. What the driver reports, and that what has nothing to do with the trouble does not notice it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { mountPathOf } from '../../drivers/gluster/share-text.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { PoolReport } from '../../drivers/volume-driver.js';
import { freshIds, MIB } from '../contract/volume-driver/harness.js';
import { type GlusterLab, openGlusterLab, whyNoLab } from '../harness/gluster-lab.js';
import { killBrick, restartBrick } from '../harness/gluster-lab-bricks.js';
import { waitForHeal } from '../harness/gluster-lab-heal.js';
import { waitFor } from '../harness/wait-for.js';

/** The looks at shares come this many times as often as in service. */
const HASTE = 20;

describe('the health of shares', function suite() {
  this.timeout(900_000);
  let lab: GlusterLab;
  let driver: ShareVolumeDriver;
  let mounts = '';
  let sharesFile = '';
  let shareA = '';
  let shareB = '';
  const mountA = () => mountPathOf(mounts, shareA);

  const open = async () => {
    const raw = {
      glusterfs_shares_config: sharesFile,
      glusterfs_mount_point_base: mounts,
      saggar_io_deadline_seconds: 3,
    };
    const opened = createVolumeDriver(parseBackendOptions('test', raw), {
      runner: systemCommandRunner,
      monotonicMs: () => performance.now() * HASTE,
    });
    await opened.setup();
    return opened;
  };
  const write = (...lines: string[]) => writeFileSync(sharesFile, `${lines.join('\n')}\n`);

  before(async function start() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    lab = await openGlusterLab({ volumes: ['a', 'b'] });
    mounts = path.join(lab.work, 'mnt');
    mkdirSync(mounts);
    sharesFile = path.join(lab.work, 'shares');
    [shareA, shareB] = [lab.share('a'), lab.share('b')];
    write(shareA, shareB); // no backup servers: they are to be found
    driver = await open();
  });
  after(async () => {
    await driver?.close();
    await lab?.close();
  });

  const reportOf = async (share: string): Promise<PoolReport> => {
    const report = (await driver.reportPools()).find(({ access }) => access.share === share);
    return report ?? assert.fail(`no report of ${share}`);
  };
  const codesOf = async (share: string) => (await reportOf(share)).findings.map(({ code }) => code);
  const until = (what: string, holds: () => Promise<boolean>, timeoutMs = 60_000) =>
    waitFor(what, holds, { timeoutMs, intervalMs: 250 });
  const troubleOf = async (share: string) => {
    const { state, findings } = await reportOf(share);
    const bad = findings.filter(({ severity, code }) => severity !== 'info' && code !== 'flapping');
    return [...(state === 'up' ? [] : [state]), ...bad.map(({ text }) => text)];
  };
  const healthy = async (share: string) => (await troubleOf(share)).length === 0;
  const untilHealthy = async (share: string) => {
    let trouble: readonly string[] = [];
    const look = async () => {
      trouble = await troubleOf(share);
      return trouble.length === 0;
    };
    await until(`${share} to be healthy`, look).catch((thrown: unknown) =>
      assert.fail(`${String(thrown)}: ${trouble.join('; ')}`),
    );
  };
  const clientOf = (mount: string): readonly [number, readonly string[]] => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        if (argv[0]?.endsWith('/glusterfs') === true && argv.includes(mount)) return [Number(pid), argv];
      } catch {
        // it ended meanwhile
      }
    }
    return assert.fail(`nobody serves ${mount}`);
  };
  /** None while nobody serves the mount. */
  const clientArgumentsOf = (mount: string): readonly string[] => {
    try {
      return clientOf(mount)[1];
    } catch {
      return [];
    }
  };
  const mountIdOf = (mount: string) =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === mount)
      ?.split(' ')[0];
  const blank = (share: string) =>
    ({ share, file: freshIds().file, format: 'qcow2', sizeBytes: 16 * MIB, preallocation: 'off' }) as const;
  /** A program that has a file of the share open and writes to it every now and then. */
  const holder = async (file: string): Promise<ChildProcess> => {
    const script = 'exec 3<>"$0"; echo ready; while read -r _; do echo x >&3 && echo wrote || echo failed; done';
    // A grandchild: what this process starts itself is not counted among the users of a mount.
    const child = spawn('sh', ['-c', 'exec 4<&0; sh -c "$1" "$0" <&4 & wait', file, script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return child;
  };
  const writes = (child: ChildProcess): Promise<string> => {
    const answer = new Promise<string>((resolve) => {
      child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim()));
      child.once('exit', () => resolve('the program has ended'));
    });
    child.stdin?.write('\n');
    return answer;
  };

  it('finds all servers of the pool by itself, names them to guests and to mounts, and has nothing to blame', async () => {
    // A mount that came before its third brick has written what has to be healed.
    for (const volume of ['a', 'b']) await waitForHeal(lab, volume);
    await untilHealthy(shareA);
    await untilHealthy(shareB);
    const { access } = await reportOf(shareA);
    assert.deepEqual(
      access.servers.map(({ host }) => host),
      lab.nodes.map(({ address }) => address),
    );
    const [, argv] = clientOf(mountA());
    const named = argv.filter((word) => word.startsWith('--volfile-server='));
    assert.deepEqual(
      named.map((word) => word.split('=')[1]),
      lab.nodes.map(({ address }) => address),
    );
  });

  it('keeps mounts and open files while no driver is there, and adopts them', async () => {
    const { file } = await driver.createImage(blank(shareA));
    const held = await holder(path.join(mountA(), file));
    try {
      const before = mountIdOf(mountA());
      await driver.close();
      assert.equal(await writes(held), 'wrote');
      driver = await open();
      assert.equal(await writes(held), 'wrote');
      assert.equal(mountIdOf(mountA()), before);
      assert.equal((await reportOf(shareA)).state, 'up');
    } finally {
      held.stdin?.end();
    }
  });

  it('tells a brick that is down, entries that wait to be healed, and that all is well again', async () => {
    await killBrick(lab, 3, 'a');
    await until('the brick to be missed', async () => (await codesOf(shareA)).includes('bricks.down'));
    await driver.createImage(blank(shareA));
    await until('the backlog', async () => (await codesOf(shareA)).includes('heal.pending'));
    assert.equal((await reportOf(shareA)).state, 'up');
    assert.ok(await healthy(shareB), 'the other share has nothing to do with it');
    await restartBrick(lab, 3, 'a');
    await waitForHeal(lab, 'a');
    await untilHealthy(shareA);
  });

  it('puts a share without quorum down, because it takes no writes, and up again by itself', async () => {
    await killBrick(lab, 2, 'a');
    await killBrick(lab, 3, 'a');
    await until('the quorum to be missed', async () => (await codesOf(shareA)).includes('quorum.lost'));
    await until('the share to be down', async () => (await reportOf(shareA)).state === 'down');
    assert.ok(await healthy(shareB));
    await restartBrick(lab, 2, 'a');
    await restartBrick(lab, 3, 'a');
    await waitForHeal(lab, 'a');
    await untilHealthy(shareA);
    await driver.createImage(blank(shareA));
  });

  it('fences a share off that hangs, without a word to the other share, and takes it back by itself', async () => {
    const timed = async () => {
      const started = performance.now();
      await driver.createImage(blank(shareB));
      return performance.now() - started;
    };
    const series = async () => {
      const times: number[] = [];
      for (let turn = 0; turn < 9; turn += 1) times.push(await timed());
      return times.sort((a, b) => a - b)[4] ?? 0;
    };
    const calm = await series();
    const [pid] = clientOf(mountA());
    process.kill(pid, 'SIGSTOP');
    try {
      const hanging = driver.createImage(blank(shareA)).then(
        () => 'made',
        ({ code }: { code: string }) => code,
      );
      const beside = await series();
      assert.equal(await hanging, 'backend_offline');
      await until('the share to be down', async () => (await reportOf(shareA)).state === 'down');
      const started = performance.now();
      assert.equal((await reportOf(shareB)).state, 'up');
      const reportMs = performance.now() - started;
      console.log(
        `      an image on the other share: ${calm.toFixed(0)} ms alone, ${beside.toFixed(0)} ms beside the hung one (medians of 9); ` +
          `the report took ${reportMs.toFixed(0)} ms`,
      );
      assert.ok(beside < calm * 3 + 250, `${beside} ms instead of ${calm} ms`);
      assert.ok(reportMs < 5_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('the share to be back', async () => (await reportOf(shareA)).state === 'up', 90_000);
  });

  it('tells a dead client with those who have files open, and mounts anew when they are gone', async () => {
    const { file } = await driver.createImage(blank(shareA));
    const held = await holder(path.join(mountA(), file));
    const before = mountIdOf(mountA());
    const [client] = clientOf(mountA());
    process.kill(client, 'SIGKILL');
    try {
      await until('the users to be named', async () => {
        const down = (await reportOf(shareA)).findings.find(({ code }) => code === 'share.down');
        return down?.text.includes('files are still open through it: sh (pid ') === true;
      });
      assert.equal(mountIdOf(mountA()), before, 'the mount is left alone');
      assert.equal((await reportOf(shareB)).state, 'up');
    } finally {
      held.stdin?.end();
    }
    await until('the share to be mounted anew', async () => (await reportOf(shareA)).state === 'up');
    assert.notEqual(clientOf(mountA())[0], client);
    await driver.createImage(blank(shareA));
  });

  it('tells other options in the file, and applies them when nobody has a file open', async () => {
    const { file } = await driver.createImage(blank(shareA));
    const held = await holder(path.join(mountA(), file));
    const [client] = clientOf(mountA());
    write(`${shareA} -o log-level=ERROR`, shareB);
    try {
      await until('the difference', async () => (await codesOf(shareA)).includes('mount.options-changed'));
      assert.equal(clientOf(mountA())[0], client);
    } finally {
      held.stdin?.end();
    }
    await until('the options to be in force', async () => {
      await driver.reportPools();
      return mountIdOf(mountA()) !== undefined && clientArgumentsOf(mountA()).includes('--log-level=ERROR');
    });
    assert.notEqual(clientOf(mountA())[0], client);
    await until('nothing to be told', async () => !(await codesOf(shareA)).includes('mount.options-changed'));
    await driver.createImage(blank(shareA));
  });

  it('lets the volumes of a share go on whose line is gone, also in its next life, and takes the line back', async () => {
    const ids = freshIds();
    const base = { ...blank(shareA), file: ids.file };
    const layer = await driver.createImage(base);
    write(shareB);
    const retired = await reportOf(shareA);
    assert.deepEqual([retired.state, retired.retired], ['up', true]);
    const work = async () => {
      const { file: overlayFile } = ids.overlay();
      const overlay = await driver.prepareOverlay({ share: shareA, chain: [layer], overlayFile });
      const chain = [layer, overlay];
      assert.equal((await driver.readChain({ share: shareA, chain })).length, 2);
      await driver.removeFiles({ share: shareA, files: [overlayFile] });
    };
    await work();
    await driver.close();
    driver = await open();
    assert.equal((await driver.reportPools()).length, 1, 'it does not know the share until somebody asks for it');
    await work();
    assert.equal((await reportOf(shareA)).retired, true);
    write(shareA, shareB);
    assert.equal((await reportOf(shareA)).retired, undefined);
  });

  it('goes on with what the shares file has said when it cannot be read any more', async () => {
    const gone = createVolumeDriver(
      parseBackendOptions('t', { glusterfs_shares_config: '/nonexistent/shares', glusterfs_mount_point_base: mounts }),
      { runner: systemCommandRunner },
    );
    await assert.rejects(gone.setup(), /ENOENT/);
    await gone.close();
    renameSync(sharesFile, `${sharesFile}.gone`);
    try {
      const reports = await driver.reportPools();
      assert.equal(reports.length, 2);
      assert.ok(reports[0]?.findings.some(({ code }) => code === 'shares-file.unreadable'));
    } finally {
      renameSync(`${sharesFile}.gone`, sharesFile);
    }
  });
});
