// Two backends on one machine, on real parts: each a Gluster volume of its own behind the same volume worker. A volume lands where its
// type says, everything made from it stays there, and what names neither backend fails with its reason. Log levels reach the processes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { type Places, placesOf } from '../../../deploy/places.js';
import { BenchClient, readOpenrc } from '../../bench/api-client.js';
import { privateDirectory } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

const COMMAND_LIMIT_MS = 120_000;
const settled = { timeoutMs: 60_000, intervalMs: 100 };

interface Volume {
  readonly id: string;
  readonly status: string;
  readonly 'os-vol-host-attr:host': string | null;
}

describe('two backends on one machine', function twoBackends() {
  this.timeout(180_000);
  this.bail(true);
  let state: string | null = null;
  let places: Places;
  let client: BenchClient;

  function deploy(...words: string[]): void {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/deploy/main.js', ...words], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        LC_ALL: 'C.UTF-8',
        SAGGAR_STATE: state ?? '',
        SAGGAR_BACKENDS: '2',
      },
      timeout: COMMAND_LIMIT_MS,
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  }

  before(async function start() {
    assert(existsSync('dist/deploy/main.js'), 'the program is not built: npm run build');
    if (process.getuid?.() !== 0) {
      process.stdout.write('      skipped: root is needed\n');
      this.skip();
    }
    state = privateDirectory();
    places = placesOf(state);
    deploy('start', '--no-story');
    client = await BenchClient.login(readOpenrc(places.openrc));
  });

  after(() => {
    if (state === null) return;
    deploy('stop');
    rmSync(state, { recursive: true, force: true });
  });

  const show = async (id: string): Promise<Volume> =>
    ((await client.expect(200, 'GET', `/volumes/${id}`)) as { volume: Volume }).volume;
  const available = (id: string): Promise<Volume> =>
    waitFor(
      `volume ${id}`,
      async () => {
        const volume = await show(id);
        return volume.status === 'available' ? volume : null;
      },
      settled,
    );
  const make = async (wish: object): Promise<string> =>
    ((await client.expect(202, 'POST', '/volumes', { volume: { size: 1, ...wish } })) as { volume: Volume }).volume.id;
  const remove = async (path: string): Promise<void> => {
    await client.expect(202, 'DELETE', path);
    await waitFor(`the end of ${path}`, async () => (await client.call('GET', path)).status === 404, settled);
  };
  const type = (name: string, extra_specs: object): Promise<unknown> =>
    client.expect(200, 'POST', '/types', { volume_type: { name, extra_specs } });

  it('shows both, and tells the same of each in every view', async () => {
    const { pools } = (await client.expect(200, 'GET', '/scheduler-stats/get_pools?detail=true')) as {
      pools: { name: string; capabilities: Record<string, unknown> }[];
    };
    assert.deepEqual(
      pools.map((pool) => pool.capabilities['volume_backend_name']),
      ['gluster', 'gluster2'],
    );
    for (const { name, capabilities } of pools) {
      const shown = (await client.expect(
        200,
        'GET',
        `/capabilities/${name.split('#')[0] ?? ''}`,
      )) as typeof capabilities;
      for (const key of ['vendor_name', 'volume_backend_name', 'storage_protocol']) {
        assert.equal(shown[key], capabilities[key], key);
      }
    }
    const { hosts } = (await client.expect(200, 'GET', '/os-hosts')) as { hosts: { service: string }[] };
    assert.deepEqual(
      hosts.map((host) => host.service),
      ['cinder-backup', 'cinder-backup', 'cinder-scheduler', 'cinder-volume', 'cinder-volume'],
    );
  });

  it('puts a volume where its type says, and keeps there what is made from it', async () => {
    await type('first', { volume_backend_name: 'gluster' });
    await type('second', { 'capabilities:volume_backend_name': 'gluster2' });
    const [first, second] = [await make({ volume_type: 'first' }), await make({ volume_type: 'second' })];
    const onFirst = (await available(first))['os-vol-host-attr:host'] ?? '';
    const onSecond = (await available(second))['os-vol-host-attr:host'] ?? '';
    assert.match(onFirst, /@gluster#.*:\/saggar$/);
    assert.match(onSecond, /@gluster2#.*:\/saggar2$/);
    const snapshot = (
      (await client.expect(202, 'POST', '/snapshots', { snapshot: { volume_id: second } })) as {
        snapshot: { id: string };
      }
    ).snapshot.id;
    const shown = async (): Promise<string> =>
      ((await client.expect(200, 'GET', `/snapshots/${snapshot}`)) as { snapshot: { status: string } }).snapshot.status;
    await waitFor('the snapshot', async () => (await shown()) === 'available', settled);
    const clone = await make({ source_volid: second });
    const restored = await make({ snapshot_id: snapshot });
    for (const id of [clone, restored]) assert.equal((await available(id))['os-vol-host-attr:host'], onSecond);
    for (const id of [clone, restored, first]) await remove(`/volumes/${id}`);
    await remove(`/snapshots/${snapshot}`);
    await remove(`/volumes/${second}`);
    // With their types: names alone are followed through links, and a brick's .glusterfs has one to its own root.
    const files = readdirSync(places.gluster, { recursive: true, withFileTypes: true });
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.map(({ name }) => name).filter((name) => name.startsWith('volume-')),
      [],
    );
  });

  it('says why a volume fits nowhere', async () => {
    await type('third', { volume_backend_name: 'gluster3' });
    const id = await make({ volume_type: 'third' });
    assert.equal((await show(id)).status, 'error');
    const { messages } = (await client.expect(200, 'GET', `/messages?resource_uuid=${id}`)) as {
      messages: { user_message: string }[];
    };
    assert.match(messages[0]?.user_message ?? '', /volume type/);
    await remove(`/volumes/${id}`);
  });

  it('changes the log level of running processes', async () => {
    await client.expect(202, 'PUT', '/os-services/set-log', { level: 'DEBUG', binary: '*' });
    await waitFor(
      'every process at debug',
      async () => {
        const { log_levels: levels } = (await client.expect(200, 'PUT', '/os-services/get-log', {})) as {
          log_levels: { binary: string; levels: Record<string, string> }[];
        };
        assert.deepEqual(levels.map((one) => one.binary).sort(), [
          'cinder-api',
          'cinder-scheduler',
          'cinder-volume',
          'cinder-volume',
          'saggar-compute',
        ]);
        assert.ok(levels.every((one) => one.levels['saggar'] === 'DEBUG'));
        return true;
      },
      settled,
    );
  });
});
