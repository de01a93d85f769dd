// Makes the LUKS (version 1) header that goes into an encrypted qcow2 file: a fresh random master key, sealed by the volume's passphrase in
// the first of eight key slots. Made here and not by qemu-img, whose measuring of a good iteration count costs two seconds for each overlay
// (measured), and so that no passphrase leaves this process for a new file.
// The passphrase is the text of a random key of 256 or 512 bits, so stretching it adds nothing: the iteration count is the least that
// cryptsetup makes. Source: LUKS On-Disk Format Specification 1.2.3; read by QEMU's crypto/block-luks.c.
//
//   0          header of 592 bytes        4096  slot 0 (the master key, split in 4000 stripes, encrypted)     ..  slots 1-7, unused    payload
import { createCipheriv, createHash, pbkdf2, randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { ServiceError } from '../../services/core/domain/errors.js';

const stretch = promisify(pbkdf2);

const SECTOR_BYTES = 512;
const STRIPES = 4000;
const SLOTS = 8;
const SLOT_ALIGN_BYTES = 4096;
const ITERATIONS = 1000;
const DIGEST_BYTES = 20;
const SALT_BYTES = 32;
const HEADER_BYTES = 592;
const SLOT_ACTIVE = 0x00ac71f3;
const SLOT_UNUSED = 0x0000dead;
const HASH = 'sha256';
const HASH_BYTES = 32;

/** Bytes of the master key by bits of the volume's key: AES-128 or AES-256 in XTS, which takes two keys. */
const xtsCiphers: Readonly<Record<number, 'aes-128-xts' | 'aes-256-xts'>> = { 32: 'aes-128-xts', 64: 'aes-256-xts' };

export interface LuksHeader {
  /** Where the payload would begin in a LUKS device; in a qcow2, what the header takes. */
  readonly sizeBytes: number;
  readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/**
 * The whole header area. `masterKeyBytes` is 32 (aes-128-xts) or 64 (aes-256-xts); `passphrase` is what a tool is told. Errors:
 * `bad_request` for another length.
 */
export async function makeLuksHeader(passphrase: Uint8Array, masterKeyBytes: number): Promise<LuksHeader> {
  const cipher = xtsCiphers[masterKeyBytes];
  if (cipher === undefined) {
    throw new ServiceError('bad_request', 'The key of an encrypted volume has 256 or 512 bits.', {
      context: { bits: masterKeyBytes * 8 },
    });
  }
  const masterKey = randomBytes(masterKeyBytes);
  const slotBytes = Math.ceil((masterKeyBytes * STRIPES) / SLOT_ALIGN_BYTES) * SLOT_ALIGN_BYTES;
  const sizeBytes = SLOT_ALIGN_BYTES + SLOTS * slotBytes;
  const digestSalt = randomBytes(SALT_BYTES);
  const slotSalt = randomBytes(SALT_BYTES);
  const digest = await stretch(masterKey, digestSalt, ITERATIONS, DIGEST_BYTES, HASH);
  const slotKey = await stretch(passphrase, slotSalt, ITERATIONS, masterKeyBytes, HASH);
  const material = encryptSectors(splitKey(masterKey), slotKey, cipher);
  masterKey.fill(0);
  slotKey.fill(0);

  const header = Buffer.alloc(HEADER_BYTES);
  header.write('LUKS\xba\xbe', 0, 'latin1');
  header.writeUInt16BE(1, 6);
  header.write('aes', 8, 'latin1');
  header.write('xts-plain64', 40, 'latin1');
  header.write(HASH, 72, 'latin1');
  header.writeUInt32BE(sizeBytes / SECTOR_BYTES, 104);
  header.writeUInt32BE(masterKeyBytes, 108);
  digest.copy(header, 112);
  digestSalt.copy(header, 132);
  header.writeUInt32BE(ITERATIONS, 164);
  header.write(randomUUID(), 168, 'latin1');
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = 208 + slot * 48;
    header.writeUInt32BE(slot === 0 ? SLOT_ACTIVE : SLOT_UNUSED, at);
    if (slot === 0) {
      header.writeUInt32BE(ITERATIONS, at + 4);
      slotSalt.copy(header, at + 8);
    }
    header.writeUInt32BE((SLOT_ALIGN_BYTES + slot * slotBytes) / SECTOR_BYTES, at + 40);
    header.writeUInt32BE(STRIPES, at + 44);
  }
  return {
    sizeBytes,
    pieces: [
      { offset: 0, bytes: header },
      { offset: SLOT_ALIGN_BYTES, bytes: material },
    ],
  };
}

/** Anti-forensic split: all of the stripes are needed to get the key back, so that overwriting a part of them destroys it. */
function splitKey(key: Buffer): Buffer {
  const stripes = randomBytes(key.length * STRIPES);
  let mixed: Buffer = Buffer.alloc(key.length);
  for (let stripe = 0; stripe < STRIPES - 1; stripe++) {
    mixed = diffuse(xor(mixed, stripes.subarray(stripe * key.length, (stripe + 1) * key.length)));
  }
  xor(mixed, key).copy(stripes, (STRIPES - 1) * key.length);
  return stripes;
}

function xor(one: Buffer, other: Buffer): Buffer {
  const result = Buffer.alloc(one.length);
  for (let at = 0; at < one.length; at++) result[at] = (one[at] ?? 0) ^ (other[at] ?? 0);
  return result;
}

/** Each block of a hash's length becomes the hash of its number and itself. */
function diffuse(block: Buffer): Buffer {
  const result = Buffer.alloc(block.length);
  const counter = Buffer.alloc(4);
  for (let at = 0, number = 0; at < block.length; at += HASH_BYTES, number++) {
    counter.writeUInt32BE(number);
    const part = block.subarray(at, at + HASH_BYTES);
    createHash(HASH).update(counter).update(part).digest().copy(result, at, 0, part.length);
  }
  return result;
}

/** plain64: the tweak of each sector is its number, little-endian. */
function encryptSectors(data: Buffer, key: Buffer, cipher: 'aes-128-xts' | 'aes-256-xts'): Buffer {
  const padded = Buffer.alloc(Math.ceil(data.length / SECTOR_BYTES) * SECTOR_BYTES);
  data.copy(padded);
  const tweak = Buffer.alloc(16);
  for (let sector = 0; sector * SECTOR_BYTES < padded.length; sector++) {
    tweak.writeBigUInt64LE(BigInt(sector));
    const encrypt = createCipheriv(cipher, key, tweak);
    const at = sector * SECTOR_BYTES;
    encrypt.update(padded.subarray(at, at + SECTOR_BYTES)).copy(padded, at);
  }
  return padded;
}
