// How long a request's body may take to arrive. Node's own limit (requestTimeout) holds for every request of a server alike; the bytes of
// an image take longer than any JSON, and whoever takes them watches over them itself.
import type { IncomingMessage, Server } from 'node:http';

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Breaks off requests whose body has not come to its end within the time, in milliseconds. */
export function limitBodies(server: Server, withinMs: number): void {
  server.prependListener('request', (request: IncomingMessage) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if ((length === undefined || length === '0') && encoding === undefined) return;
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, withinMs);
    timer.unref();
    timers.set(request, timer);
    request.once('close', () => clearTimeout(timer));
  });
}

/** The caller watches over this body itself. */
export function liftBodyLimit(request: IncomingMessage): void {
  clearTimeout(timers.get(request));
}
