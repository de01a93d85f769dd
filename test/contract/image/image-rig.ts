// The image API over the real engine with a world in memory, and a data server that takes whatever is sent and gives back what it took last.
// The engine works all the time: a request for data waits for its operation.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { place, Rig } from '../../integration/engine/rig.js';
import { type Answer, ApiRig, type Asking } from '../identity/api-rig.js';

const BETWEEN_ROUNDS_MS = 10;

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export class ImageRig {
  readonly engine: Rig;
  /** What was sent last. */
  data = Buffer.alloc(0);
  private isWorking = true;
  private work: Promise<void> = Promise.resolve();

  private constructor(
    readonly api: ApiRig,
    private readonly worker: Server,
  ) {
    this.engine = new Rig(api.database);
  }

  /** With an API that is served already, its caller closes it. */
  static async open(served?: ApiRig): Promise<ImageRig> {
    const api = served ?? (await ApiRig.open());
    const taken: { rig: ImageRig | null } = { rig: null };
    const worker = createServer((request, response) => {
      void taken.rig?.serveData(request, response);
    });
    await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve));
    const rig = new ImageRig(api, worker);
    taken.rig = rig;
    const access = { share: 'dir:/share', glusterVolumeName: 'share', directory: '', servers: [], mountOptions: null };
    const pool = {
      name: place.pool,
      backend_host: 'host@backend',
      share: access.share,
      state: 'up',
      capabilities: '{}',
    };
    await api
      .database('pools')
      .insert({ ...pool, access: JSON.stringify(access) })
      .onConflict('name')
      .ignore();
    const url = `http://127.0.0.1:${(worker.address() as AddressInfo).port}`;
    const now = api.database.raw('utc_now()');
    await api
      .database('data_servers')
      .insert({ backend_host: 'host@backend', boot_id: randomUUID(), url, updated_at: now });
    if (served === undefined) rig.work = rig.keepWorking();
    return rig;
  }

  private async keepWorking(): Promise<void> {
    while (this.isWorking) {
      await this.engine.settle();
      await sleep(BETWEEN_ROUNDS_MS);
    }
  }

  private async serveData(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      this.data = Buffer.concat(chunks);
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ bytes: this.data.length, md5: '', sha512: '', detected: [], virtualSizeBytes: 0 }));
      return;
    }
    if (request.method !== 'GET') {
      response.writeHead(204).end();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const size = this.data.length;
    if (from === undefined || to === undefined) {
      response.writeHead(200, { 'content-length': size }).end(this.data);
      return;
    }
    const part = this.data.subarray(Number(from), Number(to) + 1);
    response
      .writeHead(206, { 'content-length': part.length, 'content-range': `bytes ${from}-${to}/${size}` })
      .end(part);
  }

  ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    return this.api.ask(method, `/image${path}`, asking);
  }

  patch(token: string, id: string, changes: readonly object[], draft: 'v2.0' | 'v2.1' = 'v2.1'): Promise<Answer> {
    const headers = { 'Content-Type': `application/openstack-images-${draft}-json-patch` };
    return this.ask('PATCH', `/v2/images/${id}`, { token, body: changes, headers });
  }

  /** Bytes as they are, in one piece or in chunks. */
  async send(token: string, id: string, bytes: Buffer, chunked = false): Promise<Answer> {
    this.engine.world.received = { ...this.engine.world.received, bytes: bytes.length };
    const body = chunked ? new Blob([bytes]).stream() : bytes;
    const response = await fetch(`${this.api.baseUrl}/image/v2/images/${id}/file`, {
      method: 'PUT',
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/octet-stream', Accept: 'application/json' },
      body,
      ...(chunked ? { duplex: 'half' } : {}),
    } as RequestInit);
    const text = await response.text();
    const said: unknown = text === '' ? undefined : JSON.parse(text);
    this.api.recorders.get('/image')?.check('PUT', `/v2/images/${id}/file`, undefined, response.status, said);
    return { status: response.status, headers: response.headers, body: said };
  }

  async read(token: string, id: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    const response = await fetch(`${this.api.baseUrl}/image/v2/images/${id}/file`, {
      headers: { 'X-Auth-Token': token, Accept: 'application/json', ...headers },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const said: unknown = response.status < 400 ? undefined : JSON.parse(bytes.toString());
    this.api.recorders.get('/image')?.check('GET', `/v2/images/${id}/file`, undefined, response.status, said);
    return { status: response.status, headers: response.headers, bytes };
  }

  /** A record with what is needed before data may come. */
  async image(token: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const body = { name: 'disk', container_format: 'bare', disk_format: 'raw', ...more };
    const answer = await this.ask('POST', '/v2/images', { token, body });
    if (answer.status !== 201) throw new Error(`image create: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id as string;
  }

  async activeImage(token: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const id = await this.image(token, more);
    const answer = await this.send(token, id, Buffer.alloc(1024, 7));
    if (answer.status !== 204) throw new Error(`image upload: ${answer.status} ${JSON.stringify(answer.body)}`);
    return id;
  }

  async close(): Promise<void> {
    this.isWorking = false;
    await this.work;
    this.worker.closeAllConnections();
    await new Promise((resolve) => this.worker.close(resolve));
    await this.api.close();
  }
}
