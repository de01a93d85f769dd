// Generates the cases of the lane from the step tables: for every step that a scenario takes, every fault that can meet it, with
// the end that the table promises. Nothing here names a particular step.
import { createHash } from 'node:crypto';
import type { OperationId } from '../../services/core/domain/ids.js';
import type { Step } from '../../services/core/operations/definition.js';
import { definitionFor } from '../../services/core/operations/registry.js';
import type { FaultRule } from '../../services/core/runtime/fault-plan-file.js';
import { type SampleContext, sampleContexts } from '../unit/operations/sample-contexts.js';
import { simulate } from '../unit/operations/simulate.js';
import {
  ALWAYS,
  type Fault,
  type FaultKind,
  failuresOf,
  forGood,
  harmless,
  kindOf,
  misfortunesOf,
  type PlannedRule,
  undosOf,
  zombies,
} from './faults.js';
import type { End, Scenario } from './scenario-parts.js';

/** `stuck` comes before the end: a person is told, the step is asked again slowly, and the next answer frees it. */
export interface FaultCase {
  /** Id of the operation under test: by it the rules recognise it in every process. The same in every run of the lane. */
  readonly operationId: OperationId;
  readonly title: string;
  readonly kind: FaultKind;
  readonly scenario: Scenario;
  readonly step: string;
  readonly rules: readonly FaultRule[];
  readonly end: End;
  readonly stuck: boolean;
  /** The step's effect happened although it was reported as failed for good. */
  readonly effectBeforeFailure: boolean;
}

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

/** A version 4 UUID whose digits come from the text. */
function operationIdOf(text: string): OperationId {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as OperationId;
}

interface Met {
  readonly step: Step;
  readonly pivotedBefore: boolean;
}

/** The steps that the scenario takes. */
function metSteps(scenario: Scenario): readonly Met[] {
  const walk = walkOf(scenario);
  const steps = stepsOf(scenario);
  return walk.map((name, index) => {
    const step = steps.find((one) => one.name === name);
    if (step === undefined) throw new Error(`${scenario.type} has no step ${name}`);
    const pivotedBefore = walk.slice(0, index).some((earlier) => steps.find((one) => one.name === earlier)?.pivot);
    return { step, pivotedBefore };
  });
}

/** A step that only asks has no effect, so that there is no "after its effect" to be told from before. */
function applyTo(step: Step, faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(
    (fault) => step.readOnly !== true || !fault.rules.some((rule) => rule.point === 'worker:after-effect'),
  );
}

function casesOf(scenario: Scenario): FaultCase[] {
  return metSteps(scenario).flatMap(({ step, pivotedBefore }) => {
    const makers = [failuresOf, undosOf, misfortunesOf];
    const faults = [...harmless, ...makers.flatMap((faultsOf) => faultsOf(step, pivotedBefore))];
    return applyTo(step, faults).map((fault) => caseOf(scenario, step.name, fault));
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
  return { operationId, title, kind: kindOf(fault), scenario, step: name, rules, end, stuck, effectBeforeFailure };
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

/** Workers that stand still and go on; on a stage whose broker soon gives them up. */
export function generateZombies(scenarios: readonly Scenario[]): readonly FaultCase[] {
  return scenarios.flatMap((scenario) =>
    metSteps(scenario).flatMap(({ step }) => applyTo(step, zombies).map((fault) => caseOf(scenario, step.name, fault))),
  );
}
