// Ten copies at once on one share: two run, slowly as the backend's limit says, the rest waits, and a snapshot of another volume is made
// meanwhile as if nothing else were there. Real broker, real image tool, a plain directory as the share.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { directoryShareName } from '../../../drivers/gluster/directory-share-provider.js';
import { noKeyStore } from '../../../drivers/key-store/key-store.js';
import { type BusConnection, connectBus } from '../../../services/core/bus/connection.js';
import { type Consumer, startConsumer } from '../../../services/core/bus/consumer.js';
import { Publisher } from '../../../services/core/bus/publisher.js';
import { overlayFileName, volumeFileName } from '../../../services/core/domain/chain.js';
import {
  type Command,
  type CommandParams,
  type CommandType,
  type Result,
  routingKeys,
} from '../../../services/core/messages/envelope.js';
import { parseResult } from '../../../services/core/messages/parse-message.js';
import { inertFaultPoint } from '../../../services/core/runtime/fault-points.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { Secret } from '../../../services/core/runtime/secret.js';
import { type RunningBackend, startBackend } from '../../../services/volume-worker/backend.js';
import { HeavyWork } from '../../../services/volume-worker/heavy-work.js';
import { TransferDesk } from '../../../services/volume-worker/transfers/transfer.js';
import { closeOwnParts, freshBroker } from '../../harness/environment.js';
import { waitFor } from '../../harness/wait-for.js';

const MIB = 1024 * 1024;
const COPIES = 10;
const PLACES = 2;
/** Data of the source and the limit together make a copy last for about two seconds. */
const DATA_BYTES = 4 * MIB;
const BYTES_PER_SECOND = 2 * MIB;

