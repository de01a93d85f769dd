// The end of the API's server: running requests are answered, and a connection that its client keeps holds nothing up.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { closeGracefully, createHttpServer } from '../../../services/api/server.js';
import { waitFor } from '../../harness/wait-for.js';

describe('closing the server', () => {
  it('answers what runs, says that it was the last, and waits for no kept connection', async () => {
    const app = express();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      app.get('/slow', async (_request, response) => {
        resolve();
        await released;
        response.json({});
      });
    });
    app.get('/', (_request, response) => void response.json({}));
    const server = createHttpServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const agent = new http.Agent({ keepAlive: true });
    const ask = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode));
        });
        request.once('error', reject);
      });
    try {
      const slow = ask('/slow');
      await arrived;
      assert.equal(await ask('/'), 200, 'another connection, which is kept');
      let isClosed = false;
      const closed = closeGracefully(server, 600_000).then(() => {
        isClosed = true;
      });
      await assert.rejects(ask('/'), 'nothing new is taken');
      assert.equal(isClosed, false, 'the slow one is waited for');
      release();
      assert.equal(await slow, 200);
      // Without the sweep this would take the 75 s for which a connection is kept.
      await waitFor('the end of the server', () => isClosed, { timeoutMs: 10_000 });
      await closed;
    } finally {
      agent.destroy();
      server.closeAllConnections();
    }
  });
});
