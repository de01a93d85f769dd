// Attacks on what belongs to others or to the service itself: foreign ids in bodies (T-A01), fields that are not the client's to write
// (T-A06), foreign parents and children in one path (T-Z02), and what connections and names of hosts disclose (T-S03, T-S04).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BlockRig, projectOf } from '../block-storage/block-rig.js';
import { digestOf } from './digest.js';
import { attachToOurs, endServers, ourServer } from './our-servers.js';
import { allowMany, targets } from './targets.js';

const version = '3.71';
const serviceToken = { 'X-Service-Token': 'service' };
const connector = { host: 'elsewhere', mountpoint: '/dev/vdb' };

describe('isolation of projects', function () {
  this.timeout(60_000);
  let rig: BlockRig;
  before(async () => {
    rig = await BlockRig.open();
  });
  after(() => rig.close());
  beforeEach(() => allowMany(rig));
  afterEach(async () => {
    await endServers(rig);
    await rig.clear();
  });

  it('T-A01: an id of another project in a body is an id of nothing', async () => {
    const { volume_id: volume = '', snapshot_id: snapshot = '' } = await targets.snapshot(rig);
    const { group_id: group = '', group_snapshot_id: frozen = '' } = await targets.groupSnapshot(rig);
    const digest = await digestOf(rig.database);
    const bodies: Record<string, readonly [string, (id: string) => object, string]> = {
      clone: ['/volumes', (id) => ({ volume: { size: 1, source_volid: id } }), volume],
      restore: ['/volumes', (id) => ({ volume: { size: 1, snapshot_id: id } }), snapshot],
      snapshot: ['/snapshots', (id) => ({ snapshot: { volume_id: id } }), volume],
      attachment: ['/attachments', (id) => ({ attachment: { volume_uuid: id } }), volume],
      'connected attachment': ['/attachments', (id) => ({ attachment: { volume_uuid: id, connector } }), volume],
      transfer: ['/volume-transfers', (id) => ({ transfer: { volume_id: id } }), volume],
      'older transfer': ['/os-volume-transfer', (id) => ({ transfer: { volume_id: id } }), volume],
      'group snapshot': ['/group_snapshots', (id) => ({ group_snapshot: { group_id: id } }), group],
      'group of a group': ['/groups/action', (id) => ({ 'create-from-src': { source_group_id: id } }), group],
      'group of a snapshot': ['/groups/action', (id) => ({ 'create-from-src': { group_snapshot_id: id } }), frozen],
      'volume in a group': [
        '/volumes',
        (id) => ({ volume: { size: 1, volume_type: '__DEFAULT__', group_id: id } }),
        group,
      ],
    };
    for (const [name, [path, body, foreign]] of Object.entries(bodies)) {
      const before = await digest();
      const random = randomUUID();
      const said = await rig.ask('POST', path, { as: 'bob', version, body: body(foreign) });
      const nothing = await rig.ask('POST', path, { as: 'bob', version, body: body(random) });
      assert.equal(said.status, 404, `${name}: ${JSON.stringify(said.body)}`);
      assert.equal(
        JSON.stringify(said.body).replaceAll(foreign, '<id>'),
        JSON.stringify(nothing.body).replaceAll(random, '<id>'),
        name,
      );
      assert.equal(await digest(), before, `${name} changed something`);
    }
  });

  /** What only the service writes, with values that would be seen. */
  const canary = 'canary-of-mass-assignment';
  const owned: Readonly<Record<string, unknown>> = {
    id: '99999999-9999-4999-8999-999999999999',
    status: 'error',
    attach_status: 'attached',
    migration_status: canary,
    previous_status: canary,
    project_id: canary,
    tenant_id: canary,
    user_id: canary,
    host: canary,
    'os-vol-host-attr:host': canary,
    'os-vol-tenant-attr:tenant_id': canary,
    'os-extended-snapshot-attributes:project_id': canary,
    provider_location: canary,
    provider_id: canary,
    base_format: canary,
    bootable: true,
    encrypted: true,
    encryption_key_id: '99999999-9999-4999-8999-999999999999',
    multiattach: true,
    replication_status: canary,
    cluster_name: canary,
    name_id: '99999999-9999-4999-8999-999999999999',
    consumes_quota: false,
    internal: true,
    progress: '77%',
    admin_metadata: { readonly: canary },
    image_metadata: { canary },
    volume_image_metadata: { canary },
    managed_server_id: '99999999-9999-4999-8999-999999999999',
    connection_info: { export: canary },
    attached_host: canary,
    created_at: '1999-01-01T00:00:00',
    launched_at: '1999-01-01T00:00:00',
    locked_by: canary,
  };

  async function wholeRow(table: string, id: string): Promise<Record<string, unknown>> {
    const row: Record<string, unknown> | undefined = await rig.database(table).where({ id }).first('*');
    assert.ok(row);
    return row;
  }

  function demandNoneStored(
    what: string,
    field: string,
    before: Record<string, unknown>,
    row: Record<string, unknown>,
  ) {
    const text = JSON.stringify(row);
    for (const mark of [canary, '99999999-9999', '1999-01-01', '77%'])
      assert.ok(!text.includes(mark), `${what}: ${field} was stored: ${text}`);
    for (const flag of ['bootable', 'encrypted', 'multiattach', 'consumes_quota', 'internal', 'project_id', 'user_id'])
      if (flag in row) assert.equal(row[flag], before[flag], `${what}: ${field} changed ${flag}`);
    assert.notEqual(row['status'], 'error', `${what}: ${field}`);
  }

  for (const at of ['3.27', '3.52', version]) {
    it(`T-A06: fields of the service in a body are refused or ignored (${at})`, async () => {
      const { volume_id: volume = '', snapshot_id: snapshot = '' } = await targets.snapshot(rig);
      const like = { volumes: await wholeRow('volumes', volume), snapshots: await wholeRow('snapshots', snapshot) };
      const ask = (method: string, path: string, body: object) => rig.ask(method, path, { version: at, body });
      for (const [field, value] of Object.entries(owned)) {
        const more = { [field]: value };
        const made = await ask('POST', '/volumes', { volume: { size: 1, ...more } });
        assert.ok([202, 400].includes(made.status), `${field}: ${JSON.stringify(made.body)}`);
        await rig.engine.settle();
        if (made.status === 202) {
          const row = await wholeRow('volumes', made.body.volume.id as string);
          demandNoneStored('volume create', field, like.volumes, row);
        }
        const updates = [
          ['volumes', volume, await ask('PUT', `/volumes/${volume}`, { volume: { name: 'n', ...more } })],
          ['snapshots', snapshot, await ask('PUT', `/snapshots/${snapshot}`, { snapshot: { name: 'n', ...more } })],
        ] as const;
        for (const [table, id, answer] of updates) {
          assert.ok([200, 400].includes(answer.status), `${table} ${field}: ${JSON.stringify(answer.body)}`);
          demandNoneStored(`${table} update`, field, like[table], await wholeRow(table, id));
        }
        const taken = await ask('POST', '/snapshots', { snapshot: { volume_id: volume, ...more } });
        assert.ok([202, 400].includes(taken.status), `${field}: ${JSON.stringify(taken.body)}`);
        await rig.engine.settle();
        if (taken.status === 202) {
          const id = taken.body.snapshot.id as string;
          demandNoneStored('snapshot create', field, like.snapshots, await wholeRow('snapshots', id));
          assert.equal((await rig.ask('DELETE', `/snapshots/${id}`)).status, 202);
          await rig.engine.settle();
        }
      }
    });
  }

  it('T-A06: an attachment takes none of them either', async () => {
    const volume = await rig.volume();
    for (const [field, value] of Object.entries(owned)) {
      const body = { attachment: { volume_uuid: volume, connector, [field]: value } };
      const made = await rig.ask('POST', '/attachments', { version, body });
      assert.equal(made.status, 400, `${field}: ${JSON.stringify(made.body)}`);
    }
    const inside = { ...connector, ...owned };
    const made = await rig.ask('POST', '/attachments', {
      version,
      body: { attachment: { volume_uuid: volume, connector: inside } },
    });
    assert.equal(made.status, 200);
    const {
      connector: kept,
      attached_host: host,
      ...row
    } = await wholeRow('attachments', made.body.attachment.id as string);
    assert.ok(!JSON.stringify(row).includes(canary) && row['managed_server_id'] === null && kept !== null);
    // The host is the connector's to say.
    assert.deepEqual([host, (kept as Record<string, unknown>)['host']], [canary, canary]);
  });

  it('T-Z02: a snapshot or key under a foreign parent is not found', async () => {
    const { volume_id: volume = '', snapshot_id: snapshot = '' } = await targets.snapshot(rig);
    const bobs = await rig.volume({ metadata: { own: 'x' } }, 'bob');
    const ask = (method: string, path: string, body?: object) =>
      rig.ask(method, path, { as: 'bob', version, ...(body === undefined ? {} : { body }) });
    for (const path of [`/volumes/${volume}`, `/snapshots/${snapshot}`]) {
      for (const key of ['colour', 'own', 'nothing']) {
        assert.equal((await ask('GET', `${path}/metadata/${key}`)).status, 404);
        assert.equal((await ask('DELETE', `${path}/metadata/${key}`)).status, 404);
        assert.equal((await ask('PUT', `${path}/metadata/${key}`, { meta: { [key]: 'x' } })).status, 404);
      }
    }
    // The parent is bob's, the child ann's.
    const revert = await ask('POST', `/volumes/${bobs}/action`, { revert: { snapshot_id: snapshot } });
    assert.ok([400, 404].includes(revert.status), JSON.stringify(revert.body));
    const { attachment_id: attachment = '' } = await targets.connectedAttachment(rig);
    const detach = await ask('POST', `/volumes/${bobs}/action`, { 'os-detach': { attachment_id: attachment } });
    assert.ok([400, 404].includes(detach.status), JSON.stringify(detach.body));
    assert.ok(await rig.database('attachments').where({ id: attachment }).first('id'));
  });

  it('T-S03: connections are a closed list of fields, for service tokens alone', async () => {
    const volume = await rig.volume();
    const body = { attachment: { volume_uuid: volume, connector } };
    const made = await rig.ask('POST', '/attachments', { version, body, headers: serviceToken });
    const id = made.body.attachment.id as string;
    const path = `/attachments/${id}`;
    const known = ['access_mode', 'attachment_id', 'cacheable', 'driver_volume_type', 'encrypted', 'enforce_multipath'];
    const fields = [...known, 'export', 'format', 'name', 'options', 'qos_specs'].sort();
    const asks = {
      show: (more: object) => rig.ask('GET', path, { version, ...more }),
      update: (more: object) => rig.ask('PUT', path, { version, body: { attachment: { connector } }, ...more }),
      list: (more: object) => rig.ask('GET', `/attachments/detail?volume_id=${volume}`, { version, ...more }),
    } as const;
    for (const [name, ask] of Object.entries(asks)) {
      const read = async (more: object): Promise<object> => {
        const answer = await ask(more);
        assert.equal(answer.status, 200, name);
        return (answer.body.attachment ?? answer.body.attachments[0]).connection_info as object;
      };
      assert.deepEqual(Object.keys(await read({ headers: serviceToken })).sort(), fields, name);
      for (const as of ['ann', 'manager', 'ownAdmin'] as const) {
        assert.deepEqual(await read({ as }), {}, `${name} as ${as}`);
        assert.deepEqual(await read({ as, headers: { 'X-Service-Token': 'bob' } }), {}, `${name} as ${as}, no service`);
      }
    }
    assert.deepEqual((await rig.ask('GET', path, { as: 'reader', version })).body.attachment.connection_info, {});
    const other = await rig.volume();
    const open = (more: object) => rig.act(other, { 'os-initialize_connection': { connector } }, { version, ...more });
    const nested = (await open({ headers: serviceToken })).body.connection_info;
    assert.deepEqual(Object.keys(nested).sort(), ['data', 'driver_volume_type']);
    const flatOnly = ['attachment_id', 'driver_volume_type'];
    assert.deepEqual(
      Object.keys(nested.data as object).sort(),
      fields.filter((field) => !flatOnly.includes(field)),
    );
    for (const as of ['ann', 'ownAdmin'] as const)
      assert.deepEqual((await open({ as })).body.connection_info, { driver_volume_type: 'glusterfs', data: {} });
  });

  it('T-S04: names of hosts and places of files are for administrators and services', async () => {
    const server = await ourServer(rig, 'ann');
    const volume = await rig.volume();
    await attachToOurs(rig, volume, server);
    const places = ['node1', '10.0.0.1', 'gluster', `volume-${volume}`];
    const read = async (as: 'ann' | 'reader' | 'admin', path: string) =>
      (await rig.ask('GET', path, { as, version })).body as {
        volume?: { attachments: { host_name: string | null }[] };
      };
    for (const as of ['ann', 'reader'] as const) {
      for (const path of [`/volumes/${volume}`, '/volumes/detail', '/attachments/detail', '/os-availability-zone']) {
        const text = JSON.stringify(await read(as, path)).replaceAll(/http:\/\/[^"]*/g, '');
        for (const place of places) assert.ok(!text.includes(place), `${path} as ${as} tells ${place}: ${text}`);
      }
    }
    const shown = await read('admin', `/volumes/${volume}`);
    assert.equal(shown.volume?.attachments[0]?.host_name, 'node1');
    const own = await read('ann', `/volumes/${volume}`);
    assert.equal(own.volume?.attachments[0]?.host_name, null);
    // Nor do refusals tell.
    for (const body of [
      { 'os-detach': {} },
      { 'os-reserve': null },
      { 'os-initialize_connection': { connector } },
      { 'os-update_readonly_flag': { readonly: true } },
    ]) {
      const refused = await rig.act(volume, body, { version });
      assert.ok(refused.status >= 400);
      for (const place of places)
        assert.ok(!JSON.stringify(refused.body).includes(place), JSON.stringify(refused.body));
    }
    assert.ok(!JSON.stringify(await read('ann', '/messages')).includes(projectOf('bob')));
  });
});
