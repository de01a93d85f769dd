// Backups whose objects or records somebody else has written: nothing of them makes a worker hold more than a real one would, and a record that the
// database could not keep is refused, not an error of ours.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { noKeys } from '../../drivers/backup/backup-keys.js';
import { BackupStore } from '../../drivers/backup/backup-store.js';
import { ChunkTable } from '../../drivers/backup/chunk-table.js';
import { DirectoryTarget } from '../../drivers/backup/directory-target.js';
import { askStore } from '../../drivers/backup/http-store.js';
import { Zstd } from '../../drivers/backup/zstd.js';
import { systemCommandRunner } from '../../drivers/process/system-command-runner.js';
import { decodeRecord } from '../../services/core/db/block-storage/backup-record.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { backupVerify } from '../../services/core/operations/backup.js';
import { heavySharesOf } from '../../services/volume-worker/heavy-work.js';
import { sampleContexts } from '../unit/operations/sample-contexts.js';

const MIB = 1024 ** 2;
const TIB = 1024 ** 4;

describe('backups that somebody else has written', () => {
  let root = '';
  before(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'saggar-forged-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('T-B01 takes a manifest of a larger disk than its record is of for none, before it makes room for its table', async () => {
    const store = new BackupStore(new DirectoryTarget(root), new Zstd(systemCommandRunner), noKeys);
    const place = { container: 'forged', backupId: randomUUID() };
    // Some hundred bytes in the store; 2.5 GiB in the memory of who believes them.
    const facts = { volumeId: randomUUID(), sizeBytes: 64 * TIB, sources: [place], objectCount: 0, storedBytes: 0 };
    const hash = await store.putManifest(place, { ...facts, table: new ChunkTable(MIB) });
    const before = process.memoryUsage().rss;
    await assert.rejects(store.getManifest(place, hash, { maxDiskBytes: TIB }), { code: 'hostile_image' });
    assert.ok(process.memoryUsage().rss - before < 200 * MIB, 'the table was made');
  });

  it('T-B01 says how large the disk may be when the record is all that is known, and reads everything else as it is', () => {
    const sample = sampleContexts().find(({ type }) => type === 'backup-verify');
    const step = backupVerify.steps[0];
    assert.ok(sample !== undefined && step !== undefined);
    const paramsOf = (deep: boolean) => {
      const context = { ...sample.context, params: { ...sample.context.params, deep } } as Parameters<
        typeof step.do
      >[0];
      return step.do(context).params as { maxDiskBytes?: number };
    };
    assert.deepEqual([paramsOf(false).maxDiskBytes, paramsOf(true).maxDiskBytes], [1024 ** 3, undefined]);
  });

  it('T-B01 holds of an answer without end no more than it may have, and does not ask again', async () => {
    let [asked, sent] = [0, 0];
    const endless = () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull: (stream) => {
              sent += MIB;
              stream.enqueue(new Uint8Array(MIB));
              if (sent >= 200 * MIB) stream.close();
            },
          }),
        ),
      );
    const send = () => {
      asked += 1;
      return endless();
    };
    const refusal = () => new ServiceError('hostile_image', 'too long');
    await assert.rejects(askStore(send, [200], { bytes: 5 * MIB, refusal }), { code: 'hostile_image' });
    assert.ok(asked === 1 && sent < 20 * MIB, `${asked} questions, ${sent} bytes`);
  });

  it('T-B01 takes no record that the database could not keep', () => {
    const good = {
      ...{ version: 1, id: randomUUID(), size: 1, container: 'c', manifest_sha256: 'ab'.repeat(32) },
      ...{ metadata: { clé: '𐍈' }, display_name: 'n', data_timestamp: '2024-02-29T23:59:59.123456' },
    };
    const encoded = (record: object) => Buffer.from(JSON.stringify(record)).toString('base64');
    assert.equal(decodeRecord(encoded(good)).data_timestamp, good.data_timestamp);
    const bad: readonly object[] = [
      ...[{ a: '\ud800' }, { '\udc00': 'a' }, { a: '\0' }, JSON.parse('{"__proto__": "x"}') as object].map(
        (metadata) => ({ metadata }),
      ),
      ...['2023-02-29T00:00:00', '2024-02-31T00:00:00', '0000-01-01T00:00:00', '2024-01-01T24:00:00'].map(
        (data_timestamp) => ({ data_timestamp }),
      ),
      ...['\ud800', 'a\0b'].flatMap((text) => [{ display_name: text }, { display_description: text }]),
    ];
    for (const change of bad) {
      assert.throws(
        () => decodeRecord(encoded({ ...good, ...change })),
        { code: 'bad_request' },
        JSON.stringify(change),
      );
    }
  });

  it('T-X01 whole backups are read by so many at a time, and manifests by anybody', () => {
    const sharesOf = (deep: boolean) => heavySharesOf({ type: 'backup.verify', params: { deep } as never });
    assert.equal(sharesOf(true).own.length, 1);
    assert.deepEqual(sharesOf(false), { own: [], others: [] });
  });
});
