// Keys in OpenStack Barbican. Our ids are the names of its secrets, and what it calls them itself is asked for each time: so the same id means the same
// key in every store. Two that make a key at once leave two secrets of a name; the oldest counts, for everybody.
// A token of Keystone is drawn when there is none, or when Barbican refuses the old one. Neither token, password nor key gets into an error.
// Source: the Barbican API reference (secrets: POST, GET with name, GET payload, DELETE), and Keystone's for tokens by password.
import { randomBytes } from 'node:crypto';
import { ServiceError } from '../../services/core/domain/errors.js';
import { isUuid } from '../../services/core/domain/ids.js';
import { type KeyBits, type KeyStore, keyBits, type Passphrase, passphraseOf } from './key-store.js';

export interface BarbicanOptions {
  /** Without /v1. */
  readonly url: string;
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  readonly userDomain: string;
  readonly projectDomain: string;
}

const TIMEOUT_MS = 15_000;
/** More of one name would not be ours. */
const MOST_OF_A_NAME = 100;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** `id` is Barbican's own. */
interface Secret {
  readonly id: string;
  readonly created: string;
  readonly bits: number | null;
}

function offline(context: Record<string, unknown>, cause?: unknown): ServiceError {
  return new ServiceError('backend_offline', 'The key store does not answer.', { context, cause });
}

/** No text of an answer goes further: it might quote what was sent. */
async function call(url: string, init: RequestInit): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { ...init, signal, redirect: 'error' });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  } catch (thrown) {
    throw offline({ url: new URL(url).origin }, thrown instanceof Error ? thrown.name : 'unknown');
  }
}

export class BarbicanKeyStore implements KeyStore {
  readonly #password: string;
  readonly #options: Omit<BarbicanOptions, 'password'>;
  #token: Promise<string> | null = null;

  constructor({ password, ...options }: BarbicanOptions) {
    this.#password = password;
    this.#options = { ...options, url: options.url.replace(/\/$/, ''), authUrl: options.authUrl.replace(/\/$/, '') };
  }

  async ensureKey(id: string, bits: KeyBits): Promise<string> {
    if (!(keyBits as readonly number[]).includes(bits))
      throw new ServiceError('bad_request', 'No key has that length.');
    const secret = (await this.tryFind(id)) ?? (await this.make(id, bits));
    if (secret.bits === bits) return id;
    throw new ServiceError('conflict', 'A key of that id exists and has another length.', {
      context: { id, found: secret.bits },
    });
  }

  async readKey(id: string): Promise<Passphrase> {
    const secret = await this.tryFind(id);
    const missing = () =>
      new ServiceError('not_found', 'The key of an encrypted volume is not in the key store.', {
        context: { keyId: id },
      });
    if (secret === null) throw missing();
    const accept = { Accept: 'application/octet-stream' };
    const { status, bytes } = await this.ask('GET', `/secrets/${secret.id}/payload`, [200, 404], accept);
    if (status === 404) throw missing();
    if (!(keyBits as readonly number[]).includes(bytes.length * 8)) {
      throw new ServiceError('chain_mismatch', 'The key of an encrypted volume cannot be opened.', {
        context: { keyId: id },
      });
    }
    const passphrase = passphraseOf(bytes);
    bytes.fill(0);
    return passphrase;
  }

  async removeKey(id: string): Promise<void> {
    for (const secret of await this.find(id)) await this.ask('DELETE', `/secrets/${secret.id}`, [204, 404]);
  }

  private async make(id: string, bits: KeyBits): Promise<Secret> {
    const key = randomBytes(bits / 8);
    const secret = {
      name: id,
      secret_type: 'symmetric',
      algorithm: 'aes',
      bit_length: bits,
      mode: 'xts',
      payload: key.toString('base64'),
      payload_content_type: 'application/octet-stream',
      payload_content_encoding: 'base64',
    };
    key.fill(0);
    const json = { 'Content-Type': 'application/json' };
    const made = await this.ask('POST', '/secrets', [201], json, JSON.stringify(secret));
    const own = secretId((parse(made.bytes) as { secret_ref?: unknown } | null)?.secret_ref);
    const kept = await this.tryFind(id);
    if (kept === null) throw offline({ id, why: 'the new key is not listed' });
    // Somebody else was quicker; nothing was encrypted with ours.
    if (own !== kept.id && own !== null) await this.ask('DELETE', `/secrets/${own}`, [204, 404]);
    return kept;
  }

  private async tryFind(id: string): Promise<Secret | null> {
    const [oldest] = await this.find(id);
    return oldest ?? null;
  }

  /** Oldest first. */
  private async find(id: string): Promise<readonly Secret[]> {
    if (!isUuid(id)) throw new ServiceError('bad_request', 'The id of a key is a UUID.');
    const query = new URLSearchParams({ name: id, limit: String(MOST_OF_A_NAME) });
    const { bytes } = await this.ask('GET', `/secrets?${query.toString()}`, [200]);
    const { secrets } = (parse(bytes) ?? {}) as { secrets?: unknown };
    if (!Array.isArray(secrets)) throw offline({ why: 'an answer without secrets' });
    const found = secrets.flatMap((one: unknown): Secret[] => {
      const { name, secret_ref, created, bit_length: bits } = (one ?? {}) as Record<string, unknown>;
      const own = secretId(secret_ref);
      // A server that does not know the filter would give us others' keys.
      if (name !== id || own === null) return [];
      return [{ id: own, created: String(created), bits: typeof bits === 'number' ? bits : null }];
    });
    return found.sort((a, b) => (a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? -1 : 1));
  }

  private async ask(
    method: string,
    path: string,
    fine: readonly number[],
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<Answer> {
    for (const isSecond of [false, true]) {
      this.#token ??= this.logIn().catch((thrown: unknown) => {
        this.#token = null;
        throw thrown;
      });
      const all = { Accept: 'application/json', ...headers, 'X-Auth-Token': await this.#token };
      const answer = await call(`${this.#options.url}/v1${path}`, { method, headers: all, body: body ?? null });
      if (fine.includes(answer.status)) return answer;
      if (answer.status !== 401 || isSecond) throw offline({ status: answer.status, method });
      this.#token = null;
    }
    throw offline({ method });
  }

  private async logIn(): Promise<string> {
    const { authUrl, user, project, userDomain, projectDomain } = this.#options;
    const identity = {
      methods: ['password'],
      password: { user: { name: user, password: this.#password, domain: { name: userDomain } } },
    };
    const body = JSON.stringify({
      auth: { identity, scope: { project: { name: project, domain: { name: projectDomain } } } },
    });
    const url = `${authUrl.replace(/\/v3$/, '')}/v3/auth/tokens`;
    const { status, headers } = await call(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const token = headers.get('x-subject-token');
    if (status === 201 && token !== null) return token;
    throw offline({ status, why: 'the identity service lets the worker not in' });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

/** Of the whole reference only the id: where the server is, is what the configuration says. */
function secretId(reference: unknown): string | null {
  const last = typeof reference === 'string' ? (reference.split('/').at(-1) ?? '') : '';
  return isUuid(last) ? last : null;
}
