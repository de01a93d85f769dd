// Notifications as OpenStack's other services hear them: operations run through conductor, broker and workers, and Debian's
// python3-oslo.messaging listens. Payload keys are held against the installed Cinder's where there is one.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '../../../services/core/db/connection.js';
import {
  dropNotifications,
  relayNotifications,
  type WaitingNotification,
} from '../../../services/core/db/notifications/queue.js';
import { tell, tellVolumes } from '../../../services/core/db/notifications/write.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { projectRoot } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshBroker, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';
import {
  actOnServer,
  attachVolume,
  cloneVolume,
  createServer,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  deleteVolume,
  detachVolume,
  extendVolume,
} from '../engine/requests.js';
import { place, ServiceRig } from './service-rig.js';

/** Debian's own Python; another one on the PATH has not its packages. */
const PYTHON = '/usr/bin/python3';
const folder = path.join(projectRoot(), 'test', 'integration', 'conductor');

interface Heard {
  readonly priority: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly publisher_id: string;
  readonly event_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: { readonly message_id: string; readonly timestamp: string };
}

class Listener {
  readonly heard: Heard[] = [];
  private constructor(private readonly child: ChildProcess) {}

  static async start(url: string, exchange: string, topic: string): Promise<Listener> {
    const script = path.join(folder, 'notification-listener.py');
    const amqp = url.replace(/^amqp:/, 'rabbit:').replace(/([^/])$/, '$1/');
    const child = spawn(PYTHON, [script, amqp, exchange, topic], { stdio: ['pipe', 'pipe', 'inherit'] });
    const listener = new Listener(child);
    let listening = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Heard | { listening: true };
      if ('listening' in said) listening = true;
      else listener.heard.push(said);
    });
    await waitFor('the listener', () => (child.exitCode === null ? listening : assert.fail('it ended')), {
      timeoutMs: 30_000,
    });
    return listener;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    const force = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }

  /** Event types about one volume or snapshot, in the order heard. */
  about(id: string): string[] {
    const isAbout = ({ event_type: type, payload }: Heard): boolean =>
      (type.startsWith('snapshot.') ? payload['snapshot_id'] : payload['volume_id']) === id;
    return this.heard.filter(isAbout).map((one) => `${one.priority} ${one.event_type}`);
  }

  find(eventType: string, id: string): Heard {
    const key = eventType.startsWith('snapshot.') ? 'snapshot_id' : 'volume_id';
    const found = this.heard.find((one) => one.event_type === eventType && one.payload[key] === id);
    assert.ok(found, `${eventType} of ${id} was not heard`);
    return found;
  }
}

