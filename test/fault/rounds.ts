// Which cases are played at once on one stage. A case whose fault ends or stops a process has its stage to itself: what a death does to
// others would hide what it does to its own operation. The others meet their faults in their own operation only, so that many go on at
// the same time and a stage's standing costs (daemons, their polls) are shared. Pure.
import type { OperationType } from '../../services/core/operations/params.js';
import type { FaultCase } from './cases.js';

/** More would wait for each other's places on the shares, and for the promise of their one pool. */
const MOST_AT_ONCE = 4;

/** They look at a whole share, and would see what the others of a round are doing to it. */
const aboutShare: ReadonlySet<OperationType> = new Set(['share-scan', 'custody-write', 'orphan-remove', 'chain-check']);

/** Their bytes go through streams, of which a project has only some at a time. */
const streaming: ReadonlySet<OperationType> = new Set([
  'volume-receive',
  'volume-send',
  'image-upload',
  'image-download',
  'image-delete',
]);
const MOST_STREAMS = 2;

function isSolitary({ rules, scenario, effectBeforeFailure }: FaultCase): boolean {
  const ends = rules.some(({ react }) => react.kill !== undefined || react.stop !== undefined);
  // Which volume has outgrown its record is told by when it was made.
  const outgrows = effectBeforeFailure && scenario.mayOutgrowRecord === true;
  return ends || outgrows || aboutShare.has(scenario.type);
}

/** Every case once; those of a round are alike in what may be left before their remedies. */
export function composeRounds(cases: readonly FaultCase[]): readonly (readonly FaultCase[])[] {
  const rounds: FaultCase[][] = [];
  const open = new Map<string, FaultCase[]>();
  for (const one of cases) {
    if (isSolitary(one)) {
      rounds.push([one]);
      continue;
    }
    const streams = streaming.has(one.scenario.type);
    const key = `${streams} ${one.effectBeforeFailure}`;
    let round = open.get(key);
    if (round === undefined) {
      round = [];
      rounds.push(round);
      open.set(key, round);
    }
    round.push(one);
    if (round.length === (streams ? MOST_STREAMS : MOST_AT_ONCE)) open.delete(key);
  }
  return rounds;
}
