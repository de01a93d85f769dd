// The data server against those who should not get in, and those who only want to be in the way: foreign, wrong, used and expired tickets, paths in
// every corner of a request, more bytes than announced, slow clients, absurd ranges. Raw sockets, because a client library repairs too much.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { endTransfer, pipeFromWorker, pipeToWorker } from '../../services/api/transfer/worker-transfer.js';
import { newTransferTicket } from '../../services/core/domain/transfer-ticket.js';
import { waitFor } from '../harness/wait-for.js';
import { startTransferRig, type TransferRig } from '../integration/volume-worker/transfer-rig.js';

const MIB = 1024 * 1024;

describe('the data server under attack', function suite() {
  this.timeout(60_000);
  let rig: TransferRig;

  before(async () => {
    rig = await startTransferRig();
  });
  after(() => rig.close());

  /** Sends bytes as they are; answers all that came until the server closed, or so long. */
  async function raw(text: string, more: { readonly keepOpenMs?: number } = {}): Promise<string> {
    const socket = connect(Number(new URL(rig.url).port), '127.0.0.1');
    let said = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      said += piece;
    });
    socket.on('error', () => undefined);
    socket.write(text);
    await closedOrAfter(socket, more.keepOpenMs ?? 5_000);
    return said;
  }

  async function statusOf(method: string, target: string, ticket: string | null, headers = ''): Promise<number> {
    const bearer = ticket === null ? '' : `Authorization: Bearer ${ticket}\r\n`;
    const said = await raw(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${bearer}${headers}\r\n`);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 0);
  }

  async function isOpen({ target }: { readonly target: { readonly transferId: string; readonly ticket: string } }) {
    const open = async () =>
      [200, 204].includes(await statusOf('HEAD', `/transfers/${target.transferId}`, target.ticket));
    await waitFor('the transfer is open', open);
  }

  it('answers an unknown transfer and a foreign or wrong ticket alike, and none of them does anything', async () => {
    const [mine, other] = [rig.receive(), rig.receive()];
    await Promise.all([isOpen(mine), isOpen(other)]);
    const answers = new Set<string>();
    for (const [id, ticket] of [
      [mine.target.transferId, other.target.ticket],
      [mine.target.transferId, newTransferTicket().ticket],
      [randomUUID(), mine.target.ticket],
      [randomUUID(), newTransferTicket().ticket],
    ] as const) {
      for (const method of ['HEAD', 'GET', 'PUT', 'DELETE']) {
        const head = `${method} /transfers/${id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
        const said = await raw(`${head}Authorization: Bearer ${ticket}\r\nContent-Length: 0\r\n\r\n`);
        answers.add(said.replace(/^Date: .*\r\n/m, ''));
      }
    }
    assert.deepEqual([...answers].length, 1, [...answers].join('---'));
    assert.match([...answers].join(), /^HTTP\/1\.1 404 /);
    await isOpen(mine);
    for (const { target, result } of [mine, other]) {
      await endTransfer(target);
      await assert.rejects(result);
    }
  });

  it('wants a ticket in one form alone', async () => {
    const { target } = rig.receive();
    await isOpen({ target });
    const at = `/transfers/${target.transferId}`;
    assert.equal(await statusOf('PUT', at, null), 401);
    for (const header of [
      `Authorization: Basic ${target.ticket}`,
      `Authorization: Bearer ${target.ticket.toUpperCase()}x`,
      `Authorization: Bearer  ${target.ticket} extra`,
      `X-Auth-Token: ${target.ticket}`,
      `Authorization: Bearer ${'0'.repeat(7000)}`,
    ]) {
      assert.equal(await statusOf('PUT', at, null, `${header}\r\n`), 401, header.slice(0, 60));
    }
    assert.equal(await statusOf('PUT', `${at}?ticket=${target.ticket}`, null), 401, 'no ticket in a URL');
    await endTransfer(target);
  });

  it('knows no path but a transfer’s: nothing of a URL ever names a file', async () => {
    const secret = path.join(rig.folder, 'volume-secret');
    writeFileSync(secret, 'another’s disk');
    const open = await rig.send('volume-secret');
    await isOpen(open);
    const { transferId, ticket } = open.target;
    for (const target of [
      '/',
      '/transfers/',
      '/transfers/../volume-secret',
      `/transfers/${transferId}/../../volume-secret`,
      `/transfers/${transferId}%2f..%2fvolume-secret`,
      `/transfers/${transferId}/volume-secret`,
      `/transfers/${transferId}/digest/`,
      `/transfers/${transferId}?file=/etc/passwd`,
      `/transfers/${transferId}%00`,
      `//transfers/${transferId}`,
      `http://x/transfers/${transferId}`,
      '/volume-secret',
    ]) {
      assert.equal(await statusOf('GET', target, ticket), 404, target);
    }
    await endTransfer(open.target);
    await open.result;
  });

  it('takes a ticket once: a replay gets nothing, whatever became of the first', async () => {
    const open = rig.receive();
    await pipeToWorker(Readable.from([Buffer.alloc(512, 1)]), open.target);
    await open.result;
    const { transferId, ticket } = open.target;
    assert.equal(await statusOf('PUT', `/transfers/${transferId}`, ticket, 'Content-Length: 0\r\n'), 410);
    const stored = readFileSync(path.join(rig.folder, open.file));
    const second = rig.receive();
    await isOpen(second);
    const slow = new Readable({ read: () => undefined });
    slow.push(Buffer.alloc(1000, 1));
    const first = pipeToWorker(slow, second.target);
    first.catch(() => undefined);
    await waitFor('the first is taken', async () => {
      return (await statusOf('HEAD', `/transfers/${second.target.transferId}`, second.target.ticket)) === 410;
    });
    const put = await statusOf(
      'PUT',
      `/transfers/${second.target.transferId}`,
      second.target.ticket,
      'Content-Length: 1\r\n',
    );
    assert.equal(put, 410, 'not beside the first either');
    second.cancel();
    await assert.rejects(first);
    assert.deepEqual(readFileSync(path.join(rig.folder, open.file)), stored);
  });

  it('lets an expired download end, however eagerly it is read', async () => {
    writeFileSync(path.join(rig.folder, 'volume-expired'), randomBytes(MIB));
    const open = await rig.send('volume-expired', { lifeSeconds: 1 });
    await isOpen(open);
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
    const { transferId, ticket } = open.target;
    assert.equal(await statusOf('GET', `/transfers/${transferId}`, ticket), 410);
  });

  it('stops at the byte that is too many, also when the length was a lie or was not said', async () => {
    const surplus = () => Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 1)));
    const unsaid = rig.receive({ maxBytes: MIB, expectedBytes: MIB });
    await assert.rejects(pipeToWorker(surplus(), unsaid.target));
    await assert.rejects(unsaid.result, { code: 'body_too_large' });
    assert.deepEqual(
      rig.files().filter((name) => name.includes(unsaid.file)),
      [],
    );
    // What is behind the announced length is no part of the upload. Its sender sees the answer, or that nobody takes the rest.
    const lied = rig.receive({ maxBytes: MIB, expectedBytes: MIB });
    await pipeToWorker(surplus(), lied.target, { contentLength: MIB }).catch(() => undefined);
    assert.equal((await lied.result).bytes, MIB);
    assert.equal(statSync(path.join(rig.folder, lied.file)).size, MIB);
    const announced = rig.receive({ maxBytes: MIB });
    await isOpen(announced);
    const { transferId, ticket } = announced.target;
    const headers = `Content-Length: ${MIB + 1}\r\n`;
    assert.equal(await statusOf('PUT', `/transfers/${transferId}`, ticket, headers), 413, 'before a byte has come');
    await assert.rejects(announced.result, { code: 'body_too_large' });
  });

  it('serves nothing that comes behind an upload on its connection', async () => {
    const open = rig.receive({ maxBytes: 2 * MIB });
    const other = rig.receive();
    await Promise.all([isOpen(open), isOpen(other)]);
    const head = ({ target: { transferId, ticket } }: typeof open, verb: string, length: number) =>
      `${verb} /transfers/${transferId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ticket}\r\nContent-Length: ${length}\r\n\r\n`;
    const bytes = 'a'.repeat(2 * MIB);
    const answer = await raw(`${head(open, 'PUT', bytes.length)}${bytes}${head(other, 'DELETE', 0)}`, {
      keepOpenMs: 60_000,
    });
    assert.ok(answer.split('HTTP/1.1').length <= 2, 'one answer at most');
    assert.equal((await open.result).bytes, 2 * MIB);
    assert.equal(await statusOf('HEAD', `/transfers/${other.target.transferId}`, other.target.ticket), 204);
    other.cancel();
    await assert.rejects(other.result, { code: 'cancelled' });
  });

  it('ends a client that sends a byte now and then for ever, and headers that never end', async () => {
    const open = rig.receive({ idleSeconds: 1 });
    await isOpen(open);
    const drip = new Readable({
      read() {
        setTimeout(() => this.push(Buffer.alloc(1)), 50).unref();
      },
    });
    await assert.rejects(pipeToWorker(drip, open.target), { code: 'transfer_interrupted' });
    await assert.rejects(open.result, { code: 'transfer_interrupted' });
    assert.equal(existsSync(path.join(rig.folder, open.file)), false);
    const long = await raw(`GET /transfers/x HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
    assert.ok(!long.startsWith('HTTP/1.1 2'), 'headers have a limit');
  });

  it('gives of absurd ranges one answer, never more than the file', async () => {
    writeFileSync(path.join(rig.folder, 'volume-range'), Buffer.alloc(1000, 7));
    const open = await rig.send('volume-range');
    await isOpen(open);
    const bytesOf = async (range: string) => {
      const answer = await pipeFromWorker(open.target, { range });
      return [answer.status, (await buffer(answer.body)).length];
    };
    assert.deepEqual(await bytesOf('bytes=0-0'), [206, 1]);
    assert.deepEqual(await bytesOf('bytes=-1'), [206, 1]);
    assert.deepEqual(await bytesOf('bytes=990-99999999'), [206, 10]);
    assert.deepEqual(await bytesOf(`bytes=${Array.from({ length: 300 }, () => '0-').join(',')}`), [200, 1000]);
    for (const range of ['bytes=5-2', 'lines=0-1', 'bytes=a-b', 'bytes=', 'bytes=--1', 'bytes=1e3-']) {
      assert.deepEqual(await bytesOf(range), [200, 1000], range);
    }
    assert.deepEqual(await bytesOf('bytes=1000-'), [416, 0]);
    assert.deepEqual(await bytesOf('bytes=-0'), [416, 0]);
    await endTransfer(open.target);
    await open.result;
  });

  it('shares one download among few readers', async () => {
    writeFileSync(path.join(rig.folder, 'volume-many'), Buffer.alloc(64 * MIB, 7));
    const open = await rig.send('volume-many');
    const readers = await Promise.all(Array.from({ length: 4 }, () => pipeFromWorker(open.target)));
    const { transferId, ticket } = open.target;
    assert.equal(await statusOf('GET', `/transfers/${transferId}`, ticket), 429);
    for (const { body } of readers) body.on('error', () => undefined).destroy();
    await endTransfer(open.target);
    await open.result;
  });
});

function closedOrAfter(socket: Socket, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.destroy();
      resolve();
    }, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
