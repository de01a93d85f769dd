// The engines under the service fail while work is under way: the broker is killed, killed and wiped, frozen; the database is killed
// and started again. Afterwards every accepted operation is done and nothing is left. Servers of this file's own, since it breaks them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureDatabase, startPostgres, stopPostgres } from '../../../deploy/postgres.js';
import { type RabbitmqPlan, startRabbitmq, stopRabbitmq } from '../../../deploy/rabbitmq.js';
import { ensureLayout } from '../../../deploy/state-directory.js';
import { migrate } from '../../../services/core/db/connection.js';
import { privateDirectory } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import type { FigureId } from '../../reliability/figures.js';
import { recordFigure } from '../../reliability/page.js';
import { type Asked, createSnapshot, createVolume, deleteVolume } from '../engine/requests.js';
import { place, ServiceRig } from './service-rig.js';

/** Processes whose command line names the directory: the Erlang machine is a grandchild of the process that the launcher knows. */
function processesOf(directory: string, program: RegExp): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const text = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
        return program.test(text.split('\0')[0] ?? '') && text.includes(directory);
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('conductor: broken engines', function () {
  this.timeout(120_000);
  const directory = privateDirectory();
  // Durable: what a client was promised must survive the kill.
  const postgres = { directory: path.join(directory, 'postgres') };
  let rabbitmq: RabbitmqPlan;
  let rig: ServiceRig;

  before(async () => {
    const layout = await ensureLayout(directory);
    rabbitmq = { directory: path.join(directory, 'rabbitmq'), tag: layout.tag, ports: layout.ports };
    const [database, broker] = await Promise.all([startPostgres(postgres), startRabbitmq(rabbitmq)]);
    await ensureDatabase(database, 'saggar');
    rig = new ServiceRig({ databaseUrl: database.url('saggar'), amqpUrl: broker.url, prefix: 'disasters' });
    await migrate(rig.db);
    await rig.startConductor();
    await rig.startConductor();
    await rig.startWorkers();
    rig.effectMs = 10;
  });
  after(async () => {
    await rig.close();
    await Promise.all([stopPostgres(postgres.directory), stopRabbitmq(rabbitmq.directory)]);
    rmSync(directory, { recursive: true, force: true });
  });

  /** Creates that go on while `meanwhile` does its damage; all that was accepted must be done in the end. */
  async function workDuring(figure: FigureId, meanwhile: () => Promise<void>): Promise<void> {
    const accepted: Asked[] = [];
    let damaging = true;
    let hopeless = false;
    const asking = (async () => {
      while (!hopeless && (damaging || accepted.length < 10)) {
        try {
          accepted.push(await createVolume(rig.db, place));
        } catch {
          // The database is away: the client got an error, so nothing was promised to it.
        }
        await new Promise((resolve) => setTimeout(resolve, accepted.length < 10 ? 30 : 300));
      }
    })();
    try {
      await waitFor('some work under way', () => accepted.length >= 3);
      await meanwhile();
    } catch (error) {
      hopeless = true; // what was broken stays broken: asking until it answers would never end
      throw error;
    } finally {
      damaging = false;
      await asking;
    }
    await rig.done(accepted, 60_000);
    const snapshots = await Promise.all(accepted.slice(0, 5).map(({ id }) => createSnapshot(rig.db, id)));
    await rig.done(snapshots);
    await rig.assertNothingLeft();
    const removals: Asked[] = [];
    for (const { id } of accepted.slice(5)) removals.push(await deleteVolume(rig.db, id));
    await rig.done(removals, 60_000);
    // Whatever is lost ends the test before.
    recordFigure(figure, { value: `${accepted.length} operations under way, 0 lost`, verdict: 'met' });
  }

  function killBroker(): void {
    const machines = processesOf(rabbitmq.directory, /beam/);
    assert.equal(machines.length, 1, 'the Erlang machine of the broker');
    for (const pid of machines) process.kill(pid, 'SIGKILL');
  }

  it('finishes everything after the broker was killed and came back', async () => {
    await workDuring('broker-killed', async () => {
      killBroker();
      await stopRabbitmq(rabbitmq.directory);
      await startRabbitmq(rabbitmq);
    });
  });

  it('finishes everything after the broker lost all that it had', async () => {
    await workDuring('broker-wiped', async () => {
      killBroker();
      await stopRabbitmq(rabbitmq.directory);
      rmSync(path.join(rabbitmq.directory, 'data'), { recursive: true, force: true });
      await startRabbitmq(rabbitmq);
      // What was in the wiped queues is missed by nobody but the deadline; here it comes at once.
      await rig.makeStepsDue();
    });
  });

  it('finishes everything after the broker was frozen', async () => {
    await workDuring('broker-frozen', async () => {
      const machines = processesOf(rabbitmq.directory, /beam/);
      for (const pid of machines) process.kill(pid, 'SIGSTOP');
      try {
        await waitFor('commands to pile up', async () => (await rig.db('outbox').select('id')).length > 3, {
          timeoutMs: 30_000,
        });
      } finally {
        for (const pid of machines) process.kill(pid, 'SIGCONT');
      }
    });
  });

  it('finishes everything after the database was killed and came back', async () => {
    await workDuring('database-killed', async () => {
      const { pid } = await startPostgres(postgres);
      process.kill(pid, 'SIGKILL');
      await waitFor('the database to be gone', () => processesOf(postgres.directory, /postgres/).length === 0);
      await startPostgres(postgres);
    });
  });
});

describe('deploy: a database server that is ending', function () {
  this.timeout(60_000);
  let directory: string;
  before(() => {
    directory = privateDirectory();
  });
  after(async () => {
    await stopPostgres(directory);
    rmSync(directory, { recursive: true, force: true });
  });

  it('is not adopted: a new one is started', async () => {
    const postgres = { directory, durable: false };
    const { pid } = await startPostgres(postgres);
    // Its pid lives on and it answers nobody, as in the moment between a kill and the end.
    process.kill(pid, 'SIGSTOP');
    const again = startPostgres(postgres);
    const sockets = () => readFileSync('/proc/net/unix', 'utf8').split(`${directory}/socket/.s.PGSQL`).length - 1;
    await waitFor('somebody to knock at the old one', () => sockets() > 1);
    process.kill(pid, 'SIGKILL');
    const fresh = await again;
    assert.equal(fresh.adopted, false);
    assert.notEqual(fresh.pid, pid);
    assert.equal((await startPostgres(postgres)).adopted, true);
  });
});
