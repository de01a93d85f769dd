// One daemon of the service under test, started as an operator's supervisor would: its own process, a configuration file, started
// again whenever it ends before we end it. Ends are counted, because the lane must know that a planned kill really happened.
import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../services/core/runtime/spec-files.js';

export interface ProcessPlan {
  /** Folder under services/. */
  readonly name: 'conductor' | 'volume-worker' | 'compute-worker';
  readonly configFile: string;
  /** Receives standard output and standard error. */
  readonly logFile: string;
}

/** When the newest of the programs' files was changed, in milliseconds. */
function newestChange(folders: readonly string[], ending: string): number {
  const times = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending))
      .map((name) => statSync(path.join(folder, name)).mtimeMs),
  );
  return Math.max(0, ...times);
}

let buildIsFresh: boolean | null = null;

/** The build starts faster than the sources, and is used unless it is older than any of them. */
function commandOf(name: string): string[] {
  const root = projectRoot();
  const built = path.join(root, 'dist', 'services', name, 'main.js');
  buildIsFresh ??=
    existsSync(built) &&
    statSync(built).mtimeMs >= newestChange([path.join(root, 'services'), path.join(root, 'drivers')], '.ts');
  if (buildIsFresh && existsSync(built)) return [built];
  return ['--import', 'tsx', path.join(root, 'services', name, 'main.ts')];
}

export class SupervisedProcess {
  private child: ChildProcess | null = null;
  private stopping = false;
  private wasReady = false;
  /** How often the process ended although nobody asked for it. */
  deaths = 0;
  /** Of the last end, asked for or not: the code, or the signal that ended it. */
  lastExit: number | NodeJS.Signals | null = null;

  constructor(private readonly plan: ProcessPlan) {}

  get name(): string {
    return this.plan.name;
  }

  async start(): Promise<void> {
    const from = existsSync(this.plan.logFile) ? statSync(this.plan.logFile).size : 0;
    await this.spawnOnce();
    await this.waitForReady(from);
  }

  /** Ends the process by SIGTERM, and by SIGKILL when it does not end within 12 s (its own limit is 10). */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), 12_000);
    await ended;
    clearTimeout(limit);
  }

  /** Of the running process; null between two of them. */
  get pid(): number | null {
    return this.isAlive ? (this.child?.pid ?? null) : null;
  }

  get isAlive(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  private async spawnOnce(): Promise<void> {
    const log = await open(this.plan.logFile, 'a');
    try {
      const child = spawn(process.execPath, [...commandOf(this.plan.name), '--config', this.plan.configFile], {
        cwd: projectRoot(),
        stdio: ['ignore', log.fd, log.fd],
      });
      this.child = child;
      child.once('exit', (code, signal) => {
        this.lastExit = code ?? signal;
        if (this.stopping) return;
        this.deaths += 1;
        // One that cannot even start would be started for ever.
        if (this.wasReady) void this.spawnOnce();
      });
    } finally {
      await log.close();
    }
  }

  private async waitForReady(from: number): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      for await (const line of createInterface({ input: createReadStream(this.plan.logFile, { start: from }) }))
        if (line.includes('"msg":"ready"')) {
          this.wasReady = true;
          return;
        }
      if (this.deaths > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${this.plan.name} did not become ready; see ${this.plan.logFile}`);
  }
}
