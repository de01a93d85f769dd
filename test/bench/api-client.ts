// A plain client for measurements: one login, kept-alive connections, no retries, so that times are the server's.
import { readFileSync } from 'node:fs';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Variables of an openrc file (`export NAME=value`, quotes allowed). */
export function readOpenrc(file: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^\s*(?:export\s+)?(OS_\w+)=(?:'([^']*)'|"([^"]*)"|(.*))$/.exec(line);
    if (match?.[1] !== undefined) found[match[1]] = match[2] ?? match[3] ?? match[4] ?? '';
  }
  return found;
}

export class BenchClient {
  private constructor(
    readonly endpoint: string,
    private readonly token: string,
  ) {}

  /** At the endpoint of one service. */
  static async login(env: Record<string, string | undefined>, service = 'volumev3'): Promise<BenchClient> {
    const domain = { name: env['OS_USER_DOMAIN_NAME'] ?? 'Default' };
    const auth = {
      identity: {
        methods: ['password'],
        password: { user: { name: env['OS_USERNAME'], password: env['OS_PASSWORD'], domain } },
      },
      scope: {
        project: { name: env['OS_PROJECT_NAME'], domain: { name: env['OS_PROJECT_DOMAIN_NAME'] ?? 'Default' } },
      },
    };
    const base = (env['OS_AUTH_URL'] ?? '').replace(/\/$/, '');
    const response = await fetch(`${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth }),
    });
    if (response.status !== 201) throw new Error(`login answered ${response.status}: ${await response.text()}`);
    const { token } = (await response.json()) as {
      token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] };
    };
    const entry = token.catalog.find(({ type }) => type === service);
    const url = entry?.endpoints.find((endpoint) => endpoint.interface === 'public')?.url;
    if (url === undefined) throw new Error(`no ${service} endpoint in the catalog`);
    return new BenchClient(url.replace(/\/$/, ''), response.headers.get('x-subject-token') ?? '');
  }

  /** Bytes as they are; throws unless they were taken. */
  async upload(path: string, bytes: Buffer): Promise<void> {
    const headers = { 'x-auth-token': this.token, 'content-type': 'application/octet-stream' };
    const response = await fetch(this.endpoint + path, { method: 'PUT', headers, body: new Uint8Array(bytes) });
    if (response.status !== 204) throw new Error(`upload answered ${response.status}: ${await response.text()}`);
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.endpoint + path, {
      method,
      headers: {
        'x-auth-token': this.token,
        'openstack-api-version': 'volume 3.66',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
  }

  async expect(status: number, method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer.status === status) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
  }
}
