// What the data server and its clients do over time and under load: places for the streams of one project, TLS with a name that is looked at, an
// upload that takes longer than any request of JSON may, and a download that goes on where its connection broke.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as requestHttp } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { liftBodyLimit, limitBodies } from '../../../services/api/shell/body-deadline.js';
import { endTransfer, pipeFromWorker, pipeToWorker } from '../../../services/api/transfer/worker-transfer.js';
import { downloadFile } from '../../../services/cli/http/data-transfer.js';
import { startTransferRig, type TransferRig } from './transfer-rig.js';

const MIB = 1024 ** 2;

describe('transfers over time', function suite() {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'saggar-transfer-limits-'));
  const rigs: TransferRig[] = [];
  after(async () => {
    for (const rig of rigs) await rig.close();
    rmSync(folder, { recursive: true });
  });

  async function open(options: Parameters<typeof startTransferRig>[1] = {}): Promise<TransferRig> {
    const rig = await startTransferRig(undefined, options);
    rigs.push(rig);
    return rig;
  }

  function share(rig: TransferRig, bytes: Buffer): string {
    const file = `volume-${randomUUID()}`;
    writeFileSync(path.join(rig.folder, file), bytes);
    return file;
  }

  it('the place of a reader that has gone is free again, although its process hangs in the kernel', async () => {
    const rig = await open({ maxStreams: 1 });
    const file = share(rig, randomBytes(2 * MIB));
    const { readBytes } = rig.driver;
    let closed = 0;
    rig.driver.readBytes = async ({ to }) => {
      await to?.();
      return { stream: Readable.from([]), result: new Promise(() => undefined), close: () => (closed += 1) };
    };
    const hung = await rig.send(file);
    const { body } = await pipeFromWorker(hung.target);
    body.on('error', () => undefined).destroy();
    rig.driver.readBytes = (spec) => readBytes.call(rig.driver, spec);
    const other = await rig.send(file);
    const { body: whole } = await pipeFromWorker(other.target, { openWithinMs: 20_000 });
    let read = 0;
    for await (const piece of whole as AsyncIterable<Buffer>) read += piece.length;
    assert.equal(read, 2 * MIB);
    assert.ok(closed > 0, 'and the process was killed');
    for (const { target } of [hung, other]) await endTransfer(target);
  });

  it('one project cannot take the places of all; who waits gets one when it is free', async () => {
    const rig = await open({ maxStreams: 8, maxStreamsOfProject: 2 });
    const file = share(rig, randomBytes(32 * MIB));
    const greedy = await Promise.all([1, 2, 3].map(() => rig.send(file, { project: 'greedy' })));
    // Two readers that do not read hold the project's two places.
    const held = await Promise.all(greedy.slice(0, 2).map(({ target }) => pipeFromWorker(target)));
    const [, , third] = greedy;
    assert.ok(third !== undefined);
    await assert.rejects(pipeFromWorker(third.target, { openWithinMs: 300 }), { code: 'backend_offline' });
    const other = await rig.send(file, { project: 'modest' });
    const { body } = await pipeFromWorker(other.target, { openWithinMs: 20_000 });
    let read = 0;
    for await (const piece of body as AsyncIterable<Buffer>) read += piece.length;
    assert.equal(read, 32 * MIB);
    held[0]?.body.destroy();
    const late = await pipeFromWorker(third.target, { openWithinMs: 20_000 });
    assert.equal(late.status, 200);
    late.body.destroy();
    held[1]?.body.destroy();
    // Whoever has no place may still say that it is over.
    for (const { target } of [...greedy, other]) await endTransfer(target);
    await Promise.allSettled([...greedy, other].map(({ result }) => result));
  });

  it('speaks TLS, and is believed under its own name alone', async () => {
    const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', keyFile, '-out', certFile],
      ],
      { stdio: 'ignore' },
    );
    const rig = await open({ tls: { certFile, keyFile } });
    const ca = readFileSync(certFile, 'utf8');
    const { port } = new URL(rig.url);
    const bytes = randomBytes(3 * MIB);
    const up = rig.receive({ maxBytes: bytes.length });
    const named = { ...up.target, workerUrl: () => Promise.resolve(`https://localhost:${port}`) };
    const facts = await pipeToWorker(Readable.from([bytes]), named, { ca, openWithinMs: 20_000 });
    assert.equal(facts.bytes, bytes.length);
    await up.result;
    assert.ok(readFileSync(path.join(rig.folder, up.file)).equals(bytes));
    // The right certificate under a name that is not in it; the right name, and nobody vouches for it; no TLS at all.
    const down = await rig.send(up.file);
    for (const [url, trust] of [
      [`https://127.0.0.1:${port}`, { ca }],
      [`https://localhost:${port}`, {}],
      [`http://localhost:${port}`, { ca }],
    ] as const) {
      const target = { ...down.target, workerUrl: () => Promise.resolve(url) };
      await assert.rejects(pipeFromWorker(target, { ...trust, openWithinMs: 500 }), { code: 'backend_offline' }, url);
    }
    await endTransfer({ ...down.target, workerUrl: named.workerUrl }, { ca });
    await down.result;
  });

  it('takes an upload for as long as its bytes flow, past the time that other bodies have', async () => {
    // The limit of the server that clients speak to, at a hundredth; the route takes it away as that of images does.
    const rig = await open();
    const up = rig.receive({ idleSeconds: 2 });
    const server = createServer((request, response) => {
      if (request.url === '/limited') {
        request.resume();
        return;
      }
      liftBodyLimit(request);
      pipeToWorker(request, up.target, { openWithinMs: 20_000 }).then(
        (facts) => response.end(JSON.stringify(facts)),
        () => response.destroy(),
      );
    });
    server.requestTimeout = 0;
    limitBodies(server, 1_200);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const slowly = (at: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const call = requestHttp({ port, host: '127.0.0.1', path: at, method: 'PUT' }, (response) => {
          let text = '';
          response.on('data', (piece: Buffer) => {
            text += piece.toString();
          });
          response.on('end', () => resolve(text));
        });
        call.on('error', reject);
        const begun = performance.now();
        const timer = setInterval(() => {
          call.write(Buffer.alloc(64 * 1024, 7));
          if (performance.now() - begun < 6_000) return;
          clearInterval(timer);
          call.end();
        }, 200);
        call.once('close', () => clearInterval(timer));
      });
    try {
      await assert.rejects(slowly('/limited'), /ECONNRESET|socket hang up|EPIPE/);
      const facts = JSON.parse(await slowly('/image')) as { bytes: number };
      assert.ok(facts.bytes > 10 * 64 * 1024, `${facts.bytes} bytes in more than 6 s`);
      assert.equal((await up.result).bytes, facts.bytes);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('a download goes on where its connection was cut, and ends with the same bytes', async () => {
    const rig = await open();
    const bytes = randomBytes(24 * MIB);
    // A hole, which has to be one again.
    bytes.fill(0, 8 * MIB, 12 * MIB);
    const down = await rig.send(share(rig, bytes));
    const cuts: number[] = [];
    const ranges: string[] = [];
    const worker = new URL(rig.url);
    // Between the two stands somebody who cuts the first three connections that carry data, each after some MiB.
    const pair = (client: Socket): void => {
      const upstream = connect(Number(worker.port), worker.hostname);
      let passed = 0;
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.on('data', (piece: Buffer) => {
        const range = /range: (bytes=\d+-)/i.exec(piece.toString('latin1'))?.[1];
        if (range !== undefined) ranges.push(range);
        upstream.write(piece);
      });
      upstream.on('data', (piece: Buffer) => {
        passed += piece.length;
        client.write(piece);
        if (passed < 5 * MIB || cuts.length === 3) return;
        cuts.push(passed);
        client.destroy();
        upstream.destroy();
      });
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
    };
    const middle = createTcpServer(pair);
    await new Promise<void>((resolve) => middle.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(middle.address() as AddressInfo).port}`;
    const file = path.join(folder, 'downloaded');
    try {
      const read = await downloadFile(file, {
        url: () => Promise.resolve(`${base}/transfers/${down.target.transferId}`),
        ticket: down.target.ticket,
        tls: { ca: null, verify: true },
        progress: { show: () => undefined, clear: () => undefined },
        openWithinMs: 20_000,
      });
      assert.equal(read, bytes.length);
    } finally {
      await new Promise((resolve) => middle.close(resolve));
    }
    assert.equal(cuts.length, 3);
    assert.equal(ranges[0], 'bytes=0-');
    const starts = ranges.map((range) => Number(/\d+/.exec(range)?.[0]));
    assert.ok(starts.length >= 4 && starts.every((start, index) => index === 0 || start > (starts[index - 1] ?? 0)));
    assert.ok(readFileSync(file).equals(bytes));
    await down.result;
  });
});
