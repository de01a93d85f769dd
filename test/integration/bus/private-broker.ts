// A broker of the test's own, to be killed, frozen and wiped: the one that a lane shares must not be treated so. Ended by `remove`.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type RunningRabbitmq, startRabbitmq, stopRabbitmq } from '../../../deploy/rabbitmq.js';
import { ensureLayout } from '../../../deploy/state-directory.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { privateDirectory } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

export class PrivateBroker {
  private constructor(
    private readonly directory: string,
    private readonly layout: Awaited<ReturnType<typeof ensureLayout>>,
    private running: RunningRabbitmq | null,
  ) {}

  /** Ports and names only; nothing runs yet. */
  static async prepare(): Promise<PrivateBroker> {
    const directory = privateDirectory();
    return new PrivateBroker(directory, await ensureLayout(directory), null);
  }

  async start(): Promise<void> {
    this.running = await startRabbitmq({
      directory: path.join(this.directory, 'rabbitmq'),
      tag: this.layout.tag,
      ports: this.layout.ports,
    });
  }

  /** With the heartbeat in seconds, so that a frozen broker is noticed in a test's time. */
  url(heartbeat = 2): Secret {
    const base = this.running?.url ?? `amqp://nobody:none@127.0.0.1:${this.layout.ports.amqp}`;
    return new Secret(`${base}?heartbeat=${heartbeat}`);
  }

  /** SIGKILL, and gone when the call resolves. */
  async kill(): Promise<void> {
    const pid = this.pid();
    process.kill(pid, 'SIGKILL');
    await waitFor('the broker to be gone', () => !exists(pid));
  }

  /**
   * Waits until the broker has written the queue into its registry of quorum queues. That happens seconds after the declaration, and a
   * broker that is killed before forgets the queue's messages, confirmed or not (seen with 3.10.8): nothing that a client can mend.
   */
  async settled(queue: string): Promise<void> {
    const data = path.join(this.directory, 'rabbitmq', 'data');
    const registries = (): string[] =>
      readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('names.dets'));
    await waitFor(`${queue} in the registry`, () =>
      registries().some((file) => readFileSync(path.join(data, file)).includes(queue)),
    );
  }

  freeze(): void {
    process.kill(this.pid(), 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid(), 'SIGCONT');
  }

  /** Everything it knew is lost, as after the loss of its disk. The broker must not run. */
  wipe(): void {
    rmSync(path.join(this.directory, 'rabbitmq', 'data'), { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    // Nothing on it is needed any more, and an orderly end takes many seconds.
    if (this.running !== null && exists(this.running.pid)) await this.kill();
    await stopRabbitmq(path.join(this.directory, 'rabbitmq'));
    rmSync(this.directory, { recursive: true, force: true });
  }

  private pid(): number {
    if (this.running === null) throw new Error('the broker was not started');
    return this.running.pid;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
