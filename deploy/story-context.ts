// What the steps of the story share: the public CLI as a child process, the guest's console, and the names and ids made so far.
// The story is a client like any other: it changes nothing but through the CLI. It looks at the share and at /proc only to see that
// nothing is left; and it puts the guest's boot image on the share as an operator would, to be taken in as a volume.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { GuestFiles } from '../drivers/qemu/guest-files.js';
import { projectRoot } from '../services/core/runtime/spec-files.js';
import { clientEnvironment } from './config-files.js';
import { DeployError } from './deploy-error.js';
import { GuestConsole } from './guest/console.js';
import { listShares, type MountedShare } from './mounts.js';
import type { Places } from './places.js';
import { runProgram } from './programs.js';
import type { Layout } from './state-directory.js';

const COMMAND_LIMIT_MS = 180_000;

export class StoryContext {
  /** Ids of everything that was made, so that the end can look for its traces. */
  readonly madeVolumes: string[] = [];
  private console: GuestConsole | null = null;
  private readonly notes = new Map<string, string>();

  constructor(
    readonly places: Places,
    readonly layout: Layout,
    /** Makes the names of this story's things its own. */
    readonly suffix: string,
  ) {}

  named(word: string): string {
    return `${word}-${this.suffix}`;
  }

  /** Runs `saggar` with the environment that npm start prints; returns what it printed. Throws when it fails. */
  async cli(...words: string[]): Promise<string> {
    const result = await this.tryCli(...words);
    if (result.exitCode === 0) return result.stdout;
    throw new DeployError(
      `saggar ${words.join(' ')} failed`,
      (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-4).join('\n    '),
      `read the logs in ${path.join(this.places.state, 'log')}`,
    );
  }

  tryCli(...words: string[]): ReturnType<typeof runProgram> {
    const program = path.join(projectRoot(), 'dist', 'services', 'cli', 'main.js');
    return runProgram([process.execPath, program, ...words], {
      timeoutMs: COMMAND_LIMIT_MS,
      env: clientEnvironment(this.places, this.layout),
    });
  }

  /** The object that a command printed, as JSON. */
  async json(...words: string[]): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.cli(...words, '-f', 'json')) as Readonly<Record<string, unknown>>;
  }

  /** Makes a volume or what else the words say, and returns its id. */
  async make(...words: string[]): Promise<string> {
    return String((await this.json(...words))['id']);
  }

  async makeVolume(...words: string[]): Promise<string> {
    const id = await this.make('volume', 'create', '--wait', ...words);
    this.madeVolumes.push(id);
    return id;
  }

  /** Where the file is on the shares of this Saggar; below the first when it is on none. */
  fileOnShares(file: string): string {
    const paths = this.shares().map(({ mountPoint }) => path.join(mountPoint, file));
    return paths.find((one) => existsSync(one)) ?? path.join(this.share().mountPoint, file);
  }

  private shares(): MountedShare[] {
    return listShares().filter(({ mountPoint }) => mountPoint.startsWith(`${this.places.mounts}/`));
  }

  /** The first share of this Saggar that is mounted; the volume worker mounts it when it starts. */
  share(): MountedShare {
    const [share] = this.shares();
    if (share !== undefined) return share;
    throw new DeployError(
      'no share is mounted',
      `nothing below ${this.places.mounts}`,
      `read ${this.places.logOf('volume-worker')}`,
    );
  }

  remember(key: string, value: string): void {
    this.notes.set(key, value);
  }

  recall(key: string): string {
    const value = this.notes.get(key);
    if (value === undefined) throw new Error(`the story has not come to ${key} yet`);
    return value;
  }

  has(key: string): boolean {
    return this.notes.has(key);
  }

  /** Opens the serial console of the server; the compute worker keeps its socket in the server's folder. */
  async openConsole(serverId: string): Promise<GuestConsole> {
    const files = new GuestFiles(this.places.ownStateOf('compute-worker'), serverId);
    this.console = await GuestConsole.connect(files.file('console.sock'));
    return this.console;
  }

  guest(): GuestConsole {
    if (this.console === null) throw new Error('the guest has not been started yet');
    return this.console;
  }

  closeConsole(): void {
    this.console?.close();
    this.console = null;
  }
}
