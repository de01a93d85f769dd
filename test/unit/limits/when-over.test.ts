// When a request counts as over: its answer is out, or its connection has ended, also of those that wait behind another on it.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { whenOver } from '../../../services/api/limits/when-over.js';
import { waitFor } from '../../harness/wait-for.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('the end of a request', () => {
  let server: Server;
  let client: Socket;
  let over: Set<number>;
  let answers: ServerResponse[];

  beforeEach(async () => {
    over = new Set();
    answers = [];
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const number = answers.push(response);
      whenOver(request, response, () => over.add(number));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined).resume();
  });
  afterEach(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is seen of each that waits behind another when their connection ends', async () => {
    client.write(REQUEST.repeat(5));
    await waitFor('five requests', () => answers.length === 5);
    assert.equal(over.size, 0);
    client.destroy();
    await waitFor('all are over', () => over.size === 5);
  });

  it('is the end of its answer on a connection that goes on', async () => {
    client.write(REQUEST.repeat(2));
    await waitFor('two requests', () => answers.length === 2);
    answers[0]?.end('first');
    await waitFor('the first is over', () => over.size === 1);
    assert.ok(over.has(1));
    answers[1]?.end('second');
    await waitFor('the second is over', () => over.has(2));
    // One listener, however many requests there were.
    for (let number = 3; number <= 20; number += 1) {
      client.write(REQUEST);
      await waitFor('the next', () => answers.length === number);
      assert.ok((answers.at(-1)?.req.socket.listenerCount('close') ?? 99) < 8);
      answers.at(-1)?.end();
    }
    await waitFor('all are over', () => over.size === 20);
  });
});
