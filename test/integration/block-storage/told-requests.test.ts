// Requests that change rows at once are told in the transaction of the change: the right events, with the row before and after; and
// nothing when they are refused.
import assert from 'node:assert/strict';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import { insertPool, poolName } from '../../contract/block-storage/block-rig.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { ApiProcess } from './api-process.js';

interface Told {
  readonly event_type: string;
  readonly priority: string;
  readonly message: {
    readonly publisher_id: string;
    readonly payload: Readonly<Record<string, unknown>>;
    readonly _context_request_id: string;
  };
}

describe('notifications of the block-storage API', function () {
  this.timeout(120_000);
  let testDatabase: TestDatabase;
  let db: Database;
  let api: ApiProcess;
  let token: string;

  before(async () => {
    testDatabase = await freshDatabase();
    db = openDatabase({ url: testDatabase.url, poolSize: 3 });
    await insertPool(db);
    const config = { hostName: 'api-1', notifications: { enabled: true } };
    api = new ApiProcess({ databaseUrl: testDatabase.url, config });
    await api.start();
    token = await api.login('admin');
  });
  after(async () => {
    await api.close();
    await db.destroy();
    await testDatabase.drop();
    await closeOwnParts();
  });

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    // biome-ignore lint/suspicious/noExplicitAny: tests just read it
  ): Promise<{ status: number; body: any; requestId: string }> {
    const response = await fetch(`${api.base}/volume/v3/${path}`, {
      method,
      headers: {
        'X-Auth-Token': token,
        'OpenStack-API-Version': 'volume 3.60',
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : (JSON.parse(text) as unknown),
      requestId: response.headers.get('x-openstack-request-id') ?? '',
    };
  }
  /** What was told since the last question. */
  async function told(): Promise<Told[]> {
    const rows: (Told & { id: number })[] = await db('notifications').orderBy('id').select();
    await db('notifications')
      .whereIn(
        'id',
        rows.map((row) => row.id),
      )
      .delete();
    return rows;
  }
  async function toldTypes(): Promise<string[]> {
    return (await told()).map((row) => row.event_type);
  }
  async function volume(fields: Record<string, unknown> = {}): Promise<string> {
    const made = await ask('POST', 'volumes', { volume: { size: 1, name: 'told' } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const id = made.body.volume.id as string;
    await db('resource_locks').delete();
    await db('operations').delete();
    await db('volumes')
      .where({ id })
      .update({ status: 'available', ...fields });
    return id;
  }

  it('tell the start of a creation with the commit that accepts it', async () => {
    const made = await ask('POST', 'volumes', { volume: { size: 1, name: 'first', metadata: { a: 'b' } } });
    const [start, ...more] = await told();
    assert.deepEqual(more, []);
    assert.equal(start?.event_type, 'volume.create.start');
    const { message } = start ?? assert.fail();
    assert.equal(message.publisher_id, `volume.${poolName.split('#')[0]}`);
    assert.equal(message.payload['volume_id'], made.body.volume.id);
    assert.equal(message.payload['status'], 'creating');
    assert.deepEqual(message.payload['metadata'], [{ key: 'a', value: 'b' }]);
    assert.equal(message._context_request_id, made.requestId);
  });

  it('tell that no pool can take a volume, with priority ERROR', async () => {
    await db('pools').update({ state: 'down' });
    const made = await ask('POST', 'volumes', { volume: { size: 1, name: 'nowhere' } });
    await db('pools').update({ state: 'up' });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const id = made.body.volume.id as string;
    const rows = await told();
    assert.deepEqual(
      rows.map((row) => [row.event_type, row.priority, row.message.payload['volume_id']]),
      [
        ['scheduler.create_volume', 'ERROR', id],
        ['volume.create.error', 'ERROR', id],
      ],
    );
    assert.equal(rows[0]?.message.publisher_id, 'scheduler.api-1');
    assert.equal(rows[0]?.message.payload['method'], 'create_volume');
  });

  it('show a volume before and after its update, and tell nothing of a refused one', async () => {
    const id = await volume();
    await told();
    assert.equal((await ask('PUT', `volumes/${id}`, { volume: { name: 'renamed' } })).status, 200);
    const rows = await told();
    assert.deepEqual(
      rows.map((row) => [row.event_type, row.message.payload['display_name'], row.message.publisher_id]),
      [
        ['volume.update.start', 'told', 'volume.api-1'],
        ['volume.update.end', 'renamed', 'volume.api-1'],
      ],
    );
    const missing = '00000000-0000-4000-8000-000000000000';
    assert.equal((await ask('PUT', `volumes/${missing}`, { volume: { name: 'x' } })).status, 404);
    assert.equal((await ask('PUT', 'volumes/none', { volume: { name: 'x' } })).status, 404);
    const reset = { 'os-reset_status': { attach_status: 'attached', status: 'error' } };
    assert.equal((await ask('POST', `volumes/${id}/action`, reset)).status, 202);
    assert.deepEqual(await toldTypes(), ['volume.reset_status.start', 'volume.reset_status.end']);
  });

  it('tell foreign attachments and the deletion of a volume that lies nowhere', async () => {
    const id = await volume({ base_format: 'qcow2' });
    await db('chain_layers').insert({
      volume_id: id,
      position: 0,
      file: `volume-${id}`,
      format: 'qcow2',
      virtual_size_bytes: 1024 ** 3,
    });
    await told();
    const connector = { host: 'elsewhere', ip: '10.0.0.9', initiator: 'iqn.none' };
    const instance = '00000000-0000-4000-8000-000000000001';
    const made = await ask('POST', 'attachments', { attachment: { volume_uuid: id, instance_uuid: instance } });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    assert.deepEqual(await toldTypes(), []);
    const path = `attachments/${made.body.attachment.id as string}`;
    assert.equal((await ask('PUT', path, { attachment: { connector } })).status, 200);
    assert.deepEqual(await toldTypes(), ['volume.attach.start']);
    assert.equal((await ask('POST', `${path}/action`, { 'os-complete': {} })).status, 204);
    const [end] = await told();
    assert.equal(end?.event_type, 'volume.attach.end');
    assert.ok(!JSON.stringify(end).includes('iqn.none'), 'a connector is nobody else’s business');
    const serviceOrAdmin = await ask('DELETE', path);
    assert.equal(serviceOrAdmin.status, 200, JSON.stringify(serviceOrAdmin.body));
    assert.deepEqual(await toldTypes(), ['volume.detach.start', 'volume.detach.end']);
    const nowhere = await volume({ host: null, status: 'error' });
    await told();
    assert.equal((await ask('DELETE', `volumes/${nowhere}`)).status, 202);
    const rows = await told();
    assert.deepEqual(
      rows.map((row) => [row.event_type, row.message.payload['status']]),
      [
        ['volume.delete.start', 'error'],
        ['volume.delete.end', 'deleted'],
      ],
    );
  });

  it('tell transfers, without the key', async () => {
    const id = await volume();
    await told();
    const made = await ask('POST', 'volume-transfers', { transfer: { volume_id: id } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const { auth_key: key, id: transferId } = made.body.transfer as { auth_key: string; id: string };
    const rows = await told();
    assert.deepEqual(
      rows.map((row) => row.event_type),
      ['volume.transfer.create.start', 'volume.transfer.create.end'],
    );
    assert.ok(!JSON.stringify(rows).includes(key));
    const accepted = await ask('POST', `volume-transfers/${transferId}/accept`, { accept: { auth_key: key } });
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
    assert.deepEqual(await toldTypes(), ['volume.transfer.accept.start', 'volume.transfer.accept.end']);
    const other = await ask('POST', 'os-volume-transfer', { transfer: { volume_id: id } });
    assert.equal((await ask('DELETE', `volume-transfers/${other.body.transfer.id as string}`)).status, 202);
    assert.deepEqual((await toldTypes()).slice(2), ['volume.transfer.delete.start', 'volume.transfer.delete.end']);
  });

  it('tell types, their specs and access, and QoS specs', async () => {
    const made = await ask('POST', 'types', {
      volume_type: { name: 'fast', 'os-volume-type-access:is_public': false },
    });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const type = made.body.volume_type.id as string;
    const project = '0123456789abcdef0123456789abcdef';
    await ask('PUT', `types/${type}`, { volume_type: { name: 'faster' } });
    await ask('POST', `types/${type}/action`, { addProjectAccess: { project } });
    await ask('POST', `types/${type}/action`, { removeProjectAccess: { project } });
    await ask('POST', `types/${type}/extra_specs`, { extra_specs: { a: '1' } });
    await ask('PUT', `types/${type}/extra_specs/a`, { a: '2' });
    await ask('DELETE', `types/${type}/extra_specs/a`);
    const encryption = { provider: 'luks', control_location: 'front-end', cipher: null, key_size: null };
    await ask('POST', `types/${type}/encryption`, { encryption });
    const qos = await ask('POST', 'qos-specs', { qos_specs: { name: 'slow', consumer: 'back-end' } });
    const qosId = qos.body.qos_specs.id as string;
    await ask('PUT', `qos-specs/${qosId}`, { qos_specs: { total_iops_sec: '10' } });
    await ask('GET', `qos-specs/${qosId}/associate?vol_type_id=${type}`);
    await ask('GET', `qos-specs/${qosId}/disassociate_all`);
    await ask('DELETE', `qos-specs/${qosId}`);
    await ask('DELETE', `types/${type}`);
    assert.equal((await ask('POST', 'types', { volume_type: { name: '__DEFAULT__' } })).status, 409);
    const rows = await told();
    assert.deepEqual(
      rows.map((row) => `${row.message.publisher_id.split('.')[0] ?? ''} ${row.event_type}`),
      [
        'volumeType volume_type.create',
        'volumeType volume_type.update',
        'volume_type_project volume_type_project.access.add',
        'volume_type_project volume_type_project.access.remove',
        'volumeTypeExtraSpecs volume_type_extra_specs.create',
        'volumeTypeExtraSpecs volume_type_extra_specs.update',
        'volumeTypeExtraSpecs volume_type_extra_specs.delete',
        'volumeTypeEncryption volume_type_encryption.create',
        'QoSSpecs qos_specs.create',
        'QoSSpecs qos_specs.update',
        'QoSSpecs qos_specs.associate',
        'QoSSpecs qos_specs.disassociate_all',
        'QoSSpecs qos_specs.delete',
        'volumeType volume_type.delete',
      ],
    );
    const shown = rows.map((row) => row.message.payload);
    const typeIn = (place: number) => shown.at(place)?.['volume_types'] as Record<string, unknown> | undefined;
    assert.equal(typeIn(0)?.['id'], type);
    assert.equal(typeIn(1)?.['name'], 'faster');
    assert.deepEqual(shown[2], { volume_type_id: type, project_id: project });
    assert.deepEqual(shown[4]?.['specs'], { a: '1' });
    assert.equal(typeIn(-1)?.['deleted'], true);
  });

  it('are told once for an idempotency key', async () => {
    const id = await volume();
    await told();
    const again = { 'os-reset_status': { status: 'error' } };
    const first = await ask('POST', `volumes/${id}/action`, again, { 'Idempotency-Key': 'once' });
    const second = await ask('POST', `volumes/${id}/action`, again, { 'Idempotency-Key': 'once' });
    assert.deepEqual([first.status, second.status], [202, 202]);
    assert.deepEqual(await toldTypes(), ['volume.reset_status.start', 'volume.reset_status.end']);
  });
});
