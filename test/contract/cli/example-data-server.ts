// A data server for the examples of commands that move bytes: takes everything, and gives zeros.
import { createHash } from 'node:crypto';
import type http from 'node:http';

const SENT = Buffer.alloc(70_000);

/** True when the request was one for a data server. */
export function serveExampleData(incoming: http.IncomingMessage, outgoing: http.ServerResponse): boolean {
  const url = incoming.url ?? '';
  if (!url.startsWith('/transfers/')) return false;
  const hash = createHash('sha256');
  incoming.on('data', (piece: Buffer) => hash.update(piece));
  incoming.once('end', () => {
    const isRead = url.startsWith('/transfers/read');
    switch (incoming.method) {
      case 'HEAD':
        outgoing.writeHead(200, isRead ? { 'content-length': String(SENT.length) } : {}).end();
        break;
      case 'PUT':
        outgoing.writeHead(201).end(JSON.stringify({ sha256: hash.digest('hex') }));
        break;
      case 'GET': {
        const digest = createHash('sha256').update(SENT).digest('hex');
        if (url.endsWith('/digest')) outgoing.writeHead(200).end(JSON.stringify({ sha256: digest }));
        else outgoing.writeHead(206, { 'content-length': String(SENT.length) }).end(SENT);
        break;
      }
      default:
        outgoing.writeHead(204).end();
    }
  });
  return true;
}
