// Guests that stand because their share was away: which are looked at, in whose turn, and what is said about them.
import assert from 'node:assert/strict';
import type { ListedServer, RecoveryState } from '../../../drivers/hypervisor-driver.js';
import { recoverOnce, startGuestRecovery } from '../../../services/compute-worker/guest-recovery.js';
import { ServiceError } from '../../../services/core/domain/errors.js';
import type { PowerState } from '../../../services/core/domain/server.js';
import { silentLogger } from '../../../services/core/runtime/logger.js';
import { waitFor } from '../../harness/wait-for.js';

class Host {
  readonly asked: string[] = [];
  readonly turns: string[] = [];

  constructor(
    private readonly servers: Readonly<Record<string, PowerState>>,
    private readonly answer: () => Promise<RecoveryState>,
  ) {}

  readonly driver = {
    listServers: (): Promise<readonly ListedServer[]> =>
      Promise.resolve(
        Object.entries(this.servers).map(([serverId, powerState]) => ({ serverId, powerState, disks: [] })),
      ),
    recoverDisks: (serverId: string): Promise<RecoveryState> => {
      this.asked.push(serverId);
      return this.answer();
    },
  };
  readonly alone = <T>(keys: readonly string[], work: () => Promise<T>): Promise<T> => {
    this.turns.push(...keys);
    return work();
  };
  readonly logger = silentLogger();
}

describe('recovery of guests', () => {
  it('asks about paused guests alone, each in its turn', async () => {
    const host = new Host({ a: 1, b: 3, c: 4, d: 0, e: 3 }, () => Promise.resolve('recovered'));
    await recoverOnce(host);
    assert.deepEqual(host.asked, ['b', 'e']);
    assert.deepEqual(host.turns, ['b', 'e']);
  });

  it('goes on to the next guest when one cannot be helped', async () => {
    for (const code of ['not_found', 'chain_mismatch', 'hypervisor_offline'] as const) {
      const host = new Host({ a: 3, b: 3 }, () => Promise.reject(new ServiceError(code, 'no')));
      await recoverOnce(host);
      assert.deepEqual(host.asked, ['a', 'b']);
    }
  });

  it('looks again and again, until it is stopped', async () => {
    const host = new Host({ a: 3 }, () => Promise.resolve('share-away'));
    const recovery = startGuestRecovery({
      ...host,
      driver: host.driver,
      alone: host.alone,
      logger: host.logger,
      roundMs: 5,
    });
    await waitFor('three rounds', () => host.asked.length >= 3);
    await recovery.stop();
    const { length } = host.asked;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(host.asked.length, length);
  });
});
