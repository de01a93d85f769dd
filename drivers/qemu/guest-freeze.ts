// Holds a guest's file systems still for one moment, and never longer: whatever happens, they are thawed.
//
//   agent there? -> mark on disk -> freeze -> [the moment] -> thaw -> mark removed
//                                     |  longer than the limit: thawed in the middle, and the moment counts as not frozen
//   a worker that dies in between leaves the mark; the next one (or this one, when the agent did not answer) thaws what it finds marked
//
// The agent is the guest's: its word decides nothing but whether "frozen" is said of the snapshot. Without one all goes on as before.

import { readFile, writeFile } from 'node:fs/promises';
import type { FreezeReason, FreezeReport } from '../hypervisor-driver.js';
import { GuestAgent, GuestAgentError } from './guest-agent.js';
import type { GuestFiles } from './guest-files.js';
import type { GuestMonitor } from './guest-monitor.js';
import { type GuestProcess, isAlive, processOf } from './guest-process.js';
import type { Warn } from './open-nodes.js';
import { isObject } from './qmp-messages.js';
import { ServerTurns } from './server-turns.js';

export interface FreezeLimits {
  /** For connecting and synchronising. The guest runs meanwhile, so it costs the request alone. */
  readonly answerMs: number;
  /** For the freeze itself: the guest writes its dirty pages out, and its writers stand still from some point on. */
  readonly freezeMs: number;
  /** The longest time from the answer to the freeze until the thaw is asked for. */
  readonly frozenMs: number;
  /** For one try to thaw. */
  readonly thawMs: number;
}
export const defaultFreezeLimits: FreezeLimits = { answerMs: 1_000, freezeMs: 5_000, frozenMs: 3_000, thawMs: 5_000 };

export interface FreezableGuest {
  readonly serverId: string;
  readonly files: GuestFiles;
  readonly monitor: GuestMonitor;
}

const notFrozen = (reason: FreezeReason): FreezeReport => ({ frozen: false, fileSystems: 0, reason });
/** Another worker's mark is taken over when its process is gone, or after this time whatever it does. */
const MARK_IS_OLD_MS = 30_000;

interface Mark {
  readonly owner: GuestProcess;
  readonly sinceMs: number;
}

export class GuestFreezer {
  /** Per server: the end of its last conversation. A port serves one client. */
  private readonly turns = new ServerTurns();
  private readonly thawing = new Map<string, Promise<void>>();

  constructor(
    private readonly warn: Warn,
    private readonly limits: FreezeLimits = defaultFreezeLimits,
  ) {}

  /** Runs `work` once, with the guest's file systems frozen when its agent does that in time. Errors are those of `work` alone. */
  whileFrozen<T>(
    guest: FreezableGuest,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly freeze: FreezeReport }> {
    return this.turns.take(guest.serverId, async () => {
      const agent = await this.reach(guest);
      if (!(agent instanceof GuestAgent)) return { value: await work(), freeze: notFrozen(agent) };
      try {
        return await this.hold(guest, agent, work);
      } finally {
        agent.close();
      }
    });
  }

  /** Thaws, in the background, a guest that was left frozen. Cheap when none was; to be called at every contact. */
  lookAfter(guest: FreezableGuest): void {
    const { serverId } = guest;
    if (this.thawing.has(serverId) || this.turns.isTaken(serverId)) return;
    const done = this.thawLeftover(guest)
      .catch((thrown: unknown) => this.warn('a guest may be frozen and cannot be thawed', { serverId, err: thrown }))
      .finally(() => this.thawing.delete(serverId));
    this.thawing.set(serverId, done);
  }

  /** Ends when nothing is being thawed. */
  async close(): Promise<void> {
    await Promise.all([this.turns.whenOver(), ...[...this.thawing.values()].map((one) => one.catch(() => undefined))]);
  }

  /** The agent, or why there is none. QEMU knows whether the guest has opened the port, so nobody waits for an absent one. */
  private async reach({ files, monitor }: FreezableGuest): Promise<GuestAgent | FreezeReason> {
    try {
      if (!(await isPortOpen(monitor))) return 'no_agent';
      return await GuestAgent.connect(files.file('agent.sock'), this.limits.answerMs);
    } catch {
      return 'agent_silent';
    }
  }

