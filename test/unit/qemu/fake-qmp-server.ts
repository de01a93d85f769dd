// A QMP server of a few lines for tests: greets, answers by a table, sends events, and can be told to misbehave.
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

export type Answer = { readonly value: unknown } | { readonly error: string } | 'silence' | 'hang-up';

export class FakeQmpServer {
  readonly asked: { readonly execute: string; readonly arguments: unknown }[] = [];
  answer: (command: string) => Answer = () => ({ value: {} });
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(
    readonly path: string,
    private readonly greets = true,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.path, resolve));
  }

  send(message: object): void {
    for (const socket of this.sockets) socket.write(`${JSON.stringify(message)}\r\n`);
  }

  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.greets) this.send({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } });
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.onCommand(JSON.parse(line) as { execute: string; arguments: unknown; id: number });
    });
  }

  private onCommand(command: { execute: string; arguments: unknown; id: number }): void {
    this.asked.push({ execute: command.execute, arguments: command.arguments });
    const answer = command.execute === 'qmp_capabilities' ? { value: {} } : this.answer(command.execute);
    if (answer === 'silence') return;
    if (answer === 'hang-up') this.hangUp();
    else if ('error' in answer) this.send({ id: command.id, error: { class: 'GenericError', desc: answer.error } });
    else this.send({ id: command.id, return: answer.value });
  }
}
