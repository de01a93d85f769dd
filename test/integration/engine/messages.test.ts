// Whatever fails tells its users why: for every type of operation, its failure outcome is run on rows as they are in flight; each
// resource that it leaves in an error status has a message, and so has each failure whose resource comes to rest again.
import assert from 'node:assert/strict';
import type { OperationRow } from '../../../services/core/db/engine/operation-row.js';
import { outcomesOf } from '../../../services/core/db/outcomes/registry.js';
import type { WireError } from '../../../services/core/messages/envelope.js';
import type { OperationType } from '../../../services/core/operations/params.js';
import { operationRegistry } from '../../../services/core/operations/registry.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { ids, sampleContexts } from '../../unit/operations/sample-contexts.js';
import { place, Rig } from './rig.js';

const project = '0123456789abcdef0123456789abcdef';
const owner = { project_id: project, user_id: project };

interface Message {
  readonly event_id: string;
  readonly resource_type: string;
  readonly resource_uuid: string;
  readonly user_message: string;
  readonly request_id: string;
}

/** No user asked for them: the finding is where administrators look, in the operation or, of a flatten, in the volume's row. */
const administrative: ReadonlySet<OperationType> = new Set<OperationType>([
  'volume-flatten',
  'volume-export',
  'volume-settle',
  'orphan-remove',
  'chain-check',
  'share-scan',
  'custody-write',
]);

/** Glance has no messages: the image's own status tells, and nobody sees its volume. */
const silent: ReadonlySet<OperationType> = new Set<OperationType>([
  'image-upload',
  'image-download',
  'image-delete',
  'image-cache-fill',
]);
/** Their volume is an image's, which has no snapshots. */
const ofImages: ReadonlySet<OperationType> = new Set<OperationType>([...silent, 'image-cache-fill', 'volume-to-image']);

describe('messages of failed operations', function () {
  this.timeout(60_000);
  let testDatabase: TestDatabase;
  let rig: Rig;

  before(async () => {
    testDatabase = await freshDatabase();
    rig = await Rig.open(testDatabase.url);
  });
  after(async () => {
    await rig.close();
    await testDatabase.drop();
    await closeOwnParts();
  });

  /** One volume with two snapshots, a server, and its attachment: all that the samples name. */
  async function insertRows(type: OperationType): Promise<void> {
    const { db } = rig;
    const volume = { ...owner, size_gib: 1, status: 'maintenance', host: place.pool, base_format: 'qcow2' };
    await db('volumes').insert([ids.volume, ids.source].map((id) => ({ id, ...volume })));
    // The volumes of images have none, and that of a clone is nobody's to see.
    if (!ofImages.has(type)) await insertSnapshots(type === 'volume-clone');
    await db('servers').insert({
      id: ids.server,
      ...owner,
      name: 'guest',
      flavor_id: '1',
      flavor: '{}',
      vm_state: 'building',
      compute_host: place.computeHost,
    });
    await db('attachments').insert({
      id: ids.attachment,
      volume_id: ids.volume,
      project_id: project,
      managed_server_id: ids.server,
      status: 'attaching',
    });
  }

  async function insertSnapshots(internal: boolean): Promise<void> {
    await rig.db('snapshots').insert(
      [ids.snapshot, ids.newSnapshot].map((id) => ({
        id,
        ...owner,
        volume_id: ids.volume,
        size_gib: 1,
        status: 'creating',
        internal,
      })),
    );
  }

  async function clear(): Promise<void> {
    for (const table of ['user_messages', 'operations', 'attachments', 'servers', 'snapshots', 'volumes'])
      await rig.db(table).delete();
  }

  async function inError(): Promise<string[]> {
    const { rows } = (await rig.db.raw(
      `select id from volumes where status like 'error%' union select id from snapshots where status like 'error%' and not internal
       union select id from servers where vm_state = 'error'`,
    )) as { rows: { id: string }[] };
    return rows.map((row) => row.id);
  }

  async function fail(type: OperationType, error: WireError): Promise<Message[]> {
    const sample = sampleContexts().find((one) => one.type === type);
    assert.ok(sample, `no sample of ${type}`);
    await insertRows(type);
    const row = {
      id: ids.copy,
      type,
      params: sample.context.params,
      ...owner,
      request_id: 'req-1',
      outputs: {},
      visited: [],
    };
    await rig.db.transaction((tx) =>
      outcomesOf(type).failed(tx, row as unknown as OperationRow, error, sample.context),
    );
    return rig.db('user_messages').select('*');
  }

  afterEach(clear);

  for (const type of Object.keys(operationRegistry) as OperationType[]) {
    it(`${type} leaves one that says why`, async () => {
      const messages = await fail(type, { code: 'no_space', message: '/srv/share: errno 28' });
      if (!administrative.has(type) && !silent.has(type)) assert.ok(messages.length > 0, 'no message');
      const told = messages.map((message) => message.resource_uuid);
      const shown = silent.has(type) ? [] : await inError();
      for (const id of shown) assert.ok(told.includes(id), `${id} is in error and nobody knows why`);
      for (const message of messages) {
        assert.match(message.event_id, /^VOLUME_(VOLUME|VOLUME_SNAPSHOT|VOLUME_BACKUP|SERVER)_\d{3}_101$/);
        assert.ok(message.event_id.startsWith(`VOLUME_${message.resource_type}_`));
        assert.match(message.user_message, /^[a-z ]+:The storage backend ran out of space/);
        assert.equal(message.request_id, 'req-1');
      }
    });
  }

  it('never shows what a driver said', async () => {
    const [message] = await fail('volume-create', { code: 'odd', message: 'host10: /srv/share/x', detail: 'errno 5' });
    assert.equal(message?.user_message, 'create volume from backend storage:An unknown error occurred.');
    assert.equal(message?.event_id, 'VOLUME_VOLUME_008_001');
  });

  it('says of a part of a request that an earlier part failed', async () => {
    const [message] = await fail('volume-delete', { code: 'cancelled', message: 'x' });
    assert.equal(
      message?.user_message,
      'delete volume:It was cancelled, or an earlier part of the same request failed.',
    );
  });
});
