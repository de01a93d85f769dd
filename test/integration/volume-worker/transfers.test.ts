// Bytes by ticket over the worker's data server, with the API's own streams as client: what arrives is what was sent, whoever breaks off
// leaves nothing, reading goes on where it stopped, and each side holds the other up.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { partNameOf } from '../../../drivers/gluster/file-names.js';
import {
  endTransfer,
  pipeFromWorker,
  pipeToWorker,
  type TransferTarget,
} from '../../../services/api/transfer/worker-transfer.js';
import { waitFor } from '../../harness/wait-for.js';
import { startTransferRig, type TransferRig } from './transfer-rig.js';

const MIB = 1024 * 1024;
const hashOf = (name: string) => (bytes: Buffer) => createHash(name).update(bytes).digest('hex');
const [sha256, sha512] = [hashOf('sha256'), hashOf('sha512')];

describe('transfers by ticket', function suite() {
  this.timeout(60_000);
  let rig: TransferRig;

  before(async () => {
    rig = await startTransferRig();
  });
  after(() => rig.close());

  const stored = (bytes: Buffer, name = `volume-${sha512(bytes).slice(0, 8)}`): string => {
    writeFileSync(path.join(rig.folder, name), bytes);
    return name;
  };

  it('takes an upload: the sender is told what the command answers', async () => {
    const bytes = randomBytes(5 * MIB + 100);
    const open = rig.receive({ expectedBytes: bytes.length });
    const told = await pipeToWorker(Readable.from([bytes]), open.target, { contentLength: bytes.length });
    const output = await open.result;
    assert.deepEqual(told, {
      bytes: bytes.length,
      md5: output.md5,
      sha512: sha512(bytes),
      detected: [],
      virtualSizeBytes: output.layer.virtualSizeBytes,
    });
    assert.ok(readFileSync(path.join(rig.folder, open.file)).subarray(0, bytes.length).equals(bytes));
  });

  it('hashes once, with what is wished for, and tells both sides', async () => {
    const bytes = randomBytes(2 * MIB + 5);
    const open = rig.receive({ hash: 'sha256' });
    const { md5, sha512: other, sha256: told } = await pipeToWorker(Readable.from([bytes]), open.target);
    assert.deepEqual([md5, other, told], [undefined, undefined, sha256(bytes)]);
    assert.equal((await open.result).sha256, told);
    const given = await rig.send(open.file, { bytes: bytes.length });
    const { body } = await pipeFromWorker(given.target, { digest: true });
    assert.ok((await buffer(body)).equals(bytes));
    const { transferId, ticket } = given.target;
    const headers = { authorization: `Bearer ${ticket}` };
    // The file is gone: what is answered was made while it was read.
    rmSync(path.join(rig.folder, open.file));
    const answer = await fetch(`${rig.url}/transfers/${transferId}/digest`, { headers });
    assert.deepEqual(await answer.json(), { bytes: bytes.length, sha256: told });
    await endTransfer(given.target);
    await given.result;
  });

  it('answers a command that is asked again after a complete upload, without a sender', async () => {
    const open = rig.receive();
    await pipeToWorker(Readable.from([Buffer.alloc(512, 1)]), open.target);
    const first = await open.result;
    assert.deepEqual(await rig.receive({ file: open.file }).result, first);
  });

  it('tells the sender why its bytes are refused while it still sends, and fails the command with it', async () => {
    const open = rig.receive({ maxBytes: MIB });
    const endless = new Readable({
      read() {
        setImmediate(() => this.push(Buffer.alloc(65_536, 1)));
      },
    });
    await assert.rejects(pipeToWorker(endless, open.target), { code: 'body_too_large' });
    await assert.rejects(open.result, { code: 'body_too_large' });
    assert.ok(endless.destroyed);
    const hostile = rig.receive({ format: 'qcow2' });
    await assert.rejects(pipeToWorker(Readable.from([randomBytes(MIB)]), hostile.target), { code: 'hostile_image' });
    await assert.rejects(hostile.result, { code: 'hostile_image' });
    assert.equal(existsSync(path.join(rig.folder, open.file)), false);
    assert.deepEqual(
      rig.files().filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('leaves nothing when the sender vanishes, or its command is cancelled', async () => {
    for (const how of ['vanishes', 'cancelled'] as const) {
      const open = rig.receive();
      const abort = new AbortController();
      const endless = new Readable({
        read() {
          setImmediate(() => this.push(Buffer.alloc(65_536, 1)));
        },
      });
      const sent = pipeToWorker(endless, open.target, { signal: abort.signal });
      const part = path.join(rig.folder, partNameOf(open.file));
      await waitFor('bytes arrive', () => existsSync(part));
      if (how === 'vanishes') abort.abort();
      else open.cancel();
      await assert.rejects(sent, { code: how === 'vanishes' ? 'transfer_interrupted' : 'cancelled' });
      await assert.rejects(open.result, { code: how === 'vanishes' ? 'transfer_interrupted' : 'cancelled' });
      await waitFor('the temporary file goes', () => !existsSync(part));
      assert.equal(existsSync(path.join(rig.folder, open.file)), false);
    }
  });

  it('fails when nobody comes, and when the sender stands still', async () => {
    await assert.rejects(rig.receive({ idleSeconds: 1 }).result, { code: 'transfer_interrupted' });
    const open = rig.receive({ idleSeconds: 1 });
    const still = new Readable({ read: () => undefined });
    still.push(randomBytes(MIB));
    await assert.rejects(pipeToWorker(still, open.target), { code: 'transfer_interrupted' });
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
  });

  it('takes a connection of announced length itself: odd pieces, holes, and who breaks off or stands still in the middle', async () => {
    const bytes = Buffer.concat([randomBytes(3 * MIB + 17), Buffer.alloc(6 * MIB), randomBytes(2 * MIB + 1)]);
    const pieces = (upTo: number) =>
      (function* cut() {
        for (let at = 0; at < upTo; at += 300_007) yield bytes.subarray(at, Math.min(upTo, at + 300_007));
      })();
    const open = rig.receive({ hash: 'sha256', expectedBytes: bytes.length });
    const limits = { contentLength: bytes.length };
    const told = await pipeToWorker(Readable.from(pieces(bytes.length)), open.target, limits);
    assert.deepEqual([told.bytes, told.sha256], [bytes.length, sha256(bytes)]);
    const stored = path.join(rig.folder, open.file);
    assert.ok(readFileSync(stored).subarray(0, bytes.length).equals(bytes));
    assert.ok(statSync(stored).blocks * 512 < 7 * MIB, 'zeros are a hole');
    await open.result;
    for (const how of ['vanishes', 'stands still', 'cancelled'] as const) {
      const cut = rig.receive({ idleSeconds: how === 'stands still' ? 2 : 60 });
      const source = new Readable({ read: () => undefined });
      source.push(bytes.subarray(0, 4 * MIB));
      const abort = new AbortController();
      const sent = pipeToWorker(source, cut.target, { ...limits, signal: abort.signal });
      sent.catch(() => undefined);
      const part = path.join(rig.folder, partNameOf(cut.file));
      if (how !== 'stands still') await waitFor('bytes arrive', () => existsSync(part) && statSync(part).size > 0);
      if (how === 'vanishes') abort.abort();
      if (how === 'cancelled') cut.cancel();
      const code = how === 'cancelled' ? 'cancelled' : 'transfer_interrupted';
      await assert.rejects(cut.result, { code }, how);
      await assert.rejects(sent, { code }, how);
      await waitFor('the temporary file goes', () => !existsSync(part));
      assert.equal(existsSync(path.join(rig.folder, cut.file)), false);
    }
  });

  it('goes on with a connection that it had given away for a download, and closes one that an upload came by', async () => {
    const bytes = randomBytes(3 * MIB);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async ({ transferId, ticket }: TransferTarget, method: string, body?: Buffer) => {
      const headers = { authorization: `Bearer ${ticket}`, ...(body && { 'content-length': body.length }) };
      const call = request(`${rig.url}/transfers/${transferId}`, { agent, method, headers });
      call.end(body);
      const [answer] = (await once(call, 'response')) as [IncomingMessage];
      return { status: answer.statusCode, connection: answer.headers.connection, bytes: await buffer(answer) };
    };
    try {
      const given = await rig.send(stored(bytes, 'volume-twice'));
      const open = rig.receive({ hash: 'sha256' });
      // Whoever asks too early is sent away, with the connection.
      await waitFor('open', async () => (await ask(given.target, 'HEAD')).status === 200);
      await waitFor('open', async () => (await ask(open.target, 'HEAD')).status === 204);
      for (const _time of [1, 2]) {
        const whole = await ask(given.target, 'GET');
        assert.equal(whole.connection, 'keep-alive');
        assert.ok(whole.bytes.equals(bytes));
      }
      const { status, connection } = await ask(open.target, 'PUT', bytes);
      assert.deepEqual([status, connection], [201, 'close']);
      assert.equal((await open.result).sha256, sha256(bytes));
      assert.equal((await ask(given.target, 'DELETE')).status, 204);
      assert.deepEqual(await given.result, { sentBytes: 2 * bytes.length, complete: true });
    } finally {
      agent.destroy();
    }
  });

  it('ends at once when the sender says that it will not come', async () => {
    const open = rig.receive();
    await endTransfer(open.target);
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
  });

  it('ends it where it is open, although a standby was asked first', async () => {
    const open = rig.receive();
    const active = await open.target.workerUrl();
    // Nobody listens there; a standby that answers 404 is no other to whoever asks.
    const urls = ['http://127.0.0.1:9', active];
    await endTransfer({ ...open.target, workerUrl: () => Promise.resolve(urls.shift() ?? active) });
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
  });

  it('says in time that a transfer does not open', async () => {
    const { target } = rig.receive();
    const closed = { ...target, transferId: '00000000-0000-4000-8000-000000000000' };
    await assert.rejects(pipeToWorker(Readable.from(['x']), closed, { openWithinMs: 300 }), {
      code: 'backend_offline',
    });
  });

  it('sends a file whole, in parts and from where a reader stopped; its end is the end of the command', async () => {
    const bytes = randomBytes(3 * MIB);
    const open = await rig.send(stored(bytes));
    const part = await pipeFromWorker(open.target, { range: `bytes=${MIB}-` });
    assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes ${MIB}-${3 * MIB - 1}/${3 * MIB}`]);
    assert.ok((await buffer(part.body)).equals(bytes.subarray(MIB)));
    const whole = await pipeFromWorker(open.target);
    assert.deepEqual([whole.status, whole.headers['content-length']], [200, String(3 * MIB)]);
    assert.ok((await buffer(whole.body)).equals(bytes));
    await endTransfer(open.target);
    assert.deepEqual(await open.result, { sentBytes: 5 * MIB, complete: true });
    await assert.rejects(pipeFromWorker(open.target), { code: 'transfer_interrupted' });
  });

  it('sends no more than the bytes that were told: an image goes out without its padding', async () => {
    const open = await rig.send(stored(Buffer.alloc(1024, 5), 'volume-padded'), { bytes: 700 });
    const { headers, body } = await pipeFromWorker(open.target);
    assert.equal(headers['content-length'], '700');
    assert.equal((await buffer(body)).length, 700);
    await endTransfer(open.target);
    await open.result;
    const short = await rig.send('volume-padded', { bytes: 1025 });
    await assert.rejects(short.result, { code: 'chain_mismatch' });
  });

  it('tells the hashes of what lies there, also to who has read it in pieces', async () => {
    const bytes = randomBytes(2 * MIB);
    const open = await rig.send(stored(bytes));
    const { transferId, ticket } = open.target;
    const headers = { authorization: `Bearer ${ticket}` };
    await waitFor(
      'open',
      async () => (await fetch(`${rig.url}/transfers/${transferId}`, { method: 'HEAD', headers })).ok,
    );
    const answer = await fetch(`${rig.url}/transfers/${transferId}/digest`, { headers });
    assert.deepEqual(await answer.json(), { bytes: 2 * MIB, sha256: sha256(bytes) });
    await endTransfer(open.target);
    await open.result;
  });

  it('ends by itself some seconds after it was read whole, and fails when nobody reads', async () => {
    const open = await rig.send(stored(randomBytes(MIB)));
    await buffer((await pipeFromWorker(open.target)).body);
    assert.deepEqual(await open.result, { sentBytes: MIB, complete: true });
    const unread = await rig.send(open.file, { idleSeconds: 1 });
    await assert.rejects(unread.result, { code: 'transfer_interrupted' });
  });

  it('holds the worker up while the reader does not read, and ends with it', async () => {
    const open = await rig.send(stored(Buffer.alloc(64 * MIB, 3), 'volume-large'), { idleSeconds: 2 });
    const { body } = await pipeFromWorker(open.target);
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
    // What is still in the pipe is read first; then the end shows, and that it is not the right one.
    await assert.rejects(buffer(body));
  });
});
