// Files and a port that nothing may ever open. Whoever opens one, even without reading, is seen: inotify for the files, a listener for
// the port. Every look first opens a file of its own and waits to see that, so that a blind watcher is a failure and not a success.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { waitFor } from '../harness/wait-for.js';

/** In the canaries and nowhere else: where it turns up, something was disclosed. */
export const CANARY_TEXT = 'CANARY-secret-of-the-host-';

const names = ['secret', 'data'] as const;
type CanaryName = (typeof names)[number];

export class Canaries {
  private readonly lines: string[] = [];
  private lookNumber = 0;
  private connections = 0;

  private constructor(
    private readonly folder: string,
    private readonly watcher: ChildProcess,
    private readonly server: net.Server,
    private readonly sentinels: readonly string[],
  ) {
    let rest = '';
    watcher.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = `${rest}${text}`.split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
    server.on('connection', (socket) => {
      this.connections += 1;
      socket.destroy();
    });
  }

  /** Puts them into a new folder below `parent`. Needs python3, as GlusterFS does. */
  static async place(parent: string): Promise<Canaries> {
    const folder = path.join(parent, 'canaries');
    mkdirSync(folder);
    for (const name of names) writeFileSync(path.join(folder, name), CANARY_TEXT.repeat(50_000));
    const sentinels = Array.from({ length: 2 }, (_, index) => path.join(folder, `sentinel-${index}`));
    for (const sentinel of sentinels) writeFileSync(sentinel, '');
    const script = path.join(import.meta.dirname, 'watch-opens.py');
    const watched = [...names.map((name) => path.join(folder, name)), ...sentinels];
    const watcher = spawn('python3', [script, ...watched], { stdio: ['pipe', 'pipe', 'inherit'] });
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const canaries = new Canaries(folder, watcher, server, sentinels);
    await waitFor('the watcher to watch', () => canaries.lines.includes('ready'));
    return canaries;
  }

  /** Path of a canary file. */
  file(name: CanaryName): string {
    return path.join(this.folder, name);
  }

  get port(): number {
    const address = this.server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return address.port;
  }

  /** Fails when a canary was opened, or the port was called, since it was placed or the last look. */
  async expectUntouched(): Promise<void> {
    const sentinel = this.sentinels[this.lookNumber++ % this.sentinels.length] ?? '';
    const before = this.lines.length;
    closeSync(openSync(sentinel, 'r'));
    await waitFor('the watcher to see an opening', () => this.lines.slice(before).includes(`open ${sentinel}`));
    const touched = this.lines.filter((line) => line.startsWith('open ') && !line.includes('/sentinel-'));
    assert.deepEqual([touched, this.connections], [[], 0], 'a canary was touched');
  }

  async remove(): Promise<void> {
    const ended = new Promise((resolve) => this.watcher.once('exit', resolve));
    this.watcher.stdin?.end();
    await ended;
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true });
  }
}
