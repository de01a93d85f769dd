// Bytes that come from outside and go there: a file is there whole and judged, or not at all, whoever breaks off and when; what is read is
// exactly what lies there, with its hashes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { partNameOf, receivedNameOf } from '../../../drivers/gluster/file-names.js';
import type { ReceiveImageSpec } from '../../../drivers/volume-driver.js';
import { type ErrorCode, ServiceError } from '../../../services/core/domain/errors.js';
import { filesOn, freshIds, guest, MIB, waitFor } from './harness.js';
import type { DriverCase } from './suite.js';

const never = (): AbortSignal => new AbortController().signal;
const hashOf = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

/** An image as a client has it, made by qemu-img in a directory of its own. */
function madeImage(...argv: readonly string[]): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-upload-'));
  try {
    const file = path.join(folder, 'disk');
    execFileSync('qemu-img', ['create', '-q', ...argv.map((word) => (word === 'FILE' ? file : word))]);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function describeStreams(t: DriverCase): void {
  const specOf = (more: Partial<ReceiveImageSpec> = {}): ReceiveImageSpec => ({
    share: t.place().share,
    file: freshIds().file,
    format: 'raw',
    maxBytes: 256 * MIB,
    ...more,
  });
  const receive = (spec: ReceiveImageSpec, bytes: Buffer | Readable, signal = never()) =>
    t.driver().receiveImage(spec, bytes instanceof Readable ? bytes : Readable.from([bytes]), signal);
  const at = (file: string): string => path.join(t.place().path, file);
  const refused = async (spec: ReceiveImageSpec, bytes: Buffer | Readable, code: ErrorCode): Promise<void> => {
    const before = filesOn(t.place());
    await assert.rejects(
      receive(spec, bytes),
      (error: unknown) => error instanceof ServiceError && error.code === code,
    );
    assert.deepEqual(filesOn(t.place()), before, 'nothing is left');
  };

  it('keeps raw bytes as they come, with holes, hashes and a whole number of sectors', async () => {
    const spec = specOf();
    const bytes = Buffer.concat([randomBytes(3 * MIB + 17), Buffer.alloc(40 * MIB), randomBytes(5)]);
    const received = await receive(spec, bytes);
    assert.equal(received.bytes, bytes.length);
    assert.deepEqual([received.md5, received.sha512], [hashOf('md5', bytes), hashOf('sha512', bytes)]);
    const padded = Math.ceil(bytes.length / 512) * 512;
    assert.deepEqual(received.layer, { file: spec.file, format: 'raw', virtualSizeBytes: padded, snapshotId: null });
    const stored = readFileSync(at(spec.file));
    assert.equal(stored.length, padded);
    assert.ok(stored.subarray(0, bytes.length).equals(bytes));
    assert.ok(statSync(at(spec.file)).blocks * 512 < 8 * MIB, 'zeros are a hole');
    assert.equal(existsSync(at(partNameOf(spec.file))), false);
    assert.deepEqual(await t.driver().findReceived(spec), received, 'asked again');
    const quick = await receive(specOf({ hash: 'sha256' }), bytes);
    assert.deepEqual([quick.md5, quick.sha512, quick.sha256], [undefined, undefined, hashOf('sha256', bytes)]);
    await t.driver().removeFiles({ share: spec.share, files: [spec.file] });
    assert.equal(existsSync(at(receivedNameOf(spec.file))), false, 'what was noted of it goes with it');
    assert.equal(await t.driver().findReceived(spec), null);
  });

  it('takes a qcow2 that every guard lets pass, as it is', async () => {
    const bytes = madeImage('-f', 'qcow2', 'FILE', '64M');
    const received = await receive(specOf({ format: 'qcow2', expectedBytes: bytes.length }), bytes);
    assert.equal(received.layer.virtualSizeBytes, 64 * MIB);
    assert.deepEqual(received.detected, ['qcow2']);
    guest(t.place(), received.layer, 'read -P 0 0 64M');
    const [observed] = await t.driver().readChain({ share: t.place().share, chain: [received.layer] });
    assert.deepEqual([observed?.format, observed?.backingFile], ['qcow2', null]);
  });

  it('refuses what is not what it is said to be, names other files or is corrupt, and keeps nothing of it', async () => {
    const qcow2 = madeImage('-f', 'qcow2', 'FILE', '64M');
    await refused(specOf({ format: 'raw' }), qcow2, 'hostile_image');
    await refused(specOf({ format: 'qcow2' }), randomBytes(MIB), 'hostile_image');
    await refused(specOf({ format: 'raw' }), madeImage('-f', 'vmdk', 'FILE', '64M'), 'hostile_image');
    const backed = madeImage('-f', 'qcow2', '-u', '-b', '/etc/shadow', '-F', 'raw', 'FILE', '64M');
    await refused(specOf({ format: 'qcow2' }), backed, 'hostile_image');
    const beside = madeImage('-f', 'qcow2', '-u', '-b', 'volume-other', '-F', 'raw', 'FILE', '64M');
    await refused(specOf({ format: 'qcow2' }), beside, 'hostile_image');
    const encrypted = Buffer.from(qcow2);
    encrypted.writeUInt32BE(1, 32);
    await refused(specOf({ format: 'qcow2' }), encrypted, 'hostile_image');
    const outside = Buffer.from(qcow2);
    outside.writeBigUInt64BE(2n ** 40n, 40);
    await refused(specOf({ format: 'qcow2' }), outside, 'hostile_image');
    const corrupt = Buffer.from(qcow2);
    // The L1 table's first entry leads to a table far outside of the file.
    corrupt.writeBigUInt64BE((1n << 63n) | (2n ** 40n), Number(corrupt.readBigUInt64BE(40)));
    await refused(specOf({ format: 'qcow2' }), corrupt, 'hostile_image');
  });

  it('keeps other formats as opaque bytes, and says what they claim to be', async () => {
    const bytes = madeImage('-f', 'vmdk', 'FILE', '64M');
    const received = await receive(specOf({ format: 'opaque' }), bytes);
    assert.deepEqual(received.detected, ['vmdk']);
    assert.equal(received.layer.format, 'raw');
    assert.ok(readFileSync(at(received.layer.file)).subarray(0, bytes.length).equals(bytes));
  });

  it('refuses nothing at all, more than announced, less than announced, and a disk that is too large', async () => {
    await refused(specOf(), Buffer.alloc(0), 'bad_request');
    await refused(specOf({ maxBytes: MIB }), randomBytes(MIB + 1), 'body_too_large');
    await refused(specOf({ expectedBytes: 2 * MIB }), randomBytes(MIB), 'bad_request');
    await refused(specOf({ maxVirtualSizeBytes: MIB }), randomBytes(2 * MIB), 'bad_request');
    const large = madeImage('-f', 'qcow2', 'FILE', '2G');
    await refused(specOf({ format: 'qcow2', maxVirtualSizeBytes: 1024 * MIB }), large, 'bad_request');
    await refused(specOf({ file: '../escape' }), randomBytes(512), 'bad_request');
  });

  it('leaves nothing of a source that fails in the middle, nor of one that is not wanted any more', async () => {
    const failing = Readable.from(
      (function* pieces() {
        yield randomBytes(3 * MIB);
        throw new Error('the client has gone');
      })(),
    );
    await refused(specOf(), failing, 'transfer_interrupted');
    const spec = specOf();
    const before = filesOn(t.place());
    const abort = new AbortController();
    const endless = new Readable({
      read() {
        setImmediate(() => this.push(Buffer.alloc(65_536, 1)));
      },
    });
    const received = receive(spec, endless, abort.signal);
    await waitFor(() => existsSync(at(partNameOf(spec.file))), 'bytes arrive');
    abort.abort();
    await assert.rejects(received, { code: 'cancelled' });
    assert.deepEqual(filesOn(t.place()), before);
  });

  it('goes on from a temporary file that a killed worker left', async () => {
    const spec = specOf();
    writeFileSync(at(partNameOf(spec.file)), 'what was there before');
    assert.equal(await t.driver().findReceived(spec), null);
    const received = await receive(spec, Buffer.alloc(512, 7));
    assert.deepEqual(readFileSync(at(received.layer.file)), Buffer.alloc(512, 7));
  });

  it('reads any part of a file as it lies there, with the hashes of exactly that part', async () => {
    const bytes = randomBytes(5 * MIB + 512);
    const { share, file } = specOf();
    await receive(specOf({ file }), bytes);
    assert.equal(await t.driver().sizeOfFile({ share, file }), bytes.length);
    const whole = await t.driver().readBytes({ share, file, start: 0, bytes: bytes.length, digest: true });
    assert.ok((await buffer(whole.stream)).equals(bytes));
    assert.deepEqual(await whole.result, { bytes: bytes.length, sha256: hashOf('sha256', bytes) });
    const part = await t.driver().readBytes({ share, file, start: MIB + 3, bytes: 2 * MIB, digest: false });
    assert.ok((await buffer(part.stream)).equals(bytes.subarray(MIB + 3, 3 * MIB + 3)));
    const digest = await t.driver().digestFile({ share, file, bytes: 700 }, never());
    assert.deepEqual([digest.bytes, digest.md5], [700, hashOf('md5', bytes.subarray(0, 700))]);
    await assert.rejects(t.driver().sizeOfFile({ share, file: 'absent' }), { code: 'not_found' });
    await assert.rejects(t.driver().sizeOfFile({ share, file: '../secret' }), { code: 'bad_request' });
  });

  it('stops reading for a reader that has gone, and ends its process', async () => {
    const { share, file } = specOf();
    await receive(specOf({ file }), Buffer.alloc(32 * MIB, 1));
    const open = await t.driver().readBytes({ share, file, start: 0, bytes: 32 * MIB, digest: false });
    open.close();
    await assert.rejects(open.result, { code: 'backend_offline' });
  });
}