describe('heavy work of a volume worker', function suite() {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-heavy-'));
  const shareFolder = path.join(folder, 'share');
  const share = directoryShareName(shareFolder);
  const results: Result[] = [];
  const heavy = new HeavyWork(1);
  let connection: BusConnection;
  let publisher: Publisher;
  let consumer: Consumer;
  let backend: RunningBackend;
  let epoch = 0;

  before(async () => {
    mkdirSync(shareFolder);
    const { url, prefix } = await freshBroker();
    connection = connectBus({ url: new Secret(url), prefix, name: 'test', logger: silentLogger() });
    publisher = new Publisher({ connection });
    consumer = startConsumer({
      connection,
      publisher,
      routingKey: routingKeys.results,
      parse: parseResult,
      handle: async ({ message }) => {
        results.push(message);
      },
    });
    const options = {
      saggar_directories: [shareFolder],
      saggar_volume_format: 'raw',
      saggar_heavy_places: PLACES,
      volume_copy_bps_limit: BYTES_PER_SECOND,
    };
    backend = await startBackend(
      { name: 'plain', driver: 'directory', volume_backend_name: 'plain', options },
      {
        config: {
          amqp: { url: new Secret(url), prefix },
          stateDirectory: folder,
          host: 'heavyhost',
          zone: 'nova',
          reportSeconds: 60,
          dataServer: {
            listen: { host: '127.0.0.1', port: 0 },
            advertiseUrl: null,
            tls: null,
            maxStreams: 32,
            maxStreamsOfProject: 8,
          },
          backends: [],
          backups: null,
          glance: null,
          keyStore: null,
          log: { level: 'error', file: null },
          faultPlan: null,
        },
        connection,
        logger: silentLogger(),
        faultPoint: inertFaultPoint,
        drivers: new Map(),
        heavy,
        desk: new TransferDesk(),
        dataServer: { url: 'http://127.0.0.1:1' },
        faults: null,
        backups: null,
        glance: null,
        keys: noKeyStore,
      },
    );
  });
  after(async () => {
    await backend.stop();
    await consumer.stop();
    await publisher.close();
    await connection.close();
    await closeOwnParts();
    rmSync(folder, { recursive: true });
  });

  const send = async <T extends CommandType>(type: T, params: CommandParams<T>): Promise<string> => {
    const command: Command = {
      version: 1,
      kind: 'command',
      id: randomUUID(),
      operationId: randomUUID(),
      operationType: 'test',
      step: 'step',
      phase: 'do',
      attempt: 1,
      epoch: ++epoch,
      timeoutMs: 60_000,
      requestId: 'req-test',
      type,
      params,
    };
    await publisher.publish(routingKeys.volume(backend.host), command);
    return command.operationId;
  };
  const endOf = (operationId: string) =>
    results.find((result) => result.operationId === operationId && result.outcome.kind !== 'progress')?.outcome;
  const done = async (operationId: string) =>
    (await waitFor('the result', () => endOf(operationId), { timeoutMs: 60_000, intervalMs: 10 })).kind;
  const volume = (sizeBytes = 16 * MIB) => {
    const volumeId = randomUUID();
    const file = volumeFileName(volumeId);
    const target = { share, file, format: 'raw' as const, sizeBytes, preallocation: 'off' as const };
    const layer = { file, format: 'raw' as const, virtualSizeBytes: sizeBytes, snapshotId: null };
    return { volumeId, target, layer };
  };
  const blank = async () => {
    const made = volume();
    assert.equal(await done(await send('image.create', { volumeId: made.volumeId, target: made.target })), 'done');
    return made;
  };
  /** Milliseconds until the overlay of a snapshot is there. */
  const snapshot = async ({ volumeId, layer }: ReturnType<typeof volume>) => {
    const started = performance.now();
    const overlayFile = overlayFileName(volumeId, randomUUID());
    assert.equal(await done(await send('overlay.prepare', { volumeId, share, chain: [layer], overlayFile })), 'done');
    return performance.now() - started;
  };
  const toolsRunning = () =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLineOf(pid).includes(`convert`)).length;
  const commandLineOf = (pid: string): string => {
    try {
      const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return text.includes(shareFolder) && /qemu-img/.test(text) ? text : '';
    } catch {
      return '';
    }
  };

  it('keeps to its places and its rate, and lets light work go by', async () => {
    const [source, light] = [await blank(), await blank()];
    writeFileSync(path.join(shareFolder, source.target.file), Buffer.alloc(DATA_BYTES, 7), { flag: 'r+' });
    const calmMs = await snapshot(light);

    const copies: string[] = [];
    const started = performance.now();
    for (let made = 0; made < COPIES; made += 1) {
      const { volumeId, target } = volume();
      copies.push(await send('image.copy', { volumeId, target, sourceShare: share, source: [source.layer] }));
    }
    await waitFor('the copies to run and wait', () => heavy.waitingCount === COPIES - PLACES, { timeoutMs: 20_000 });
    assert.equal(heavy.runningOn(share), PLACES);

    let most = 0;
    const looking = setInterval(() => {
      most = Math.max(most, toolsRunning());
    }, 50);
    const busyMs: number[] = [];
    for (let made = 0; made < 5; made += 1) busyMs.push(await snapshot(await blank()));
    assert.ok(copies.filter((id) => endOf(id) !== undefined).length < COPIES, 'the copies were over too early');
    for (const id of copies) assert.equal(await done(id), 'done');
    clearInterval(looking);
    const seconds = (performance.now() - started) / 1000;
    busyMs.sort((a, b) => a - b);
    const median = busyMs[2] ?? 0;
    console.log(
      `      ${COPIES} copies of ${DATA_BYTES / MIB} MiB at ${BYTES_PER_SECOND / MIB} MiB/s, ${PLACES} at once: ${seconds.toFixed(1)} s; ` +
        `snapshot alone ${calmMs.toFixed(0)} ms, beside them ${median.toFixed(0)} ms (median of 5)`,
    );
    assert.ok(most >= 1 && most <= PLACES, `${most} image tools ran at once`);
    // (10 copies / 2 places) x 4 MiB at 2 MiB/s are 10 s; the tool lets its first buffers through at once.
    assert.ok(seconds > 4, `${seconds} s: the rate limit did nothing`);
    assert.ok(median < 1_500, `${median} ms: the snapshot waited behind copies`);
    assert.deepEqual([heavy.waitingCount, heavy.runningOn(share)], [0, 0]);
  });
});
