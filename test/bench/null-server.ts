// A data server that keeps nothing and has nothing: what a client of transfers can do at most on this machine.
import { createServer } from 'node:http';
import { listenOn } from '../../services/core/runtime/http-listener.js';

const BLOCK = Buffer.alloc(1024 * 1024, 1);

export interface NullServer {
  readonly url: string;
  close(): void;
}

/** `sizeMib`: what a download has. */
export async function startNullServer(sizeMib: number): Promise<NullServer> {
  const server = createServer({ highWaterMark: BLOCK.length }, (request, response) => {
    if (request.method === 'PUT') {
      request.resume().once('end', () => response.writeHead(201).end('{}'));
      return;
    }
    response.writeHead(200, { 'content-length': String(sizeMib * BLOCK.length) });
    if (request.method !== 'GET') {
      response.end();
      return;
    }
    let left = sizeMib;
    const send = (): void => {
      while (left > 0) {
        left -= 1;
        if (!response.write(BLOCK)) return;
      }
      response.end();
    };
    response.on('drain', send);
    send();
  });
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
