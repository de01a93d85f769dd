// Console text fetched from a worker: ticket, limits and faults, against a real HTTP listener on loopback.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { readConsoleOutput } from '../../../services/api/compute/console-output.js';

const serverId = '11111111-1111-4111-8111-111111111111';
const ticketSecret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');

describe('console output', () => {
  let listener: Server | null = null;

  async function listen(answer: RequestListener): Promise<string> {
    const started = createServer(answer);
    listener = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
  }

  afterEach(async () => {
    const ending = listener;
    listener = null;
    if (ending === null) return;
    ending.closeAllConnections();
    await new Promise((resolve) => ending.close(resolve));
  });

  it('asks with a ticket for that server alone, and for the wanted number of lines', async () => {
    const seen: { url: string; authorization: string }[] = [];
    const workerUrl = await listen((request, response) => {
      seen.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '' });
      response.end('line 1\nline 2\n');
    });
    assert.equal(await readConsoleOutput({ workerUrl, serverId, lines: 2 }, { ticketSecret }), 'line 1\nline 2\n');
    const { url, authorization } = seen[0] ?? assert.fail('the worker was not asked');
    assert.equal(url, `/servers/${serverId}/console?lines=2`);
    const verified = await jwtVerify(authorization.replace('Bearer ', ''), ticketSecret, {
      audience: 'console',
      subject: serverId,
    });
    assert.ok((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0) <= 60);
  });

  it('answers not found when the worker has no such guest', async () => {
    const workerUrl = await listen((_request, response) => response.writeHead(404).end());
    await assert.rejects(readConsoleOutput({ workerUrl, serverId, lines: null }, { ticketSecret }), {
      code: 'not_found',
    });
  });

  it('answers hypervisor offline for a worker that is gone, broken or silent', async () => {
    const gone = await listen(() => undefined);
    await assert.rejects(
      readConsoleOutput({ workerUrl: gone, serverId, lines: null }, { ticketSecret, timeLimitMs: 50 }),
      {
        code: 'hypervisor_offline',
      },
    );
    await assert.rejects(
      readConsoleOutput({ workerUrl: 'http://127.0.0.1:1', serverId, lines: null }, { ticketSecret }),
      { code: 'hypervisor_offline' },
    );
  });

  it('does not follow a worker that points elsewhere', async () => {
    const workerUrl = await listen((_request, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await assert.rejects(readConsoleOutput({ workerUrl, serverId, lines: null }, { ticketSecret }), {
      code: 'hypervisor_offline',
    });
  });

  it('keeps the newest 4 MiB', async () => {
    const workerUrl = await listen((_request, response) => {
      response.write('a'.repeat(3 * 1024 * 1024));
      response.write('b'.repeat(3 * 1024 * 1024));
      response.end('end');
    });
    const text = await readConsoleOutput({ workerUrl, serverId, lines: null }, { ticketSecret });
    assert.equal(text.length, 4 * 1024 * 1024);
    assert.ok(text.endsWith('bend'));
  });
});
