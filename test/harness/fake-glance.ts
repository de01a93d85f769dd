// An image service that keeps its images in memory, with a login beside it as a Keystone's: what the worker's commands about images need, for
// lanes that start it a hundred times. What a real Glance says is tested in test/system/glance-mode.test.ts.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeImage {
  status: string;
  bytes: Buffer;
}

export interface FakeGlance {
  readonly url: string;
  readonly images: Map<string, FakeImage>;
  /** An image with data; answers its id. */
  add(bytes: Buffer): string;
  /** An image that waits for data; answers its id. */
  reserve(): string;
  close(): Promise<void>;
}

const TOKEN_LIFE_MS = 3_600_000;

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function logIn(response: ServerResponse): void {
  const now = Date.now();
  const token = { issued_at: new Date(now).toISOString(), expires_at: new Date(now + TOKEN_LIFE_MS).toISOString() };
  json(response, 201, { token }, { 'X-Subject-Token': randomUUID() });
}

function view(id: string, { status, bytes }: FakeImage): object {
  const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  const data = { size: bytes.length, checksum: hash('md5'), os_hash_algo: 'sha512', os_hash_value: hash('sha512') };
  return { id, status, protected: false, ...(status === 'active' ? data : { size: null, checksum: null }) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function answerFile(request: IncomingMessage, response: ServerResponse, image: FakeImage): Promise<void> {
  if (request.method === 'GET') {
    if (image.status === 'active') response.writeHead(200, { 'Content-Length': image.bytes.length }).end(image.bytes);
    else response.writeHead(204).end();
    return;
  }
  const bytes = await bodyOf(request);
  if (image.status === 'active') {
    json(response, 409, { message: 'it has data' });
    return;
  }
  Object.assign(image, { status: 'active', bytes });
  response.writeHead(204).end();
}

export async function startFakeGlance(): Promise<FakeGlance> {
  const images = new Map<string, FakeImage>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    if (url.startsWith('/v3/auth/tokens')) {
      await bodyOf(request);
      logIn(response);
      return;
    }
    const [, id = '', part] = /^\/v2\/images\/([0-9a-f-]{36})(\/file)?$/.exec(url) ?? [];
    const image = images.get(id);
    if (image === undefined) response.writeHead(404).end();
    else if (part !== undefined) await answerFile(request, response, image);
    else if (method === 'DELETE') {
      images.delete(id);
      response.writeHead(204).end();
    } else json(response, 200, view(id, image));
  };
  const server = createServer((request, response) => {
    // A client that breaks off is what the lanes are about.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const keep = (image: FakeImage): string => {
    const id = randomUUID();
    images.set(id, image);
    return id;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    images,
    add: (bytes) => keep({ status: 'active', bytes }),
    reserve: () => keep({ status: 'queued', bytes: Buffer.alloc(0) }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
