// What is done to the running service, as a table: which process is killed or stopped, and what is taken from under all of them. The dice choose
// which, and when; one at a time, as most of the field's own chaos does, and now and then a long one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../../system/chain-torture/torture-plan.js';
import type { ChaosStack } from './chaos-stack.js';

type Fault = (stack: ChaosStack, dice: Dice) => Promise<string>;

function onePid({ stage, api }: ChaosStack, dice: Dice): number | null {
  const pids = [...stage.processes.map((one) => one.pid), api.pid].filter((pid) => pid !== null);
  return pids[dice.below(Math.max(1, pids.length))] ?? null;
}

function signal(pid: number | null, name: NodeJS.Signals): void {
  if (pid === null) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself meanwhile.
  }
}

const killOne: Fault = (stack, dice) => {
  const pid = onePid(stack, dice);
  signal(pid, 'SIGKILL');
  return Promise.resolve(`SIGKILL of ${pid}`);
};

/** Several at once: nobody of their kind may be left for a moment. */
const killMany: Fault = (stack, dice) => {
  const chosen = stack.stage.processes.filter(() => dice.below(2) === 0);
  for (const { pid } of chosen) signal(pid, 'SIGKILL');
  return Promise.resolve(`SIGKILL of ${chosen.length} processes`);
};

/** It wakes up later than others have taken over, and goes on where it stood. */
const stopOne: Fault = async (stack, dice) => {
  const pid = onePid(stack, dice);
  const ms = dice.below(20) === 0 ? 30_000 : 1_000 + dice.below(6_000);
  signal(pid, 'SIGSTOP');
  await sleep(ms);
  signal(pid, 'SIGCONT');
  return `${pid} stood still for ${ms} ms`;
};

const faults: Readonly<Record<string, readonly [number, Fault]>> = {
  kill: [8, killOne],
  'kill several': [3, killMany],
  stop: [5, stopOne],
  'cut sessions': [3, (stack) => stack.cutSessions().then(() => 'all sessions of the database cut')],
  'kill the broker': [1, (stack) => stack.killBroker(false).then(() => 'broker killed and started')],
  'wipe the broker': [1, (stack) => stack.killBroker(true).then(() => 'broker killed, emptied and started')],
  'kill the database': [1, (stack) => stack.killDatabase().then(() => 'database killed and started')],
};

/** Name and what was done. Errors of a fault itself are told, not thrown: the service is under test, not the killer. */
export async function doFault(stack: ChaosStack, dice: Dice): Promise<readonly [string, string]> {
  const rows = Object.entries(faults);
  let left = dice.below(rows.reduce((sum, [, [weight]]) => sum + weight, 0));
  for (const [name, [weight, fault]] of rows) {
    left -= weight;
    if (left >= 0) continue;
    return [name, await fault(stack, dice).catch((thrown: unknown) => `could not be done: ${String(thrown)}`)];
  }
  throw new RangeError('no fault');
}
