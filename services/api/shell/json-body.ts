// Reads a JSON request body within limits: size, depth, number of keys; no key twice, no `__proto__`; text that PostgreSQL and
// UTF-8 can hold (no NUL, no lone surrogates). Everything else about the body is the schema's business.
//
// JSON.parse alone would keep the last of two equal keys silently, so that what was checked by one program is not what another
// one uses; therefore the text is walked once more, token by token, after JSON.parse has found it well-formed.
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../../core/domain/errors.js';
import { isStorable } from '../../core/domain/storable-text.js';

/** oslo.middleware's default for max_request_body_size, in bytes. */
export const bodyLimitBytes = 114_688;
const MAX_DEPTH = 32;
const MAX_KEYS = 1000;

function malformed(): ServiceError {
  return new ServiceError('bad_request', 'Malformed request body');
}

/** The whole body; throws `body_too_large` as soon as that is known, without waiting for the rest. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new ServiceError('body_too_large', 'Request is too large.');
  if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bodyLimitBytes) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof ServiceError) throw thrown;
    throw new ServiceError('bad_request', 'The request body ended too early.', { cause: thrown });
  }
  return Buffer.concat(chunks);
}

/** Throws `bad_media_type` for a body that is declared to be something else than JSON, or than one of `only`. */
export function checkContentType(header: string | undefined, only?: readonly string[]): void {
  const type = header?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (only !== undefined) {
    if (only.includes(type)) return;
    throw new ServiceError('bad_media_type', `The body must be of one of the types ${only.join(', ')}.`);
  }
  if (type === '') return;
  if (/^application\/(?:vnd\.openstack\.[a-z-]+(?:-v\d+(?:\.\d+)?)?\+)?json$/.test(type)) return;
  throw new ServiceError('bad_media_type', 'Unsupported Content-Type');
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

function checkText(text: string): void {
  if (!isStorable(text)) throw malformed();
}

/** Walks well-formed JSON. A string is a key when an object expects one: after `{` or after `,` inside an object. */
function checkTokens(json: string): void {
  const open: (Set<string> | null)[] = [];
  let keys = 0;
  let expectsKey = false;
  for (const [piece] of json.matchAll(token)) {
    if (piece === '{' || piece === '[') {
      open.push(piece === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) throw malformed();
      expectsKey = piece === '{';
    } else if (piece === '}' || piece === ']') {
      open.pop();
      expectsKey = false;
    } else if (piece === ',') {
      expectsKey = open.at(-1) instanceof Set;
    } else if (piece === ':') {
      expectsKey = false;
    } else {
      const text = JSON.parse(piece) as string;
      checkText(text);
      const seen = open.at(-1);
      if (!expectsKey || !(seen instanceof Set)) continue;
      keys += 1;
      if (keys > MAX_KEYS || text === '__proto__' || seen.has(text)) throw malformed();
      seen.add(text);
    }
  }
}

/** The parsed body, or undefined for an empty one. Throws `bad_request` with Cinder's words. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  let json: string;
  let value: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(json);
  } catch {
    throw malformed();
  }
  checkTokens(json);
  return value;
}
