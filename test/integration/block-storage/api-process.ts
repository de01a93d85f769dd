// The API as a process of its own, over a database of the test, so that a test may kill it and start it again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '../../harness/wait-for.js';

const PASSWORD = 'first-password';

export interface ApiProcessOptions {
  readonly databaseUrl: string;
  readonly faultPlan?: object;
  /** More lines of the configuration. */
  readonly config?: object;
}

export class ApiProcess {
  private readonly directory = mkdtempSync('/tmp/saggar-api-');
  private child: ChildProcess | null = null;
  private starts = 0;
  base = '';

  constructor({ databaseUrl, faultPlan, config }: ApiProcessOptions) {
    const at = (name: string): string => path.join(this.directory, name);
    writeFileSync(at('password'), `${PASSWORD}\n`);
    writeFileSync(at('ticket'), '0123456789abcdef0123456789abcdef');
    if (faultPlan !== undefined) writeFileSync(at('plan.yaml'), JSON.stringify(faultPlan));
    const settings = {
      listen: { host: '127.0.0.1', port: 0 },
      publicUrl: 'http://saggar.test',
      database: { url: databaseUrl },
      identity: { mode: 'embedded', adminPasswordFile: 'password' },
      ticketSecretFile: 'ticket',
      log: { file: at('log') },
      ...(faultPlan === undefined ? {} : { faultPlan: 'plan.yaml' }),
      ...config,
    };
    writeFileSync(at('api.yaml'), JSON.stringify(settings));
  }

  private readyLines(): string[] {
    try {
      const lines = readFileSync(path.join(this.directory, 'log'), 'utf8').split('\n');
      return lines.filter((line) => line.includes('"msg":"ready"'));
    } catch {
      return [];
    }
  }

  async start(): Promise<void> {
    const argv = ['--import', 'tsx', 'services/api/main.ts', '--config', path.join(this.directory, 'api.yaml')];
    this.child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
    this.starts += 1;
    const line = await waitFor('the API to be ready', () => this.readyLines()[this.starts - 1], { timeoutMs: 60_000 });
    this.base = `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`;
  }

  /** Of the last process; null while it runs, or when a signal ended it. */
  get exitCode(): number | null {
    return this.child?.exitCode ?? null;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Resolves when the process has ended by itself, with its signal. */
  async ended(): Promise<NodeJS.Signals | null> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.signalCode ?? null;
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal;
  }

  async close(): Promise<void> {
    const ended = this.ended();
    this.child?.kill('SIGTERM');
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A token of the administrator, or of another user with the same password, in a project or in none. */
  async login(project: string | null, user = 'admin'): Promise<string> {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name: user, domain, password: PASSWORD } } };
    const scope = project === null ? 'unscoped' : { project: { name: project, domain } };
    const response = await fetch(`${this.base}/identity/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'ignored where there is no token' },
      body: JSON.stringify({ auth: { identity, scope } }),
    });
    const token = response.headers.get('x-subject-token');
    if (token === null) throw new Error(`no token: ${response.status} ${await response.text()}`);
    return token;
  }
}
