// The life of everything on one machine, on real parts: start, adopt, stop with a guest running, start again, crash, and starts that
// fail. Runs the built program (`npm test` builds it) in a state directory of its own. The steps build on each other, in this order.
// What the started service can do is tested beside this file (the main job, the openstack client).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { namespacesOf, processesIn } from '../../../deploy/network.js';
import { type Places, placesOf } from '../../../deploy/places.js';
import { findRunning } from '../../../deploy/postgres.js';
import { findLiving } from '../../../deploy/processes.js';
import { ensureLayout, type Layout, tryReadLayout } from '../../../deploy/state-directory.js';
import { findLeftovers } from '../../../deploy/stop.js';
import { readOpenrc } from '../../bench/api-client.js';
import { privateDirectory } from '../../harness/environment.js';

const READY_GOAL_MS = 15_000;
const COMMAND_LIMIT_MS = 120_000;
const services = ['api', 'conductor', 'volume-worker', 'compute-worker'] as const;

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly tookMs: number;
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Ran {
  const since = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C.UTF-8', ...env },
    timeout: COMMAND_LIMIT_MS,
  });
  return { status, output: `${stdout}${stderr}`, tookMs: performance.now() - since };
}

describe('everything on one machine', function oneMachine() {
  this.timeout(180_000);
  this.bail(true);
  let state: string | null = null;
  let places: Places;

  const deploy = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Ran =>
    run(['dist/deploy/main.js', ...words], { SAGGAR_STATE: state ?? '', ...env });
  const mustDeploy = (...words: string[]): Ran => {
    const ran = deploy(words);
    assert.equal(ran.status, 0, ran.output);
    return ran;
  };
  const saggar = (...words: string[]): string => {
    const ran = run(['dist/services/cli/main.js', ...words], readOpenrc(places.openrc));
    assert.equal(ran.status, 0, `saggar ${words.join(' ')}: ${ran.output}`);
    return ran.output.trim();
  };
  const layout = (): Layout => {
    const found = tryReadLayout(places.state);
    assert(found !== null);
    return found;
  };
  const pids = (): readonly (number | undefined)[] => [
    findRunning(places.postgres)?.pid,
    findLiving(path.join(places.rabbitmq, 'server.pid.json'))?.pid,
    findLiving(path.join(places.rabbitmq, 'epmd.pid.json'))?.pid,
    findLiving(path.join(places.gluster, 'node1', 'glusterd.pid.json'))?.pid,
    ...services.map((service) => findLiving(places.pidFileOf(service))?.pid),
  ];

  before(function checkParts() {
    assert(existsSync('dist/deploy/main.js'), 'the program is not built: npm run build');
    if (process.getuid?.() !== 0) {
      process.stdout.write('      skipped: root is needed\n');
      this.skip();
    }
    state = privateDirectory();
    places = placesOf(state);
  });

  after(() => {
    if (state === null) return;
    const { status, output } = deploy(['stop']);
    assert.equal(status, 0, output);
    rmSync(state, { recursive: true, force: true });
  });

  it('undoes a start that fails half-way, and says what to do', async () => {
    const { ports } = await ensureLayout(places.state);
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(ports.api, '127.0.0.1', resolve));
    try {
      const { status, output } = deploy(['start', '--no-story']);
      assert.equal(status, 1, output);
      assert.match(output, /api ended while starting\n {2}why: .*what to do: /s);
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
    assert.deepEqual(await findLeftovers(places, layout()), []);
  });

  it('refuses a shares file that does not exist before anything is started', async () => {
    const { status, output } = deploy(['start', '--no-story'], { SAGGAR_SHARES: '/nonexistent/shares' });
    assert.equal(status, 1);
    assert.match(output, /the shares file was not found\n {2}why: SAGGAR_SHARES names \/nonexistent\/shares\n/);
    assert.deepEqual(await findLeftovers(places, layout()), []);
  });

  it('starts with one command and keeps its secrets to itself', () => {
    const { output } = mustDeploy('start', '--no-story');
    assert.match(output, /block storage +http:\/\/127\.0\.0\.1:\d+\/volume\/v3/);
    for (const secret of ['openrc', 'secrets/admin-password', 'secrets/ticket-secret', 'config/api.yaml']) {
      assert.equal(statSync(path.join(places.state, secret)).mode & 0o077, 0, `${secret} can be read by others`);
    }
    assert(pids().every((pid) => pid !== undefined));
    saggar('volume', 'create', '--size', '1', '--wait', 'kept');
  });

  it('adopts what runs when it is started again', () => {
    const before = pids();
    const { output, tookMs } = mustDeploy('start', '--no-story');
    assert(tookMs < READY_GOAL_MS, `${Math.round(tookMs)} ms; ${output}`);
    assert.deepEqual(pids(), before);
    assert.match(mustDeploy('status').output, /^Saggar +running +ready$/m);
  });

  it('leaves nothing when it is stopped, guests and mounts included', async () => {
    saggar('volume', 'create', '--size', '1', '--bootable', '--wait', 'root');
    const [flavor = ''] = saggar('flavor', 'list', '-f', 'value', '-c', 'Name').split('\n');
    saggar('server', 'create', '--flavor', flavor, '--volume', 'root', '--wait', 'guest');
    assert(
      (await findLeftovers(places, layout())).some((line) => /qemu-system/.test(line)),
      'no guest runs',
    );
    mustDeploy('stop');
    assert.deepEqual(await findLeftovers(places, layout()), []);
    assert.deepEqual(openSockets(places.state), []);
    for (const service of ['api', 'PostgreSQL', 'RabbitMQ', 'GlusterFS']) {
      assert.match(mustDeploy('status').output, new RegExp(`^${service} +stopped`, 'm'));
    }
  });

  it('finds the volumes when it is started after a stop, within 15 seconds', () => {
    const { output, tookMs } = mustDeploy('start', '--no-story');
    assert.equal(saggar('volume', 'show', 'kept', '-f', 'value', '-c', 'status'), 'available');
    assert(tookMs < READY_GOAL_MS, `ready after ${Math.round(tookMs)} ms: ${output}`);
  });

  it('starts again after every process was killed', async () => {
    const inNamespaces = await Promise.all((await namespacesOf(layout().tag)).map(processesIn));
    for (const pid of [...pids(), ...inNamespaces.flat()]) if (pid !== undefined) kill(pid);
    mustDeploy('start', '--no-story');
    assert.equal(saggar('volume', 'show', 'kept', '-f', 'value', '-c', 'status'), 'available');
    saggar('volume', 'create', '--size', '1', '--wait', 'after');
  });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended with its parent
  }
}

/** UNIX sockets below the directory that somebody still listens on. */
function openSockets(directory: string): readonly string[] {
  assert(readdirSync(directory).length > 0);
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[7] ?? [])
    .filter((name) => name.startsWith(`${directory}/`));
}
