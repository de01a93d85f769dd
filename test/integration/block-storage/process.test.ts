// The API as a process: it waits for its database, serves, answers 503 while the database is away, comes back by itself, and ends on
// SIGTERM without losing a request.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

/** PostgreSQL's name of its socket in a folder. */
const SOCKET = '.s.PGSQL.5432';

/** A way to the database that can be cut and mended, since the database itself is shared with other tests. */
class Bridge {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly target: URL,
    private readonly folder: string,
  ) {}

  /** The database's URL by way of the bridge. */
  get url(): string {
    const url = new URL(this.target);
    url.host = '';
    url.searchParams.set('host', this.folder);
    return url.href;
  }

  private reach(): Socket {
    const folder = this.target.searchParams.get('host');
    return folder === null
      ? connect(Number(this.target.port || 5432), this.target.hostname)
      : connect(path.join(folder, SOCKET));
  }

  async open(): Promise<void> {
    const server = createTcpServer((near) => {
      const far = this.reach();
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.pipe(other);
        one
          .on('error', () => other.destroy())
          .on('close', () => {
            this.sockets.delete(one);
            other.destroy();
          });
      }
    });
    server.listen(path.join(this.folder, SOCKET));
    await once(server, 'listening');
    this.server = server;
  }

  async cut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const { server } = this;
    this.server = null;
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }
}

describe('the API process', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let bridge: Bridge;
  let directory: string;
  let child: ChildProcess | null = null;
  let output = '';
  let base = '';

  before(async () => {
    database = await freshDatabase();
    directory = mkdtempSync('/tmp/saggar-api-');
    bridge = new Bridge(new URL(database.url), directory);
    writeFileSync(path.join(directory, 'password'), 'first-password\n');
    writeFileSync(path.join(directory, 'ticket'), '0123456789abcdef0123456789abcdef');
    const config = {
      listen: { host: '127.0.0.1', port: 0 },
      publicUrl: 'http://saggar.test',
      database: { url: bridge.url },
      identity: { mode: 'embedded', adminPasswordFile: 'password' },
      ticketSecretFile: 'ticket',
      log: { file: path.join(directory, 'log') },
    };
    writeFileSync(path.join(directory, 'api.yaml'), JSON.stringify(config));
  });
  after(async () => {
    child?.kill('SIGKILL');
    await bridge.cut();
    await database.drop();
    await closeOwnParts();
    rmSync(directory, { recursive: true, force: true });
  });

  const log = (): string => {
    try {
      return readFileSync(path.join(directory, 'log'), 'utf8');
    } catch {
      return '';
    }
  };
  async function login(): Promise<Response> {
    const domain = { id: 'default' };
    const identity = {
      methods: ['password'],
      password: { user: { name: 'admin', domain, password: 'first-password' } },
    };
    const scope = { project: { name: 'demo', domain } };
    return fetch(`${base}/identity/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope } }),
    });
  }

  it('waits for its database and then says that it serves', async () => {
    const argv = ['--import', 'tsx', 'services/api/main.ts', '--config', path.join(directory, 'api.yaml')];
    child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr?.on('data', (text: Buffer) => {
      output += text.toString();
    });
    await waitFor('a look at the database', () => log().includes('does not answer yet'), { timeoutMs: 60_000 });
    await bridge.open();
    await waitFor('ready', () => log().includes('"msg":"ready"'), { timeoutMs: 60_000 });
    const port = /"port":(\d+)[^\n]*"msg":"ready"/.exec(log())?.[1] ?? '';
    base = `http://127.0.0.1:${port}`;
    assert.deepEqual(await (await fetch(`${base}/healthcheck`)).json(), { detailed: false, reasons: [] });
    assert.equal(output, '');
  });

  it('answers 503 while the database is away, and recovers', async () => {
    const token = (await login()).headers.get('x-subject-token') ?? '';
    const list = () => fetch(`${base}/volume/v3/volumes`, { headers: { 'X-Auth-Token': token } });
    assert.equal((await list()).status, 200);
    await bridge.cut();
    const away = await list();
    assert.equal(
      away.status,
      503,
      log()
        .split('\n')
        .filter((line) => line.includes('"level":"error"'))
        .join('\n'),
    );
    assert.equal(away.headers.get('retry-after'), '1');
    const body = (await away.json()) as { serviceUnavailable: { message: string } };
    assert.match(body.serviceUnavailable.message, /temporarily unavailable/);
    const health = await fetch(`${base}/healthcheck`);
    assert.equal(health.status, 503);
    assert.deepEqual(await health.json(), { detailed: false, reasons: ['The database does not answer.'] });
    await bridge.open();
    await waitFor('the database again', async () => (await list()).status === 200, { timeoutMs: 20_000 });
  });

  it('T-S01 logs no secret', () => {
    for (const secret of ['first-password', '0123456789abcdef', new URL(database.url).password]) {
      if (secret !== '') assert.ok(!log().includes(secret));
    }
  });

  it('ends on SIGTERM with code 0', async () => {
    assert.ok(child !== null);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0, output);
    child = null;
    await assert.rejects(fetch(`${base}/healthcheck`));
  });
});
