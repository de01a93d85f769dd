// Mounting with a fake command runner and a fake mount table: counting, adopting, and believing neither an exit code of 0 nor a
// mount that can show old data.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MountTable } from '../../../drivers/gluster/mount-table.js';
import { listMountUsers, type MountUser } from '../../../drivers/gluster/mount-users.js';
import { addBackupServers } from '../../../drivers/gluster/mount-words.js';
import { findMount, type MountEntry, parseMountinfo } from '../../../drivers/gluster/mountinfo.js';
import { parseSharesFile } from '../../../drivers/gluster/shares-file.js';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';
import { waitFor } from '../../harness/wait-for.js';

describe('the mount table', () => {
  let base = '';
  let mounts: MountEntry[] = [];
  let runner = new FakeCommandRunner();
  let table = new MountTable({ base, runner });
  const [share] = parseSharesFile('10.0.0.1:/vols -o log-level=WARNING,acl').shares;
  assert.ok(share !== undefined);
  const name = share.name.share;

  /** What the operator's words are completed with. */
  const added =
    '-o "direct-io-mode=enable,attribute-timeout=0,entry-timeout=0,negative-timeout=0,xlator-option=*io-cache.pass-through=true"';
  let client: string[] | null = null;
  let users: MountUser[] = [];
  const coherentClient = ['/usr/sbin/glusterfs', '--direct-io-mode=enable', '--volfile-id=/vols', '/m'];
  const plainClient = ['/usr/sbin/glusterfs', '--volfile-id=/vols', '/m'];

  const mountIt = () => {
    mounts.push({ mountPoint: table.pathOf(name), fileSystem: 'fuse.glusterfs', source: name });
    return {};
  };

  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'saggar-mounts-'));
    mounts = [];
    client = coherentClient;
    users = [];
    runner = new FakeCommandRunner().on(/^mount /, mountIt).on(/^umount /, () => {
      mounts = [];
      return {};
    });
    table = new MountTable({
      base,
      runner,
      readMounts: async () => mounts,
      readClient: async () => client,
      findCauses: async () => ['a likely cause'],
      listUsers: async () => users,
    });
  });
  afterEach(() => rmSync(base, { recursive: true }));

  it('mounts for the first user, unmounts after the last', async () => {
    const first = await table.acquire(share, 'a');
    assert.deepEqual(first, { path: table.pathOf(name), adopted: false, incoherence: null });
    assert.equal((await table.acquire(share, 'b')).adopted, true);
    assert.deepEqual(runner.lines(), [
      `mount -t glusterfs -o log-level=WARNING,acl ${added} ${name} ${table.pathOf(name)}`,
    ]);
    assert.equal(await table.release(name, 'a'), false);
    assert.equal(await table.release(name, 'b'), true);
    assert.deepEqual(table.usersOf(name), []);
    assert.equal(runner.calls.length, 2);
  });

  it('mounts once when two users come together', async () => {
    await Promise.all([table.acquire(share, 'a'), table.acquire(share, 'b')]);
    assert.equal(runner.calls.length, 1);
    assert.deepEqual(table.usersOf(name), ['a', 'b']);
  });

  it('adopts what is mounted already', async () => {
    mountIt();
    assert.equal((await table.acquire(share, 'a')).adopted, true);
    assert.equal(runner.calls.length, 0);
  });

  for (const [what, argv] of [
    ['by default', plainClient],
    ['by a process that cannot be seen', null],
  ] as const) {
    it(`mounts anew what somebody has mounted ${what} and nobody uses`, async () => {
      mountIt();
      client = argv === null ? null : [...argv];
      assert.deepEqual(await table.acquire(share, 'a'), {
        path: table.pathOf(name),
        adopted: false,
        incoherence: null,
      });
      assert.deepEqual(
        runner.lines().map((line) => line.split(' ')[0]),
        ['umount', 'mount'],
      );
      assert.equal(runner.lines()[0], `umount ${table.pathOf(name)}`); // neither lazily nor by force
    });
  }

  it('adopts such a mount with the reason while it is used, or hangs', async () => {
    mountIt();
    client = plainClient;
    runner.on(/^umount /, { exitCode: 32, stderr: 'target is busy' });
    const { adopted, incoherence } = await table.acquire(share, 'a');
    assert.equal(adopted, true);
    assert.match(incoherence?.reason ?? '', /direct-io-mode is not set/);
    assert.match(incoherence?.cure ?? '', /fuser -vm/);
    assert.equal(runner.calls.length, 1);
  });

  it("leaves the operator's own options alone, and says what they cost", async () => {
    const [own] = parseSharesFile('10.0.0.1:/vols -o direct-io-mode=disable,entry-timeout=1').shares;
    assert.ok(own !== undefined);
    const { incoherence } = await table.acquire(own, 'a');
    assert.match(incoherence?.reason ?? '', /by its mount options direct-io-mode is disable/);
    assert.match(
      runner.lines()[0] ?? '',
      / -o direct-io-mode=disable,entry-timeout=1 -o "attribute-timeout=0,negative-timeout=0,/,
    );
    client = plainClient; // as it would be found after a restart: mounting anew would not help
    assert.equal((await table.acquire(own, 'b')).adopted, true);
    assert.equal(runner.calls.length, 1);
  });

  it('does not believe a mount that says success and mounted nothing', async () => {
    runner.on(/^mount /, { exitCode: 0, stderr: 'all is well' });
    await assert.rejects(table.acquire(share, 'a'), (error: { code: string; context: Record<string, unknown> }) => {
      assert.equal(error.code, 'backend_offline');
      assert.deepEqual(error.context['likelyCauses'], ['a likely cause']);
      return true;
    });
    assert.deepEqual(table.usersOf(name), []);
  });

  it('refuses a place where something else is mounted', async () => {
    mounts.push({ mountPoint: table.pathOf(name), fileSystem: 'ext4', source: '/dev/sda1' });
    await assert.rejects(table.acquire(share, 'a'), /Something else is mounted/);
    mounts = [{ mountPoint: table.pathOf(name), fileSystem: 'fuse.glusterfs', source: '10.0.0.1:/other' }];
    await assert.rejects(table.acquire(share, 'a'), /Something else is mounted/);
  });

  it('detaches a dead mount lazily and mounts anew', async () => {
    await table.acquire(share, 'a');
    client = null; // its process is gone
    assert.equal((await table.remount(share)).adopted, false);
    assert.match(runner.lines()[1] ?? '', /^umount -l /);
    assert.match(runner.lines()[2] ?? '', /^mount -t glusterfs /);
  });

  it('leaves a dead mount alone while files are open through it, and tells by whom', async () => {
    await table.acquire(share, 'a');
    client = null;
    users = [{ pid: 7, program: 'qemu-system-x86', path: `${table.pathOf(name)}/volume-1` }];
    await assert.rejects(table.remount(share), (error: { code: string; context: Record<string, unknown> }) => {
      assert.equal(error.code, 'backend_offline');
      assert.match(String(error.context['reason']), /files are still open through it: qemu-system-x86 \(pid 7\)/);
      assert.match(String(error.context['likelyCauses']), /^end qemu-system-x86 \(pid 7\)/);
      return true;
    });
    assert.equal(runner.calls.length, 1);
    users = [];
    await table.remount(share);
    assert.equal(runner.calls.length, 3);
  });

  it('does not take a client that reaches no brick for a dead one', async () => {
    await table.acquire(share, 'a');
    await assert.rejects(table.remount(share), (error: { context: Record<string, unknown> }) => {
      assert.match(String(error.context['reason']), /lives and reaches no brick/);
      return true;
    });
    assert.equal(runner.calls.length, 1);
  });

  it('names the servers of the pool to a mount, beside those that the operator names', async () => {
    await table.acquire({ ...share, foundServers: ['10.0.0.1', 'h2', 'fe80::3'] }, 'a');
    assert.match(runner.lines()[0] ?? '', / -o log-level=WARNING,acl -o "backup-volfile-servers=h2:\[fe80::3\]" /);
    const words = ['-o', 'backup-volfile-servers=h2,acl'];
    assert.deepEqual(addBackupServers(words, ['h1'], ['h1', 'h2', 'h3']), ['-o', 'backup-volfile-servers=h2:h3,acl']);
    assert.equal(addBackupServers(words, ['h1'], ['h2']), words);
  });

  it('sees other options in the file, of its own mounts and of those it found, and applies them when nobody is there', async () => {
    await table.acquire(share, 'a');
    const [edited] = parseSharesFile('10.0.0.1:/vols -o log-level=ERROR').shares;
    assert.ok(edited !== undefined);
    assert.equal(await table.findOptionDifference(share), null);
    assert.match((await table.findOptionDifference(edited)) ?? '', /names others since/);
    users = [{ pid: 7, program: 'less', path: '/x' }];
    assert.equal(await table.renew(edited), false);
    users = [];
    assert.equal(await table.renew(edited), true);
    assert.deepEqual(
      runner.lines().map((line) => line.replace(/ -o "direct.*/, '')),
      [
        'mount -t glusterfs -o log-level=WARNING,acl',
        `umount ${table.pathOf(name)}`,
        'mount -t glusterfs -o log-level=ERROR',
      ],
    );
    assert.equal(await table.findOptionDifference(edited), null);

    const found = new MountTable({ base, runner, readMounts: async () => mounts, readClient: async () => client });
    client = ['/usr/sbin/glusterfs', '--acl', '--log-level=WARNING', '--direct-io-mode=enable', '/m'];
    assert.equal(await found.findOptionDifference(share), null);
    assert.equal(await found.findOptionDifference(edited), 'log-level is WARNING, not ERROR');
    client = ['/usr/sbin/glusterfs', '--log-level=WARNING', '/m'];
    assert.equal(await found.findOptionDifference(share), 'acl is not in force');
  });

  it('keeps the mount when the kernel says that it is busy', async () => {
    await table.acquire(share, 'a');
    runner.on(/^umount /, { exitCode: 32, stderr: 'target is busy' });
    assert.equal(await table.renew(share), false);
    assert.equal((await table.acquire(share, 'a')).adopted, true);
  });

  it("finds who has something open there: working directories and files, but not this process's own children", async () => {
    writeFileSync(path.join(base, 'file'), '');
    const child = spawn('sleep', ['60'], { cwd: base, stdio: 'ignore' });
    // Its parent is the shell, not this process.
    const shell = spawn('sh', ['-c', 'sleep 60 < "$0"; true', path.join(base, 'file')], { stdio: 'ignore' });
    try {
      const seen = async () => (await listMountUsers(base)).map(({ program }) => program);
      await waitFor('the sleeping program', async () => (await seen()).includes('sleep'));
      assert.deepEqual(await seen(), ['sleep']);
      assert.deepEqual(await listMountUsers(`${base}x`), []);
    } finally {
      child.kill('SIGKILL');
      execFileSync('pkill', ['-KILL', '-P', String(shell.pid)]);
    }
  });

  it("reads the kernel's table, with escapes, the topmost mount last", () => {
    const text = [
      '22 1 0:21 / / rw - ext4 /dev/root rw',
      '44 27 0:39 / /mnt/a\\040b rw,relatime shared:7 - fuse.glusterfs 10.0.0.1:/v\\040x rw,user_id=0',
      '45 27 0:40 / /mnt/a\\040b rw - tmpfs none rw',
      'nonsense',
    ].join('\n');
    const entries = parseMountinfo(text);
    assert.deepEqual(entries[1], { mountPoint: '/mnt/a b', fileSystem: 'fuse.glusterfs', source: '10.0.0.1:/v x' });
    assert.equal(findMount(entries, '/mnt/a b')?.fileSystem, 'tmpfs');
    assert.equal(findMount(entries, '/mnt'), null);
  });
});
