// Which cases a run plays. All of them take hours: an ordinary run does a share, the next commit another, and beside it the cases of
// operations that were changed lately.
import { casesBehindRefusal, type FaultCase, generateCases, generateZombies } from './cases.js';
import { scenarios } from './scenarios.js';
import { refusedSwitch } from './server-scenarios.js';

/** No divisor of the number of faults of a step, so that a share has some of every kind. */
const SHARES = 17;
/** Beside the share, so that the lane keeps its time whatever was changed; `npm run crash-matrix` plays all. */
const MOST_OF_TOUCHED = 60;

/** Without the zombies, which have a stage of their own. */
export function allCases(): readonly FaultCase[] {
  const refusals = casesBehindRefusal(refusedSwitch, 'switch-guest:1', 'remove-overlay:1');
  return [...generateCases(scenarios), ...refusals];
}

export function allZombies(): readonly FaultCase[] {
  return generateZombies(scenarios);
}

/** `turn` draws the share, and which cases of touched operations there is time for. */
export function chooseShare(
  all: readonly FaultCase[],
  turn: number,
  touched: ReadonlySet<string>,
): readonly FaultCase[] {
  const shared = (index: number): boolean => (index + turn) % SHARES === 0;
  const indexes = [...all.keys()].filter((index) => !shared(index) && touched.has(all[index]?.scenario.type ?? ''));
  const every = Math.max(1, Math.ceil(indexes.length / MOST_OF_TOUCHED));
  const more = new Set(indexes.filter((_, place) => (place + turn) % every === 0));
  return all.filter((_, index) => shared(index) || more.has(index));
}
