// Image mode `glance` against Debian's real Glance, whose tokens are those of Debian's real Keystone: an API process of ours with the tokens of
// clients, the worker's handlers with an account of their own, real image files on directories as shares. Needs root and the packages
// keystone and glance-api; says so and skips where they are missing. Takes about 60 s on an idle machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { type ApiService, startApiService } from '../../services/api/api-service.js';
import { parseConfig } from '../../services/core/runtime/config.js';
import { inertFaultPoint } from '../../services/core/runtime/fault-points.js';
import { openGlance } from '../../services/volume-worker/glance/glance-client.js';
import { privateDirectory } from '../harness/environment.js';
import { type PeerGlance, startPeerGlance, whyNoPeerGlance } from '../harness/peer-glance.js';
import { freePort, type PeerKeystone, startPeerKeystone } from '../harness/peer-keystone.js';
import { DirectoryStage } from '../integration/engine/directory-stage.js';
import { askKeystone, domain, logIn, makePeople, type People } from './keystone-people.js';

const MIB = 1024 ** 2;

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the APIs are checked against their documents elsewhere
  readonly body: any;
}

describe('images of a Glance', function suite() {
  this.timeout(300_000);
  let directory: string | null = null;
  let keystone: PeerKeystone;
  let glance: PeerGlance;
  let people: People;
  let stage: DirectoryStage;
  let api: ApiService | null = null;
  let base = '';
  let ann = '';
  let bob = '';
  let admin = '';
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });

  before(async function () {
    const reason = whyNoPeerGlance();
    if (reason !== null) {
      process.stdout.write(`      skipped: ${reason}\n`);
      this.skip();
    }
    directory = privateDirectory();
    keystone = await startPeerKeystone({ directory: path.join(directory, 'keystone') });
    people = await makePeople(keystone);
    admin = await logIn(keystone, 'admin', 'admin');
    await makeImageAccount();
    const account = { username: 'saggar', password: 'saggar' };
    glance = await startPeerGlance({ directory: path.join(directory, 'glance'), keystone, account });
    stage = await DirectoryStage.open();
    const limit = { project_id: people.projects.get('crew'), resource: 'volumes', hard_limit: -1 };
    await stage.db('quota_limits').insert(limit);
    stage.glance = await openGlance(workerConfig(), logger);
    api = await openApi();
    [ann, bob] = [await logIn(keystone, 'ann', 'crew'), await logIn(keystone, 'bob', 'others')];
  });

  after(async () => {
    stage?.glance?.close();
    await api?.stop();
    await stage?.close();
    await glance?.stop();
    await keystone?.stop();
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
  });

  /** The worker's: administrator of images, as any service that moves the images of all projects. */
  async function makeImageAccount(): Promise<void> {
    const wish = { user: { name: 'mover', password: 'mover', domain_id: domain.id } };
    const made = await askKeystone(keystone, 'POST', '/users', { token: admin, body: wish });
    const role = people.roles.get('admin') ?? '';
    const grant = `/projects/${people.projects.get('service') ?? ''}/users/${made.body.user.id}/roles/${role}`;
    assert.equal((await askKeystone(keystone, 'PUT', grant, { token: admin })).status, 204);
  }

  function workerConfig() {
    const passwordFile = path.join(directory ?? '', 'mover');
    writeFileSync(passwordFile, 'mover\n');
    const text = JSON.stringify({
      ...{ amqp: { url: 'amqp://127.0.0.1' }, stateDirectory: 'state' },
      backends: [{ name: 'plain', driver: 'directory' }],
      glance: {
        url: glance.url,
        timeoutSeconds: 60,
        keystone: { authUrl: keystone.url, timeoutSeconds: 60, service: { username: 'mover', passwordFile } },
      },
    });
    const from = { source: 'worker.yaml', directory: directory ?? '', environment: {} };
    const { glance: config } = parseConfig('volume-worker', text, from);
    return config ?? assert.fail('no image service');
  }

  async function openApi(): Promise<ApiService> {
    const folder = path.join(directory ?? '', 'api');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'password'), 'saggar\n');
    writeFileSync(path.join(folder, 'ticket'), randomBytes(32).toString('hex'));
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const text = JSON.stringify({
      listen: { host: '127.0.0.1', port },
      publicUrl: base,
      database: { url: stage.databaseUrl },
      identity: {
        mode: 'keystone',
        cacheSeconds: 0,
        keystone: { authUrl: keystone.url, service: { username: 'saggar', passwordFile: 'password' } },
      },
      images: { mode: 'glance', glance: { url: glance.url, timeoutSeconds: 60 } },
      ticketSecretFile: 'ticket',
    });
    const config = parseConfig('api', text, { source: 'api.yaml', directory: folder, environment: {} });
    const signal = new AbortController().signal;
    const service = await startApiService({ config, logger, signal, faultPoint: inertFaultPoint });
    return service ?? assert.fail('the API did not start');
  }

  async function send(url: string, method: string, token: string, body?: unknown): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: {
        'X-Auth-Token': token,
        'OpenStack-API-Version': 'volume 3.70',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }
  const ask = (method: string, at: string, body?: unknown, token = ann): Promise<Answer> =>
    send(`${base}/volume/v3${at}`, method, token, body);

  /** An image in the Glance, of a disk with a pattern. */
  async function image(format: string, fields: object = {}, token = ann): Promise<{ id: string; disk: string }> {
    const disk = path.join(directory ?? '', `disk-${randomBytes(4).toString('hex')}`);
    const file = `${disk}.${format}`;
    execFileSync('qemu-img', ['create', '-q', '-f', 'raw', disk, '8M']);
    execFileSync('qemu-io', ['-f', 'raw', '-c', 'write -P 171 0 1M', '-c', 'write -P 17 5M 1M', disk]);
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, disk, file]);
    const wish = { name: `an image, ${format}`, disk_format: format, container_format: 'bare', ...fields };
    const made = await send(`${glance.url}/v2/images`, 'POST', token, wish);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id } = made.body as { id: string };
    const sent = await fetch(`${glance.url}/v2/images/${id}/file`, {
      method: 'PUT',
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/octet-stream' },
      body: readFileSync(file),
    });
    assert.equal(sent.status, 204, await sent.text());
    return { id, disk };
  }

  const work = async (): Promise<void> => {
    while ((await stage.step()) !== null);
  };

  const volumeRow = async (id: string): Promise<Record<string, unknown>> =>
    (await stage.db('volumes').where({ id }).first()) ?? {};

  /** For whoever reads a failure. */
  async function lastErrors(): Promise<string> {
    const rows: { type: string; step: string | null; error: unknown }[] = await stage
      .db('operations')
      .whereNotNull('error')
      .orderBy('created_at', 'desc')
      .limit(3)
      .select('type', 'step', 'error');
    return JSON.stringify(rows);
  }

  async function made(wish: object, status = 'available', token = ann): Promise<string> {
    const answer = await ask('POST', '/volumes', { volume: { size: 1, ...wish } }, token);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    const { id } = answer.body.volume as { id: string };
    await work();
    assert.equal((await volumeRow(id))['status'], status, await lastErrors());
    return id;
  }

  /** Whether the first bytes of the volume are those of the disk. */
  async function shows(volumeId: string, disk: string): Promise<boolean> {
    const seen = readFileSync(await stage.picture(volumeId)).subarray(0, 8 * MIB);
    return seen.equals(readFileSync(disk));
  }

  for (const format of ['raw', 'qcow2', 'vmdk']) {
    it(`a volume of a ${format} image has its bytes, and remembers it; the second one is made of the copy`, async () => {
      const { id, disk } = await image(format, { os_distro: 'debian', min_disk: 1 });
      const volumeId = await made({ imageRef: id });
      assert.equal(await shows(volumeId, disk), true);
      const { body } = await ask('GET', `/volumes/${volumeId}`);
      assert.equal(body.volume.bootable, 'true');
      const { image_id, os_distro, disk_format, image_name } = body.volume.volume_image_metadata;
      assert.deepEqual([image_id, os_distro, disk_format, image_name], [id, 'debian', format, `an image, ${format}`]);
      const again = await made({ imageRef: id });
      const rows = await Promise.all([volumeRow(volumeId), volumeRow(again)]);
      assert.equal(rows[0]?.['backing_volume_id'], rows[1]?.['backing_volume_id']);
      assert.equal(await shows(again, disk), true);
      assert.deepEqual(
        stage.files('plain').filter((name) => name.startsWith('fetched-')),
        [],
      );
    });
  }

  it('an image is found by its name, and by nobody who does not see it', async () => {
    const name = 'only, "ann": sees';
    const { id } = await image('raw', { name: 'one of a kind' });
    await made({ imageRef: 'one of a kind' });
    for (const reference of [id, 'one of a kind', name]) {
      const refused = await ask('POST', '/volumes', { volume: { size: 1, imageRef: reference } }, bob);
      assert.equal(refused.status, 400, reference);
      assert.match(refused.body.badRequest.message, /Invalid image identifier/);
    }
  });

  it('what is too large for the volume, or waits for data, is refused', async () => {
    const large = await image('raw', { min_disk: 5 });
    const refused = await ask('POST', '/volumes', { volume: { size: 1, imageRef: large.id } });
    assert.equal(refused.status, 400);
    assert.match(refused.body.badRequest.message, /minDisk size 5GB/);
    const wish = { name: 'empty', disk_format: 'raw', container_format: 'bare' };
    const empty = await send(`${glance.url}/v2/images`, 'POST', ann, wish);
    const early = await ask('POST', '/volumes', { volume: { size: 1, imageRef: empty.body.id } });
    assert.equal(early.status, 400);
    assert.match(early.body.badRequest.message, /not active/);
  });

  it('bytes that are not what the image says fail the volume, and leave nothing', async () => {
    const before = stage.files('plain');
    const { id } = await image('qcow2', {}, ann);
    // A second one with the first one's bytes, declared as plain data.
    const lied = await send(`${glance.url}/v2/images`, 'POST', ann, {
      ...{ name: 'a lie', disk_format: 'raw', container_format: 'bare' },
    });
    const bytes = await (
      await fetch(`${glance.url}/v2/images/${id}/file`, { headers: { 'X-Auth-Token': ann } })
    ).arrayBuffer();
    await fetch(`${glance.url}/v2/images/${lied.body.id}/file`, {
      method: 'PUT',
      headers: { 'X-Auth-Token': ann, 'Content-Type': 'application/octet-stream' },
      body: Buffer.from(bytes),
    });
    const volumeId = await made({ imageRef: lied.body.id }, 'error');
    assert.deepEqual(stage.files('plain'), before);
    assert.equal((await volumeRow(volumeId))['backing_volume_id'], null);
  });

  for (const format of ['raw', 'qcow2']) {
    it(`a volume becomes an image of the Glance, as ${format}; a volume of that one has the same bytes`, async () => {
      const { id, disk } = await image('raw', { os_distro: 'debian' });
      const volumeId = await made({ imageRef: id });
      const wish = { image_name: `of a volume, ${format}`, disk_format: format, container_format: 'bare' };
      const asked = await ask('POST', `/volumes/${volumeId}/action`, { 'os-volume_upload_image': wish });
      assert.equal(asked.status, 202, JSON.stringify(asked.body));
      const imageId = asked.body['os-volume_upload_image'].image_id as string;
      const before = stage.files('plain').length;
      await work();
      assert.equal((await volumeRow(volumeId))['status'], 'available');
      const stored = (await send(`${glance.url}/v2/images/${imageId}`, 'GET', ann)).body;
      assert.equal(stored.status, 'active');
      assert.equal(stored.owner, people.projects.get('crew'));
      assert.equal(stored.os_distro, 'debian');
      const file = await fetch(`${glance.url}/v2/images/${imageId}/file`, { headers: { 'X-Auth-Token': ann } });
      const bytes = Buffer.from(await file.arrayBuffer());
      assert.equal(createHash('sha512').update(bytes).digest('hex'), stored.os_hash_value);
      assert.equal(stage.files('plain').length, before, 'the file that was sent is gone');
      const hidden: unknown[] = await stage.db('volumes').where({ purpose: 'image' });
      assert.deepEqual(hidden, []);
      assert.equal(await shows(await made({ imageRef: imageId }), disk), true);
    });
  }

  it('a volume that cannot be copied leaves no image behind, protected or not', async () => {
    const volumeId = await made({});
    const wish = { image_name: 'never', disk_format: 'raw', container_format: 'bare', protected: true };
    const asked = await ask('POST', `/volumes/${volumeId}/action`, { 'os-volume_upload_image': wish });
    const imageId = asked.body['os-volume_upload_image'].image_id as string;
    stage.refused.push('convert-image');
    await work();
    stage.refused.length = 0;
    assert.equal((await volumeRow(volumeId))['status'], 'available');
    assert.equal((await send(`${glance.url}/v2/images/${imageId}`, 'GET', ann)).status, 404);
  });

  it('what the caller may not make there is refused before anything changes', async () => {
    const volumeId = await made({});
    const wish = { image_name: 'for all', disk_format: 'raw', container_format: 'bare', visibility: 'public' };
    const asked = await ask('POST', `/volumes/${volumeId}/action`, { 'os-volume_upload_image': wish });
    assert.equal(asked.status, 403, JSON.stringify(asked.body));
    assert.equal((await volumeRow(volumeId))['status'], 'available');
  });

  it('a volume gets the content of another image', async () => {
    const [first, second] = [await image('raw'), await image('qcow2')];
    const volumeId = await made({ imageRef: first.id });
    const asked = await ask('POST', `/volumes/${volumeId}/action`, { 'os-reimage': { image_id: second.id } });
    assert.equal(asked.status, 202, JSON.stringify(asked.body));
    await work();
    assert.equal((await volumeRow(volumeId))['status'], 'available');
    assert.equal(await shows(volumeId, second.disk), true);
    const unseen = await ask('POST', `/volumes/${volumeId}/action`, {
      'os-reimage': { image_id: people.users.get('bob') },
    });
    assert.equal(unseen.status, 404);
  });

  it('no image API of ours is served, and no token is in the log, the broker’s messages or the database', async () => {
    assert.equal((await send(`${base}/image/v2/images`, 'GET', ann)).status, 404);
    const dump = execFileSync('pg_dump', ['--data-only', stage.databaseUrl], {
      ...{ maxBuffer: 256 * MIB, encoding: 'utf8' as const },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const token of [ann, bob, admin]) {
      assert.equal(dump.includes(token), false, 'a token is stored');
      assert.equal(log.join('').includes(token), false, 'a token is in the log');
    }
    const own = /gAAAA[A-Za-z0-9_-]{40,}/;
    assert.doesNotMatch(dump, own);
    assert.doesNotMatch(log.join(''), own);
  });

  it('while the Glance is away requests are 503, what was accepted waits, and then goes on', async () => {
    const { id, disk } = await image('raw');
    const answer = await ask('POST', '/volumes', { volume: { size: 1, imageRef: id } });
    assert.equal(answer.status, 202);
    await glance.stop();
    const refused = await ask('POST', '/volumes', { volume: { size: 1, imageRef: id } });
    assert.equal(refused.status, 503, JSON.stringify(refused.body));
    const command = await stage.step();
    assert.equal(command?.type, 'glance.fetch');
    await glance.start();
    const volumeId = answer.body.volume.id as string;
    await stage.rig.sweep();
    await work();
    assert.equal((await volumeRow(volumeId))['status'], 'available');
    assert.equal(await shows(volumeId, disk), true);
  });
});
