// The whole service for random chaos: a PostgreSQL and a RabbitMQ of its own that may be killed, two conductors, two volume workers and two
// compute workers over directories as shares (the fault lane's stage), and an API process that is started again when it was killed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureDatabase, type PostgresPlan, startPostgres, stopPostgres } from '../../../deploy/postgres.js';
import { type RabbitmqPlan, startRabbitmq, stopRabbitmq } from '../../../deploy/rabbitmq.js';
import { ensureLayout } from '../../../deploy/state-directory.js';
import { Stage } from '../../fault/stage.js';
import { privateDirectory } from '../../harness/environment.js';
import { ApiProcess } from '../../integration/block-storage/api-process.js';

/** Processes whose command line names the directory: the Erlang machine is a grandchild of the one that the launcher knows. */
function processesOf(directory: string, program: RegExp): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const text = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
        return program.test(text.split('\0')[0] ?? '') && text.includes(directory);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

export class ChaosStack {
  private ending = false;
  /** How often the API process ended although nobody asked for it. */
  apiDeaths = 0;

  private constructor(
    private readonly directory: string,
    private readonly postgres: PostgresPlan,
    private readonly rabbitmq: RabbitmqPlan,
    readonly stage: Stage,
    readonly api: ApiProcess,
  ) {}

  static async open(): Promise<ChaosStack> {
    const directory = privateDirectory();
    const layout = await ensureLayout(directory);
    // Durable: what a client was promised must survive the kill.
    const postgres = { directory: path.join(directory, 'postgres') };
    const rabbitmq = { directory: path.join(directory, 'rabbitmq'), tag: layout.tag, ports: layout.ports };
    const [database, broker] = await Promise.all([startPostgres(postgres), startRabbitmq(rabbitmq)]);
    await ensureDatabase(database, 'saggar');
    const databaseUrl = database.url('saggar');
    const stage = await Stage.open({ databaseUrl, amqpUrl: broker.url }, [], 'fake', 4);
    const api = new ApiProcess({ databaseUrl });
    await api.start();
    const stack = new ChaosStack(directory, postgres, rabbitmq, stage, api);
    void stack.keepApi();
    return stack;
  }

  private async keepApi(): Promise<void> {
    while (!this.ending) {
      await this.api.ended();
      if (this.ending) return;
      this.apiDeaths += 1;
      await this.api.start();
    }
  }

  async killBroker(wiped: boolean): Promise<void> {
    for (const pid of processesOf(this.rabbitmq.directory, /beam/)) process.kill(pid, 'SIGKILL');
    await stopRabbitmq(this.rabbitmq.directory);
    if (wiped) rmSync(path.join(this.rabbitmq.directory, 'data'), { recursive: true, force: true });
    await startRabbitmq(this.rabbitmq);
  }

  async killDatabase(): Promise<void> {
    const { pid } = await startPostgres(this.postgres);
    process.kill(pid, 'SIGKILL');
    const deadline = Date.now() + 20_000;
    while (processesOf(this.postgres.directory, /postgres/).length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await startPostgres(this.postgres);
  }

  async cutSessions(): Promise<void> {
    await this.stage.db.raw(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  }

  /** `keep`: the logs and shares stay, in the stage's directory. */
  async close(keep: boolean): Promise<void> {
    this.ending = true;
    await this.api.close();
    await this.stage.close(keep);
    await Promise.all([stopPostgres(this.postgres.directory), stopRabbitmq(this.rabbitmq.directory)]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
