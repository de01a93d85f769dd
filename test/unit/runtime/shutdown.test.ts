// The order in which a process ends, and its exit codes. The process itself is played by an emitter.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { installShutdown } from '../../../services/core/runtime/shutdown.js';
import { waitFor } from '../../harness/wait-for.js';

class PlayedProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

function rig(limitMs = 5000) {
  const host = new PlayedProcess();
  const shutdown = installShutdown({ logger: silentLogger(), limitMs, process: host });
  return { host, shutdown };
}

describe('shutdown', () => {
  it('closes the last part first, one after another, and exits 0', async () => {
    const { host, shutdown } = rig();
    const order: string[] = [];
    shutdown.add('database', () => order.push('database'));
    shutdown.add('server', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('server');
    });
    host.emit('SIGTERM');
    assert.equal(shutdown.signal.aborted, true);
    await waitFor('the exit', () => host.exits.length > 0);
    assert.deepEqual(order, ['server', 'database']);
    assert.deepEqual(host.exits, [0]);
  });

  it('closes the rest although one part fails, and exits 1', async () => {
    const { host, shutdown } = rig();
    let closed = false;
    shutdown.add('database', () => {
      closed = true;
    });
    shutdown.add('server', () => Promise.reject(new Error('no')));
    host.emit('SIGINT');
    await waitFor('the exit', () => host.exits.length > 0);
    assert.equal(closed, true);
    assert.deepEqual(host.exits, [1]);
  });

  it('exits 1 when the time is over, and at once at a second signal', async () => {
    const { host, shutdown } = rig(20);
    shutdown.add('stuck', () => new Promise(() => undefined));
    host.emit('SIGTERM');
    await waitFor('the limit', () => host.exits.length === 1);
    host.emit('SIGTERM');
    host.emit('SIGINT');
    assert.deepEqual(host.exits, [1, 143, 130]);
  });

  it('exits 1 at a defect', () => {
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      const { host } = rig();
      host.emit(event, new Error('defect'));
      assert.deepEqual(host.exits, [1]);
    }
  });
});
