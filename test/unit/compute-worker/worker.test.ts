// The compute worker’s parts without a broker: command table, console listener, reports.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT } from 'jose';
import type { HypervisorDriver } from '../../../drivers/hypervisor-driver.js';
import { systemCommandRunner } from '../../../drivers/process/system-command-runner.js';
import { FakeHypervisor } from '../../../drivers/qemu/fake-hypervisor.js';
import { computeHandlers, serverOf } from '../../../services/compute-worker/command-handlers.js';
import { makeComputeReport, withDisks } from '../../../services/compute-worker/compute-report.js';
import { type ConsoleServer, startConsoleServer } from '../../../services/compute-worker/console-server.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import { type Command, type CommandType, commandSchemas } from '../../../services/core/messages/envelope.js';
import { findSchemaViolation } from '../../../services/core/messages/parse-message.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { makeDisk, makeLayer } from '../../contract/hypervisor-driver/disks.js';

const serverId = '11111111-2222-4333-8444-555555555555';
const secret = Buffer.from('a secret of the tests');

describe('the compute worker’s table', () => {
  let directory = '';
  let driver: FakeHypervisor;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sgr-cw-'));
    driver = new FakeHypervisor({ stateDirectory: directory, runner: systemCommandRunner });
    await driver.setup();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Runs a handler as the loop would, and holds its answer against the schema. */
  const ask = async (type: CommandType, params: object): Promise<Record<string, unknown>> => {
    assert.equal(findSchemaViolation(commandSchemas[type].params, params), null);
    const handler = computeHandlers(driver)[type] as unknown as (p: object, c: object) => Promise<object>;
    const context = { signal: new AbortController().signal, onProgress: () => undefined, logger: silentLogger() };
    const answer = (await handler(params, context)) as Record<string, unknown>;
    assert.equal(findSchemaViolation(commandSchemas[type].output, answer['forward'] ?? answer), null);
    return answer;
  };

  it('has a handler for every command to a compute host, and no other', () => {
    const own = Object.keys(commandSchemas).filter((type) => /^(server|disk|guest)\./.test(type));
    assert.deepEqual(Object.keys(computeHandlers(driver)).sort(), own.sort());
  });

  it('takes a server through its life in messages', async () => {
    const disk = makeDisk(directory, 'qcow2', 1);
    const wish = { serverId, name: 'web', vcpus: 1, memoryMib: 64, disks: [disk] };
    await ask('server.start', wish);
    const more = makeDisk(directory, 'raw', 0);
    await ask('disk.attach', { serverId, disk: more });
    const overlay = makeLayer(directory, `volume-${more.volumeId}.s`, 'qcow2', more.chain[0] ?? null);
    const disks = [{ volumeId: more.volumeId, chain: more.chain, overlayFile: overlay.file }];
    assert.deepEqual(await ask('guest.close-overlays', { serverId, disks }), { disks: [] });
    await ask('guest.switch', { serverId, disks });
    assert.ok('forward' in (await ask('guest.close-overlays', { serverId, disks })));
    const chain = [...more.chain, overlay];
    await ask('guest.resize', { serverId, volumeId: more.volumeId, chain, newSizeBytes: 2 * 64 * 1024 ** 2 });
    await ask('guest.merge', { serverId, volumeId: disk.volumeId, chain: disk.chain, file: disk.chain[1]?.file });
    await ask('server.inspect', { serverId });
    await ask('disk.detach', { serverId, volumeId: more.volumeId });
    await ask('server.stop', { serverId, graceMs: 0 });
    await ask('server.delete', { serverId });
  });

  it('answers "no guest" for a server that is not here', async () => {
    const answer = await ask('server.inspect', { serverId });
    assert.deepEqual(answer, { server: { serverId, powerState: 0, disks: [] } });
  });

  it('reports its address and its guests', async () => {
    await ask('server.start', { serverId, name: 'web', vcpus: 1, memoryMib: 64, disks: [] });
    const facts = { host: 'node1', zone: 'nova', advertiseUrl: 'http://127.0.0.1:1', bootId: serverId };
    const report = await makeComputeReport(driver, facts);
    assert.equal(findSchemaViolation('Report', report), null);
    assert.deepEqual(report.servers, [{ serverId, powerState: 1, disks: [] }]);
  });

  it('reports which files guests have open, as far as that is known and finds room', () => {
    const disks = [{ volumeId: serverId, files: ['base', 'overlay'] }];
    const [seen, unknown, large] = withDisks(
      [
        { serverId, powerState: 1, disks },
        { serverId, powerState: 1, disks: null },
        { serverId, powerState: 1, disks: [{ volumeId: serverId, files: ['x'.repeat(200)] }] },
      ],
      250,
    );
    assert.deepEqual(seen, { serverId, powerState: 1, disks });
    assert.deepEqual(unknown, { serverId, powerState: 1 });
    assert.deepEqual(large, { serverId, powerState: 1 });
  });

  it('keeps commands of one server in turn', () => {
    assert.equal(serverOf({ params: { serverId } } as Command), serverId);
  });
});

describe('the console listener', () => {
  let listener: ConsoleServer;
  let told: [string, number | null][] = [];
  const driver: Pick<HypervisorDriver, 'consoleOutput'> = {
    consoleOutput: async (id, lines) => {
      told.push([id, lines]);
      if (id !== serverId) throw new ServiceError('not_found', 'This host has no such server.');
      return 'boot text\n';
    },
  };

  before(async () => {
    listener = await startConsoleServer({
      driver,
      listen: { host: '127.0.0.1', port: 0 },
      ticketSecret: secret,
      logger: silentLogger(),
    });
  });
  beforeEach(() => {
    told = [];
  });
  after(() => listener.close());

  const ticket = (subject: string, options: { audience?: string; key?: Uint8Array; seconds?: number | null } = {}) => {
    const jwt = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setAudience(options.audience ?? 'console');
    const seconds = options.seconds === undefined ? 60 : options.seconds;
    if (seconds !== null) jwt.setExpirationTime(Math.floor(Date.now() / 1000) + seconds);
    return jwt.setSubject(subject).sign(options.key ?? secret);
  };
  const get = async (id: string, token: string | null, query = '', method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${listener.port}/servers/${id}/console${query}`, {
      method,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    return { status: response.status, text: await response.text() };
  };

  it('gives the text to the holder of a ticket', async () => {
    assert.deepEqual(await get(serverId, await ticket(serverId), '?lines=7'), { status: 200, text: 'boot text\n' });
    await get(serverId, await ticket(serverId));
    assert.deepEqual(told, [
      [serverId, 7],
      [serverId, null],
    ]);
  });

  it('gives nothing without a ticket that is ours, fresh, and for this very server', async () => {
    const other = '21111111-2222-4333-8444-555555555555';
    const tickets = [
      null,
      'nonsense',
      await ticket(other),
      await ticket(serverId, { audience: 'upload' }),
      await ticket(serverId, { key: Buffer.from('another secret') }),
      await ticket(serverId, { seconds: -1 }),
      await ticket(serverId, { seconds: null }),
    ];
    for (const token of tickets) assert.equal((await get(serverId, token)).status, 401, String(token));
    assert.deepEqual(told, []);
  });

  it('refuses what it does not know', async () => {
    const other = '21111111-2222-4333-8444-555555555555';
    assert.equal((await get(other, await ticket(other))).status, 404);
    assert.equal((await get('..%2f..', await ticket(serverId))).status, 404);
    assert.equal((await get(serverId, await ticket(serverId), '?lines=x')).status, 400);
    assert.equal((await get(serverId, await ticket(serverId), '', 'POST')).status, 404);
  });
});
