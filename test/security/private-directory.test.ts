// Whoever can write to a share can put links, pipes and directories in the place of the service's private files, at any moment. Nothing outside
// of the share is read, written, cut or removed for that, no disk is cut off, and one obstacle does not keep the rest from being cleared away.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { ShareIo } from '../../drivers/gluster/share-io.js';

describe('the private directory of a share', function suite() {
  this.timeout(60_000);
  let folder = '';
  let io: ShareIo;
  const root = (...names: string[]) => path.join(folder, 'share', ...names);
  const outside = (...names: string[]) => path.join(folder, 'outside', ...names);

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-private-'));
    for (const name of ['share', 'outside']) mkdirSync(path.join(folder, name));
    io = new ShareIo({ share: 'share', root: root(), kind: 'plain' });
    await io.call('prepareShare', {});
  });
  afterEach(async () => {
    await io.close();
    rmSync(folder, { recursive: true });
  });

  /** Whatever it answers: what matters is what it did. */
  const attempt = (deed: Promise<unknown>) => deed.then(() => 'done').catch(() => 'refused');
  const probe = () => root('.saggar', `probe-${hostname()}-${io.helperPid}`);

  it('the probe writes into no file that a link of its name means', async () => {
    writeFileSync(outside('precious'), 'precious');
    symlinkSync(outside('precious'), probe());
    await attempt(io.call('probeWrite', {}));
    assert.equal(readFileSync(outside('precious'), 'utf8'), 'precious');
  });

  it('the probe cuts off no disk that has got its name, and works all the same', async () => {
    writeFileSync(root('volume-a'), 'a disk');
    linkSync(root('volume-a'), probe());
    await io.call('probeWrite', {});
    assert.equal(readFileSync(root('volume-a'), 'utf8'), 'a disk');
  });

  it('the probe waits at no pipe', async () => {
    execFileSync('mkfifo', [probe()]);
    await io.call('probeWrite', {}, 10_000);
    assert.equal(io.state, 'closed');
  });

  it('the anchor cuts off no disk that has got its name', async () => {
    const bytes = Buffer.alloc(8192, 7);
    writeFileSync(root('volume-a'), bytes);
    rmSync(root('.saggar', 'anchor'));
    linkSync(root('volume-a'), root('.saggar', 'anchor'));
    await attempt(io.call('prepareShare', {}));
    assert.ok(readFileSync(root('volume-a')).equals(bytes), 'the disk is as it was');
  });

  it('a file that the trash has no place for stays, and is never called removed', async () => {
    // The trash has no directory of this name: the same answer as when it vanishes itself while files are moved into it.
    mkdirSync(root('inner'));
    writeFileSync(root('inner', 'volume-a'), 'a disk');
    const call = io.call('discardFiles', { files: ['inner/volume-a'], nowMs: 2e12, keep: true });
    await assert.rejects(call, 'never called removed');
    assert.equal(readFileSync(root('inner', 'volume-a'), 'utf8'), 'a disk');
  });

  it('nothing is written, read or moved through a link in the place of the directory', async () => {
    const volumeId = randomUUID();
    const strange = `${randomUUID()}.json`;
    writeFileSync(outside(strange), '{"secret": true}');
    mkdirSync(outside('trash'));
    writeFileSync(outside('trash', 'old.1000000000'), 'not ours');
    writeFileSync(root('volume-a'), 'a disk');
    renameSync(root('.saggar'), root('.before'));
    symlinkSync(outside(), root('.saggar'));
    const records = [{ volumeId, text: 'a record' }];
    assert.equal(await attempt(io.call('writeCustody', { records, mode: 0o600 })), 'refused');
    await attempt(io.call('writeCustody', { records: [{ volumeId: strange.slice(0, -5), text: null }], mode: 0o600 }));
    assert.equal(await attempt(io.call('probeWrite', {})), 'refused');
    assert.equal(await attempt(io.call('discardFiles', { files: ['volume-a'], nowMs: 2e12, keep: true })), 'refused');
    await attempt(io.call('emptyTrash', { olderThanMs: 3e12 }));
    await attempt(io.call('prepareShare', {}));
    const page = await io.call('scanPage', { after: null, maxBytes: 100_000 });
    assert.ok(!JSON.stringify(page).includes('secret'), JSON.stringify(page));
    assert.deepEqual(readdirSync(outside()).sort(), [strange, 'trash'].sort());
    assert.deepEqual(readdirSync(outside('trash')), ['old.1000000000']);
    assert.equal(readFileSync(root('volume-a'), 'utf8'), 'a disk');
  });

  it('nothing goes through a link in the place of the trash', async () => {
    writeFileSync(outside('old.1000000000'), 'not ours');
    writeFileSync(root('volume-a'), 'a disk');
    rmSync(root('.saggar', 'trash'), { recursive: true });
    symlinkSync(outside(), root('.saggar', 'trash'));
    assert.equal(await attempt(io.call('discardFiles', { files: ['volume-a'], nowMs: 2e12, keep: false })), 'refused');
    await attempt(io.call('emptyTrash', { olderThanMs: 3e12 }));
    assert.deepEqual(readdirSync(outside()), ['old.1000000000']);
    assert.equal(statSync(root('volume-a')).size, 6);
  });

  it('a directory among the trash does not keep the trash from being emptied', async () => {
    mkdirSync(root('.saggar', 'trash', 'a.1000000000'));
    writeFileSync(root('.saggar', 'trash', 'a.1000000000', 'inner'), '');
    for (const name of ['volume-a.1000000001', 'z.1000000002']) writeFileSync(root('.saggar', 'trash', name), '');
    assert.deepEqual((await io.call('emptyTrash', { olderThanMs: 3e12 })).toSorted(), ['volume-a', 'z']);
    assert.ok(existsSync(root('.saggar', 'trash', 'a.1000000000', 'inner')));
  });
});
