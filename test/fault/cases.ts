// Generates the cases of the lane from the step tables: for every step that a scenario takes, every fault that can meet it, with
// the end that the table promises. Nothing here names a particular step.
import { createHash } from 'node:crypto';
import type { OperationId } from '../../services/core/domain/ids.js';
import type { Step } from '../../services/core/operations/definition.js';
import { definitionFor } from '../../services/core/operations/registry.js';
import type { FaultReaction, FaultRule } from '../../services/core/runtime/fault-plan-file.js';
import { type SampleContext, sampleContexts } from '../unit/operations/sample-contexts.js';
import { simulate } from '../unit/operations/simulate.js';
import type { End, Scenario } from './scenario-parts.js';

/** `stuck` comes before the end: a person is told, the step is asked again slowly, and the next answer frees it. */
export interface FaultCase {
  /** Id of the operation under test: by it the rules recognise it in every process. The same in every run of the lane. */
  readonly operationId: OperationId;
  readonly title: string;
  readonly scenario: Scenario;
  readonly step: string;
  readonly rules: readonly FaultRule[];
  readonly end: End;
  readonly stuck: boolean;
  /** The step's effect happened although it was reported as failed for good. */
  readonly effectBeforeFailure: boolean;
}

const passing: FaultReaction = { fail: { code: 'backend_offline', message: 'planned' } };
/**
 * Not only once: a worker that comes back from an earlier case makes the conductor ask again, and then the first failure is the answer
 * to a question that nobody asks any more. Where the operation must get over it (stuck), the second failure is the last.
 */
const forGood: FaultReaction = { fail: { code: 'bad_request', message: 'planned' } };
const ALWAYS = 1000;
const kill: FaultReaction = { kill: 'SIGKILL' };
const twice: FaultReaction = { duplicate: true };

function sampleOf({ type, guest, variant }: Pick<Scenario, 'type' | 'guest' | 'variant'>): SampleContext {
  const sample = sampleContexts().filter((one) => one.type === type && one.guest === guest)[variant ?? 0];
  if (sample === undefined) throw new Error(`no sample of ${type} with guest ${guest}`);
  return sample;
}

function stepsOf(scenario: Scenario): readonly Step[] {
  return definitionFor({ type: scenario.type, params: sampleOf(scenario).context.params }).steps;
}

/** The steps that the scenario takes when all goes well, read from the operation's own table. */
export function walkOf({ type, guest, variant }: Scenario): readonly string[] {
  return simulate(sampleOf({ type, guest, ...(variant === undefined ? {} : { variant }) }), []).final.visited;
}

interface PlannedRule extends Pick<FaultRule, 'point' | 'react'> {
  readonly phase?: 'do' | 'undo';
  readonly outcome?: string;
  /** Default 1. */
  readonly times?: number;
}

interface Fault {
  readonly what: string;
  readonly rules: readonly PlannedRule[];
  readonly end: End;
  readonly stuck?: boolean;
  readonly effectBeforeFailure?: boolean;
}

/**
 * Faults after which the operation must finish as if nothing had happened. Deaths of workers and conductors alternate, with other
 * cases between, so that the process that died is back when its like dies next.
 */
const harmless: readonly Fault[] = [
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

function failuresOf(step: Step, pivotedBefore: boolean): readonly Fault[] {
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

function undosOf(step: Step, pivotedBefore: boolean): readonly Fault[] {
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
    undo('fails for good at first', 'worker:before-effect', forGood, true),
  ];
  if (step.pivot !== true) return undos;
  const forward: Fault = {
    what: 'has happened although it was reported as failed, and the undo that finds out runs twice',
    rules: [
      { point: 'worker:after-effect', react: forGood, times: ALWAYS },
      { point: 'worker:before-effect', react: twice, phase: 'undo' },
    ],
    end: 'done',
  };
  return [...undos, forward];
}

/** A version 4 UUID whose digits come from the text. */
function operationIdOf(text: string): OperationId {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as OperationId;
}

/** A step that only asks has no effect, so that there is no "after its effect" to be told from before. */
function casesOf(scenario: Scenario): FaultCase[] {
  const walk = walkOf(scenario);
  const steps = stepsOf(scenario);
  return walk.flatMap((name, index) => {
    const step = steps.find((one) => one.name === name);
    if (step === undefined) throw new Error(`${scenario.type} has no step ${name}`);
    const pivotedBefore = walk.slice(0, index).some((earlier) => steps.find((one) => one.name === earlier)?.pivot);
    const faults = [...harmless, ...failuresOf(step, pivotedBefore), ...undosOf(step, pivotedBefore)].filter(
      (fault) => step.readOnly !== true || !fault.rules.some((rule) => rule.point === 'worker:after-effect'),
    );
    return faults.map((fault) => caseOf(scenario, name, fault));
  });
}

/** `besides`: rules that are in force while the fault is tried, each with its step. */
function caseOf(
  scenario: Scenario,
  name: string,
  fault: Fault,
  besides: readonly (PlannedRule & { readonly step: string })[] = [],
): FaultCase {
  const title = `${scenario.type} (${scenario.name}): ${name} ${fault.what}`;
  const operationId = operationIdOf(title);
  const ruleOf = (step: string, { point, react, phase = 'do', outcome, times = 1 }: PlannedRule): FaultRule => ({
    point,
    match: { operationId, step, phase, ...(outcome === undefined ? {} : { outcome }) },
    times,
    react,
  });
  const rules = [...besides.map((one) => ruleOf(one.step, one)), ...fault.rules.map((rule) => ruleOf(name, rule))];
  const { end, stuck = false, effectBeforeFailure = false } = fault;
  return { operationId, title, scenario, step: name, rules, end, stuck, effectBeforeFailure };
}

/**
 * Cases of a step that is taken only because an earlier one, behind the pivot, was refused for good. The tables' walk without faults does
 * not come there, so scenario and steps are named.
 */
export function casesBehindRefusal(scenario: Scenario, refused: string, name: string): readonly FaultCase[] {
  const step = stepsOf(scenario).find((one) => one.name === name);
  if (step === undefined) throw new Error(`${scenario.type} has no step ${name}`);
  const refusal = { step: refused, point: 'worker:before-effect', react: forGood, times: ALWAYS } as const;
  return [...harmless, ...failuresOf(step, true)].map((fault) => caseOf(scenario, name, fault, [refusal]));
}

export function generateCases(scenarios: readonly Scenario[]): readonly FaultCase[] {
  return scenarios.flatMap(casesOf);
}