  private async hold<T>(
    guest: FreezableGuest,
    agent: GuestAgent,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T; readonly freeze: FreezeReport }> {
    let report: FreezeReport;
    await writeMark(guest.files);
    try {
      report = { frozen: true, fileSystems: await agent.freeze(this.limits.freezeMs), reason: null };
    } catch (thrown) {
      report = notFrozen(
        thrown instanceof GuestAgentError && thrown.trouble === 'refused' ? 'agent_refused' : 'agent_silent',
      );
      // Whether it froze is unknown, so it is thawed before the moment, not behind it.
      await this.release(guest, agent);
      return { value: await work(), freeze: report };
    }
    let thawed: Promise<number | null> | null = null;
    const release = (): Promise<number | null> => {
      thawed ??= this.release(guest, agent);
      return thawed;
    };
    const timer = setTimeout(() => {
      report = notFrozen('too_slow');
      void release();
    }, this.limits.frozenMs);
    try {
      const value = await work();
      clearTimeout(timer);
      const count = await release();
      // Somebody else thawed it before the moment, or after it: nobody knows.
      if (report.frozen && report.fileSystems > 0 && count === 0) report = notFrozen('unknown');
      return { value, freeze: report };
    } finally {
      clearTimeout(timer);
      await release();
    }
  }

  /** How many file systems were thawed; null when the agent did not say it: then the mark stays. Never throws. */
  private async release(guest: FreezableGuest, agent: GuestAgent): Promise<number | null> {
    const { files, serverId } = guest;
    try {
      const count = await this.thawBy(files, agent);
      await files.removeMark();
      return count;
    } catch (thrown) {
      this.warn('a guest may be frozen: its agent did not answer the thaw; it is asked again', {
        serverId,
        err: thrown,
      });
      return null;
    }
  }

  /** On the given conversation, then on a new one. */
  private async thawBy(files: GuestFiles, agent: GuestAgent): Promise<number> {
    const { answerMs, thawMs } = this.limits;
    try {
      return await agent.thaw(thawMs);
    } catch {
      agent.close();
      const second = await GuestAgent.connect(files.file('agent.sock'), answerMs);
      try {
        return await second.thaw(thawMs);
      } finally {
        second.close();
      }
    }
  }

  private async thawLeftover(guest: FreezableGuest): Promise<void> {
    const mark = await readMark(guest.files);
    if (mark === null || (await isOthersWork(mark))) return;
    await this.turns.take(guest.serverId, async () => {
      if ((await readMark(guest.files)) === null) return;
      // An agent that is not there cannot thaw; it is asked when it is back.
      if (!(await isPortOpen(guest.monitor))) return;
      const agent = await GuestAgent.connect(guest.files.file('agent.sock'), this.limits.answerMs);
      try {
        const count = await agent.thaw(this.limits.thawMs);
        await guest.files.removeMark();
        this.warn('a guest was left frozen by a worker that died, and has been thawed', {
          serverId: guest.serverId,
          fileSystems: count,
        });
      } finally {
        agent.close();
      }
    });
  }
}

/** Whether a program in the guest has the agent's port open. Source: QEMU qapi/char.json (ChardevInfo.frontend-open). */
async function isPortOpen(monitor: GuestMonitor): Promise<boolean> {
  const devices = await monitor.execute('query-chardev');
  return (
    Array.isArray(devices) &&
    devices.some((one: unknown) => isObject(one) && one['label'] === 'agent' && one['frontend-open'] === true)
  );
}

async function writeMark(files: GuestFiles): Promise<void> {
  const owner = await processOf(process.pid);
  // The mark outlives this process, not this host: QEMU would not either.
  await writeFile(files.file('frozen'), JSON.stringify({ owner, sinceMs: Date.now() }), { mode: 0o600 });
}

/** null when nothing may be frozen. A mark that cannot be read (its writer died while writing) is one nobody owns. */
async function readMark(files: GuestFiles): Promise<Mark | null> {
  const text = await readFile(files.file('frozen'), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Mark;
  } catch {
    return { owner: { pid: 0, startTime: '' }, sinceMs: 0 };
  }
}

/** A worker that lives is at it just now; a standby must not thaw in the middle of that. */
async function isOthersWork({ owner, sinceMs }: Mark): Promise<boolean> {
  if (owner.pid === process.pid || Date.now() - sinceMs > MARK_IS_OLD_MS) return false;
  return isAlive(owner);
}
