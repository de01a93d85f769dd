// Named points in the processes' own code where a plan may make them fail: killed before a commit, twice the same effect, and so on.
// Without a plan a point is one resolved promise. Names in use:
//
//   conductor:before-commit, conductor:after-commit, conductor:after-publish, api:after-commit,
//   worker:before-effect (duplicate: the handler runs twice), worker:after-effect,
//   worker:before-result (duplicate: published twice), worker:after-result (confirmed, not yet acknowledged)
//
// How often a rule was met is written to `<plan>.counters` before it acts, so that "kill once" kills once although the process comes
// back. Processes share that file: each arrival is one appended line, and its place among its rule's lines is its number.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { ServiceError } from '../domain/errors.js';
import { pause, systemClock } from './clock.js';
import { type FaultReaction, type FaultRule, readFaultPlan } from './fault-plan-file.js';
import type { Logger } from './logger.js';

export type FaultFacts = Readonly<Record<string, string | number | null | undefined>>;

/** What the caller has to do itself. */
export interface FaultEffect {
  readonly duplicate: boolean;
}

/** Called at a named point. Throws the planned ServiceError; may not return at all. */
export type FaultPoint = (name: string, facts?: FaultFacts) => Promise<FaultEffect>;

export interface FaultPoints {
  readonly faultPoint: FaultPoint;
  /** For the drivers' own plan reader; null without a plan. */
  readonly driverPlan: Readonly<Record<string, unknown>> | null;
}

const nothing: FaultEffect = { duplicate: false };

/** The point of a process without a plan. */
export const inertFaultPoint: FaultPoint = () => Promise.resolve(nothing);

/** Reads the plan, if there is one. Throws when the plan cannot be used. */
export function loadFaultPoints(planFile: string | null, logger: Logger): FaultPoints {
  if (planFile === null) return { faultPoint: inertFaultPoint, driverPlan: null };
  const { rules, driverPlan } = readFaultPlan(planFile);
  logger.warn({ planFile, rules: rules.length }, 'faults are injected by plan');
  const counters = new ArrivalCounters(`${planFile}.counters`);
  const armed = rules.map((rule, index) => ({ rule, key: ruleKey(rule, index) }));
  const faultPoint: FaultPoint = async (name, facts = {}) => {
    let firing: FaultReaction | null = null;
    for (const { rule, key } of armed) {
      if (!matches(rule, name, facts)) continue;
      const arrival = counters.count(key);
      if (firing === null && fires(rule, arrival)) firing = rule.react;
    }
    if (firing === null) return nothing;
    logger.warn({ point: name, facts, react: firing }, 'planned fault');
    return react(firing);
  };
  return { faultPoint, driverPlan };
}

/** The name of a rule in the file of counters. A changed plan counts from the start again. */
export function ruleKey(rule: FaultRule, index: number): string {
  return createHash('sha256')
    .update(`${index} ${JSON.stringify(rule)}`)
    .digest('hex')
    .slice(0, 16);
}

function matches(rule: FaultRule, name: string, facts: FaultFacts): boolean {
  if (rule.point !== name) return false;
  return Object.entries(rule.match ?? {}).every(([fact, wish]) => {
    const wishes = typeof wish === 'object' ? wish : [wish];
    return wishes.some((one) => String(one) === String(facts[fact] ?? ''));
  });
}

function fires({ occurrence, times }: FaultRule, arrival: number): boolean {
  if (occurrence !== undefined) return arrival === occurrence;
  return times === undefined || arrival <= times;
}

class ArrivalCounters {
  private made = 0;

  constructor(private readonly file: string) {}

  /** The number of this arrival, from 1, over all processes and restarts that share the file. */
  count(key: string): number {
    this.made += 1;
    const line = `${key} ${process.pid}.${process.hrtime.bigint()}.${this.made}`;
    appendFileSync(this.file, `${line}\n`);
    const lines = readFileSync(this.file, 'utf8').split('\n');
    return lines.slice(0, lines.indexOf(line) + 1).filter((one) => one.startsWith(`${key} `)).length;
  }
}

async function react({ delayMs, stop, kill, fail, duplicate }: FaultReaction): Promise<FaultEffect> {
  if (delayMs !== undefined) await pause(systemClock, delayMs);
  // Blocks the only thread that runs our code; the kernel still answers for the sockets, as for a stopped process.
  if (stop !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stop);
  if (kill !== undefined) {
    process.kill(process.pid, kill);
    // A SIGTERM is delivered to our own shutdown; what stands after the point must still not happen.
    await new Promise(() => undefined);
  }
  if (fail !== undefined) throw new ServiceError(fail.code, fail.message, { context: { plannedFault: true } });
  return duplicate === true ? { duplicate: true } : nothing;
}
