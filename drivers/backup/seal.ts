// How an object of a backup looks in its store: a head that is readable, and a body that is compressed and, where a key is configured, sealed
// with AES-256-GCM. The head is part of what is authenticated, so no object can be taken for another one.
//
//   "SAGBAK1\n" | head length (4 bytes) | head (JSON) | body | tag (16 bytes, when sealed)          body: index length | index (JSON) | data
//
// Bytes that somebody else may have changed come in here; whatever does not fit is refused before it is used.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { ServiceError } from '../../services/core/domain/errors.js';

const MAGIC = Buffer.from('SAGBAK1\n', 'latin1');
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_HEAD_BYTES = 4096;
/** A MiB takes about a millisecond; then others have their turn. */
const PIECE_BYTES = 1024 ** 2;

export interface BackupKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export interface SealedHead {
  readonly backupId: string;
  readonly name: string;
  /** null: the body is not sealed. */
  readonly key: { readonly id: string; readonly nonce: string } | null;
}

export interface SealedObject {
  readonly backupId: string;
  readonly name: string;
  readonly index: object;
  readonly data: Uint8Array;
}

export async function sealObject(
  { backupId, name, index, data }: SealedObject,
  key: BackupKey | null,
): Promise<Buffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const head: SealedHead = { backupId, name, key: key === null ? null : { id: key.id, nonce: nonce.toString('hex') } };
  const headBytes = Buffer.from(JSON.stringify(head), 'utf8');
  const indexBytes = Buffer.from(JSON.stringify(index), 'utf8');
  const front = Buffer.concat([MAGIC, lengthOf(headBytes), headBytes]);
  const body = [lengthOf(indexBytes), indexBytes, data];
  if (key === null) return Buffer.concat([front, ...body]);
  const cipher = createCipheriv(ALGORITHM, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(front);
  const parts: Buffer[] = [front];
  for (const piece of piecesOf(Buffer.concat(body))) {
    parts.push(cipher.update(piece));
    await breathe();
  }
  parts.push(cipher.final(), cipher.getAuthTag());
  return Buffer.concat(parts);
}

export interface OpenedObject {
  /** Of the key that it is sealed with; null: it is not sealed. */
  readonly keyId: string | null;
  readonly index: unknown;
  readonly data: Buffer;
}

/** Who keys are asked of, by their id; null when there is none of it. */
export type FindKey = (id: string) => BackupKey | null | Promise<BackupKey | null>;

/**
 * `isSealed`: what is not sealed is not that object, because nothing else says who has written it. Errors: `hostile_image` when the bytes are not
 * that object, unchanged; `bad_request` when its key is not known here.
 */
export async function openObject(
  bytes: Buffer,
  expected: { readonly backupId: string; readonly name: string; readonly isSealed?: boolean },
  findKey: FindKey,
): Promise<OpenedObject> {
  const headAt = MAGIC.length + 4;
  if (bytes.length < headAt || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw spoilt('magic');
  const headLength = bytes.readUInt32BE(MAGIC.length);
  if (headLength > MAX_HEAD_BYTES || bytes.length < headAt + headLength) throw spoilt('head');
  const front = bytes.subarray(0, headAt + headLength);
  const head = readHead(bytes.subarray(headAt, headAt + headLength).toString('utf8'));
  if (head.backupId !== expected.backupId || head.name !== expected.name) throw spoilt('name');
  const rest = bytes.subarray(front.length);
  if (expected.isSealed === true && head.key === null) throw spoilt('no seal');
  const body = head.key === null ? rest : await unseal(rest, front, head.key, findKey);
  if (body.length < 4) throw spoilt('body');
  const indexLength = body.readUInt32BE(0);
  if (body.length < 4 + indexLength) throw spoilt('index');
  const index = parseJson(body.subarray(4, 4 + indexLength).toString('utf8'));
  return { keyId: head.key?.id ?? null, index, data: body.subarray(4 + indexLength) };
}

async function unseal(
  rest: Buffer,
  front: Buffer,
  { id, nonce }: { readonly id: string; readonly nonce: string },
  findKey: FindKey,
): Promise<Buffer> {
  const key = await findKey(id);
  if (key === null) {
    throw new ServiceError('bad_request', 'The key of the backup is not known to the backup service.', {
      context: { id },
    });
  }
  if (rest.length < TAG_BYTES) throw spoilt('tag');
  const decipher = createDecipheriv(ALGORITHM, key.secret, Buffer.from(nonce, 'hex'), { authTagLength: TAG_BYTES });
  decipher.setAAD(front);
  decipher.setAuthTag(rest.subarray(rest.length - TAG_BYTES));
  const parts: Buffer[] = [];
  for (const piece of piecesOf(rest.subarray(0, rest.length - TAG_BYTES))) {
    parts.push(decipher.update(piece));
    await breathe();
  }
  try {
    parts.push(decipher.final());
  } catch {
    throw spoilt('seal');
  }
  return Buffer.concat(parts);
}

function readHead(text: string): SealedHead {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) throw spoilt('head');
  const { backupId, name, key } = value as Record<string, unknown>;
  if (typeof backupId !== 'string' || typeof name !== 'string') throw spoilt('head');
  if (key === null) return { backupId, name, key: null };
  const { id, nonce } = (key ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || typeof nonce !== 'string' || !/^[0-9a-f]{24}$/.test(nonce)) throw spoilt('key');
  return { backupId, name, key: { id, nonce } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw spoilt('json');
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

/** `what` is for the log. */
export function spoilt(what: string): ServiceError {
  return new ServiceError('hostile_image', 'The backup is damaged: an object is not what was stored.', {
    context: { what },
  });
}
