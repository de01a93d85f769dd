// The identity and compute APIs behind the real shell, on loopback, over a fresh database. Every answer is held against the API's
// OpenAPI document. The database server is the lane's, or a private one when a file is run by hand.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createEmbeddedTokenValidator } from '../../../services/api/auth/token-validator.js';
import { defineComputeApi } from '../../../services/api/compute/definition.js';
import { bootstrapIdentity } from '../../../services/api/identity/bootstrap.js';
import { defineIdentityApi } from '../../../services/api/identity/definition.js';
import { defineImageApi } from '../../../services/api/image/definition.js';
import { createApp, createHttpServer } from '../../../services/api/server.js';
import { createApi } from '../../../services/api/shell/api.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { joinable } from '../../../services/core/db/joinable.js';
import { readSpec } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { ContractRecorder } from './contract-recorder.js';

export const adminPassword = 'first-password';
export const ticketSecret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked against the OpenAPI document; tests then just read them
  readonly body: any;
}

export interface RigOptions {
  readonly cacheSeconds?: number;
  readonly tokenSeconds?: number;
  readonly allowExpiredSeconds?: number;
}

export interface Asking {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiRig {
  private constructor(
    readonly database: Database,
    readonly baseUrl: string,
    readonly recorders: ReadonlyMap<string, ContractRecorder>,
    private readonly server: Server,
    private readonly testDatabase: TestDatabase,
  ) {}

  static async open(options: RigOptions = {}): Promise<ApiRig> {
    const testDatabase = await freshDatabase();
    const database = openDatabase({ url: testDatabase.url });
    await bootstrapIdentity(database, adminPassword);
    const { server, baseUrl } = await ApiRig.serve(database, options);
    const recorders = new Map(
      ['identity', 'compute', 'image'].map((api) => [
        `/${api}`,
        new ContractRecorder(readSpec(api) as ConstructorParameters<typeof ContractRecorder>[0]),
      ]),
    );
    return new ApiRig(database, baseUrl, recorders, server, testDatabase);
  }

  private static async serve(
    database: Database,
    { cacheSeconds = 60, tokenSeconds = 3600, allowExpiredSeconds = 3600 }: RigOptions,
  ): Promise<{ server: Server; baseUrl: string }> {
    const logger = pino({ level: process.env['SAGGAR_TEST_LOG'] ?? 'silent' });
    const validator = createEmbeddedTokenValidator(database, { cacheSeconds, allowExpiredSeconds });
    // Links carry the public URL, and the port is known only after listening: the APIs are mounted then.
    const publicUrl = 'http://saggar.test:8776';
    const catalog = { publicUrl, region: 'RegionOne' };
    const apis = [
      defineIdentityApi({
        ...{ database: joinable(database), validator, catalog, identityUrl: `${publicUrl}/identity` },
        life: { tokenSeconds, allowExpiredSeconds },
      }),
      defineComputeApi({ database: joinable(database), ticketSecret }),
      defineImageApi({ database: joinable(database) }),
    ].map((api) => ({ prefix: api.prefix, handler: createApi(api, { validator, logger, publicUrl, database }) }));
    const server = createHttpServer(createApp({ apis, logger, checkHealth: () => Promise.resolve() }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  /** Sends the request and holds the answer against the document of the API that the path's prefix names. */
  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(asking.token === undefined ? {} : { 'X-Auth-Token': asking.token }),
        ...(asking.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        // Else the image API words its refusals as pages.
        ...(path.startsWith('/image') ? { Accept: 'application/json' } : {}),
        ...asking.headers,
      },
      ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
    });
    const text = await response.text();
    const isBytes = response.headers.get('content-type') === 'application/octet-stream';
    const body: unknown = text === '' || isBytes ? undefined : JSON.parse(text);
    const [, prefix = '', below = ''] = /^(\/[a-z]+)([^?]*)/.exec(path) ?? [];
    this.recorders
      .get(prefix)
      ?.check(
        method,
        below === '' ? '/' : below.replace(/^(\/v2\.1)\/[0-9a-f]{32}\//, '$1/'),
        asking.body,
        response.status,
        body,
      );
    return { status: response.status, headers: response.headers, body };
  }

  /** A token by name and password in the default domain; the project by name, or null for an unscoped one. */
  async login(name: string, password: string, project: string | null): Promise<string> {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, domain, password } } };
    const scope = project === null ? 'unscoped' : { project: { name: project, domain } };
    const answer = await this.ask('POST', '/identity/v3/auth/tokens', { body: { auth: { identity, scope } } });
    const token = answer.headers.get('x-subject-token');
    if (answer.status !== 201 || token === null) throw new Error(`login of ${name}: ${answer.status}`);
    return token;
  }

  admin(): Promise<string> {
    return this.login('admin', adminPassword, 'admin');
  }

  /** A new user with one role in one project (made when missing); its token for that project. */
  async newUser(
    name: string,
    project: string,
    role: string,
  ): Promise<{ id: string; token: string; projectId: string }> {
    const token = await this.admin();
    const user = await this.ask('POST', '/identity/v3/users', { token, body: { user: { name, password: name } } });
    const found = await this.ask('GET', `/identity/v3/projects?name=${project}`, { token });
    const made =
      found.body.projects[0] ??
      (await this.ask('POST', '/identity/v3/projects', { token, body: { project: { name: project } } })).body.project;
    const roles = await this.ask('GET', `/identity/v3/roles?name=${role}`, { token });
    const { id } = user.body.user as { id: string };
    const projectId = made.id as string;
    await this.ask('PUT', `/identity/v3/projects/${projectId}/users/${id}/roles/${roles.body.roles[0].id as string}`, {
      token,
    });
    return { id, projectId, token: await this.login(name, name, project) };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.database.destroy();
    await this.testDatabase.drop();
    await closeOwnParts();
  }
}
