// qcow2 headers that cost a tool time or memory, or lead it astray, made of an honest one by few changes. Each is what CVE-2014-0144 ff.,
// CVE-2015-5162 and their like were about.
import { planEmptyQcow2 } from '../../drivers/image/qcow2-writer.js';

const GIB = 1024 ** 3;

function honest(name = 'volume-x'): Buffer {
  const { sizeBytes, pieces } = planEmptyQcow2({ virtualSizeBytes: GIB, backing: { file: name, format: 'qcow2' } });
  const file = Buffer.alloc(sizeBytes);
  for (const { offset, bytes } of pieces) file.set(bytes, offset);
  return file;
}

function plain(): Buffer {
  const { sizeBytes, pieces } = planEmptyQcow2({ virtualSizeBytes: GIB, backing: null });
  const file = Buffer.alloc(sizeBytes);
  for (const { offset, bytes } of pieces) file.set(bytes, offset);
  return file;
}

const changed = (change: (bytes: Buffer) => void, of = plain()): Buffer => {
  change(of);
  return of;
};

/** 64 KiB of extensions of unknown types, each empty: a list without an end. */
function endlessExtensions(bytes: Buffer): void {
  for (let at = 112; at + 8 <= 65_536; at += 8) bytes.writeUInt32BE(0x12345678, at);
}

function manySnapshots(): Buffer {
  const table = Buffer.alloc(65_535 * 48);
  const bytes = Buffer.concat([plain(), table]);
  bytes.writeUInt32BE(65_535, 60);
  bytes.writeBigUInt64BE(BigInt(bytes.length - table.length), 64);
  return bytes;
}

export const malformedHeaders: Readonly<Record<string, () => Buffer>> = {
  'a size of 2^60': () => changed((b) => b.writeBigUInt64BE(2n ** 60n, 24)),
  'a size of 2^63': () => changed((b) => b.writeBigUInt64BE(2n ** 63n, 24)),
  'an L1 table of 0x7fffffff entries': () => changed((b) => b.writeUInt32BE(0x7fffffff, 36)),
  'an L1 table without entries': () => changed((b) => b.writeUInt32BE(0, 36)),
  'an L1 table beyond the file': () => changed((b) => b.writeBigUInt64BE(2n ** 50n, 40)),
  'an L1 table in the header': () => changed((b) => b.writeBigUInt64BE(0n, 40)),
  'a refcount table of 2^32 - 1 clusters': () => changed((b) => b.writeUInt32BE(0xffffffff, 56)),
  'a refcount table beyond the file': () => changed((b) => b.writeBigUInt64BE(2n ** 50n, 48)),
  'a refcount table in the header': () => changed((b) => b.writeBigUInt64BE(0n, 48)),
  '65 535 internal snapshots': manySnapshots,
  'cluster_bits 31': () => changed((b) => b.writeUInt32BE(31, 20)),
  'cluster_bits 8': () => changed((b) => b.writeUInt32BE(8, 20)),
  'cluster_bits 0': () => changed((b) => b.writeUInt32BE(0, 20)),
  'a header length of 2^31': () => changed((b) => b.writeUInt32BE(2 ** 31, 100)),
  'a header length beyond the file': () => changed((b) => b.writeUInt32BE(65_536, 100)).subarray(0, 4096),
  'refcounts of 2^63 bits': () => changed((b) => b.writeUInt32BE(63, 96)),
  'a chain that is a circle': () => honest('volume-x'),
  'a backing name of 4 095 bytes': () => changed((b) => b.writeUInt32BE(4095, 16), honest()),
  'a backing name at 2^63': () => changed((b) => b.writeBigUInt64BE(2n ** 63n, 8), honest()),
  'an extension of 2^31 bytes': () => changed((b) => b.writeUInt32BE(2 ** 31, 116), honest()),
  'extensions without an end': () => changed(endlessExtensions),
  'every incompatible feature': () => changed((b) => b.writeBigUInt64BE(2n ** 64n - 1n, 72)),
  'encryption by LUKS': () => changed((b) => b.writeUInt32BE(2, 32)),
  'an unknown compression': () => changed((b) => b.writeUInt8(255, 104)),
  'version 0': () => changed((b) => b.writeUInt32BE(0, 4)),
  'version 2^32 - 1': () => changed((b) => b.writeUInt32BE(0xffffffff, 4)),
  'four bytes': () => plain().subarray(0, 4),
  '71 bytes': () => plain().subarray(0, 71),
  'a header and nothing else': () => plain().subarray(0, 112),
};