function hasModule(name: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('notifications', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let rig: ServiceRig;
  let listener: Listener;

  before(async function () {
    if (!hasModule('oslo_messaging')) {
      process.stdout.write('skipped: python3-oslo.messaging is not installed (deploy/debian-packages.json, "test")\n');
      this.skip();
    }
    database = await freshDatabase();
    const broker = await freshBroker();
    const [exchange, topic] = [`${broker.prefix}-openstack`, `${broker.prefix}-notifications`];
    const notifications = { enabled: true, topics: [topic], exchange, durable: false, url: null };
    rig = new ServiceRig({ databaseUrl: database.url, amqpUrl: broker.url, prefix: broker.prefix, notifications });
    listener = await Listener.start(broker.url, exchange, topic);
    await rig.startConductor();
    await rig.startWorkers();
  });
  after(async () => {
    await listener?.stop();
    await rig?.close();
    await database?.drop();
    await closeOwnParts();
  });

  async function expect(id: string, events: readonly string[]): Promise<void> {
    await waitFor(`the last event of ${id}`, () => {
      const heard = listener.about(id);
      return heard.length >= events.length ? true : assert.fail(heard.join());
    });
    assert.deepEqual(listener.about(id), events);
  }

  it('tell the main job as Cinder does, in order', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.done([volume]);
    const server = await createServer(rig.db, place, []);
    await rig.done([server]);
    await rig.done([await attachVolume(rig.db, volume.id, server.id)]);
    const snapshot = await createSnapshot(rig.db, volume.id);
    await rig.done([snapshot]);
    await rig.done([await deleteSnapshot(rig.db, volume.id, snapshot.id)]);
    await rig.done([await extendVolume(rig.db, place, volume.id, 2)]);
    await rig.done([await detachVolume(rig.db, volume.id, server.id)]);
    await rig.done([await deleteVolume(rig.db, volume.id)]);
    await expect(volume.id, [
      'INFO volume.create.start',
      'INFO volume.create.end',
      'INFO volume.attach.start',
      'INFO volume.attach.end',
      'INFO volume.resize.start',
      'INFO volume.resize.end',
      'INFO volume.detach.start',
      'INFO volume.detach.end',
      'INFO volume.delete.start',
      'INFO volume.delete.end',
    ]);
    await expect(snapshot.id, [
      'INFO snapshot.create.start',
      'INFO snapshot.create.end',
      'INFO snapshot.delete.start',
      'INFO snapshot.delete.end',
    ]);
    const statuses = ['create.start', 'create.end', 'attach.end', 'delete.start', 'delete.end'].map(
      (event) => listener.find(`volume.${event}`, volume.id).payload['status'],
    );
    assert.deepEqual(statuses, ['creating', 'available', 'in-use', 'deleting', 'deleted']);
    assert.equal(listener.find('volume.resize.start', volume.id).payload['size'], 1);
    assert.equal(listener.find('volume.resize.end', volume.id).payload['size'], 2);
    const attached = listener.find('volume.attach.end', volume.id).payload['volume_attachment'];
    assert.equal((attached as { attach_status: string }[])[0]?.attach_status, 'attached');
    assert.equal(listener.find('snapshot.delete.end', snapshot.id).payload['deleted'], 'True');
    await rig.done([await actOnServer(rig.db, 'server-delete', server.id)]);
  });

  it('carry publisher, context and times in the forms of oslo', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.done([volume]);
    await expect(volume.id, ['INFO volume.create.start', 'INFO volume.create.end']);
    const end = listener.find('volume.create.end', volume.id);
    assert.equal(end.publisher_id, 'volume.host@backend');
    assert.equal(end.payload['host'], place.pool);
    assert.match(end.metadata.message_id, /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    assert.match(end.metadata.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    assert.match(String(end.payload['launched_at']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    assert.match(String(end.context['request_id']), /^req-/);
    assert.equal(end.context['project_id'], end.payload['tenant_id']);
    assert.ok(!JSON.stringify(listener.heard).includes('connection_info'));
    await rig.done([await deleteVolume(rig.db, volume.id)]);
  });

  it('have the keys of the installed Cinder', async function () {
    if (!hasModule('cinder.volume.volume_utils')) {
      process.stdout.write('skipped: python3-cinder is not installed (deploy/debian-packages.json, "test")\n');
      this.skip();
    }
    const text = execFileSync(PYTHON, [path.join(folder, 'cinder-payload-keys.py')], { encoding: 'utf8' });
    const keys = JSON.parse(text) as { volume: string[]; snapshot: string[] };
    const told = (type: string) =>
      listener.heard.filter((one) => one.event_type.startsWith(type) && one.priority === 'INFO');
    assert.ok(told('volume.').length > 0 && told('snapshot.').length > 0);
    for (const one of told('volume.')) assert.deepEqual(Object.keys(one.payload).sort(), keys.volume, one.event_type);
    for (const one of told('snapshot.')) assert.deepEqual(Object.keys(one.payload).sort(), keys.snapshot);
  });

  it('tell a failure once, with priority ERROR, and nothing of internal snapshots', async () => {
    const source = await createVolume(rig.db, place);
    await rig.done([source]);
    const before = listener.heard.length;
    const perform = rig.world.perform.bind(rig.world);
    rig.world.perform = (command) => {
      if (command.type === 'image.copy') throw new ServiceError('hostile_image', 'not taken');
      return perform(command);
    };
    const clone = await cloneVolume(rig.db, place, source.id);
    // Each priority has a queue of its own, and no order between them.
    await waitFor('both events', () => listener.about(clone.id).length === 2);
    assert.deepEqual(listener.about(clone.id).sort(), ['ERROR volume.create.error', 'INFO volume.create.start']);
    const { payload } = listener.find('volume.create.error', clone.id);
    assert.equal(payload['status'], 'error');
    assert.deepEqual(payload['error'], { code: 'hostile_image', message: 'not taken' });
    rig.world.perform = perform;
    await rig.done([await deleteVolume(rig.db, clone.id), await deleteVolume(rig.db, source.id)]);
    await expect(source.id, [
      'INFO volume.create.start',
      'INFO volume.create.end',
      'INFO volume.delete.start',
      'INFO volume.delete.end',
    ]);
    const kinds = new Set(listener.heard.slice(before).map((one) => one.event_type.split('.')[0]));
    assert.deepEqual([...kinds], ['volume']);
  });

  it('are dropped when too many wait, or for too long', async () => {
    const volume = await createVolume(rig.db, place);
    await rig.done([volume]);
    await waitFor('the table to be empty', async () => (await rig.db('notifications').select('id')).length === 0);
    await rig.db.transaction(async (tx) => {
      const context = { userId: 'u', projectId: 'p', requestId: 'req-1' };
      await tellVolumes(tx, context, [volume.id], ['update.start', 'update.end']);
      const rows: { id: number }[] = await tx('notifications').select('id');
      assert.equal(rows.length, 2);
    });
    await expect(volume.id, [
      'INFO volume.create.start',
      'INFO volume.create.end',
      'INFO volume.update.start',
      'INFO volume.update.end',
    ]);
    const holding = await rig.db.transaction();
    await holding.raw("select pg_advisory_xact_lock(hashtextextended('notifications', 18))");
    await rig.db.transaction((tx) =>
      tellVolumes(tx, { userId: 'u', projectId: 'p', requestId: 'req-1' }, [volume.id], ['exists', 'exists', 'exists']),
    );
    assert.equal(await dropNotifications(rig.db, { days: 7, rows: 1 }), 2);
    assert.equal(await dropNotifications(rig.db, { days: 7, rows: 1 }), 0);
    await rig.db('notifications').update({ created_at: rig.db.raw("utc_now() - interval '8 days'") });
    assert.equal(await dropNotifications(rig.db, { days: 7, rows: 1 }), 1);
    await holding.rollback();
    await rig.done([await deleteVolume(rig.db, volume.id)]);
  });

  it('are published again under the same id when the relay dies before it could delete them', async () => {
    const idle = await freshDatabase();
    const db = openDatabase({ url: idle.url, poolSize: 2, notifications: { hostName: 'api-host' } });
    const seen: string[] = [];
    const note = (waiting: readonly WaitingNotification[]): void => {
      for (const { message } of waiting) seen.push((message as { message_id: string }).message_id);
    };
    try {
      const context = { userId: 'u', projectId: 'p', requestId: 'req-1' };
      await db.transaction((tx) => tell(tx, context, 'volumeType', 'volume_type.create', {}));
      const dying = relayNotifications(db, 10, async (waiting) => {
        note(waiting);
        throw new Error('killed');
      });
      await assert.rejects(dying, /killed/);
      await relayNotifications(db, 10, async (waiting) => {
        note(waiting);
        return waiting.map(({ id }) => id);
      });
      assert.equal(seen.length, 2);
      assert.equal(seen[0], seen[1]);
      assert.deepEqual(await db('notifications').select('id'), []);
    } finally {
      await db.destroy();
      await idle.drop();
    }
  });

  it('say nothing twice with two conductors, and every message has an id of its own', async () => {
    await rig.startConductor();
    const volumes = await Promise.all(Array.from({ length: 10 }, () => createVolume(rig.db, place)));
    await rig.done(volumes);
    for (const { id } of volumes) await expect(id, ['INFO volume.create.start', 'INFO volume.create.end']);
    await rig.done(await Promise.all(volumes.map(({ id }) => deleteVolume(rig.db, id))));
    const ids = listener.heard.map((one) => one.metadata.message_id);
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('notifications that are not configured', function () {
  this.timeout(60_000);
  it('leave no row', async () => {
    const database = await freshDatabase();
    const broker = await freshBroker();
    const rig = new ServiceRig({ databaseUrl: database.url, amqpUrl: broker.url, prefix: broker.prefix });
    try {
      await rig.db('idempotency_answers').insert({
        id: 'old',
        fingerprint: 'old',
        request_id: 'req-1',
        status: 202,
        headers: '{}',
        created_at: rig.db.raw("utc_now() - interval '25 hours'"),
      });
      await rig.startConductor();
      await rig.startWorkers();
      await waitFor(
        'the conductor to tidy up',
        async () => (await rig.db('idempotency_answers').select('id')).length === 0,
      );
      const volume = await createVolume(rig.db, place);
      await rig.done([volume]);
      await rig.done([await deleteVolume(rig.db, volume.id)]);
      const { rows } = (await rig.db.raw(
        'select case when is_called then last_value else 0 end as written from notifications_id_seq',
      )) as { rows: { written: number }[] };
      assert.equal(rows[0]?.written, 0);
    } finally {
      await rig.close();
      await database.drop();
      await closeOwnParts();
    }
  });
});
