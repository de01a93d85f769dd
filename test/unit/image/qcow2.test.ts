// The qcow2 writer against qemu-img's own check and reader, and the header reader against honest, malformed and random headers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { findForeignReference, findHostileTrait, findTableOutside } from '../../../drivers/image/image-guard.js';
import {
  decodeBackingName,
  HEADER_PROBE_BYTES,
  locateBackingName,
  type Qcow2Header,
  readQcow2Header,
} from '../../../drivers/image/qcow2-header.js';
import { CLUSTER_BYTES, type EmptyQcow2, planEmptyQcow2 } from '../../../drivers/image/qcow2-writer.js';

const GIB = 1024 ** 3;

function writeEmptyQcow2(image: EmptyQcow2): Buffer {
  const { sizeBytes, pieces } = planEmptyQcow2(image);
  const file = Buffer.alloc(sizeBytes);
  for (const { offset, bytes } of pieces) file.set(bytes, offset);
  return file;
}

function header(bytes: Buffer): Qcow2Header {
  const reading = readQcow2Header(bytes.subarray(0, HEADER_PROBE_BYTES));
  if (reading.kind !== 'qcow2') assert.fail(JSON.stringify(reading));
  return reading.header;
}

describe('the empty qcow2 that we write', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-qcow2-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const size of [512, 65_536, 1_000_448, GIB, 5 * GIB, 512 * GIB, 4096 * GIB + 512, 100_000 * GIB]) {
    it(`of ${size} bytes is what qemu-img calls clean and as large as told`, () => {
      const file = path.join(folder, `v${size}`);
      writeFileSync(file, writeEmptyQcow2({ virtualSizeBytes: size, backing: null }));
      execFileSync('qemu-img', ['check', '-f', 'qcow2', file]);
      const info = JSON.parse(
        execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', file], { encoding: 'utf8' }),
      );
      assert.equal(info['virtual-size'], size);
      assert.equal(info['backing-filename'], undefined);
    });
  }

  it('names its backing file relatively, with its format, as qemu-img reads it', () => {
    const base = path.join(folder, 'volume-a');
    writeFileSync(base, Buffer.alloc(65_536, 7));
    const overlay = path.join(folder, 'volume-a.s');
    writeFileSync(
      overlay,
      writeEmptyQcow2({ virtualSizeBytes: 131_072, backing: { file: 'volume-a', format: 'raw' } }),
    );
    const info = JSON.parse(
      execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', overlay], { encoding: 'utf8' }),
    );
    assert.equal(info['backing-filename'], 'volume-a');
    assert.equal(info['backing-filename-format'], 'raw');
    execFileSync('qemu-img', ['check', '-f', 'qcow2', overlay]);
    execFileSync('qemu-io', [
      '-f',
      'qcow2',
      '-c',
      'read -P 7 0 64k',
      '-c',
      'read -P 0 64k 64k',
      '-c',
      'write -P 9 0 4k',
      overlay,
    ]);
  });

  it('reads back as written, for any size and name, and ends on a cluster border', () => {
    const names = fc
      .string({ minLength: 1, maxLength: 254, unit: fc.constantFrom(...'abcXYZ019.-_') })
      .map((rest) => `v${rest}`);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 32 }),
        names,
        fc.constantFrom('raw' as const, 'qcow2' as const),
        (n, file, format) => {
          const bytes = writeEmptyQcow2({ virtualSizeBytes: n * 512, backing: { file, format } });
          assert.equal(bytes.length % CLUSTER_BYTES, 0);
          const read = header(bytes);
          assert.deepEqual([read.virtualSizeBytes, read.backingFile, read.backingFormat], [n * 512, file, format]);
          assert.equal(findHostileTrait(read), null);
          assert.equal(findForeignReference(read, { below: { file, format } }), null);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused for sizes that no disk has', () => {
    assert.throws(() => writeEmptyQcow2({ virtualSizeBytes: 0, backing: null }), { code: 'bad_request' });
    assert.throws(() => writeEmptyQcow2({ virtualSizeBytes: 1000, backing: null }), { code: 'bad_request' });
    assert.throws(() => writeEmptyQcow2({ virtualSizeBytes: 2 ** 52, backing: null }), { code: 'bad_request' });
  });
});

