// The faults that can meet a step, as data: what is planned at which point, and how the operation must end. Nothing here names a
// particular step. The engine writes its intent to ask a step in the transaction that records what came before it, so the four places
// of a crash are:
//
//   before intent   the conductor dies before it commits what came before (a result, a failure)
//   after intent    the conductor dies when the command was published, or the worker before its effect
//   after effect    the worker dies when the step is done and nobody knows it
//   after done      the worker dies behind its answer, or the conductor when the answer is on record
//
// A zombie stands still for so long that another takes over, and then goes on as if nothing had happened.

import type { ErrorCode } from '../../services/core/domain/errors.js';
import type { Step } from '../../services/core/operations/definition.js';
import { MAX_TRIES } from '../../services/core/operations/reducer.js';
import type { FaultReaction, FaultRule } from '../../services/core/runtime/fault-plan-file.js';
import type { End } from './scenario-parts.js';

export const faultKinds = [
  'before intent',
  'after intent',
  'after effect',
  'after done',
  'error',
  'repetition',
  'undo twice',
  'zombie',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface PlannedRule extends Pick<FaultRule, 'point' | 'react'> {
  readonly phase?: 'do' | 'undo';
  readonly outcome?: string;
  /** Default 1. */
  readonly times?: number;
}

export interface Fault {
  readonly what: string;
  readonly rules: readonly PlannedRule[];
  readonly end: End;
  readonly stuck?: boolean;
  readonly effectBeforeFailure?: boolean;
  /** Default: what the rules say. */
  readonly kind?: FaultKind;
}

const passing: FaultReaction = { fail: { code: 'backend_offline', message: 'planned' } };
/**
 * Not only once: a worker that comes back from an earlier case makes the conductor ask again, and then the first failure is the answer
 * to a question that nobody asks any more. Where the operation must get over it (stuck), the second failure is the last.
 */
export const forGood: FaultReaction = { fail: { code: 'bad_request', message: 'planned' } };
export const ALWAYS = 1000;
const kill: FaultReaction = { kill: 'SIGKILL' };
const twice: FaultReaction = { duplicate: true };
/** Longer than a broker with a heartbeat of one second waits for a sign of life (two to three seconds). */
export const ZOMBIE_MS = 4500;
const standStill: FaultReaction = { stop: ZOMBIE_MS };

const kindOfDeath: Readonly<Record<string, FaultKind>> = {
  'conductor:before-commit': 'before intent',
  'conductor:after-publish': 'after intent',
  'worker:before-effect': 'after intent',
  'worker:after-effect': 'after effect',
  'worker:after-result': 'after done',
  'conductor:after-commit': 'after done',
};

export function kindOf({ kind, rules }: Pick<Fault, 'kind' | 'rules'>): FaultKind {
  if (kind !== undefined) return kind;
  if (rules.some(({ react }) => react.stop !== undefined)) return 'zombie';
  const death = rules.find(({ react }) => react.kill !== undefined);
  if (death !== undefined) return kindOfDeath[death.point] ?? 'after intent';
  const again = rules.find(({ react }) => react.duplicate === true);
  if (again !== undefined) return again.phase === 'undo' ? 'undo twice' : 'repetition';
  return 'error';
}

/**
 * Faults after which the operation must finish as if nothing had happened. Deaths of workers and conductors alternate, with other
 * cases between, so that the process that died is back when its like dies next.
 */
export const harmless: readonly Fault[] = [
  {
    what: 'meets the worker’s death before its effect',
    rules: [{ point: 'worker:before-effect', react: kill }],
    end: 'done',
  },
  { what: 'fails once before its effect', rules: [{ point: 'worker:before-effect', react: passing }], end: 'done' },
  {
    what: 'meets the conductor’s death after its command was published',
    rules: [{ point: 'conductor:after-publish', react: kill }],
    end: 'done',
  },
  { what: 'fails once after its effect', rules: [{ point: 'worker:after-effect', react: passing }], end: 'done' },
  {
    what: 'meets the worker’s death after its effect',
    rules: [{ point: 'worker:after-effect', react: kill }],
    end: 'done',
  },
  { what: 'is commanded twice', rules: [{ point: 'conductor:after-publish', react: twice }], end: 'done' },
  {
    what: 'meets the conductor’s death before its result is committed',
    rules: [{ point: 'conductor:before-commit', react: kill, outcome: 'done' }],
    end: 'done',
  },
  { what: 'is performed twice', rules: [{ point: 'worker:before-effect', react: twice }], end: 'done' },
  {
    what: 'meets the worker’s death after its answer',
    rules: [{ point: 'worker:after-result', react: kill }],
    end: 'done',
  },
  { what: 'is answered twice', rules: [{ point: 'worker:before-result', react: twice }], end: 'done' },
  {
    what: 'meets the conductor’s death after its result was committed',
    rules: [{ point: 'conductor:after-commit', react: kill, outcome: 'done' }],
    end: 'done',
  },
];

/** Played on a stage of their own (StageServers.heartbeatSeconds), for each takes seconds. */
export const zombies: readonly Fault[] = [
  {
    what: 'meets a worker that stands still before its effect and goes on when another has done it',
    rules: [{ point: 'worker:before-effect', react: standStill }],
    end: 'done',
  },
  {
    what: 'meets a worker that stands still after its effect and answers when another has answered',
    rules: [{ point: 'worker:after-effect', react: standStill }],
    end: 'done',
  },
];

export function failuresOf(step: Step, pivotedBefore: boolean): readonly Fault[] {
  const times = pivotedBefore ? 2 : ALWAYS;
  const before: Fault['rules'] = [{ point: 'worker:before-effect', react: forGood, times }];
  const after: Fault['rules'] = [{ point: 'worker:after-effect', react: forGood, times }];
  if (pivotedBefore) {
    return [
      { what: 'fails for good before its effect', rules: before, end: 'done', stuck: true },
      { what: 'fails for good after its effect', rules: after, end: 'done', stuck: true },
    ];
  }
  // A pivot whose effect happened cannot be taken back: its undo asks the world and the operation goes forward.
  const forward = step.pivot === true && step.undo !== undefined;
  return [
    { what: 'fails for good before its effect', rules: before, end: 'failed' },
    {
      what: 'fails for good after its effect',
      rules: after,
      end: forward ? 'done' : 'failed',
      effectBeforeFailure: !forward && step.undo === undefined && step.readOnly !== true,
    },
  ];
}

/**
 * What a file system answers, as the code that it becomes on its way to the conductor (drivers/gluster/share-io.ts). `after`: the effect
 * has happened although it is told as failed, as with a write whose answer was lost.
 */
const misfortunes: readonly { readonly errno: string; readonly code: ErrorCode; readonly after: boolean }[] = [
  { errno: 'ENOSPC', code: 'no_space', after: false },
  { errno: 'ENOSPC', code: 'no_space', after: true },
  { errno: 'EIO', code: 'backend_offline', after: true },
  { errno: 'ENOTCONN', code: 'backend_offline', after: false },
  { errno: 'a time-out', code: 'deadline_exceeded', after: false },
  { errno: 'a time-out', code: 'deadline_exceeded', after: true },
];

/** Every error of a share at a step that can be taken back; whatever is undone is undone twice. */
export function misfortunesOf(step: Step, pivotedBefore: boolean): readonly Fault[] {
  if (step.undo === undefined || pivotedBefore) return [];
  return misfortunes
    .filter(({ code }) => step.overtakenBy?.includes(code) !== true)
    .map(({ errno, code, after }): Fault => {
      const point = after ? 'worker:after-effect' : 'worker:before-effect';
      const what = `meets ${errno} ${after ? 'after' : 'before'} its effect`;
      const react: FaultReaction = { fail: { code, message: `planned ${errno}` } };
      // Nobody can say whether it has happened: the operation waits for another answer, and nothing is undone.
      if (step.mustBeKnown === true && code === 'deadline_exceeded')
        return { what, rules: [{ point, react, times: MAX_TRIES + 1 }], end: 'done', stuck: true, kind: 'error' };
      return {
        what: `${what}, and is undone twice`,
        rules: [
          { point, react, times: ALWAYS },
          { point: 'worker:before-effect', react: twice, phase: 'undo' },
        ],
        end: step.pivot === true && after ? 'done' : 'failed',
        kind: 'error',
      };
    });
}

export function undosOf(step: Step, pivotedBefore: boolean): readonly Fault[] {
  if (step.undo === undefined || pivotedBefore) return [];
  // Something to undo is there after the effect; only a pivot's undo would go forward then, so that one is tried without effect.
  const trigger = {
    point: step.pivot === true ? 'worker:before-effect' : 'worker:after-effect',
    react: forGood,
    times: ALWAYS,
  };
  const undo = (what: string, point: string, reaction: FaultReaction, stuck = false): Fault => ({
    what: `is undone, and the undo ${what}`,
    rules: [trigger, { point, react: reaction, phase: 'undo', times: stuck ? 2 : 1 }],
    end: 'failed',
    stuck,
  });
  const undos = [
    undo('meets the worker’s death before its effect', 'worker:before-effect', kill),
    undo('runs twice', 'worker:before-effect', twice),
    undo('meets the conductor’s death after its command was published', 'conductor:after-publish', kill),
    undo('fails once', 'worker:after-effect', passing),
    undo('meets the worker’s death after its effect', 'worker:after-effect', kill),
    undo('is commanded twice', 'conductor:after-publish', twice),
    undo('meets the conductor’s death before its result is committed', 'conductor:before-commit', kill),
    // What may be left is not asked for again, and stays: test/security/image-service.test.ts has that.
    ...(step.mayBeLeft === true ? [] : [undo('fails for good at first', 'worker:before-effect', forGood, true)]),
    undo('meets the worker’s death after its answer', 'worker:after-result', kill),
  ];
  // The intent to undo is written with the failure.
  const unwritten: Fault = {
    what: 'fails for good, and meets the conductor’s death before its failure is committed',
    rules: [trigger, { point: 'conductor:before-commit', react: kill, outcome: 'failed' }],
    end: 'failed',
  };
  if (step.pivot !== true) return [...undos, unwritten];
  const forward: Fault = {
    what: 'has happened although it was reported as failed, and the undo that finds out runs twice',
    rules: [
      { point: 'worker:after-effect', react: forGood, times: ALWAYS },
      { point: 'worker:before-effect', react: twice, phase: 'undo' },
    ],
    end: 'done',
  };
  return [...undos, unwritten, forward];
}
