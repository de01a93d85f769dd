// What a file call promises when it answers is on stable storage: content before the name, the name before the answer. Looked at in the moment
// of each fsync, for a machine that loses power keeps what was synced before, and nothing else is certain.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as files from '../../../drivers/gluster/share-io-files.js';

/** What was there when something was synced. */
interface Synced {
  readonly kind: 'file' | 'directory';
  /** Of the file with the final name; null: it has none yet, or none any more. */
  readonly content: string | null;
}

type Syncing = Pick<FileHandle, 'sync' | 'stat'>;

describe('files on a share are durable', () => {
  let folder: string;
  let before: string;
  let prototype: Syncing;
  let sync: Syncing['sync'];
  let synced: Synced[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-durable-'));
    before = process.cwd();
    process.chdir(folder);
    const handle = await open('.', 'r');
    prototype = Object.getPrototypeOf(handle) as Syncing;
    await handle.close();
    ({ sync } = prototype);
    synced = [];
    const note = async (self: Syncing): Promise<void> => {
      const kind = (await self.stat()).isDirectory() ? 'directory' : 'file';
      synced.push({ kind, content: existsSync('name') ? readFileSync('name', 'latin1') : null });
    };
    prototype.sync = async function watched(this: Syncing): Promise<void> {
      await note(this);
      await sync.call(this);
    };
  });
  afterEach(() => {
    prototype.sync = sync;
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });

  it('a record: the new text before it takes the place of the old, and the place before the answer', async () => {
    writeFileSync('name', 'old');
    await files.replaceFile('name', 'new', 0o600);
    assert.deepEqual(synced, [
      { kind: 'file', content: 'old' },
      { kind: 'directory', content: 'new' },
    ]);
  });

  it('an image: its header before its name, and its name before the answer', async () => {
    const pieces = [{ offset: 0, bytes: Buffer.from('head') }];
    await files.makeFile({ file: 'name', pieces, sizeBytes: 4, mode: 0o600, ownerOf: null, publish: true });
    assert.deepEqual(synced, [
      { kind: 'file', content: null },
      { kind: 'directory', content: 'head' },
    ]);
  });

  it('a mark in a header: after it was written', async () => {
    writeFileSync('name', Buffer.alloc(8));
    await files.setHeaderBit('name', 0, 63);
    const marked = Buffer.alloc(8);
    marked[0] = 0x80;
    assert.deepEqual(synced, [{ kind: 'file', content: marked.toString('latin1') }]);
  });

  it('a removal: after the name is gone', async () => {
    writeFileSync('name', 'old');
    await files.removeFile('name');
    assert.deepEqual(synced, [{ kind: 'directory', content: null }]);
  });

  it('and one that comes late never takes the name of a file that is there by now', async () => {
    writeFileSync('.name.part', 'late');
    writeFileSync('name', 'what a guest writes to');
    await assert.rejects(files.publishFile('name', 1), { code: 'EEXIST' });
    assert.equal(readFileSync('name', 'latin1'), 'what a guest writes to');
  });
});
