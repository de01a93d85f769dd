// Sends planned requests over kept connections: fetch would spend more time than the server.
import { Agent, request } from 'node:http';
import type { PlannedRequest } from './requests.js';

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(
    private readonly baseUrl: string,
    /** As the version's header names it. */
    private readonly service: string,
    private readonly more: {
      /** Of people by name; other names are sent as tokens. */
      readonly tokens?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {}

  private headersOf({ as, version, contentType, body }: PlannedRequest): Record<string, string | number> {
    const token = this.more.tokens?.[as] ?? as;
    return {
      ...this.more.headers,
      ...(token === '' ? {} : { 'X-Auth-Token': token }),
      ...(version === null ? {} : { 'OpenStack-API-Version': `${this.service} ${version}` }),
      ...(contentType === null || contentType === '' ? {} : { 'Content-Type': contentType }),
      ...(body === null ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    };
  }

  send(planned: PlannedRequest): Promise<Received> {
    return new Promise((done, fail) => {
      const { hostname, port } = new URL(this.baseUrl);
      // The path as it is: a URL object would resolve `..` before it is sent.
      const where = { hostname, port, path: planned.url, method: planned.operation.method };
      const options = { ...where, agent: this.agent, headers: this.headersOf(planned) };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          done({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      sent.on('error', fail);
      sent.end(planned.body ?? undefined);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
