// A real Swift of Debian's packages for the tests of backup stores: proxy, account, container and object server as processes of ours, one device,
// one replica, tempauth, and Swift's own S3 middleware: both protocols are spoken by a server that is not ours. Everything is in a directory of its
// own and on loopback; nothing of the machine's Swift is used or changed.
// Source of the options: the sample configurations of Swift 2.30 (etc/*.conf-sample).
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitFor } from './wait-for.js';

const programs = ['account', 'container', 'object', 'proxy'].map((name) => `/usr/bin/swift-${name}-server`);
export const swiftCredentials = { user: 'test:tester', password: 'testing' } as const;

const LIST_PAGE = 3;

/** Why there is none here; null when there is. */
export function whyNoSwift(): string | null {
  const missing = programs.find((program) => !existsSync(program));
  return missing === undefined ? null : `${missing} is missing (deploy/debian-packages.json, "test")`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address === null || typeof address === 'string' ? 0 : address.port;
}

export class PeerSwift {
  private readonly children: ChildProcess[] = [];
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'saggar-swift-'));
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Takes some seconds. Throws with the end of the proxy's log when nobody is let in. */
  static async open(): Promise<PeerSwift> {
    const peer = new PeerSwift();
    try {
      await peer.start();
      return peer;
    } catch (thrown) {
      const log = readFileSync(path.join(peer.folder, 'proxy.log'), 'utf8').slice(-2000);
      await peer.close();
      throw new Error(`Swift did not start: ${log}`, { cause: thrown });
    }
  }

  private async start(): Promise<void> {
    mkdirSync(path.join(this.folder, 'devices', 'd1'), { recursive: true });
    // The words of the hash say where objects lie; any do. Lists of three names make every client ask for a second page.
    const words = [
      '[swift-hash]',
      'swift_hash_path_prefix = saggar',
      'swift_hash_path_suffix = test',
      '[storage-policy:0]',
      'name = one',
      'default = yes',
      '[swift-constraints]',
      `container_listing_limit = ${LIST_PAGE}`,
    ];
    writeFileSync(path.join(this.folder, 'swift.conf'), `${words.join('\n')}\n`);
    const parts = await Promise.all(
      ['account', 'container', 'object'].map(async (name) => ({ name, port: await freePort() })),
    );
    await Promise.all(parts.map(({ name, port }) => this.makeRing(name, port)));
    for (const { name, port } of parts) {
      this.spawn(name, port, [
        '[pipeline:main]',
        `pipeline = ${name}-server`,
        `[app:${name}-server]`,
        `use = egg:swift#${name}`,
      ]);
    }
    this.port = await freePort();
    this.spawn('proxy', this.port, [
      '[pipeline:main]',
      'pipeline = catch_errors cache s3api tempauth slo proxy-server',
      '[filter:catch_errors]',
      'use = egg:swift#catch_errors',
      '[filter:cache]',
      'paste.filter_factory = saggar_swift_cache:filter_factory',
      '[filter:s3api]',
      'use = egg:swift#s3api',
      'location = us-east-1',
      `max_bucket_listing = ${LIST_PAGE}`,
      '[filter:slo]',
      'use = egg:swift#slo',
      '[filter:tempauth]',
      'use = egg:swift#tempauth',
      `user_${swiftCredentials.user.replace(':', '_')} = ${swiftCredentials.password} .admin`,
      '[app:proxy-server]',
      'use = egg:swift#proxy',
      'account_autocreate = true',
    ]);
    const headers = { 'X-Auth-User': swiftCredentials.user, 'X-Auth-Key': swiftCredentials.password };
    await waitFor(
      'Swift lets its user in and has an account for it',
      async () => {
        const entered = await fetch(`${this.url}/auth/v1.0`, { headers }).catch(() => null);
        const [url, token] = [entered?.headers.get('x-storage-url'), entered?.headers.get('x-auth-token')];
        if (url == null || token == null) return false;
        return (await fetch(url, { headers: { 'X-Auth-Token': token } })).ok;
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
  }

  private async makeRing(name: string, port: number): Promise<void> {
    const ring = path.join(this.folder, `${name}.builder`);
    const build = (...words: string[]) => promisify(execFile)('swift-ring-builder', [ring, ...words]);
    await build('create', '4', '1', '1');
    await build('add', `r1z1-127.0.0.1:${port}/d1`, '1');
    await build('rebalance');
  }

  private spawn(name: string, port: number, lines: readonly string[]): void {
    const common = [
      '[DEFAULT]',
      `swift_dir = ${this.folder}`,
      `devices = ${path.join(this.folder, 'devices')}`,
      'mount_check = false',
      'workers = 0',
      'bind_ip = 127.0.0.1',
      `bind_port = ${port}`,
      'user = root',
      // No syslog.
      'log_address = /nonexistent',
    ];
    const file = path.join(this.folder, `${name}.conf`);
    writeFileSync(file, `${[...common, ...lines].join('\n')}\n`);
    const log = openSync(path.join(this.folder, `${name}.log`), 'w');
    const environment = { ...process.env, PYTHONPATH: fileURLToPath(new URL('./peer-swift', import.meta.url)) };
    const options = { stdio: ['ignore', log, log] as ['ignore', number, number], env: environment };
    this.children.push(spawn(`/usr/bin/swift-${name}-server`, [file, '-v'], options));
  }

  async close(): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}
