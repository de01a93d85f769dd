// What every store of backups must do, whichever it is: objects are whole or not there, replaced by a second put, listed by name, removed together;
// names that are no plain component never reach it.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { type BackupTarget, objectName } from '../../../drivers/backup/backup-target.js';
import { asServiceError } from '../../../services/core/domain/errors.js';

const MIB = 1024 ** 2;
const MOST = 8 * MIB;

export function targetContract(target: () => BackupTarget): void {
  const place = () => ({ container: `lane-${randomUUID().slice(0, 8)}`, backupId: randomUUID() });
  const code = (wanted: string) => (thrown: unknown) => asServiceError(thrown).code === wanted;

  it('gives back what was put, byte by byte, large and empty', async () => {
    const at = place();
    for (const [number, bytes] of [Buffer.alloc(0), Buffer.from('x'), randomBytes(5 * MIB + 1)].entries()) {
      await target().put(at, objectName(number), bytes);
      assert.ok((await target().get(at, objectName(number), MOST)).equals(bytes), `${bytes.length} bytes`);
    }
    await target().removeAll(at);
  });

  it('replaces an object that is put again', async () => {
    const at = place();
    await target().put(at, 'manifest', Buffer.from('old and longer'));
    await target().put(at, 'manifest', Buffer.from('new'));
    assert.equal((await target().get(at, 'manifest', MOST)).toString(), 'new');
    assert.deepEqual(await target().list(at), ['manifest']);
    await target().removeAll(at);
  });

  it('lists the names of one backup alone, sorted, and none of one that is not there', async () => {
    const at = place();
    const other = { ...at, backupId: randomUUID() };
    for (const number of [11, 2, 0]) await target().put(at, objectName(number), Buffer.from('x'));
    await target().put(at, 'manifest', Buffer.from('m'));
    await target().put(other, 'manifest', Buffer.from('m'));
    assert.deepEqual(await target().list(at), ['manifest', 'object-000000', 'object-000002', 'object-000011']);
    await target().removeAll(at);
    assert.deepEqual(await target().list(at), []);
    assert.deepEqual(await target().list(other), ['manifest']);
    await target().removeAll(other);
    await target().removeAll(other);
  });

  it('says of a missing object that it is missing', async () => {
    const at = place();
    await assert.rejects(target().get(at, 'manifest', MOST), code('not_found'));
    await target().put(at, 'manifest', Buffer.from('m'));
    await assert.rejects(target().get(at, objectName(1), MOST), code('not_found'));
    await target().removeAll(at);
  });

  it('T-B01 holds no more of an object than it may have', async () => {
    const at = place();
    await target().put(at, 'manifest', randomBytes(3 * MIB));
    assert.equal((await target().get(at, 'manifest', 3 * MIB)).length, 3 * MIB);
    await assert.rejects(target().get(at, 'manifest', 3 * MIB - 1), code('hostile_image'));
    await assert.rejects(target().get(at, 'manifest', 10), code('hostile_image'));
    await target().removeAll(at);
  });

  it('T-M01 refuses names that are no plain component', async () => {
    const good = place();
    for (const container of ['..', '.', '.x', 'a/b', '/etc', 'a\0b', '', 'ａ', '%2e%2e', 'x'.repeat(65)]) {
      const at = { ...good, container };
      await assert.rejects(target().put(at, 'manifest', Buffer.from('m')), code('bad_request'), container);
      await assert.rejects(target().get(at, 'manifest', MOST), code('bad_request'), container);
      await assert.rejects(target().list(at), code('bad_request'), container);
      await assert.rejects(target().removeAll(at), code('bad_request'), container);
    }
    for (const name of ['../manifest', 'object-1', 'manifest/', 'other', '']) {
      await assert.rejects(target().put(good, name, Buffer.from('m')), code('bad_request'), name);
    }
    await assert.rejects(target().removeAll({ ...good, backupId: '..' }), code('bad_request'));
  });
}
