// The helper process of a share, real ones and one that hangs on demand: deadlines, the breaker, replacement, no local disk
// by mistake.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ShareIo } from '../../../drivers/gluster/share-io.js';

describe('share-io', function suite() {
  this.timeout(20_000);
  let root = '';
  let clock = 0;
  const open: ShareIo[] = [];
  const start = (kind: 'mount' | 'plain' = 'plain', module: URL | null = fixture) => {
    const io = new ShareIo({ share: 's', root, kind, now: () => clock, ...(module === null ? {} : { module }) });
    open.push(io);
    return io;
  };
  const fixture = new URL('./fixtures/hanging-share-child.ts', import.meta.url);
  const offline = { code: 'backend_offline' };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'saggar-io-'));
    clock = 0;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((io) => io.close()));
    rmSync(root, { recursive: true });
  });

  it('answers, and translates errors of the share', async () => {
    const io = start();
    assert.deepEqual(await io.call('measure', {}), { totalBytes: 10, freeBytes: 5 });
    await assert.rejects(io.call('inspect', { file: 'x' }), { code: 'no_space' });
    assert.equal(io.state, 'closed');
  });

  it('gives up a hung share at the deadline, fails at once while it is down, and finds it again', async () => {
    const io = start();
    await io.call('measure', {});
    const pid = io.helperPid;
    writeFileSync(path.join(root, 'hang'), '');
    const calls = Array.from({ length: 12 }, () => assert.rejects(io.call('measure', {}, 100), offline));
    await Promise.all(calls);
    assert.equal(io.state, 'open');
    const started = performance.now();
    await assert.rejects(io.call('measure', {}), offline);
    assert.ok(performance.now() - started < 50, 'no call reaches a share that is down');
    rmSync(path.join(root, 'hang'));
    clock += 1_500;
    assert.equal(io.state, 'half-open');
    await Promise.all([io.call('measure', {}), io.call('measure', {})]);
    assert.equal(io.state, 'closed');
    assert.notEqual(io.helperPid, pid);
  });

  it('holds up nobody else: a healthy share answers while the other hangs', async () => {
    const hung = start();
    writeFileSync(path.join(root, 'hang'), '');
    const waiting = assert.rejects(hung.call('measure', {}, 2_000), offline);
    const healthyRoot = mkdtempSync(path.join(tmpdir(), 'saggar-io-'));
    const healthy = new ShareIo({ share: 't', root: healthyRoot, kind: 'plain' });
    open.push(healthy);
    assert.ok((await healthy.call('measure', {})).totalBytes > 0);
    await waiting;
    await healthy.close();
    rmSync(healthyRoot, { recursive: true });
  });

  it('gives a call to a fresh helper when the old one was killed', async () => {
    const io = start();
    await io.call('measure', {});
    const call = io.call('measure', {});
    process.kill(io.helperPid ?? 0, 'SIGKILL');
    assert.deepEqual(await call, { totalBytes: 10, freeBytes: 5 });
    assert.deepEqual(await io.call('measure', {}), { totalBytes: 10, freeBytes: 5 });
    assert.equal(io.state, 'closed');
  });

  it('refuses a directory that should be a mount and is none: that would be the local disk', async () => {
    await assert.rejects(start('mount', null).call('measure', {}), offline);
  });

  it('finishes a move that was cut off, and never replaces a file', async () => {
    const io = start('plain', null);
    const { linkSync, readdirSync } = await import('node:fs');
    writeFileSync(path.join(root, 'a'), 'x');
    linkSync(path.join(root, 'a'), path.join(root, 'b'));
    await io.call('moveFile', { from: 'a', to: 'b', mode: 0o660 });
    assert.deepEqual(readdirSync(root), ['b']);
    writeFileSync(path.join(root, 'c'), 'y');
    await assert.rejects(io.call('moveFile', { from: 'c', to: 'b', mode: 0o660 }), { code: 'conflict' });
    await io.call('makeFile', { file: 'd', pieces: [], sizeBytes: 512, mode: 0o660, ownerOf: null, publish: false });
    writeFileSync(path.join(root, 'd'), 'taken');
    await assert.rejects(io.call('publishFile', { file: 'd', padTo: 512 }), { code: 'conflict' });
  });

  it('makes the private directory and the anchor for whom the share belongs to', async function owners() {
    if (process.getuid?.() !== 0) this.skip();
    const { chownSync, statSync } = await import('node:fs');
    chownSync(root, 107, 107);
    await start('plain', null).call('prepareShare', {});
    for (const name of ['.saggar', '.saggar/trash', '.saggar/anchor']) {
      const { uid, gid, mode } = statSync(path.join(root, name));
      assert.deepEqual([uid, gid, mode & 0o007], [107, 107, 0], name);
    }
    assert.equal(statSync(path.join(root, '.saggar/anchor')).size, 4096);
  });
});
