// The health check is open to everybody, so it must be cheap whoever asks how often, and must not lie for long.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createApp, createHttpServer } from '../../../services/api/server.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';

describe('health check', () => {
  it('asks the database once for all who ask together, and anew for those who come later', async () => {
    let asked = 0;
    let settle: (healthy: boolean) => void = () => undefined;
    const checkHealth = (): Promise<void> => {
      asked += 1;
      return new Promise((resolve, reject) => {
        settle = (healthy) => (healthy ? resolve() : reject(new Error('away')));
      });
    };
    const server = createHttpServer(createApp({ apis: [], logger: silentLogger(), checkHealth }));
    let arrived = 0;
    let allArrived: () => void = () => undefined;
    server.on('request', () => {
      arrived += 1;
      if (arrived === 20) allArrived();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthcheck`;
    const all = new Promise<void>((resolve) => {
      allArrived = resolve;
    });
    const together = Array.from({ length: 20 }, async () => (await fetch(url)).status);
    await all;
    settle(false);
    assert.deepEqual(new Set(await Promise.all(together)), new Set([503]));
    assert.equal(asked, 1);
    const later = fetch(url);
    await new Promise<void>((resolve) => server.once('request', () => resolve()));
    settle(true);
    assert.equal((await later).status, 200);
    assert.equal(asked, 2);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
