// A cloud for tests of the client: an HTTP server on loopback that logs in anybody, hands out a catalog, and answers from a function.
// Every request must be in the OpenAPI documents and fit them, and so must every answer; a request or an answer that does not is a
// fault 599, which no test expects, and is kept in `complaints`.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveExampleData } from './example-data-server.js';
import { type ApiName, OpenApiCheck } from './openapi-check.js';

export interface SeenRequest {
  readonly api: ApiName;
  readonly verb: string;
  /** As in the documents, without the project: /v3/volumes/<id>. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
  readonly operationId: string;
}

export interface CloudAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A fault that the documents need not describe. */
  readonly unchecked?: boolean;
}

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const projectId = '0123456789abcdef0123456789abcdef';
export const userId = 'fedcba9876543210fedcba9876543210';
const prefixes = {
  volume: '/volume',
  compute: '/compute',
  image: '/image',
  identity: '/identity',
  admin: '/admin',
} as const;

export class RecordingCloud {
  readonly seen: SeenRequest[] = [];
  readonly complaints: string[] = [];
  /** Bodies of POST /v3/auth/tokens. */
  readonly logins: unknown[] = [];
  /** What a login answers; 201 unless a test says otherwise. */
  loginStatus = 201;
  /** The catalog has no compute service. */
  withoutCompute = false;
  private readonly server: http.Server;

  private constructor(private readonly answerTo: (request: SeenRequest) => CloudAnswer) {
    this.server = http.createServer((incoming, outgoing) => {
      if (serveExampleData(incoming, outgoing)) return;
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.once('end', () => this.serve(incoming, outgoing, Buffer.concat(pieces).toString('utf8')));
    });
  }

  static async start(answerTo: (request: SeenRequest) => CloudAnswer): Promise<RecordingCloud> {
    const cloud = new RecordingCloud(answerTo);
    await new Promise<void>((resolve) => cloud.server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get environment(): Record<string, string> {
    return {
      OS_AUTH_URL: `${this.url}/identity/v3`,
      OS_USERNAME: 'anna',
      OS_PASSWORD: 'secret',
      OS_PROJECT_NAME: 'demo',
    };
  }

  /** Runs a command line against this cloud. */
  async run(argv: readonly string[], env: NodeJS.ProcessEnv = this.environment): Promise<CliRun> {
    // Imported here and not above: mocha may load this file by `require`, and the client's own dynamic imports would then find a
    // second copy of its error classes.
    const { runCli } = await import('../../../services/cli/run-cli.js');
    let [stdout, stderr] = ['', ''];
    const exitCode = await runCli(argv, {
      env,
      stdout: {
        write: (text) => {
          stdout += text;
        },
      },
      stderr: {
        write: (text) => {
          stderr += text;
        },
      },
    });
    return { exitCode, stdout, stderr };
  }

  private serve(incoming: http.IncomingMessage, outgoing: http.ServerResponse, text: string): void {
    const answer = this.answerFor(incoming, text);
    outgoing.writeHead(answer.status, {
      'content-type': 'application/json',
      'x-openstack-request-id': 'req-00000000-0000-4000-8000-000000000000',
      ...answer.headers,
    });
    const { body = '' } = answer;
    outgoing.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }

  private answerFor(incoming: http.IncomingMessage, text: string): CloudAnswer {
    const url = new URL(incoming.url ?? '/', this.url);
    const bytes = incoming.headers['content-type'] === 'application/octet-stream';
    const body: unknown = text === '' || bytes ? undefined : JSON.parse(text);
    if (url.pathname === '/identity/v3/auth/tokens') return this.logIn(body);
    const verb = (incoming.method ?? '').toLowerCase();
    const [api, prefix] = Object.entries(prefixes).find(([, start]) => url.pathname.startsWith(`${start}/`)) ?? [];
    if (api === undefined || prefix === undefined) return { status: 404, body: {}, unchecked: true };
    const path = url.pathname.slice(prefix.length).replace(`/v3/${projectId}`, '/v3');
    const check = checkOf(api as ApiName);
    try {
      const query = Object.fromEntries(url.searchParams);
      const operationId = check.request(verb, path, body);
      const request = { api: check.api, verb, path, query, headers: incoming.headers, body, operationId };
      this.seen.push(request);
      const answer = this.answerTo(request);
      if (answer.unchecked !== true && answer.status < 400) {
        check.answer(verb, path, answer.status, answer.body, body);
      }
      return answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.complaints.push(message);
      return { status: 599, body: { badRequest: { code: 599, message } } };
    }
  }

  private logIn(body: unknown): CloudAnswer {
    this.logins.push(body);
    if (this.loginStatus !== 201) {
      const error = { code: this.loginStatus, title: 'Unauthorized', message: 'no' };
      return { status: this.loginStatus, body: { error } };
    }
    const endpoint = (path: string): unknown =>
      (['public', 'internal', 'admin'] as const).map((kind) => ({
        id: projectId,
        interface: kind,
        region: 'RegionOne',
        region_id: 'RegionOne',
        url: kind === 'public' ? this.url + path : 'http://192.0.2.1:1',
      }));
    const catalog = [
      { id: '1', type: 'volumev3', name: 'cinderv3', endpoints: endpoint(`/volume/v3/${projectId}`) },
      { id: '2', type: 'compute', name: 'nova', endpoints: endpoint('/compute/v2.1') },
      { id: '5', type: 'image', name: 'glance', endpoints: endpoint('/image') },
      { id: '4', type: 'saggar-admin', name: 'saggar-admin', endpoints: endpoint('/admin/v1') },
      { id: '3', type: 'identity', name: 'keystone', endpoints: endpoint('/identity') },
    ];
    const token = {
      expires_at: '2030-01-01T00:00:00.000000Z',
      user: { id: userId, name: 'anna' },
      project: { id: projectId, name: 'demo' },
      roles: [{ id: 'r', name: 'member' }],
      catalog: this.withoutCompute ? catalog.filter(({ type }) => type !== 'compute') : catalog,
    };
    return { status: 201, body: { token }, headers: { 'x-subject-token': 'the-token' } };
  }
}

const checks = new Map<ApiName, OpenApiCheck>();

/** Compiled schemas are kept for the whole run. */
export function checkOf(api: ApiName): OpenApiCheck {
  const check = checks.get(api) ?? new OpenApiCheck(api);
  checks.set(api, check);
  return check;
}
