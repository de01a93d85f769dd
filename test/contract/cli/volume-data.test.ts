// volume upload and volume download with a real data server behind a recorded API: what lies on the share is what lay in the file, a download
// goes on where its connection broke, zeros are holes, and what is refused is said in the worker's words.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OpenOne, startTransferRig, type TransferRig } from '../../integration/volume-worker/transfer-rig.js';
import { exampleCloud } from './example-cloud.js';
import { type CliRun, RecordingCloud, type SeenRequest } from './recording-cloud.js';
import * as sample from './sample-resources.js';

const MIB = 1024 * 1024;

describe('saggar volume upload and download', function suite() {
  this.timeout(60_000);
  let rig: TransferRig;
  let cloud: RecordingCloud;
  let folder = '';
  let opened: OpenOne<unknown> | null = null;
  let url = '';
  let asked: SeenRequest | null = null;

  before(async () => {
    rig = await startTransferRig();
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-local-'));
    const example = exampleCloud();
    cloud = await RecordingCloud.start((request) => {
      const { operationId } = request;
      if (operationId === 'createVolumeUpload' || operationId === 'createVolumeDownload') asked = request;
      if (opened === null) return example(request);
      const { transferId, ticket } = opened.target;
      const facts = { id: transferId, volume_id: sample.ids.volume, url: `${url}/transfers/${transferId}` };
      const told = { ...facts, snapshot_id: null, ticket, idle_seconds: 20, expires_at: null };
      if (operationId === 'createVolumeUpload') return { status: 202, body: { volume_upload: told } };
      if (operationId === 'createVolumeDownload') return { status: 202, body: { volume_download: told } };
      if (operationId !== 'showDataTransfer') return example(request);
      const created_at = '2026-11-21T00:00:00.000000';
      const seen = { ...facts, kind: 'upload', status: 'open', error: null, created_at };
      return { status: 200, body: { data_transfer: seen } };
    });
  });
  after(async () => {
    await cloud.stop();
    await rig.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    url = rig.url;
  });
  afterEach(() => assert.deepEqual(cloud.complaints, []));

  const local = (name: string): string => path.join(folder, name);
  const run = (...words: string[]): Promise<CliRun> => cloud.run(words);
  const sentBody = (): unknown => asked?.body;

  it('sends a file, says what it is, and waits for the volume', async () => {
    const bytes = randomBytes(3 * MIB + 5);
    writeFileSync(local('disk.img'), bytes);
    const open = rig.receive({ hash: 'sha256', expectedBytes: bytes.length });
    opened = open;
    const { exitCode, stderr } = await run('volume', 'upload', local('disk.img'), 'data');
    assert.deepEqual([exitCode, stderr], [0, '']);
    await open.result;
    assert.deepEqual(sentBody(), {
      volume_upload: { name: 'data', size: 1, disk_format: 'raw', bytes: bytes.length },
    });
    assert.ok(readFileSync(path.join(rig.folder, open.file)).subarray(0, bytes.length).equals(bytes));
  });

  it('knows a qcow2 when it sees one, and asks for the size of its disk', async () => {
    const head = Buffer.alloc(512);
    head.write('QFI\xfb', 'latin1');
    head.writeUInt32BE(3, 4);
    head.writeBigUInt64BE(5n * 1024n ** 3n + 1n, 24);
    writeFileSync(local('disk.qcow2'), head);
    opened = rig.receive({ hash: 'sha256', format: 'qcow2' });
    const { exitCode, stderr } = await run('volume', 'upload', local('disk.qcow2'));
    assert.deepEqual(sentBody(), { volume_upload: { size: 6, disk_format: 'qcow2', bytes: 512 } });
    assert.equal(exitCode, 1);
    assert.match(stderr, /cannot be taken as a disk of format qcow2/, 'refused in the words of the worker');
  });

  it('says at once when there is nothing to send', async () => {
    writeFileSync(local('empty'), '');
    assert.match((await run('volume', 'upload', local('empty'))).stderr, /is empty/);
    assert.match((await run('volume', 'upload', local('absent'))).stderr, /cannot be read: ENOENT/);
    assert.match((await run('volume', 'upload', folder)).stderr, /is no regular file/);
  });

  it('reads into a sparse file under its own name', async () => {
    const bytes = Buffer.concat([randomBytes(MIB), Buffer.alloc(40 * MIB), randomBytes(700)]);
    writeFileSync(path.join(rig.folder, 'volume-read'), bytes);
    const open = await rig.send('volume-read');
    opened = open;
    const words = ['volume', 'download', '--disk-format', 'raw', '-f', 'json', 'data', local('read.img')];
    const { exitCode, stdout, stderr } = await run(...words);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.equal((JSON.parse(stdout) as { bytes: number }).bytes, bytes.length);
    assert.ok(readFileSync(local('read.img')).equals(bytes));
    assert.ok(statSync(local('read.img')).blocks * 512 < 4 * MIB, 'zeros are holes');
    assert.equal(((await open.result) as { complete: boolean }).complete, true, 'the worker is told that it is over');
    assert.match((await run(...words)).stderr, /exists\. *Replace it with --force|exists/);
  });

  it('goes on where a connection broke, as often as it breaks', async () => {
    const bytes = randomBytes(4 * MIB);
    writeFileSync(path.join(rig.folder, 'volume-broken'), bytes);
    opened = await rig.send('volume-broken');
    const breaking = await breakingProxy(rig.url, MIB + 333);
    url = breaking.url;
    const { exitCode, stderr } = await run('volume', 'download', '--force', 'data', local('broken.img'));
    await breaking.close();
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.ok(breaking.cuts() >= 3);
    assert.ok(readFileSync(local('broken.img')).equals(bytes));
  });

  it('keeps nothing of a file whose hash is wrong', async () => {
    writeFileSync(path.join(rig.folder, 'volume-wrong'), randomBytes(MIB));
    opened = await rig.send('volume-wrong');
    const lying = await breakingProxy(rig.url, null);
    url = lying.url;
    const { exitCode, stderr } = await run('volume', 'download', '--force', 'data', local('wrong.img'));
    await lying.close();
    assert.equal(exitCode, 1);
    assert.match(stderr, /SHA-256 differs/);
    assert.equal(existsSync(local('wrong.img')), false);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('wants one source and one file', async () => {
    assert.match((await run('volume', 'download', 'data')).stderr, /file to write is missing/);
    const words = ['volume', 'download', '--snapshot', 'before-upgrade', 'data', local('x')];
    assert.match((await run(...words)).stderr, /one file/);
  });
});

/** Cuts every answer with a body after so many bytes; null: changes one byte instead. */
async function breakingProxy(
  target: string,
  after: number | null,
): Promise<{ readonly url: string; cuts(): number; close(): Promise<void> }> {
  let cuts = 0;
  const server = http.createServer((incoming, outgoing) => {
    const call = http.request(`${target}${incoming.url}`, { method: incoming.method, headers: incoming.headers });
    call.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      const isData = incoming.method === 'GET' && !(incoming.url ?? '').endsWith('/digest');
      let passed = 0;
      answer.on('data', (piece: Buffer) => {
        if (isData && after === null && passed === 0) piece[0] = (piece[0] ?? 0) ^ 1;
        passed += piece.length;
        if (isData && after !== null && passed > after) {
          cuts += 1;
          answer.destroy();
          outgoing.write(piece.subarray(0, 100), () => outgoing.destroy());
        } else outgoing.write(piece);
      });
      answer.once('end', () => outgoing.end());
      answer.on('error', () => outgoing.destroy());
    });
    call.on('error', () => outgoing.destroy());
    incoming.pipe(call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
