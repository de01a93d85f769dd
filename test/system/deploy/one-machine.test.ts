// The two promises of the first page, on real parts: one command starts everything and does the main job; stopping leaves nothing;
// starting again finds the volumes, quickly. Debian's own `openstack` client is used against it, unchanged.
// Runs the built program (`npm test` builds it) in a state directory of its own. The steps build on each other, in this order.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { placesOf } from '../../../deploy/places.js';
import { tryReadLayout } from '../../../deploy/state-directory.js';
import { findLeftovers } from '../../../deploy/stop.js';
import { storySteps } from '../../../deploy/story.js';
import { readOpenrc } from '../../bench/api-client.js';

const READY_GOAL_MS = 15_000;
const COMMAND_LIMIT_MS = 280_000;

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly tookMs: number;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const since = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C.UTF-8', ...env },
    timeout: COMMAND_LIMIT_MS,
  });
  return { status, output: `${stdout}${stderr}`, tookMs: performance.now() - since };
}

describe('everything on one machine', function oneMachine() {
  this.timeout(300_000);
  this.bail(true);
  let state: string;

  const deploy = (...words: string[]): Ran =>
    run(process.execPath, ['dist/deploy/main.js', ...words], { SAGGAR_STATE: state });
  const mustDeploy = (...words: string[]): Ran => {
    const ran = deploy(...words);
    assert.equal(ran.status, 0, ran.output);
    return ran;
  };
  const openstack = (...words: string[]): string => {
    const ran = run('openstack', words, readOpenrc(path.join(state, 'openrc')));
    assert.equal(ran.status, 0, `openstack ${words.join(' ')}: ${ran.output}`);
    return ran.output.trim();
  };
  const waitForVolume = (name: string, wanted: string): void => {
    const deadline = Date.now() + 30_000;
    for (let status = ''; status !== wanted; ) {
      status = openstack('volume', 'show', name, '-f', 'value', '-c', 'status');
      assert(!status.startsWith('error') && Date.now() < deadline, `${name} is ${status}, not ${wanted}`);
    }
  };
  const leftovers = (): Promise<readonly string[]> => {
    const layout = tryReadLayout(state);
    assert(layout !== null);
    return findLeftovers(placesOf(state), layout);
  };

  before(function checkParts() {
    assert(existsSync('dist/deploy/main.js'), 'the program is not built: npm run build');
    if (process.getuid?.() !== 0 || run('openstack', ['--version']).status !== 0) {
      process.stdout.write('skipped: needs root and the package python3-openstackclient\n');
      this.skip();
    }
    state = mkdtempSync('/tmp/sg-');
    chmodSync(state, 0o755);
  });

  after(() => {
    if (state === undefined) return;
    const { status, output } = deploy('stop');
    assert.equal(status, 0, output);
    rmSync(state, { recursive: true, force: true });
  });

  it('starts with one command and does the main job', () => {
    const { output } = mustDeploy('start');
    for (const [index, { tells }] of storySteps.entries()) {
      assert(output.includes(`ok    ${index + 1}. ${tells}`), `step ${index + 1} is missing in: ${output}`);
    }
    assert.match(output, /block storage +http:\/\/127\.0\.0\.1:\d+\/volume\/v3/);
    for (const secret of ['openrc', 'secrets/admin-password', 'secrets/ticket-secret', 'config/api.yaml']) {
      assert.equal(statSync(path.join(state, secret)).mode & 0o077, 0, `${secret} can be read by others`);
    }
  });

  it('serves Debian’s openstack client, unchanged', () => {
    openstack('volume', 'create', '--size', '1', 'kept');
    waitForVolume('kept', 'available');
    assert.match(
      openstack('volume', 'list', '-f', 'value', '-c', 'Name', '-c', 'Status', '-c', 'Size'),
      /^kept available 1$/m,
    );
    openstack('volume', 'snapshot', 'create', '--volume', 'kept', 'kept-snapshot');
    assert.match(openstack('volume', 'snapshot', 'list', '-f', 'value', '-c', 'Name'), /^kept-snapshot$/m);
    openstack('volume', 'create', '--size', '1', 'root');
    waitForVolume('root', 'available');
    openstack('volume', 'set', '--bootable', 'root');
    const flavor = openstack('flavor', 'list', '-f', 'value', '-c', 'Name').split('\n')[0] ?? '';
    openstack('server', 'create', '--flavor', flavor, '--volume', 'root', '--nic', 'none', '--wait', 'guest');
    openstack('server', 'add', 'volume', 'guest', 'kept');
    waitForVolume('kept', 'in-use');
    openstack('server', 'remove', 'volume', 'guest', 'kept');
    waitForVolume('kept', 'available');
    openstack('server', 'delete', '--wait', 'guest');
    waitForVolume('root', 'available');
    openstack('volume', 'delete', 'root');
  });

  it('adopts what runs when it is started again', () => {
    const { output, tookMs } = mustDeploy('start', '--no-story');
    assert(tookMs < READY_GOAL_MS, `${Math.round(tookMs)} ms; ${output}`);
    assert.match(mustDeploy('status').output, /^Saggar +running +ready$/m);
  });

  it('leaves nothing when it is stopped', async () => {
    mustDeploy('stop');
    assert.deepEqual(await leftovers(), []);
    assert.match(mustDeploy('status').output, /^api +stopped/m);
  });

  it('finds the volumes when it is started after a stop, within 15 seconds', () => {
    const { output, tookMs } = mustDeploy('start', '--no-story');
    assert(tookMs < READY_GOAL_MS, `ready after ${Math.round(tookMs)} ms: ${output}`);
    assert.equal(openstack('volume', 'show', 'kept', '-f', 'value', '-c', 'status'), 'available');
    openstack('volume', 'snapshot', 'delete', 'kept-snapshot');
  });
});
