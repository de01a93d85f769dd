// The volume worker as a process against a real broker, on a plain directory: commands in, results and reports out, killed and ended
// in the middle of its work. The conductor is played by the test.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { type Consumer, startConsumer } from '../../../services/core/bus/consumer.js';
import { Publisher } from '../../../services/core/bus/publisher.js';
import { appendOverlay, overlayFileName, volumeFileName } from '../../../services/core/domain/chain.js';
import type { Command, CommandParams, CommandType, Report, Result } from '../../../services/core/messages/envelope.js';
import { routingKeys } from '../../../services/core/messages/envelope.js';
import { parseReport, parseResult } from '../../../services/core/messages/parse-message.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { closeOwnParts, freshBroker } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

const MIB = 1024 * 1024;
const HOST = 'testhost@plain';

describe('the volume worker', function suite() {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-worker-'));
  const shareFolder = path.join(folder, 'share');
  const share = directoryShareName(shareFolder);
  const configFile = path.join(folder, 'worker.json');
  const planFile = path.join(folder, 'plan.json');
  const logFile = path.join(folder, 'worker.log');
  const results: Result[] = [];
  const reports: Report[] = [];
  let connection: BusConnection;
  let publisher: Publisher;
  let consumers: Consumer[] = [];
  let worker: ChildProcess | null = null;
  let lines = 0;

  const startWorker = async () => {
    const already = readyLines();
    const output = createWriteStream(logFile, { flags: 'a' });
    const main = new URL('../../../services/volume-worker/main.ts', import.meta.url).pathname;
    worker = spawn(process.execPath, ['--import', 'tsx', main, '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    worker.stdout?.pipe(output, { end: false });
    worker.stderr?.pipe(output, { end: false });
    await waitFor('the worker is ready', () => readyLines() > already, { timeoutMs: 30_000 });
  };
  const readyLines = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').split('"msg":"ready"').length - 1 : 0);
  const endWorker = async (signal: NodeJS.Signals) => {
    const ending = worker;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return null;
    ending.kill(signal);
    await waitFor('the worker has ended', () => ending.exitCode !== null || ending.signalCode !== null, {
      timeoutMs: 15_000,
    });
    return ending.exitCode;
  };

  const command = <T extends CommandType>(type: T, params: CommandParams<T>, more: Partial<Command> = {}): Command => ({
    version: 1,
    kind: 'command',
    id: randomUUID(),
    operationId: randomUUID(),
    operationType: 'test',
    step: 'step',
    phase: 'do',
    attempt: 1,
    epoch: ++lines,
    timeoutMs: 60_000,
    requestId: 'req-test',
    type,
    params,
    ...more,
  });
  const send = (message: Command) => publisher.publish(routingKeys.volume(HOST), message);
  const finalOf = (asked: Command) =>
    waitFor(
      `the result of ${asked.type} attempt ${asked.attempt}`,
      () =>
        results.find(
          ({ operationId, attempt, outcome }) =>
            operationId === asked.operationId && attempt === asked.attempt && outcome.kind !== 'progress',
        )?.outcome,
      { timeoutMs: 40_000 },
    );
  const ask = async <T extends CommandType>(type: T, params: CommandParams<T>, more: Partial<Command> = {}) => {
    const message = command(type, params, more);
    await send(message);
    return finalOf(message);
  };
  const blank = (volumeId = randomUUID(), sizeBytes = 64 * MIB) => ({
    volumeId,
    target: { share, file: volumeFileName(volumeId), format: 'raw' as const, sizeBytes, preallocation: 'off' as const },
  });
  const layerOf = ({ target }: ReturnType<typeof blank>) => ({
    file: target.file,
    format: target.format,
    virtualSizeBytes: target.sizeBytes,
    snapshotId: null,
  });

  before(async () => {
    mkdirSync(shareFolder);
    const broker = await freshBroker();
    const amqp = { url: broker.url, prefix: broker.prefix };
    connection = connectBus({
      url: new Secret(broker.url),
      prefix: broker.prefix,
      name: 'test',
      logger: silentLogger(),
    });
    publisher = new Publisher({ connection });
    consumers = [
      startConsumer({
        connection,
        publisher,
        routingKey: routingKeys.results,
        parse: parseResult,
        handle: async ({ message }) => {
          results.push(message);
        },
      }),
      startConsumer({
        connection,
        publisher,
        routingKey: routingKeys.reports,
        parse: parseReport,
        handle: async ({ message }) => {
          reports.push(message);
        },
      }),
    ];
    writeFileSync(planFile, '{"rules":[]}');
    const options = { saggar_directories: [shareFolder], saggar_volume_format: 'raw' };
    const backends = [{ name: 'plain', driver: 'directory', volume_backend_name: 'gold', options }];
    const config = { amqp, stateDirectory: folder, host: 'testhost', reportSeconds: 1, backends, faultPlan: planFile };
    writeFileSync(configFile, JSON.stringify(config));
    await startWorker();
  });
  after(async () => {
    await endWorker('SIGKILL');
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await publisher?.close();
    await connection?.close();
    await closeOwnParts();
    rmSync(folder, { recursive: true });
  });

  it('reports its share as a pool with its capabilities', async () => {
    const report = await waitFor('a report', () => reports.at(-1));
    assert.equal(report.service.host, HOST);
    const [pool] = report.pools;
    assert.deepEqual([pool?.state, pool?.access.share], ['up', share]);
    assert.deepEqual(
      [pool?.capabilities.volumeBackendName, pool?.capabilities.volumeFormat, pool?.capabilities.thinProvisioning],
      ['gold', 'raw', true],
    );
  });

  it('does every command: create, overlay, verify, record, commit, extend, copy, remove', async () => {
    const created = blank();
    const { volumeId } = created;
    const done = (output: object) => ({ kind: 'done', output });
    assert.deepEqual(await ask('image.create', created), done({ layer: layerOf(created) }));
    const snapshotId = randomUUID();
    const overlayFile = overlayFileName(volumeId, snapshotId);
    const before = [layerOf(created)] as const;
    const after = appendOverlay(before, overlayFile, snapshotId);
    const chain = [...after] as CommandParams<'layer.commit'>['chain'];
    const base = [...before] as CommandParams<'layer.commit'>['chain'];
    assert.deepEqual(
      await ask('overlay.prepare', { volumeId, share, chain: base, overlayFile }),
      done({ layer: after[1] ?? {} }),
    );
    assert.equal((await ask('chain.verify', { volumeId, share, chain })).kind, 'done');
    assert.equal((await ask('record.write', { volumeId, share, chain })).kind, 'done');
    assert.deepEqual(await ask('layer.commit', { volumeId, share, chain, file: overlayFile }), done({ chain: before }));
    assert.equal((await ask('record.write', { volumeId, share, chain: null })).kind, 'done');
    assert.equal((await ask('files.remove', { volumeId, share, files: [overlayFile] })).kind, 'done');
    const grown = await ask('image.extend', { volumeId, share, chain: base, newSizeBytes: 128 * MIB });
    assert.deepEqual(grown, done({ layer: { ...layerOf(created), virtualSizeBytes: 128 * MIB } }));
    const copy = blank(randomUUID(), 128 * MIB);
    const source = [{ ...layerOf(created), virtualSizeBytes: 128 * MIB }] as CommandParams<'image.copy'>['source'];
    assert.equal((await ask('image.copy', { ...copy, sourceShare: share, source })).kind, 'done');
    for (const { volumeId: id, target } of [created, copy]) {
      assert.equal((await ask('files.remove', { volumeId: id, share, files: [target.file] })).kind, 'done');
    }
    assert.deepEqual(readdirSync(shareFolder), ['.saggar']);
  });

  it('tells a difference between record and files as chain_mismatch, and a bad request as one', async () => {
    const created = blank();
    await ask('image.create', created);
    const chain = [{ ...layerOf(created), virtualSizeBytes: 32 * MIB }] as CommandParams<'chain.verify'>['chain'];
    const outcome = await ask('chain.verify', { volumeId: created.volumeId, share, chain });
    assert.ok(outcome.kind === 'failed' && outcome.error.code === 'chain_mismatch', JSON.stringify(outcome));
    const shrink = await ask('image.extend', {
      volumeId: created.volumeId,
      share,
      chain: [layerOf(created)],
      newSizeBytes: 32 * MIB,
    });
    assert.ok(shrink.kind === 'failed' && shrink.error.code === 'bad_request', JSON.stringify(shrink));
    await ask('files.remove', { volumeId: created.volumeId, share, files: [created.target.file] });
  });

  it('does a command that arrives twice once, and answers what was observed', async () => {
    const created = blank();
    const message = command('image.create', created);
    await Promise.all([send(message), send(message)]);
    const outcome = await finalOf(message);
    assert.deepEqual(outcome, { kind: 'done', output: { layer: layerOf(created) } });
    await ask('files.remove', { volumeId: created.volumeId, share, files: [created.target.file] });
  });

  it('killed while it copies, it leaves no second writer; asked again, it copies', async () => {
    const created = blank(randomUUID(), 512 * MIB);
    await ask('image.create', created);
    writeFileSync(path.join(shareFolder, created.target.file), Buffer.alloc(400 * MIB, 7), { flag: 'r+' });
    const copy = blank(randomUUID(), 512 * MIB);
    const params = { ...copy, sourceShare: share, source: [layerOf(created)] as CommandParams<'image.copy'>['source'] };
    const message = command('image.copy', params);
    await send(message);
    const part = path.join(shareFolder, `.${copy.target.file}.part`);
    await waitFor('the copy has begun', () => existsSync(part) && statSync(part).blocks > 0);
    await endWorker('SIGKILL');
    await waitFor('no image tool runs on', () => !runsWith(copy.target.file));
    await startWorker();
    const again = { ...message, id: randomUUID(), attempt: 2, epoch: ++lines };
    await send(again);
    assert.deepEqual(await finalOf(again), { kind: 'done', output: { layer: layerOf(copy) } });
    assert.ok(!existsSync(part));
    for (const { volumeId, target } of [created, copy])
      await ask('files.remove', { volumeId, share, files: [target.file] });
    assert.deepEqual(readdirSync(shareFolder), ['.saggar']);
  });

  it('ends on SIGTERM within ten seconds, with its helpers', async () => {
    const started = performance.now();
    assert.equal(await endWorker('SIGTERM'), 0);
    assert.ok(performance.now() - started < 10_000);
    await waitFor('no helper is left', () => !runsWith(shareFolder));
  });

  const wrongOptions: readonly (readonly [string, unknown, RegExp])[] = [
    ['glusterfs_share_config', '/x', /glusterfs_share_config; did you mean glusterfs_shares_config\?/],
    // A wipe that is misspelt must not end as no wipe.
    ['volume_clear', 'zer0', /volume_clear must be one of none, zero, shred/],
  ];
  for (const [option, value, message] of wrongOptions) {
    it(`refuses to start with ${option}: ${String(value)}, and says why`, async () => {
      const text = readFileSync(configFile, 'utf8');
      const config = JSON.parse(text) as { backends: { options: Record<string, unknown> }[] };
      const [backend] = config.backends;
      assert.ok(backend !== undefined);
      backend.options[option] = value;
      const wrongFile = path.join(folder, 'wrong.json');
      writeFileSync(wrongFile, JSON.stringify(config));
      const main = new URL('../../../services/volume-worker/main.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, ['--import', 'tsx', main, '--config', wrongFile], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (piece: Buffer) => {
        output += piece.toString();
      });
      child.stderr.on('data', (piece: Buffer) => {
        output += piece.toString();
      });
      await waitFor('it ends', () => child.exitCode !== null, { timeoutMs: 20_000 });
      assert.equal(child.exitCode, 1);
      assert.match(output, message);
    });
  }
});

/** Whether any process has the text in its command line. */
function runsWith(text: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}
