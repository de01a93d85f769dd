// The servers of a share, on a real pool: one whose brick hangs without closing its connections, one that takes the place of another while
// everything runs, and a first one in the shares file whose name means nothing. The share goes on, it is told, and so is the next mount and guest.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mustAnswer } from '../../deploy/gluster-command.js';
import { parseBackendOptions } from '../../drivers/gluster/backend-options.js';
import { createVolumeDriver } from '../../drivers/gluster/create-volume-driver.js';
import { mountPathOf } from '../../drivers/gluster/share-text.js';
import type { ShareVolumeDriver } from '../../drivers/gluster/share-volume-driver.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import type { PoolReport } from '../../drivers/volume-driver.js';
import { freshIds, MIB } from '../contract/volume-driver/harness.js';
import { type GlusterLab, openGlusterLab, whyNoLab } from '../harness/gluster-lab.js';
import { hangBrick, wakeBrick } from '../harness/gluster-lab-bricks.js';
import { waitForHeal } from '../harness/gluster-lab-heal.js';
import { waitFor } from '../harness/wait-for.js';

/** The looks at shares come this many times as often as in service. */
const HASTE = 20;
const PING_TIMEOUT_SECONDS = 8;

describe('the servers of a share', function suite() {
  this.timeout(600_000);
  let lab: GlusterLab;
  let driver: ShareVolumeDriver;
  let mounts = '';
  let sharesFile = '';

  const open = async (): Promise<ShareVolumeDriver> => {
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
  const reportOf = async (share: string): Promise<PoolReport> => {
    const report = (await driver.reportPools()).find(({ access }) => access.share === share);
    return report ?? assert.fail(`no report of ${share}`);
  };
  const until = (what: string, holds: () => Promise<boolean>, timeoutMs = 90_000) =>
    waitFor(what, holds, { timeoutMs, intervalMs: 250 });
  const hostsOf = async (share: string) => (await reportOf(share)).access.servers.map(({ host }) => host);
  const make = (share: string) =>
    driver.createImage({ share, file: freshIds().file, format: 'qcow2', sizeBytes: 16 * MIB, preallocation: 'off' });
  /** The servers that the client of the mount was started with. */
  const serversOfMount = (mount: string): readonly string[] => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        if (argv[0]?.endsWith('/glusterfs') !== true || !argv.includes(mount)) continue;
        return argv.flatMap((word) => (word.startsWith('--volfile-server=') ? [word.split('=')[1] ?? ''] : []));
      } catch {
        // it ended meanwhile
      }
    }
    return assert.fail(`nobody serves ${mount}`);
  };
  const addresses = () => lab.nodes.map(({ address }) => address);

  before(async function start() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    const options = { 'network.ping-timeout': String(PING_TIMEOUT_SECONDS) };
    lab = await openGlusterLab({ volumes: ['a', 'b'], options });
    mounts = path.join(lab.work, 'mnt');
    mkdirSync(mounts);
    sharesFile = path.join(lab.work, 'shares');
    write(lab.share('a'), lab.share('b'));
    driver = await open();
    for (const share of [lab.share('a'), lab.share('b')])
      await until(`${share} to be up`, async () => (await reportOf(share)).state === 'up');
  });
  after(async () => {
    await driver?.close();
    await lab?.close();
  });

  it('a brick that hangs: the share is told, others notice nothing, and it goes on after the ping timeout, before the brick is back', async () => {
    const [hung, other] = [lab.share('a'), lab.share('b')];
    await make(hung);
    await hangBrick(lab, 3, 'a');
    const since = performance.now();
    const seconds = () => (performance.now() - since) / 1000;
    let toldAfter = 0;
    try {
      // Whoever writes first waits for the brick: fenced off after its deadline, and not for the ping timeout.
      const first = await make(hung).then(
        () => 'made',
        ({ code }: { code: string }) => code,
      );
      assert.ok(first === 'made' || first === 'backend_offline', first);
      const refusedAfter = seconds();
      const beside: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const begun = performance.now();
        await make(other);
        beside.push(performance.now() - begun);
        if (toldAfter === 0 && (await reportOf(hung)).state === 'down') toldAfter = seconds();
      }
      assert.equal((await reportOf(other)).state, 'up');
      await until('an image on two bricks', () =>
        make(hung).then(
          () => true,
          () => false,
        ),
      );
      const writtenAfter = seconds();
      await until('the share to be up on two bricks', async () => (await reportOf(hung)).state === 'up');
      console.log(
        `      first write: ${first} after ${refusedAfter.toFixed(1)} s, told as down ${toldAfter === 0 ? 'never' : `after ${toldAfter.toFixed(1)} s`}; ` +
          `written again after ${writtenAfter.toFixed(1)} s (ping timeout ${PING_TIMEOUT_SECONDS} s); on the other share ` +
          `${Math.max(...beside).toFixed(0)} ms at most`,
      );
      assert.ok(first === 'made' || toldAfter > 0, 'a share that takes no writes is told');
      assert.ok(Math.max(...beside) < 5_000);
    } finally {
      await wakeBrick(lab, 3, 'a');
    }
    await waitForHeal(lab, 'a');
    await until('the share to be well', async () => {
      const { state, findings } = await reportOf(hung);
      return state === 'up' && findings.every(({ severity, code }) => severity === 'info' || code === 'flapping');
    });
  });

  it('a server that takes the place of another: guests and mounts that come later are told of it, and of the old one no more', async () => {
    const share = lab.share('a');
    const [first = '', second = '', old = ''] = addresses();
    await until('the three servers', async () => (await hostsOf(share)).join() === [first, second, old].join());
    assert.deepEqual(serversOfMount(mountPathOf(mounts, share)), [first, second, old]);
    const added = await lab.addPeer();
    const brick = path.join(lab.plan.directory, 'node4', 'bricks', 'a');
    mkdirSync(brick, { recursive: true });
    const [node] = lab.nodes;
    assert.ok(node);
    const exchange = [`${old}:${lab.brickPath(3, '', 'a')}`, `${added.address}:${brick}`];
    await mustAnswer(node, ['volume', 'replace-brick', 'a', ...exchange, 'commit', 'force']);
    await until('the new server', async () => (await hostsOf(share)).join() === [first, second, added.address].join());
    // The mount goes on as it is; one that is made now knows the servers of now.
    await make(share);
    await driver.close();
    await lab.unmount(mountPathOf(mounts, share));
    driver = await open();
    await until('the share to be up', async () => (await reportOf(share)).state === 'up');
    assert.deepEqual(serversOfMount(mountPathOf(mounts, share)), [first, second, added.address]);
    await waitForHeal(lab, 'a');
  });

  it('a first server whose name means nothing: the mount falls to the next one, guests are not told of it, and a finding names it', async () => {
    const [first = '', second = ''] = addresses();
    const share = 'no-such-server.invalid:/b';
    write(lab.share('a'), `${share} -o backup-volfile-servers=${first}:${second}`);
    await until('the share to be up', async () => (await reportOf(share)).state === 'up');
    await until('the finding', async () =>
      (await reportOf(share)).findings.some(
        ({ code, text }) => code === 'servers.unresolvable' && text.includes('no-such-server.invalid'),
      ),
    );
    await make(share);
    const hosts = await hostsOf(share);
    assert.ok(!hosts.includes('no-such-server.invalid'), hosts.join());
    assert.deepEqual(hosts.slice(0, 2), [first, second]);
  });

  it('no server that can be reached: the share is down and says why, others go on', async () => {
    const share = 'no-such-server.invalid:/c';
    write(lab.share('a'), share);
    let told = '';
    await until('the share to be told as down, with the cause', async () => {
      const { state, findings } = await reportOf(share);
      const down = findings.find(({ code, text }) => code === 'share.down' && text.includes(share));
      told = `${down?.text ?? 'nothing'}; ${down?.cure ?? ''}`;
      return state === 'down' && /no answer from no-such-server\.invalid .*name unknown/.test(told);
    }).catch((thrown: unknown) => assert.fail(`${String(thrown)}: ${told}`));
    console.log(`      ${told}`);
    await make(lab.share('a'));
  });
});
