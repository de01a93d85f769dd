// Notices that this process stood still: stopped, or kept from its work by a machine that had none for it. Others may have taken over
// what it held, so that whoever began something before must not go on as if nothing had happened.
//
//   worker   command -> |SIGSTOP ............................ SIGCONT| -> effect?  no: handed back
//   broker                no sign of life: the queue goes to the standby
//   standby                                   the same command -> effect -> answer; later commands follow
//
// The broker gives a connection up after two heartbeats without a sign, counted from the last one, which is at most half a heartbeat
// older than the standstill. So a gap of one heartbeat or less is harmless, and a longer one counts as having lost everything.
// The monotonic clock goes on while a process is stopped; it does not while the whole machine is (a paused virtual machine).
import { type CancelTimer, type Clock, every } from './clock.js';

const LOOKS_PER_LIMIT = 4;

export class Standstill {
  private lastMs: number;
  private current = new AbortController();
  private readonly stopLooking: CancelTimer;

  /** `why`: the reason that those who began before the standstill are given. */
  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
    private readonly why: unknown = new Error('the process stood still'),
  ) {
    this.lastMs = clock.monotonicMs();
    this.stopLooking = every(clock, limitMs / LOOKS_PER_LIMIT, () => this.look());
  }

  /** Aborted when the process has stood still since this call. */
  since(): AbortSignal {
    this.look();
    return this.current.signal;
  }

  /** To be called before an effect: what timers would notice only at their turn is noticed now. */
  look(): void {
    const nowMs = this.clock.monotonicMs();
    const gapMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (gapMs <= this.limitMs) return;
    const stood = this.current;
    this.current = new AbortController();
    stood.abort(this.why);
  }

  stop(): void {
    this.stopLooking();
  }
}
