// Runs an operation's table against a script of answers, without database or broker, and writes down what was asked.
import type { WireError } from '../../../services/core/messages/envelope.js';
import type { StepContext } from '../../../services/core/operations/definition.js';
import {
  type Decision,
  decide,
  type EngineEvent,
  type EngineState,
} from '../../../services/core/operations/reducer.js';
import { definitionFor } from '../../../services/core/operations/registry.js';
import { inspectOutput, type SampleContext } from './sample-contexts.js';

export type Answer = 'done' | 'passing' | 'for-good' | 'silent' | 'forward';

export interface Asked {
  readonly step: string;
  readonly phase: 'do' | 'undo';
  readonly answer: Answer;
}

export interface Outcome {
  readonly final: EngineState;
  readonly asked: readonly Asked[];
  /** Every state that was stored on the way, in order. */
  readonly states: readonly EngineState[];
}

const passing: WireError = { code: 'backend_offline', message: 'away' };
const forGood: WireError = { code: 'chain_mismatch', message: 'no' };
const begun: EngineState = { state: 'pending', step: null, phase: 'do', tries: 0, visited: [], error: null };

function eventOf(answer: Answer, phase: 'do' | 'undo'): EngineEvent {
  switch (answer) {
    case 'done':
      return { kind: 'done' };
    case 'passing':
      return { kind: 'failed', error: passing };
    case 'for-good':
      return { kind: 'failed', error: forGood };
    case 'silent':
      return { kind: 'silent' };
    case 'forward':
      // Only the answer to an undo can be `forward`.
      return { kind: phase === 'undo' ? 'forward' : 'done' };
  }
}

/** Plays `script`, then answers `done` to everything, for at most `limit` questions. */
export function simulate(
  { type, guest, context: first }: SampleContext,
  script: readonly Answer[],
  limit = 400,
): Outcome {
  const definition = definitionFor({ type, params: first.params });
  const asked: Asked[] = [];
  const states: EngineState[] = [];
  let context: StepContext = first;
  let decision: Decision = decide(definition, begun, { kind: 'begin' }, context);
  for (let turn = 0; turn < limit; turn += 1) {
    states.push(decision.next);
    if (decision.kind === 'end') break;
    if (decision.kind === 'later') {
      decision = decide(definition, decision.next, { kind: 'retry' }, context);
      continue;
    }
    const { step, next } = decision;
    const answer = script[asked.length] ?? 'done';
    asked.push({ step: step.name, phase: next.phase, answer });
    const event = eventOf(answer, next.phase);
    if ((event.kind === 'done' && next.phase === 'do') || event.kind === 'forward') {
      const sample = first.outputs[step.name] ?? {};
      const output = step.name.startsWith('inspect-guest') ? inspectOutput(guest) : sample;
      context = { ...context, outputs: { ...context.outputs, [step.name]: output } };
    }
    decision = decide(definition, next, event, context);
  }
  return { final: decision.next, asked, states };
}
