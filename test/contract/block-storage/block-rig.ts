// The block-storage API behind the real shell, on loopback, over a fresh database and the real engine with a world in memory instead of
// workers: volumes really become available. Tokens are names of people here; the token check has its own tests. Every answer is held
// against api-spec/block-storage.yaml.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { pino } from 'pino';
import { defineAdminApi } from '../../../services/api/admin/definition.js';
import type { TokenValidator } from '../../../services/api/auth/token-validator.js';
import { defineBlockStorageApi } from '../../../services/api/block-storage/definition.js';
import { createApp, createHttpServer } from '../../../services/api/server.js';
import { createApi } from '../../../services/api/shell/api.js';
import { type Database, openDatabase } from '../../../services/core/db/connection.js';
import type { TokenFacts } from '../../../services/core/db/identity/tokens.js';
import { joinable } from '../../../services/core/db/joinable.js';
import { readSpec } from '../../../services/core/runtime/spec-files.js';
import { closeOwnParts, freshDatabase, type TestDatabase } from '../../harness/environment.js';
import { keepReporting, type ServiceReports } from '../../harness/service-reports.js';
import { Rig } from '../../integration/engine/rig.js';
import { ContractRecorder } from '../identity/contract-recorder.js';

export const missingId = '00000000-0000-4000-8000-000000000000';
export const backendHost = 'node1@gluster';
export const poolName = `${backendHost}#10.0.0.1:/vols`;

/** 32 hex digits, the same for a name in every run. */
function hexId(name: string): string {
  return createHash('md5').update(name).digest('hex');
}

const people: Readonly<Record<string, { project: string; roles: readonly string[] }>> = {
  ann: { project: 'project-a', roles: ['member', 'reader'] },
  bob: { project: 'project-b', roles: ['member', 'reader'] },
  reader: { project: 'project-a', roles: ['reader'] },
  manager: { project: 'project-a', roles: ['manager', 'member', 'reader'] },
  ownAdmin: { project: 'project-a', roles: ['admin', 'manager', 'member', 'reader'] },
  ownService: { project: 'project-a', roles: ['service'] },
  bobReader: { project: 'project-b', roles: ['reader'] },
  bobAdmin: { project: 'project-b', roles: ['admin', 'manager', 'member', 'reader'] },
  admin: { project: 'admin', roles: ['admin', 'member', 'reader'] },
  service: { project: 'service', roles: ['service'] },
};
export type Person =
  | 'ann'
  | 'bob'
  | 'reader'
  | 'manager'
  | 'ownAdmin'
  | 'ownService'
  | 'bobReader'
  | 'bobAdmin'
  | 'admin'
  | 'service';

export function projectOf(person: Person): string {
  return hexId(people[person]?.project ?? '');
}

function factsOf(person: string): TokenFacts | null {
  const known = people[person];
  if (known === undefined) return null;
  const domain = { id: 'default', name: 'Default' };
  return {
    user: { id: hexId(person), name: person, domain },
    project: { id: hexId(known.project), name: known.project, domain },
    domain: null,
    roles: known.roles.map((name) => ({ id: hexId(name), name })),
    methods: ['password'],
    auditIds: ['x'],
    issuedAt: '2026-11-21T00:00:00',
    expiresAt: '2036-11-21T00:00:00',
    remainingMs: 3_600_000,
    applicationCredential: null,
  };
}

export const fakeValidator: TokenValidator = {
  validate: (secret) => Promise.resolve(factsOf(secret)),
  forgetAll: () => undefined,
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked against the OpenAPI document; tests then just read them
  readonly body: any;
}

export interface Asking {
  readonly as?: Person | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  /** `3.27`; none sends no header. */
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ActionEntry {
  readonly operationId: string;
  readonly success: number;
  readonly response?: { readonly $ref: string };
  /** Always answered with 400. */
  readonly refused?: true;
}
type Document = ConstructorParameters<typeof ContractRecorder>[0];

const capabilities = {
  volumeBackendName: 'gluster',
  vendorName: 'Open Source',
  driverVersion: '0.1.0',
  storageProtocol: 'glusterfs',
  reservedPercentage: 0,
  maxOverSubscriptionRatio: 20,
  thinProvisioning: true,
  thickProvisioning: false,
  volumeFormat: 'qcow2',
  preallocation: 'off',
};
const access = {
  share: '10.0.0.1:/vols',
  glusterVolumeName: 'vols',
  directory: '',
  servers: [{ host: '10.0.0.1', port: 24007 }],
  mountOptions: '-o backup-volfile-servers=10.0.0.2',
};

export async function insertPool(db: Database, name = poolName, changes: Record<string, unknown> = {}): Promise<void> {
  const [host = '', share = ''] = name.split('#');
  await db('services')
    .insert({ binary: 'saggar-volume', host, zone: 'nova', updated_at: db.raw('utc_now()') })
    .onConflict(['binary', 'host'])
    .ignore();
  await db('pools').insert({
    name,
    backend_host: host,
    share,
    zone: 'nova',
    state: 'up',
    access: JSON.stringify({ ...access, share }),
    capabilities: JSON.stringify(capabilities),
    total_bytes: 100 * 1024 ** 3,
    free_bytes: 90 * 1024 ** 3,
    ...changes,
  });
}

export class BlockRig {
  readonly engine: Rig;
  readonly recorder: ContractRecorder;
  /** Of the administration API, which stands beside. */
  readonly adminRecorder: ContractRecorder;
  private readonly ajv = new Ajv2020({ strict: false });
  private readonly reports: ServiceReports;

