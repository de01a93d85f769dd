// The engine's brain, pure: what happens to an operation when something was heard of its current step.
// No clock, no database, no broker here; the caller stores the answer in one transaction.
//
//   running --done--> next step ... --> done
//   running --failed (may pass by itself)--> the same step again, later
//   running --failed (overtaken by the world)--> the next step that applies, as if this one had not been asked
//   running --failed (for good), before a pivot--> undoing, from the failed step backwards --> failed
//   running --failed (for good), after a pivot--> stuck: a person is needed; asked again slowly, and freed by any answer
//   running --failed (for good), after a pivot, of a step that fails alone--> undoing of that step only --> running without it
//   undoing --failed (for good), of a step whose making may be left--> the undo of the step before it
//   undoing --forward--> running: the world was asked and had already gone forward
import type { ErrorCode } from '../domain/errors.js';
import type { Phase, WireError } from '../messages/envelope.js';
import type { OperationDefinition, Step, StepContext } from './definition.js';

export type OperationState = 'pending' | 'running' | 'undoing' | 'stuck' | 'done' | 'failed';

export interface EngineState {
  readonly state: OperationState;
  readonly step: string | null;
  readonly phase: Phase;
  /** How often the current step was asked and not answered to the end. */
  readonly tries: number;
  /** Steps that were asked, in order. */
  readonly visited: readonly string[];
  readonly error: WireError | null;
}

export type EngineEvent =
  | { readonly kind: 'begin' }
  /** `cancelled`: it shall not be followed by another step, if it can still be undone. */
  | { readonly kind: 'done'; readonly cancelled?: boolean }
  | { readonly kind: 'forward' }
  | { readonly kind: 'failed'; readonly error: WireError }
  /** Nothing was heard in time, or the retry is due. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'retry' };

export type Decision =
  | { readonly kind: 'ask'; readonly next: EngineState; readonly step: Step }
  | { readonly kind: 'later'; readonly next: EngineState; readonly delayFactor: number }
  | { readonly kind: 'end'; readonly next: EngineState };

/** Errors that can pass by themselves, so that the same step is worth asking again. */
const passing: ReadonlySet<string> = new Set<ErrorCode>([
  'backend_offline',
  'image_service_offline',
  'identity_offline',
  'hypervisor_offline',
  'deadline_exceeded',
  'database_offline',
  'fenced',
  'internal',
]);

/** Errors that do not say whether the step has happened. */
const unknown: ReadonlySet<string> = new Set<ErrorCode>(['hypervisor_offline', 'deadline_exceeded']);

export const MAX_TRIES = 5;
/** Silences in a row after which a person is told; the step is still asked again, at the slowest pace. */
export const MAX_SILENCES = 10;
const SLOWEST = 60;

function stepNamed(definition: OperationDefinition, name: string | null): Step {
  const step = definition.steps.find((one) => one.name === name);
  if (step === undefined) throw new Error(`operation ${definition.type} has no step ${name}`);
  return step;
}

function goForward(definition: OperationDefinition, state: EngineState, context: StepContext, after: number): Decision {
  for (const step of definition.steps.slice(after + 1)) {
    if (step.when !== undefined && !step.when(context)) continue;
    const visited = [...state.visited, step.name];
    return {
      kind: 'ask',
      step,
      next: { state: 'running', step: step.name, phase: 'do', tries: 0, visited, error: null },
    };
  }
  return { kind: 'end', next: { ...state, state: 'done', step: null, phase: 'do', tries: 0, error: null } };
}

/** Undo of the last visited step at or before `from` that has one; none left means failed. */
function goBack(definition: OperationDefinition, state: EngineState, from: number, error: WireError): Decision {
  for (let index = from; index >= 0; index -= 1) {
    const step = stepNamed(definition, state.visited[index] ?? null);
    if (step.undo === undefined) continue;
    return { kind: 'ask', step, next: { ...state, state: 'undoing', step: step.name, phase: 'undo', tries: 0, error } };
  }
  return { kind: 'end', next: { ...state, state: 'failed', step: null, phase: 'undo', tries: 0, error } };
}

function hasPivot(definition: OperationDefinition, names: readonly string[]): boolean {
  return names.some((name) => stepNamed(definition, name).pivot === true);
}

function pivoted(definition: OperationDefinition, state: EngineState): boolean {
  return hasPivot(definition, state.visited.slice(0, -1));
}

/** True when the operation can only go forward, whatever its current step answers. */
export function isPastPivot(definition: OperationDefinition, state: EngineState): boolean {
  return pivoted(definition, state);
}

