// Backups in OpenStack Swift, over plain HTTP: objects `<backup id>/<object>` in the container of the backup, which is made when it is missing.
// A PUT is whole or not there, and carries an MD5 that the store checks. Tokens are drawn when there is none or the store refuses the old one.
// Source: api-ref object-store (PUT, GET, DELETE object, GET container with prefix and marker), and Swift's tempauth for v1.
import { createHash } from 'node:crypto';
import { ServiceError } from '../../services/core/domain/errors.js';
import { type BackupPlace, type BackupTarget, objectMissing, objectTooLong, requirePlace } from './backup-target.js';
import { type AnswerLimit, askStore, type StoreAnswer } from './http-store.js';

export interface SwiftOptions {
  readonly authUrl: string;
  readonly authVersion: 'v1' | 'v3';
  readonly user: string;
  readonly password: string;
  readonly project: string;
  readonly userDomain: string;
  readonly projectDomain: string;
  readonly region: string | null;
}

interface Session {
  readonly storageUrl: string;
  readonly token: string;
}

export class SwiftTarget implements BackupTarget {
  readonly kind = 'swift';
  private session: Promise<Session> | null = null;

  constructor(private readonly options: SwiftOptions) {}

  async put(place: BackupPlace, name: string, bytes: Uint8Array): Promise<void> {
    requirePlace(place, name);
    const etag = createHash('md5').update(bytes).digest('hex');
    const send = () => this.ask('PUT', `/${place.container}/${place.backupId}/${name}`, [201], { bytes, etag });
    if ((await send()).status !== 404) return;
    await this.ask('PUT', `/${place.container}`, [201, 202]);
    if ((await send()).status === 404)
      throw new ServiceError('backend_offline', 'The backup store has lost a container.');
  }

  async get(place: BackupPlace, name: string, maxBytes: number): Promise<Buffer> {
    requirePlace(place, name);
    const most = { bytes: maxBytes, refusal: () => objectTooLong(name) };
    const { status, bytes } = await this.ask(
      'GET',
      `/${place.container}/${place.backupId}/${name}`,
      [200],
      undefined,
      most,
    );
    if (status === 404) throw objectMissing(name);
    return bytes;
  }

  async list(place: BackupPlace): Promise<readonly string[]> {
    requirePlace(place);
    const prefix = `${place.backupId}/`;
    const names: string[] = [];
    for (;;) {
      const marker = names.length === 0 ? '' : `${prefix}${names.at(-1) ?? ''}`;
      const query = new URLSearchParams({ prefix, marker, format: 'json' });
      const { status, bytes } = await this.ask('GET', `/${place.container}?${query.toString()}`, [200, 204]);
      const page = status === 200 ? namesIn(bytes) : [];
      if (page.length === 0) return names.sort();
      names.push(...page.map((name) => name.slice(prefix.length)));
    }
  }

  async removeAll(place: BackupPlace): Promise<void> {
    // The manifest first: what is left of a deletion that was cut off is no backup any more.
    const names = [...(await this.list(place))].sort();
    for (const name of names) await this.ask('DELETE', `/${place.container}/${place.backupId}/${name}`, [204]);
  }

  private async ask(
    method: string,
    path: string,
    fine: readonly number[],
    body?: { readonly bytes: Uint8Array; readonly etag: string },
    most?: AnswerLimit,
  ): Promise<StoreAnswer> {
    const send = async (signal: AbortSignal): Promise<Response> => {
      const { storageUrl, token } = await this.open();
      const headers = { 'X-Auth-Token': token, ...(body === undefined ? {} : { ETag: body.etag }) };
      return fetch(`${storageUrl}${path}`, { method, headers, signal, redirect: 'error', body: body?.bytes ?? null });
    };
    const answer = await askStore(send, [...fine, 401], most);
    if (answer.status !== 401) return answer;
    this.session = null;
    return askStore(send, fine, most);
  }

  private open(): Promise<Session> {
    this.session ??= this.logIn().catch((thrown: unknown) => {
      this.session = null;
      throw thrown;
    });
    return this.session;
  }

  private logIn(): Promise<Session> {
    return this.options.authVersion === 'v1' ? this.logInOld() : this.logInKeystone();
  }

  private async logInOld(): Promise<Session> {
    const { authUrl, user, password } = this.options;
    const headers = { 'X-Auth-User': user, 'X-Auth-Key': password };
    const answer = await askStore((signal) => fetch(authUrl, { headers, signal, redirect: 'error' }), [200, 204]);
    return sessionOf(answer.headers.get('x-storage-url'), answer.headers.get('x-auth-token'));
  }

  private async logInKeystone(): Promise<Session> {
    const { authUrl, user, password, project, userDomain, projectDomain, region } = this.options;
    const body = JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, password, domain: { name: userDomain } } } },
        scope: { project: { name: project, domain: { name: projectDomain } } },
      },
    });
    const url = `${authUrl.replace(/\/v3$/, '')}/v3/auth/tokens`;
    const headers = { 'Content-Type': 'application/json' };
    const answer = await askStore(
      (signal) => fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' }),
      [201],
    );
    return sessionOf(objectStoreIn(answer.bytes, region), answer.headers.get('x-subject-token'));
  }
}

function sessionOf(storageUrl: string | null, token: string | null): Session {
  if (storageUrl !== null && token !== null) return { storageUrl: storageUrl.replace(/\/$/, ''), token };
  throw new ServiceError('backend_offline', 'The backup store lets nobody in.');
}

function namesIn(bytes: Buffer): string[] {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const { name } = (one ?? {}) as { name?: unknown };
    return typeof name === 'string' ? [name] : [];
  });
}

interface CatalogEntry {
  readonly type?: string;
  readonly endpoints?: readonly { readonly interface?: string; readonly region?: string; readonly url?: string }[];
}

function objectStoreIn(bytes: Buffer, region: string | null): string | null {
  const { token } = JSON.parse(bytes.toString('utf8')) as { token?: { catalog?: readonly CatalogEntry[] } };
  const endpoints = token?.catalog?.find(({ type }) => type === 'object-store')?.endpoints ?? [];
  const own = endpoints.filter((one) => region === null || one.region === region);
  return (
    (own.find((one) => one.interface === 'internal') ?? own.find((one) => one.interface === 'public'))?.url ?? null
  );
}
