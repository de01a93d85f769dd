// Hands a client's connection to the process that moves the bytes, so that they are copied once on their way and not twice. The HTTP server keeps the
// connection: it has read the head, and answers when the bytes have passed. Not with TLS, whose bytes only this process can read; not for few bytes;
// not for a body of unknown length, whose end only a parser finds.
//
//   upload     head read -> reading stops -> what came with the head goes by the pipe, the rest is read by the stream process -> 201, closed
//   download   head written -> the stream process writes exactly the bytes that it announced -> the server goes on
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';

/** Below it the hop costs less than what else a transfer takes. */
const LEAST_BYTES = 1024 * 1024;

export interface HeldUpload {
  readonly connection: Socket;
  readonly first: Buffer;
  readonly restBytes: number;
  /** The server reads again: what the sender still sends to whom it does not know yet to have refused it. */
  letGo(): void;
}

/** To be called in the turn that brought the request. null: the body comes as a stream. `bytes`: as announced; NaN: not. */
export async function holdUpload(request: IncomingMessage, bytes: number): Promise<HeldUpload | null> {
  const { socket } = request;
  if (socket instanceof TLSSocket || !(bytes >= LEAST_BYTES)) return null;
  // The server's own word for "read no more"; taking what was read makes it read again.
  const hold = (): void => void socket.emit('pause');
  const letGo = (): void => {
    socket.off('resume', hold);
    socket.resume();
  };
  socket.on('resume', hold);
  hold();
  // What came with the head is given to the request before this turn ends.
  await nextTurn();
  const first = (request.read() as Buffer | null) ?? Buffer.alloc(0);
  await nextTurn();
  return { connection: socket, first, restBytes: bytes - first.length, letGo };
}

/** Whether the connection of a download can be handed over: not when it waits behind the answer to another request. */
export function canSendDirectly({ socket }: ServerResponse, bytes: number): boolean {
  return socket !== null && !(socket instanceof TLSSocket) && bytes >= LEAST_BYTES;
}

/** Sends the head; then the connection is free for the body. Rejects when it has ended. */
export async function sendHead(response: ServerResponse): Promise<Socket> {
  const { socket } = response;
  if (socket === null) throw new Error('the connection has ended');
  response.flushHeaders();
  await new Promise<void>((resolve, reject) => {
    socket.write('', (error) => (error == null ? resolve() : reject(error)));
  });
  return socket;
}

/** For a reader that does not take what lies here for it before its end. */
const FLUSH_MS = 2_000;

/** So that the reader sees the end although another process, which may hang in the kernel, has the connection open still. */
export function cutOff({ socket }: ServerResponse): void {
  socket?.destroySoon();
  setTimeout(() => socket?.destroy(), FLUSH_MS).unref();
}
