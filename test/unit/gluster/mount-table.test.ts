// Mounting with a fake command runner and a fake mount table: counting, adopting, and not believing an exit code of 0.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MountTable } from '../../../drivers/gluster/mount-table.js';
import { findMount, type MountEntry, parseMountinfo } from '../../../drivers/gluster/mountinfo.js';
import { parseSharesFile } from '../../../drivers/gluster/shares-file.js';
import { FakeCommandRunner } from '../../../drivers/process/fake-command-runner.js';

describe('the mount table', () => {
  let base = '';
  let mounts: MountEntry[] = [];
  let runner = new FakeCommandRunner();
  let table = new MountTable({ base, runner });
  const [share] = parseSharesFile('10.0.0.1:/vols -o log-level=WARNING,acl').shares;
  assert.ok(share !== undefined);
  const name = share.name.share;

  const mountIt = () => {
    mounts.push({ mountPoint: table.pathOf(name), fileSystem: 'fuse.glusterfs', source: name });
    return {};
  };

  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'saggar-mounts-'));
    mounts = [];
    runner = new FakeCommandRunner().on(/^mount /, mountIt).on(/^umount /, () => {
      mounts = [];
      return {};
    });
    table = new MountTable({
      base,
      runner,
      readMounts: async () => mounts,
      findCauses: async () => ['a likely cause'],
    });
  });
  afterEach(() => rmSync(base, { recursive: true }));

  it('mounts for the first user, unmounts after the last', async () => {
    const first = await table.acquire(share, 'a');
    assert.deepEqual(first, { path: table.pathOf(name), adopted: false });
    assert.equal((await table.acquire(share, 'b')).adopted, true);
    assert.deepEqual(runner.lines(), [`mount -t glusterfs -o log-level=WARNING,acl ${name} ${table.pathOf(name)}`]);
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
    assert.equal((await table.remount(share)).adopted, false);
    assert.match(runner.lines()[1] ?? '', /^umount -l /);
    assert.match(runner.lines()[2] ?? '', /^mount -t glusterfs /);
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
