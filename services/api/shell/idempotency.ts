// The request header Idempotency-Key: a POST that is sent again with the same key gets the first answer, and is not executed again.
// Source of header and statuses: IETF draft-ietf-httpapi-idempotency-key-header (409 while the first one is under way, 422 for a key
// that was used for another request). Quotation marks around the key may be left out.
//
// A key belongs to a user in a project, for all APIs of the port; what a service or an administrator was answered is repeated to nobody
// less, although the user is the same (Nova asks with its user's token beside its own). Neither the key nor the request is stored, only digests; that of the
// request is salted with the key, since a body may hold a password that could be guessed from a plain digest. The body of the answer is
// encrypted with a key made of the client's, so that the database alone does not tell what was answered.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { Database } from '../../core/db/connection.js';
import { doOnce, type KeptAnswer, type KeyedRequest } from '../../core/db/idempotency/answers.js';
import { errorCodes, ServiceError } from '../../core/domain/errors.js';
import type { RequestContext } from '../request-context.js';
import type { RawBody } from './error-response.js';
import { clientError } from './failure.js';

export const replayedHeader = 'Idempotency-Replayed';

/** As the shell sends it; `body` undefined is an empty reply. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Sent instead of the body as JSON. */
  readonly raw?: RawBody;
  /** Writes the body as it comes; such an answer is kept for no repetition. */
  readonly stream?: (response: Response) => Promise<void>;
}

/** What makes two requests the same, apart from who sent them. */
export interface AskedRequest {
  readonly method: string;
  /** With the API's prefix and the query, as it was sent. */
  readonly url: string;
  readonly bytes: Buffer;
}

// A doubled header reaches us joined with ", ", which neither form allows.
const bare = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255}$/;
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;

/** The key without quotation marks, null without the header. Throws `bad_request`. */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (bare.test(header)) return header;
  const key = quoted.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1');
  if (key !== undefined && key.length <= 255) return key;
  throw new ServiceError('bad_request', 'Idempotency-Key: must be 1 to 255 printable ASCII characters.');
}

/** Length before each part, so that no two lists of parts have the same bytes. */
function digest(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

function keyedRequest(key: string, context: RequestContext, asked: AskedRequest): KeyedRequest {
  const { userId, projectId, microversion, requestId, isAdmin, isServiceToken } = context;
  const version = `${microversion.major}.${microversion.minor}`;
  const owner = [userId ?? '', projectId ?? ''];
  const eyes = `${isAdmin ? 'administrator' : ''}/${isServiceToken ? 'service' : ''}`;
  return {
    id: `${digest(owner).slice(0, 32)}${digest([...owner, key]).slice(0, 32)}`,
    fingerprint: digest([key, asked.method, asked.url, version, eyes, asked.bytes]),
    requestId,
  };
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts and decrypts the bodies of one key's answer: AES-256-GCM; base64 of IV, tag and text. */
class Seal {
  private readonly secret: Uint8Array;

  constructor(key: string, id: string) {
    this.secret = new Uint8Array(hkdfSync('sha256', key, id, 'answer of an idempotency key', 32));
  }

  close(text: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.secret, iv);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }

  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.secret, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

function keep(reply: Reply, seal: Seal): KeptAnswer {
  const { status, headers, body } = reply;
  return { status, headers, body: body === undefined ? null : seal.close(JSON.stringify(body)) };
}

function giveBack({ status, headers, body }: KeptAnswer, seal: Seal): Reply {
  return { status, headers, body: body === null ? undefined : (JSON.parse(seal.open(body)) as unknown) };
}

/** Only what would be the same tomorrow is kept; "try again later" and our own failures are not. */
function isLasting(error: ServiceError): boolean {
  const rule = errorCodes[error.code];
  return rule.http < 500 && rule.retry === 'never';
}

export interface OnceParts {
  readonly database: Database;
  readonly context: RequestContext;
  readonly key: string;
  readonly asked: AskedRequest;
  readonly deed: () => Promise<Reply>;
  /** The reply for a refusal, as the API words it. */
  readonly refuse: (error: ServiceError) => Reply;
}

/** The reply of the deed, done now or before. Throws `idempotency_in_flight`, `idempotency_mismatch`, and what the deed throws. */
export async function replyOnce({ database, context, key, asked, deed, refuse }: OnceParts): Promise<Reply> {
  const request = keyedRequest(key, context, asked);
  const seal = new Seal(key, request.id);
  const once = await doOnce(
    database,
    request,
    async () => keep(await deed(), seal),
    (thrown) => {
      const error = clientError(thrown);
      if (!isLasting(error)) throw thrown;
      return keep(refuse(error), seal);
    },
  );
  switch (once.kind) {
    case 'done':
      return giveBack(once.answer, seal);
    case 'replayed': {
      context.logger.info({ firstRequestId: once.firstRequestId }, 'answered as before, by the idempotency key');
      const reply = giveBack(once.answer, seal);
      return { ...reply, headers: { ...reply.headers, [replayedHeader]: 'true' } };
    }
    case 'in-flight':
      throw new ServiceError(
        'idempotency_in_flight',
        'A request with the same Idempotency-Key is still being processed.',
      );
    case 'other-request':
      throw new ServiceError(
        'idempotency_mismatch',
        'Idempotency-Key: the key was used for another request (method, URL, microversion, body or the rights of the caller differ).',
      );
  }
}
