// Debian's `openstack` (python3-openstackclient), unchanged, against a started Saggar with real GlusterFS and QEMU: what a user types,
// in the order in which a user types it. Exit codes and JSON output are checked; nothing else is sent to the service.
// Needs root, the Debian packages of deploy/debian-packages.json and a build in dist/; says so and skips where they are missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { clientEnvironment } from '../../deploy/config-files.js';
import { type Places, placesOf } from '../../deploy/places.js';
import { openProgress } from '../../deploy/progress.js';
import { startAll } from '../../deploy/start.js';
import { ensureLayout, type Layout } from '../../deploy/state-directory.js';
import { stopAll } from '../../deploy/stop.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { privateDirectory } from '../harness/environment.js';
import { waitFor } from '../harness/wait-for.js';

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Row = Readonly<Record<string, unknown>>;

const COMMAND_LIMIT_MS = 120_000;

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  for (const program of ['openstack', 'glusterd', 'qemu-system-x86_64', 'rabbitmqctl']) {
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  }
  const built = path.join(projectRoot(), 'dist', 'services', 'compute-worker', 'main.js');
  return existsSync(built) ? null : 'there is no build (npm run build)';
}

describe('the openstack client', function () {
  this.timeout(300_000);
  this.bail(true);
  let state: string | null = null;
  let places: Places;
  let layout: Layout;
  const progress = openProgress();
  const ids = new Map<string, string>();

  before(async function () {
    const reason = whyNot();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    state = privateDirectory();
    layout = await ensureLayout(state);
    places = placesOf(state);
    await startAll(places, layout, progress);
  });

  after(async () => {
    if (state === null) return;
    await stopAll(places, layout, progress);
    progress.close();
    rmSync(state, { recursive: true, force: true });
  });

  function type(command: string): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const child = spawn('openstack', command.split(' '), {
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: state ?? '/',
          LC_ALL: 'C.UTF-8',
          ...clientEnvironment(places, layout),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: COMMAND_LIMIT_MS,
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (piece: Buffer) => {
        stdout += piece.toString();
      });
      child.stderr.on('data', (piece: Buffer) => {
        stderr += piece.toString();
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  async function succeed(command: string): Promise<string> {
    const { code, stdout, stderr } = await type(command);
    assert.equal(code, 0, `openstack ${command}: ${stderr || stdout}`);
    return stdout;
  }

  async function json<T = Row>(command: string): Promise<T> {
    return JSON.parse(await succeed(`${command} -f json`)) as T;
  }

  function id(name: string): string {
    return ids.get(name) ?? assert.fail(`nothing is called ${name} yet`);
  }

  function becomes(show: string, status: string): Promise<unknown> {
    return waitFor(
      `${show} to become ${status}`,
      async () => {
        const seen = String((await json(show))['status']);
        if (/^error/i.test(seen) && !/^error/i.test(status)) throw new Error(`it is ${seen}`);
        return seen === status;
      },
      { timeoutMs: COMMAND_LIMIT_MS, intervalMs: 200 },
    );
  }

  function vanishes(list: string, name: string): Promise<unknown> {
    const gone = async () => !(await json<Row[]>(list)).some((row) => row['Name'] === name);
    return waitFor(`${name} to vanish`, gone, { timeoutMs: COMMAND_LIMIT_MS, intervalMs: 200 });
  }

  async function makeVolume(name: string, more = ''): Promise<void> {
    const made = await json(`volume create ${more}${name}`);
    ids.set(name, String(made['id']));
    await becomes(`volume show ${name}`, 'available');
  }

  it('logs in and sees the catalog', async () => {
    const token = await json('token issue');
    assert.match(String(token['id']), /^[\w-]{43}$/);
    const catalog = await json<Row[]>('catalog list');
    for (const wanted of ['block-storage', 'volumev3', 'compute', 'identity', 'image']) {
      assert.ok(
        catalog.some((entry) => entry['Type'] === wanted),
        `${wanted} in the catalog`,
      );
    }
  });

  it('is refused with a wrong password, in words', async () => {
    const answer = await type('--os-password wrong token issue');
    assert.equal(answer.code, 1);
    assert.match(answer.stderr, /requires authentication.*HTTP 401/);
  });

  it('looks around: projects, users, roles, flavors, zones, services, types, limits', async () => {
    const names = async (command: string) => (await json<Row[]>(command)).map((row) => row['Name']);
    assert.deepEqual(await names('project list'), ['admin', 'demo', 'service']);
    assert.deepEqual(await names('user list'), ['admin']);
    assert.ok((await names('role list')).includes('member'));
    assert.ok((await names('flavor list')).includes('m1.tiny'));
    assert.ok((await names('volume type list')).includes('__DEFAULT__'));
    const zones = await json<Row[]>('availability zone list --volume');
    assert.ok(zones.some((row) => row['Zone Name'] === 'nova'));
    const services = await json<Row[]>('volume service list');
    assert.ok(services.some((row) => row['State'] === 'up'));
    assert.ok((await json<Row[]>('compute service list')).some((row) => row['State'] === 'up'));
    const limits = await json<Row[]>('limits show --absolute');
    assert.ok(limits.some((row) => row['Name'] === 'maxTotalVolumes'));
  });

  it('makes, shows, changes and lists a volume', async () => {
    await makeVolume('data', '--size 1 --description first ');
    assert.equal(Number((await json('volume show data'))['size']), 1);
    await succeed('volume set --name data-2 --property color=blue data');
    const shown = await json('volume show data-2');
    assert.deepEqual(shown['properties'], { color: 'blue' });
    assert.equal(shown['id'], id('data'));
    const listed = await json<Row[]>('volume list --long');
    assert.ok(listed.some((row) => row['Name'] === 'data-2' && row['Status'] === 'available'));
    await succeed('volume set --name data data-2');
  });

  it('grows it', async () => {
    await succeed('volume set --size 2 data');
    await becomes('volume show data', 'available');
    assert.equal(Number((await json('volume show data'))['size']), 2);
  });

  it('takes a snapshot and makes a volume of it', async () => {
    await succeed('volume snapshot create --volume data snap');
    await becomes('volume snapshot show snap', 'available');
    assert.equal((await json<Row[]>('volume snapshot list')).length, 1);
    await makeVolume('restored', '--snapshot snap ');
    assert.equal(Number((await json('volume show restored'))['size']), 2);
  });

  it('refuses to delete a volume that has a snapshot', async () => {
    const answer = await type('volume delete data');
    assert.equal(answer.code, 1);
    assert.equal(String((await json('volume show data'))['status']), 'available');
  });

  it('deletes snapshot and restored volume', async () => {
    await succeed('volume delete restored');
    await vanishes('volume list', 'restored');
    await succeed('volume snapshot delete snap');
    await vanishes('volume snapshot list', 'snap');
  });

  it('boots a server from a volume', async () => {
    await makeVolume('boot', '--size 1 --bootable ');
    const server = await json('server create --volume boot --flavor m1.tiny --wait guest');
    ids.set('guest', String(server['id']));
    assert.equal(server['status'], 'ACTIVE');
    const listed = await json<Row[]>('server list');
    assert.deepEqual(
      listed.map((row) => [row['Name'], row['Status'], row['Flavor']]),
      [['guest', 'ACTIVE', 'm1.tiny']],
    );
    assert.equal((await json('volume show boot'))['status'], 'in-use');
  });

  it('plugs a volume into the running server', async () => {
    await succeed('server add volume guest data');
    await becomes('volume show data', 'in-use');
    const attached = await json<Row[]>('server volume list guest');
    assert.deepEqual(attached.map((row) => row['Volume ID']).sort(), [id('boot'), id('data')].sort());
    const shown = await json<{ attachments: Row[] }>('volume show data');
    assert.equal(shown.attachments[0]?.['server_id'], id('guest'));
  });

  it('takes and deletes a snapshot of the plugged volume', async () => {
    await succeed('volume snapshot create --force --volume data live');
    await becomes('volume snapshot show live', 'available');
    await succeed('volume snapshot delete live');
    await vanishes('volume snapshot list', 'live');
    assert.equal((await json('volume show data'))['status'], 'in-use');
  });

  it('reads the console', async () => {
    const { code, stderr } = await type('console log show guest');
    assert.equal(code, 0, stderr);
  });

  it('refuses to delete a volume in use', async () => {
    assert.equal((await type('volume delete data')).code, 1);
  });

  it('stops and starts the server', async () => {
    await succeed('server stop guest');
    await becomes('server show guest', 'SHUTOFF');
    await succeed('server start guest');
    await becomes('server show guest', 'ACTIVE');
  });

  it('is told when something does not exist', async () => {
    for (const command of [
      'volume show nothing',
      'server show nothing',
      'volume snapshot show nothing',
      'flavor show nothing',
    ]) {
      const { code, stderr } = await type(command);
      assert.equal(code, 1, command);
      assert.match(stderr, /No .* (exists|found)|could not be found/i, command);
    }
  });

  it('unplugs the volume while the server is stopped, and deletes the server', async () => {
    // A guest without an operating system never lets go of a disk, so it is stopped first.
    await succeed('server stop guest');
    await becomes('server show guest', 'SHUTOFF');
    await succeed('server remove volume guest data');
    await becomes('volume show data', 'available');
    await succeed('server delete --wait guest');
    await becomes('volume show boot', 'available');
  });

  it('deletes everything', async () => {
    await succeed('volume delete data boot');
    await vanishes('volume list', 'data');
    await vanishes('volume list', 'boot');
    assert.deepEqual(await json<Row[]>('volume list --all-projects'), []);
    assert.deepEqual(await json<Row[]>('server list --all-projects'), []);
  });

  it('manages people: a project, a user with a role, and what that user may do', async () => {
    await json('project create crew');
    await json('user create --password pw --project crew ann');
    await succeed('role add --user ann --project crew member');
    const assigned = await json<Row[]>('role assignment list --user ann --names');
    assert.deepEqual(
      assigned.map((row) => row['Role']),
      ['member'],
    );
    const asAnn = '--os-username ann --os-password pw --os-project-name crew';
    assert.deepEqual(await json<Row[]>(`${asAnn} volume list`), []);
    assert.equal((await type(`${asAnn} volume service list`)).code, 1);
    assert.equal((await type(`${asAnn} user list`)).code, 1);
    await succeed('user delete ann');
    await succeed('project delete crew');
    assert.equal((await type(`${asAnn} volume list`)).code, 1);
  });
});
