// What a client sees when something is wrong: bad requests, no room, a share, a broker or a database that is away. Real parts, stopped
// and started again under a running Saggar. Each misfortune must give a clear fault or a settled state, and leave nothing behind.
// Needs root, the Debian packages and a build; says so and skips where they are missing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Places, placesOf } from '../../deploy/places.js';
import { openProgress } from '../../deploy/progress.js';
import { startAll } from '../../deploy/start.js';
import { ensureLayout, type Layout } from '../../deploy/state-directory.js';
import { findLeftovers, stopAll, stopEngine } from '../../deploy/stop.js';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { type Answer, BenchClient, readOpenrc } from '../bench/api-client.js';
import { privateDirectory } from '../harness/environment.js';
import { waitFor } from '../harness/wait-for.js';

interface Volume {
  readonly id: string;
  readonly status: string;
}

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'root is needed';
  for (const program of ['glusterd', 'rabbitmqctl']) {
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`;
  }
  const built = path.join(projectRoot(), 'dist', 'services', 'api', 'main.js');
  return existsSync(built) ? null : 'there is no build (npm run build)';
}

describe('misfortunes', function misfortunes() {
  this.timeout(900_000);
  this.bail(true);
  const progress = openProgress();
  let state: string | null = null;
  let places: Places;
  let layout: Layout;
  let client: BenchClient;

  before(async function start() {
    const reason = whyNot();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    state = privateDirectory();
    layout = await ensureLayout(state);
    places = placesOf(state);
    await startAll(places, layout, progress);
    client = await BenchClient.login(readOpenrc(places.openrc));
  });

  after(async () => {
    if (state === null) return;
    try {
      await stopAll(places, layout, progress);
      assert.deepEqual(await findLeftovers(places, layout), []);
    } finally {
      progress.close();
      rmSync(state, { recursive: true, force: true });
    }
  });

  const post = (volume: object): Promise<Answer> => client.call('POST', '/volumes', { volume });
  const faultOf = (answer: Answer): { name: string; message: string } => {
    const [[name, fault] = ['', { message: '' }]] = Object.entries(answer.body as Record<string, { message: string }>);
    return { name, message: fault.message };
  };
  const accept = async (volume: object): Promise<string> => {
    const answer = await post(volume);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return (answer.body as { volume: Volume }).volume.id;
  };
  const settled = (id: string, wanted: string): Promise<void> =>
    waitFor(
      `volume ${id} to be ${wanted}`,
      async () => {
        const answer = await client.call('GET', `/volumes/${id}`);
        const status = answer.status === 404 ? 'gone' : (answer.body as { volume: Volume }).volume.status;
        return status === wanted;
      },
      { timeoutMs: 150_000, intervalMs: 50 },
    ).then(() => undefined);
  const remove = async (id: string): Promise<void> => {
    await client.expect(202, 'DELETE', `/volumes/${id}`);
    await settled(id, 'gone');
  };
  const volumes = async (): Promise<unknown[]> =>
    ((await client.expect(200, 'GET', '/volumes')) as { volumes: unknown[] }).volumes;
  /** Asks for a volume, waits for its rest, removes it again; true when it had become available. */
  const volumeComesUp = async (): Promise<boolean> => {
    const id = await accept({ size: 1 });
    const status = await waitFor(
      'the volume to settle',
      async () => {
        const { volume } = (await client.expect(200, 'GET', `/volumes/${id}`)) as { volume: Volume };
        return volume.status === 'creating' ? null : volume.status;
      },
      { timeoutMs: 60_000, intervalMs: 50 },
    );
    await remove(id);
    return status === 'available';
  };
  /** Image files and records below the mounts; Saggar's own directory (anchor, trash) apart. */
  const filesOnShares = (): string[] =>
    readdirSync(places.mounts).flatMap((mount) =>
      readdirSync(path.join(places.mounts, mount)).filter((file) => file !== '.saggar'),
    );
  const messagesAbout = async (id: string): Promise<string[]> => {
    const body = (await client.expect(200, 'GET', `/messages?resource_uuid=${id}`)) as {
      messages: { user_message: string }[];
    };
    return body.messages.map((message) => message.user_message);
  };

  it('refuses a bad size and an unknown type, names the field, and changes nothing', async () => {
    for (const size of [0, -1, 'x', '', 1.5, 2 ** 31]) {
      const answer = await post({ size });
      assert.equal(answer.status, 400, `size ${size}`);
      assert.equal(faultOf(answer).name, 'badRequest');
      assert.match(faultOf(answer).message, /size/);
    }
    const unknown = await post({ size: 1, volume_type: 'no-such-type' });
    assert.equal(unknown.status, 404);
    assert.match(faultOf(unknown).message, /no-such-type/);
    assert.deepEqual(await volumes(), []);
    assert.deepEqual(filesOnShares(), []);
  });

  it('ends in error with a reason when no share has room, and the volume can be deleted', async () => {
    await client.expect(200, 'PUT', `/os-quota-sets/${client.endpoint.split('/').at(-1)}`, {
      quota_set: { gigabytes: -1, volumes: -1 },
    });
    const id = await accept({ size: 2_000_000 });
    await settled(id, 'error');
    assert.match((await messagesAbout(id)).join(), /Could not find any available weighted backend/);
    await remove(id);
    assert.deepEqual(filesOnShares(), []);
  });

  it('accepts requests while the broker is down, and finishes them when it is back', async () => {
    await stopEngine('rabbitmq', places, layout);
    const ids = [await accept({ size: 1 }), await accept({ size: 1 })];
    await startAll(places, layout, progress);
    for (const id of ids) await settled(id, 'available');
    for (const id of ids) await remove(id);
    assert.deepEqual(filesOnShares(), []);
  });

  it('answers 503 while the database is down, and serves again when it is back', async () => {
    await stopEngine('postgres', places, layout);
    const answer = await client.call('GET', '/volumes');
    assert.equal(answer.status, 503, JSON.stringify(answer.body));
    assert.equal((await post({ size: 1 })).status, 503);
    await startAll(places, layout, progress);
    await waitFor('the API to serve again', async () => (await client.call('GET', '/volumes')).status === 200, {
      timeoutMs: 30_000,
    });
    assert.deepEqual(await volumes(), [], 'a refused request left a volume');
    const id = await accept({ size: 1 });
    await settled(id, 'available');
    await remove(id);
  });

  it('settles a request for a share that is down, and uses the share again when it is back', async () => {
    await stopEngine('gluster', places, layout);
    const id = await accept({ size: 1 });
    await settled(id, 'error');
    assert.equal((await messagesAbout(id)).length, 1);
    await startAll(places, layout, progress);
    await waitFor('a volume on the share that came back', volumeComesUp, { timeoutMs: 90_000, intervalMs: 500 });
    await remove(id);
    assert.deepEqual(await volumes(), []);
    assert.deepEqual(filesOnShares(), []);
  });
});
