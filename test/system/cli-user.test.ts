// Our own client, as it is installed, against a started Saggar with real GlusterFS and QEMU: a user's and an administrator's day, with
// the login in clouds.yaml and secure.yaml. Exit codes, output and what `--wait` says are checked; nothing else is sent to the service.
// Needs root, the Debian packages of deploy/debian-packages.json and a build in dist/; says so and skips where they are missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
const program = path.join(projectRoot(), 'dist', 'services', 'cli', 'main.js');

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  for (const name of ['glusterd', 'qemu-system-x86_64', 'rabbitmqctl']) {
    if (spawnSync('which', [name]).status !== 0) return `${name} is not installed`;
  }
  return existsSync(program) ? null : 'there is no build (npm run build)';
}

describe('the saggar client', function () {
  this.timeout(300_000);
  this.bail(true);
  let state: string | null = null;
  let home = '/';
  let places: Places;
  let layout: Layout;
  const progress = openProgress();

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
    home = path.join(state, 'home');
    writeClouds(clientEnvironment(places, layout));
  });

  after(async () => {
    if (state === null) return;
    await stopAll(places, layout, progress);
    progress.close();
    rmSync(state, { recursive: true, force: true });
  });

  /** The administrator's login as the cloud `lab`; the password stands in secure.yaml alone. */
  function writeClouds(env: Readonly<Record<string, string>>): void {
    const folder = path.join(home, '.config', 'openstack');
    mkdirSync(folder, { recursive: true });
    const login = (user: string, project: string): object => ({
      auth: { auth_url: env['OS_AUTH_URL'], username: user, project_name: project },
      region_name: env['OS_REGION_NAME'],
    });
    const clouds = { lab: login(env['OS_USERNAME'] ?? '', env['OS_PROJECT_NAME'] ?? ''), shop: login('anna', 'shop') };
    writeFileSync(path.join(folder, 'clouds.yaml'), JSON.stringify({ clouds }));
    const secrets = { lab: { auth: { password: env['OS_PASSWORD'] } }, shop: { auth: { password: 'secret' } } };
    writeFileSync(path.join(folder, 'secure.yaml'), JSON.stringify({ clouds: secrets }), { mode: 0o600 });
  }

  /** Words with blanks go in double quotes. */
  function type(line: string, cloud = 'lab'): Promise<Ending> {
    return new Promise((resolve, reject) => {
      const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
      const child = spawn(process.execPath, [program, ...words], {
        cwd: home,
        env: { PATH: process.env['PATH'] ?? '', HOME: home, OS_CLOUD: cloud },
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

  async function succeed(line: string, cloud = 'lab'): Promise<string> {
    const { code, stdout, stderr } = await type(line, cloud);
    assert.equal(code, 0, `saggar ${line}: ${stderr || stdout}`);
    assert.equal(stderr, '', line);
    return stdout;
  }

  async function json<T = Row>(line: string, cloud = 'lab'): Promise<T> {
    return JSON.parse(await succeed(`${line} -f json`, cloud)) as T;
  }

  async function value(line: string, cloud = 'lab'): Promise<string> {
    return (await succeed(`${line} -f value`, cloud)).trimEnd();
  }

  it('logs in with clouds.yaml, and says what is wrong when it cannot', async () => {
    assert.match(await value('token issue -c id'), /^[\w-]{43}$/);
    const unknown = await type('token issue', 'nowhere');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /has no cloud 'nowhere'.*It has: lab, shop/);
    const wrong = await type('token issue', 'shop');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /refused the login of user 'anna'/);
  });

  it('makes a project and a user, who makes a volume', async () => {
    await succeed('project create shop');
    await succeed('user create --password secret --project shop anna');
    await succeed('role add --user anna --project shop member');
    await succeed('volume create --size 1 --property used-by=web --wait data', 'shop');
    assert.equal(await value('volume show -c status data', 'shop'), 'available');
    const refused = await type('volume service list', 'shop');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /HTTP 403/);
  });

  it('grows it, keeps its state and goes back', async () => {
    await succeed('volume set --size 2 --wait data', 'shop');
    assert.equal(await value('volume show -c size data', 'shop'), '2');
    await succeed('volume snapshot create --volume data --wait before', 'shop');
    await succeed('volume revert --wait before', 'shop');
    await succeed('volume create --snapshot before --wait copy', 'shop');
    await succeed('volume create --source data --wait clone', 'shop');
    await succeed('volume delete --wait copy clone', 'shop');
    const refused = await type('volume delete --wait data', 'shop');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /snapshots/);
  });

  it('fails with the reason when what it waits for fails', async () => {
    await succeed('volume type create --property volume_backend_name=nowhere lost');
    const { code, stdout, stderr } = await type('volume create --size 1 --type lost --wait unlucky', 'shop');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /ended as 'error': ./);
    assert.ok((await json<Row[]>('volume message list', 'shop')).length > 0);
    await succeed('volume delete --wait unlucky', 'shop');
    await succeed('volume type delete lost');
  });

  it('keeps to a quota that the administrator set', async () => {
    await succeed('quota set --volumes 1 shop');
    const refused = await type('volume create --size 1 --wait more', 'shop');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /HTTP 413.*quota/);
    await succeed('quota delete shop');
  });

  it('gives the volume another type, for one project and with QoS', async () => {
    await succeed('volume type create --private --project shop careful');
    await succeed('volume qos create --consumer front-end --property total_iops_sec=500 modest');
    await succeed('volume qos associate modest careful');
    await succeed('volume set --type careful --retype-policy never --wait data', 'shop');
    assert.equal(await value('volume show -c type data', 'shop'), 'careful');
    const shown = await json('volume type show careful');
    assert.equal((shown['access_project_ids'] as string[]).length, 1);
    assert.deepEqual((await json('volume qos show modest'))['associations'], ['careful']);
  });

  it('boots a guest, plugs the volume in, and keeps its state while it runs', async () => {
    await succeed('volume create --size 1 --bootable --wait root', 'shop');
    await succeed('server create --flavor m1.tiny --volume root --wait vm', 'shop');
    await succeed('server add volume --wait vm data', 'shop');
    assert.equal((await json<Row[]>('server volume list vm', 'shop')).length, 2);
    await succeed('volume snapshot create --volume data --wait live', 'shop');
    await succeed('volume set --size 3 --wait data', 'shop');
    await succeed('volume snapshot delete --wait live', 'shop');
    assert.equal(await value('volume show -c status data', 'shop'), 'in-use');
    const console = await type('console log show vm', 'shop');
    assert.equal(console.code, 0, console.stderr);
    // A guest without an operating system never lets go of a disk, so it is stopped first.
    await succeed('server stop --wait vm', 'shop');
    await succeed('server remove volume --wait vm data', 'shop');
    await succeed('server delete --wait vm', 'shop');
    await waitFor(
      'the root volume to be free',
      async () => (await value('volume show -c status root', 'shop')) === 'available',
      { timeoutMs: COMMAND_LIMIT_MS, intervalMs: 200 },
    );
  });

  it('hands the volume to the administrator', async () => {
    await succeed('volume snapshot delete --wait before', 'shop');
    const offer = await json('volume transfer request create data', 'shop');
    await succeed(`volume transfer request accept --auth-key ${String(offer['auth_key'])} ${String(offer['id'])}`);
    assert.equal(await value('volume show -c status data'), 'available');
    assert.deepEqual(
      (await json<Row[]>('volume list', 'shop')).map((row) => row['Name']),
      ['root'],
    );
  });

  it('shows the operator services, pools, capabilities and levels', async () => {
    const services = await json<Row[]>('volume service list');
    const worker = services.find((row) => row['Binary'] === 'cinder-volume');
    assert.equal(worker?.['State'], 'up');
    const host = String(worker['Host']);
    const [pool] = await json<Row[]>('volume backend pool list --long');
    assert.ok(String(pool?.['Name']).startsWith(`${host}#`) && Number(pool?.['Capacity']) > 0);
    assert.ok((await json<Row[]>(`volume backend capability show ${host}`)).length > 0);
    await succeed(`volume host set --disable ${host}`);
    await succeed(`volume host set --enable ${host}`);
    await succeed('block storage log level set --service cinder-volume DEBUG');
    const versions = await json<Row[]>('versions show --service volumev3');
    assert.equal(versions[0]?.['Max Microversion'], '3.71');
  });

  it('clears up', async () => {
    await succeed('volume delete --wait root', 'shop');
    await succeed('volume delete --wait data');
    await succeed('volume qos disassociate --all modest');
    await succeed('volume qos delete modest');
    await succeed('volume type delete careful');
    await succeed('user delete anna');
    await succeed('project delete shop');
    assert.deepEqual(await json<Row[]>('volume list --all-projects'), []);
    assert.deepEqual(await json<Row[]>('server list --all-projects'), []);
  });
});