describe('the qcow2 header reader', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-qcow2-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const made = (...args: string[]): Qcow2Header => {
    const file = path.join(folder, `f${Math.random()}`);
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      ...args.map((a) => a.replaceAll('DIR', folder)),
      file,
      '1G',
    ]);
    return header(execFileSync('head', ['-c', String(HEADER_PROBE_BYTES), file]));
  };

  it('reads what qemu-img makes, in both versions', () => {
    assert.equal(made('-o', 'compat=0.10').version, 2);
    const v3 = made('-o', 'compat=1.1,cluster_size=2M');
    assert.deepEqual([v3.version, v3.clusterBits, v3.virtualSizeBytes, v3.backingFile], [3, 21, GIB, null]);
    assert.equal(findHostileTrait(v3), null);
    const old = made('-u', '-b', '/etc/shadow', '-F', 'raw', '-o', 'compat=0.10');
    assert.deepEqual([old.backingFile, old.backingFormat], ['/etc/shadow', 'raw']);
  });

  it('sees an external data file', () => {
    writeFileSync(path.join(folder, 'data'), '');
    assert.match(findHostileTrait(made('-o', 'data_file=DIR/data,data_file_raw=on')) ?? '', /external data file/);
  });

  const base = writeEmptyQcow2({ virtualSizeBytes: GIB, backing: { file: 'volume-a', format: 'raw' } });
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(base);
    change(bytes);
    return bytes;
  };
  const malformed: Record<string, Buffer> = {
    'version 1': changed((b) => b.writeUInt32BE(1, 4)),
    'version 4': changed((b) => b.writeUInt32BE(4, 4)),
    'cluster bits 8': changed((b) => b.writeUInt32BE(8, 20)),
    'cluster bits 22': changed((b) => b.writeUInt32BE(22, 20)),
    'a backing name of 2000 bytes': changed((b) => b.writeUInt32BE(2000, 16)),
    'a backing name at the end of the world': changed((b) => b.writeBigUInt64BE(2n ** 63n, 8)),
    'a backing name beyond the probe': changed((b) => b.writeBigUInt64BE(60_000n, 8)),
    'an extension longer than the file': changed((b) => b.writeUInt32BE(2 ** 31, 116)),
    'an absurd size': changed((b) => b.writeBigUInt64BE(2n ** 60n, 24)),
    'a header length below the least': changed((b) => b.writeUInt32BE(72, 100)),
    'a header length beyond the probe': changed((b) => b.writeUInt32BE(8192, 100)),
    'a refcount width of 128 bits': changed((b) => b.writeUInt32BE(7, 96)),
    'an L1 table beyond every file': changed((b) => b.writeBigUInt64BE(2n ** 63n, 40)),
    'a header length in the clouds': changed((b) => b.writeUInt32BE(2 ** 30, 100)),
    'four bytes': base.subarray(0, 4),
    'ninety bytes': base.subarray(0, 90),
  };
  for (const [what, bytes] of Object.entries(malformed)) {
    it(`refuses ${what}`, () => assert.equal(readQcow2Header(bytes.subarray(0, HEADER_PROBE_BYTES)).kind, 'malformed'));
  }

  const trait = (change: (bytes: Buffer) => void) => findHostileTrait(header(changed(change)));
  const named = (name: string) =>
    findHostileTrait(header(writeEmptyQcow2({ virtualSizeBytes: GIB, backing: { file: name, format: 'raw' } })));
  const FIRST_EXTENSION = 112;
  const traits: Readonly<Record<string, readonly [RegExp, (bytes: Buffer) => void]>> = {
    'unknown incompatible features': [/unknown/, (b) => b.writeBigUInt64BE(1n << 40n, 72)],
    'extended L2 entries': [/unknown/, (b) => b.writeBigUInt64BE(1n << 4n, 72)],
    'the mark of a corrupt image': [/corrupt/, (b) => b.writeBigUInt64BE(2n, 72)],
    'internal snapshots': [/internal snapshots/, (b) => b.writeUInt32BE(3, 60)],
    'an encryption method': [/encryption/, (b) => b.writeUInt32BE(2, 32)],
    'an encryption header without a method': [/encryption/, (b) => b.writeUInt32BE(0x0537be77, FIRST_EXTENSION)],
    'the bit of a data file, without its name': [/data file/, (b) => b.writeBigUInt64BE(4n, 72)],
    'the name of a data file, without its bit': [/data file/, (b) => b.writeUInt32BE(0x44415441, FIRST_EXTENSION)],
    'the bit of a compression type': [/compression/, (b) => b.writeBigUInt64BE(8n, 72)],
    'a compression type, without its bit': [/compression/, (b) => b.writeUInt8(1, 104)],
    'a size that no disk has': [/multiple of 512/, (b) => b.writeBigUInt64BE(1000n, 24)],
    'a backing file without its format': [/format/, (b) => b.writeUInt32BE(0x6803f857, FIRST_EXTENSION)],
    'an L1 table of 2 GiB': [/L1 table that is too large/, (b) => b.writeUInt32BE(2 ** 28, 36)],
    'an L1 table that is too small': [/too small/, (b) => b.writeUInt32BE(1, 36)],
    'a refcount table of 64 TiB': [/refcount table that is too large/, (b) => b.writeUInt32BE(2 ** 30, 56)],
    'an L1 table between two clusters': [/begin with a cluster/, (b) => b.writeBigUInt64BE(65_536n * 3n + 8n, 40)],
    'a refcount table between two clusters': [/begin with a cluster/, (b) => b.writeBigUInt64BE(65_537n, 48)],
  };
  for (const [what, [expected, change]] of Object.entries(traits)) {
    it(`refuses ${what}`, () => assert.match(trait(change) ?? 'nothing refused', expected));
  }

  for (const name of [
    '/etc/shadow',
    'a/b',
    'nbd:h:1',
    'json:{}',
    '../up',
    '.hidden',
    '-o',
    'a b',
    'a\0b',
    'a\\b',
    'é',
  ]) {
    it(`refuses the backing name ${JSON.stringify(name)}`, () => assert.match(named(name) ?? '', /no plain name/));
  }

  it('refuses a backing name of 256 bytes', () => {
    const long = changed((b) => {
      b.writeUInt32BE(256, 16);
      b.fill('x', Number(b.readBigUInt64BE(8)), Number(b.readBigUInt64BE(8)) + 256);
    });
    assert.match(findHostileTrait(header(long)) ?? '', /too long/);
  });

  it('refuses tables outside of the file, or in the place of the header', () => {
    const outside = (change: (bytes: Buffer) => void, length = base.length) =>
      findTableOutside(header(changed(change)), length);
    assert.equal(
      outside(() => undefined),
      null,
    );
    assert.match(outside(() => undefined, 196_608) ?? 'in order', /^an L1 table outside/);
    assert.match(outside((b) => b.writeBigUInt64BE(2n ** 40n, 40)) ?? '', /^an L1 table outside/);
    assert.match(outside((b) => b.writeBigUInt64BE(2n ** 40n, 48)) ?? '', /^a refcount table outside/);
    assert.match(outside((b) => b.writeBigUInt64BE(0n, 48)) ?? '', /place of the header/);
    assert.match(outside((b) => b.writeBigUInt64BE(0n, 40)) ?? '', /place of the header/);
  });

  it('refuses every reference that is not the recorded one', () => {
    const read = header(base);
    assert.match(findForeignReference(read, { below: null }) ?? '', /a backing file/);
    assert.match(findForeignReference(read, { below: { file: 'volume-A', format: 'raw' } }) ?? '', /not the recorded/);
    assert.match(findForeignReference(read, { below: { file: 'volume-a', format: 'qcow2' } }) ?? '', /format/);
  });

  it('finds the backing name as QEMU would, whatever else is wrong', () => {
    const bytes = changed((b) => b.writeUInt32BE(9, 4));
    const place = locateBackingName(bytes);
    assert.ok(place !== null);
    assert.equal(decodeBackingName(bytes.subarray(place.offset, place.offset + place.length)), 'volume-a');
    assert.equal(decodeBackingName(Buffer.from('volume-a\0tail')), 'volume-a');
    assert.equal(locateBackingName(Buffer.from('plain data, and more of it')), null);
  });

  it('never throws, whatever the bytes', () => {
    const poison = fc.array(fc.tuple(fc.integer({ min: 4, max: 400 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(poison, fc.integer({ min: 0, max: 4096 }), (edits, length) => {
        const bytes = Buffer.from(base.subarray(0, length));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        readQcow2Header(bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});
