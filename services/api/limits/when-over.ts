// When a request is over, whatever became of it. An answer that waits behind another on its connection (pipelining) is told nothing when the connection
// ends, because it never had one: Node emits `close` for the answer alone whose turn it was. So the connection is watched, too.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One listener for each connection, however many requests come by it. */
const waiting = new WeakMap<Socket, Set<() => void>>();

function waitingOn(socket: Socket): Set<() => void> {
  const known = waiting.get(socket);
  if (known !== undefined) return known;
  const all = new Set<() => void>();
  waiting.set(socket, all);
  socket.once('close', () => {
    for (const over of all) over();
    all.clear();
  });
  return all;
}

/** Calls `over` when the answer is out or the connection has ended; it may be called twice. */
export function whenOver({ socket }: IncomingMessage, response: ServerResponse, over: () => void): void {
  const all = waitingOn(socket);
  all.add(over);
  response.once('close', () => {
    all.delete(over);
    over();
  });
}