  private constructor(
    readonly database: Database,
    readonly baseUrl: string,
    private readonly server: Server,
    private readonly testDatabase: TestDatabase,
  ) {
    this.engine = new Rig(database);
    this.reports = keepReporting(database);
    const document = readSpec('block-storage') as Document;
    this.recorder = new ContractRecorder(document);
    this.adminRecorder = new ContractRecorder(readSpec('admin') as Document);
    this.ajv.addSchema(document, 'api');
  }

  static async open(): Promise<BlockRig> {
    const testDatabase = await freshDatabase();
    const database = openDatabase({ url: testDatabase.url });
    await insertPool(database);
    // Other processes that report themselves; the API is no service of block storage.
    for (const binary of ['saggar-conductor', 'saggar-api']) {
      await database('services').insert({ binary, host: 'node1', updated_at: database.raw('utc_now()') });
    }
    const logger = pino({ level: process.env['SAGGAR_TEST_LOG'] ?? 'silent' });
    const services = { validator: fakeValidator, logger, publicUrl: 'http://saggar.test:8776', database };
    // Nobody waits long for a worker that is not there.
    const parts = { database: joinable(database), scanWaitMs: 500 };
    const apis = [defineBlockStorageApi(parts), defineAdminApi(parts)].map((api) => ({
      prefix: api.prefix,
      handler: createApi(api, services),
    }));
    const server = createHttpServer(createApp({ apis, logger, checkHealth: () => Promise.resolve() }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new BlockRig(database, baseUrl, server, testDatabase);
  }

  /** `path` is below /volume/v3. */
  ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    return this.askAt(method, `/v3${path}`, asking);
  }

  /** `path` is below /volume. */
  async askAt(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const { as = 'ann', version } = asking;
    const sent = asking.text ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body));
    // This list waits for a worker, whose part the world plays meanwhile.
    const worked =
      /(manageable_volumes|os-volume-manage)(\/detail)?(\?|$)/.test(path) && method === 'GET' ? this.work() : null;
    const response = await fetch(`${this.baseUrl}/volume${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(as === null ? {} : { 'X-Auth-Token': as }),
        ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(version === undefined ? {} : { 'OpenStack-API-Version': `volume ${version}` }),
        ...asking.headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    worked?.stop();
    await worked?.ended;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    assert.match(response.headers.get('x-openstack-request-id') ?? '', /^req-[0-9a-f-]{36}$/);
    this.hold(method, path, asking.body, response.status, body);
    return { status: response.status, headers: response.headers, body };
  }

  /** The world answers commands until it is stopped. */
  private work(): { stop(): void; ended: Promise<void> } {
    let goesOn = true;
    const loop = async (): Promise<void> => {
      while (goesOn) {
        await this.engine.settle();
        await sleep(10);
      }
    };
    return { stop: () => (goesOn = false), ended: loop() };
  }

  /** `path` is below /admin; asked by an administrator unless said otherwise. */
  async askAdmin(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const { as = 'admin', body: sent, text = sent === undefined ? undefined : JSON.stringify(sent) } = asking;
    const response = await fetch(`${this.baseUrl}/admin${path}`, {
      method,
      headers: {
        ...(as === null ? {} : { 'X-Auth-Token': as }),
        ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...asking.headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const got = await response.text();
    const body: unknown = got === '' ? undefined : JSON.parse(got);
    this.adminRecorder.check(method, path.replace(/\?.*$/, ''), sent, response.status, body);
    return { status: response.status, headers: response.headers, body };
  }

  private hold(method: string, path: string, sent: unknown, status: number, body: unknown): void {
    const bare = (path === '' ? '/' : path).replace(/\?.*$/, '').replace(/^\/v3\/[0-9a-f-]+\//, '/v3/');
    const action = method === 'POST' && bare.endsWith('/action') ? this.actionOf(bare, sent) : undefined;
    if (action === undefined || status >= 400) {
      this.recorder.check(method, bare, sent, status, body);
      if (action?.refused === true && status === 400) this.recorder.seen.add(action.operationId);
      return;
    }
    assert.notEqual(action.refused, true, `${action.operationId} is documented as always refused`);
    assert.equal(status, action.success, action.operationId);
    if (action.response === undefined) assert.equal(body, undefined, `${action.operationId} promises no body`);
    else {
      const fits = this.ajv.validate({ $ref: `api${action.response.$ref}` }, body);
      assert.ok(fits, `${action.operationId}: ${this.ajv.errorsText()} in ${JSON.stringify(body)}`);
    }
    this.recorder.seen.add(action.operationId);
  }

  private actionOf(path: string, sent: unknown): ActionEntry | undefined {
    const kind = path.split('/')[2] ?? '';
    const { paths } = readSpec('block-storage') as { paths: Record<string, { post?: { 'x-actions'?: object } }> };
    const found = Object.entries(paths).find(
      ([template]) => template.startsWith(`/v3/${kind}/{`) && template.endsWith('/action'),
    );
    const actions = (found?.[1].post?.['x-actions'] ?? {}) as Record<string, ActionEntry>;
    return actions[Object.keys(Object(sent) as object)[0] ?? ''];
  }

  /** A volume that rests; made through the API. */
  async volume(more: Record<string, unknown> = {}, as: Person = 'ann'): Promise<string> {
    const answer = await this.ask('POST', '/volumes', { as, body: { volume: { size: 1, ...more } } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await this.engine.settle();
    return answer.body.volume.id as string;
  }

  /** A snapshot that rests. */
  async snapshot(volumeId: string, more: Record<string, unknown> = {}): Promise<string> {
    const answer = await this.ask('POST', '/snapshots', { body: { snapshot: { volume_id: volumeId, ...more } } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await this.engine.settle();
    return answer.body.snapshot.id as string;
  }

  /** An empty group of a new group type; `types` are the volume types that it takes, `more` is of the group type. */
  async group(types: readonly string[] = ['__DEFAULT__'], as: Person = 'ann', more: object = {}): Promise<string> {
    const version = '3.71';
    const type = { name: `group-type-${randomUUID()}`, group_specs: { colour: 'red' }, ...more };
    const made = await this.ask('POST', '/group_types', { as: 'admin', version, body: { group_type: type } });
    assert.equal(made.status, 202, JSON.stringify(made.body));
    const group = { group_type: made.body.group_type.id as string, volume_types: types };
    const answer = await this.ask('POST', '/groups', { as, version, body: { group } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    return answer.body.group.id as string;
  }

  /** A volume that rests in the group. */
  async volumeIn(group: string, more: Record<string, unknown> = {}): Promise<string> {
    const volume = { size: 1, volume_type: '__DEFAULT__', group_id: group, ...more };
    const answer = await this.ask('POST', '/volumes', { version: '3.71', body: { volume } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await this.engine.settle();
    return answer.body.volume.id as string;
  }

  async act(id: string, action: object, asking: Asking = {}): Promise<Answer> {
    return this.ask('POST', `/volumes/${id}/action`, { ...asking, body: action });
  }

  async statusOf(id: string): Promise<string | number> {
    const answer = await this.ask('GET', `/volumes/${id}`, { as: 'admin' });
    return answer.status === 200 ? (answer.body.volume.status as string) : answer.status;
  }

  /** Deletes everything that tests have left, and checks that nothing else stays. */
  async clear(): Promise<void> {
    await this.database('attachments').whereNull('managed_server_id').delete();
    await this.database('volumes').update({ status: 'available', attach_status: 'detached' });
    await this.database('volumes').update({ group_id: null });
    await this.database('snapshots').update({ status: 'available', group_snapshot_id: null });
    for (const table of ['group_snapshots', 'volume_groups', 'group_types']) await this.database(table).delete();
    const volumes: { id: string }[] = await this.database('volumes').select('id');
    for (const { id } of volumes) await this.ask('DELETE', `/volumes/${id}?cascade=true`, { as: 'admin' });
    await this.engine.settle();
    await this.database('quota_limits').delete();
    await this.engine.assertNothingLeft();
  }

  /** `keep`: another rig of the same file goes on with the servers. */
  async close(servers: 'end' | 'keep' = 'end'): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.reports.stop();
    await this.database.destroy();
    await this.testDatabase.drop();
    if (servers === 'end') await closeOwnParts();
  }
}
