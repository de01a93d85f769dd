// A guest agent of a few lines for tests, on the socket where QEMU would be: it speaks as qemu-ga does, counts what it was asked, and can
// be told to be hostile. `open` says whether the guest has opened the port.
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

export type AgentAnswer = number | 'error' | 'silence' | 'hang-up' | { readonly raw: string };

export class FakeGuestAgent {
  readonly asked: string[] = [];
  open = true;
  frozen = 0;
  /** How many file systems it has. */
  mounted = 1;
  answer: (command: string) => AgentAnswer | null = () => null;
  /** Sent before the answer to a sync. */
  noise: Buffer = Buffer.from('{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n');
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(readonly path: string) {
    this.server = createServer((socket) => this.serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.path, resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
        const line = rest.subarray(0, end);
        rest = rest.subarray(end + 1);
        const text = line.subarray(line.lastIndexOf(0xff) + 1).toString('utf8');
        this.onCommand(socket, JSON.parse(text) as { execute: string; arguments?: { id: number } });
      }
    });
  }

  private onCommand(
    socket: Socket,
    { execute, arguments: args }: { execute: string; arguments?: { id: number } },
  ): void {
    this.asked.push(execute);
    const said = this.answer(execute) ?? this.usual(execute, args?.id ?? 0);
    if (said === 'silence') return;
    if (said === 'hang-up') {
      socket.destroy();
      return;
    }
    if (execute === 'guest-sync-delimited') socket.write(Buffer.concat([this.noise, Buffer.from([0xff])]));
    if (said === 'error') socket.write('{"error": {"class": "GenericError", "desc": "no"}}\n');
    else if (typeof said === 'number') socket.write(`${JSON.stringify({ return: said })}\n`);
    else socket.write(said.raw);
  }

  private usual(execute: string, id: number): number {
    switch (execute) {
      case 'guest-fsfreeze-freeze':
        this.frozen = this.mounted;
        return this.frozen;
      case 'guest-fsfreeze-thaw': {
        const thawed = this.frozen;
        this.frozen = 0;
        return thawed;
      }
      default:
        return id;
    }
  }
}
