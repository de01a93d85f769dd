// The store in a directory: the contract, and what only files can show: modes, links, left-over temporary names, a store that is not mounted.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { DirectoryTarget } from '../../../drivers/backup/directory-target.js';
import { SeparateDirectory } from '../../../drivers/backup/separate-directory.js';
import { asServiceError } from '../../../services/core/domain/errors.js';
import { targetContract } from './target-contract.js';

describe('backups in a directory', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'saggar-target-'));
  const target = new DirectoryTarget(root);
  after(() => rmSync(root, { recursive: true }));

  targetContract(() => target);

  it('lets nobody else read, and shows no object that is not complete', async () => {
    const place = { container: 'modes', backupId: randomUUID() };
    await target.put(place, 'manifest', Buffer.from('m'));
    const directory = path.join(root, place.container, place.backupId);
    assert.equal(statSync(directory).mode & 0o077, 0);
    assert.equal(statSync(path.join(directory, 'manifest')).mode & 0o077, 0);
    writeFileSync(path.join(directory, `.part-${randomUUID()}`), 'cut off');
    assert.deepEqual(await target.list(place), ['manifest']);
    await target.removeAll(place);
    assert.deepEqual(readdirSync(path.join(root, 'modes')), []);
  });

  it('T-M01 follows no link out of the store', async () => {
    const outside = path.join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'manifest'), 'secret');
    const backupId = randomUUID();
    symlinkSync(outside, path.join(root, 'linked'));
    mkdirSync(path.join(root, 'plain'));
    symlinkSync(outside, path.join(root, 'plain', backupId));
    for (const container of ['linked', 'plain']) {
      const place = { container, backupId };
      for (const deed of [
        () => target.get(place, 'manifest', 1024),
        () => target.list(place),
        () => target.put(place, 'manifest', Buffer.from('x')),
        () => target.removeAll(place),
      ]) {
        await assert.rejects(deed(), (thrown) => asServiceError(thrown).code === 'bad_request');
      }
    }
    assert.deepEqual(readdirSync(outside), ['manifest']);
  });

  it('does not fill the disk below a mount point that is not mounted', async () => {
    const away = new DirectoryTarget(path.join(root, 'away', 'store'));
    const putting = away.put({ container: 'c', backupId: randomUUID() }, 'manifest', Buffer.from('m'));
    await assert.rejects(putting, (thrown) => asServiceError(thrown).code === 'backend_offline');
  });

  describe('by a process of its own', () => {
    const calls = new SeparateDirectory({ root });
    const separate = new DirectoryTarget(calls);
    after(() => calls.close());

    targetContract(() => separate);

    it('loses that process and not its own threads when the directory hangs, and takes another one', async () => {
      const module = path.join(root, 'hangs.mjs');
      writeFileSync(module, "process.on('message', () => undefined);");
      const hung = new SeparateDirectory({ root, deadlineMs: 50, module: pathToFileURL(module) });
      const place = { container: 'hung', backupId: randomUUID() };
      for (let attempt = 0; attempt < 2; attempt++) {
        const putting = new DirectoryTarget(hung).put(place, 'manifest', Buffer.from('m'));
        await assert.rejects(putting, (thrown) => asServiceError(thrown).code === 'backend_offline');
      }
      await separate.put(place, 'manifest', Buffer.from('m'));
      assert.deepEqual(await separate.list(place), ['manifest']);
    });
  });
});
