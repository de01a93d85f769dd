// Looks every few seconds for guests that stand because their share was away, and lets them go on once it is back, without anybody
// asking. In turn with the server's commands: a disk is never opened anew while a step changes its chain.
import { setTimeout as sleep } from 'node:timers/promises';
import type { HypervisorDriver } from '../../drivers/hypervisor-driver.js';
import { asServiceError } from '../core/domain/errors.js';
import { powerStates } from '../core/domain/server.js';
import type { Logger } from '../core/runtime/logger.js';

export const RECOVERY_ROUND_MS = 3_000;

export interface GuestRecoveryOptions {
  readonly driver: Pick<HypervisorDriver, 'listServers' | 'recoverDisks'>;
  /** Runs the work beside no command of the server. */
  readonly alone: <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>;
  readonly logger: Logger;
  readonly roundMs?: number;
}

export interface GuestRecovery {
  /** Resolves when no round is under way any more. Never rejects. */
  stop(): Promise<void>;
}

export function startGuestRecovery(options: GuestRecoveryOptions): GuestRecovery {
  const ended = new AbortController();
  const running = goRound(options, ended.signal);
  return {
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}

async function goRound(options: GuestRecoveryOptions, signal: AbortSignal): Promise<void> {
  const { roundMs = RECOVERY_ROUND_MS } = options;
  while (!signal.aborted) {
    await recoverOnce(options);
    await sleep(roundMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** One look at every guest of this host. Never rejects: what fails is looked at again in the next round. */
export async function recoverOnce({ driver, alone, logger }: GuestRecoveryOptions): Promise<void> {
  const servers = await driver.listServers().catch(() => []);
  for (const { serverId } of servers.filter(({ powerState }) => powerState === powerStates.paused)) {
    try {
      const state = await alone([serverId], () => driver.recoverDisks(serverId));
      if (state === 'recovered')
        logger.warn({ serverId }, 'the share was away; the guest goes on, its disks opened anew');
    } catch (thrown) {
      // A guest that ended meanwhile is no failure.
      if (['not_found', 'guest_not_running'].includes(asServiceError(thrown).code)) continue;
      logger.error({ err: thrown, serverId }, 'the guest stands and its disks could not be opened anew');
    }
  }
}