function goForwardUnlessCancelled(
  definition: OperationDefinition,
  state: EngineState,
  context: StepContext,
  after: number,
  cancelled: boolean,
): Decision {
  const next = goForward(definition, state, context, after);
  if (!cancelled || next.kind !== 'ask' || hasPivot(definition, state.visited)) return next;
  return goBack(definition, state, state.visited.length - 1, cancelledError);
}

/** The pause before try n, in units of the configured base: 1, 2, 4 ... 60. */
export function backoff(tries: number): number {
  return Math.min(SLOWEST, 2 ** Math.max(0, tries - 1));
}

/** Not visited any more: a step that will not be repeated is no point of no return either. */
function isOvertaken(step: Step, state: EngineState, error: WireError): boolean {
  return state.phase === 'do' && step.overtakenBy?.some((code) => code === error.code) === true;
}

function canFailAlone(definition: OperationDefinition, state: EngineState): boolean {
  const step = stepNamed(definition, state.step);
  return step.failsAlone === true && step.undo !== undefined;
}

function onFailed(definition: OperationDefinition, state: EngineState, error: WireError): Decision {
  const tries = state.tries + 1;
  if (passing.has(error.code) && tries < MAX_TRIES) {
    return { kind: 'later', next: { ...state, tries, error }, delayFactor: backoff(tries) };
  }
  const stuck: Decision = { kind: 'later', next: { ...state, state: 'stuck', tries, error }, delayFactor: SLOWEST };
  if (state.phase === 'undo') {
    if (stepNamed(definition, state.step).mayBeLeft !== true || pivoted(definition, state)) return stuck;
    return goBack(definition, state, state.visited.indexOf(state.step ?? '') - 1, state.error ?? error);
  }
  if (stepNamed(definition, state.step).mustBeKnown === true && unknown.has(error.code)) return stuck;
  // A cancel that was on its way when the operation passed its pivot has met the step behind it.
  if (pivoted(definition, state) && error.code === 'cancelled')
    return { kind: 'ask', step: stepNamed(definition, state.step), next: { ...state, tries } };
  if (pivoted(definition, state)) {
    if (!canFailAlone(definition, state)) return stuck;
    const step = stepNamed(definition, state.step);
    return { kind: 'ask', step, next: { ...state, state: 'undoing', phase: 'undo', tries: 0, error } };
  }
  return goBack(definition, state, state.visited.length - 1, error);
}

/**
 * What to do next. `context` must already hold the output and the facts that the event brought.
 * Throws only for programming errors (an unknown step name).
 */
export function decide(
  definition: OperationDefinition,
  state: EngineState,
  event: EngineEvent,
  context: StepContext,
): Decision {
  if (event.kind === 'begin') return goForward(definition, state, context, -1);
  const step = stepNamed(definition, state.step);
  const index = definition.steps.indexOf(step);
  switch (event.kind) {
    case 'done':
      if (state.phase === 'do')
        return goForwardUnlessCancelled(definition, state, context, index, event.cancelled === true);
      if (pivoted(definition, state))
        return goForward(definition, { ...state, visited: state.visited.slice(0, -1) }, context, index);
      return goBack(definition, state, state.visited.indexOf(step.name) - 1, state.error ?? unknownError);
    case 'forward': {
      const visited = state.visited.slice(0, state.visited.indexOf(step.name) + 1);
      return goForward(definition, { ...state, visited }, context, index);
    }
    case 'failed':
      return isOvertaken(step, state, event.error)
        ? goForward(definition, { ...state, visited: state.visited.slice(0, -1) }, context, index)
        : onFailed(definition, state, event.error);
    case 'silent': {
      const tries = state.tries + 1;
      return { kind: 'ask', step, next: { ...state, state: tries >= MAX_SILENCES ? 'stuck' : state.state, tries } };
    }
    case 'retry':
      return { kind: 'ask', step, next: state };
  }
}

/** The step could not even be asked (its parameters cannot be made): nothing was done by it. */
export function decideUnaskable(definition: OperationDefinition, state: EngineState, error: WireError): Decision {
  if (state.phase === 'undo' || pivoted(definition, state)) {
    return { kind: 'later', next: { ...state, state: 'stuck', error }, delayFactor: SLOWEST };
  }
  return goBack(definition, state, state.visited.length - 2, error);
}

/** What a cancelled operation ends with. */
export const cancelledError: WireError = { code: 'cancelled', message: 'The operation was cancelled.' };
const unknownError: WireError = { code: 'internal', message: 'The operation failed for an unknown reason.' };
