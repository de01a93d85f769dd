// What a wish to end does to every operation that may be cancelled, wherever it meets it; and when a merge goes up.
import assert from 'node:assert/strict';
import { chooseDirection, UP_SAVES_AT_LEAST_BYTES } from '../../../services/core/domain/chain-merge.js';
import type { StepContext } from '../../../services/core/operations/definition.js';
import { cancelledError, decide, type EngineState } from '../../../services/core/operations/reducer.js';
import { definitionFor } from '../../../services/core/operations/registry.js';
import { inspectOutput, type SampleContext, sampleContexts } from './sample-contexts.js';

const begun: EngineState = { state: 'pending', step: null, phase: 'do', tries: 0, visited: [], error: null };

interface Met {
  readonly step: string;
  readonly pivoted: boolean;
  readonly isLast: boolean;
  readonly end: EngineState;
}

/** The operation goes well until its n-th step; that one's answer meets the wish. null: it has not so many steps. */
function cancelAt({ type, guest, context: first }: SampleContext, nth: number): Met | null {
  const definition = definitionFor({ type, params: first.params });
  let context: StepContext = first;
  let decision = decide(definition, begun, { kind: 'begin' }, context);
  for (let index = 0; ; index += 1) {
    if (decision.kind !== 'ask') return null;
    const { step, next } = decision;
    const output = step.name === 'inspect-guest' ? inspectOutput(guest) : (first.outputs[step.name] ?? {});
    context = { ...context, outputs: { ...context.outputs, [step.name]: output } };
    if (index < nth) {
      decision = decide(definition, next, { kind: 'done' }, context);
      continue;
    }
    const usual = decide(definition, next, { kind: 'done' }, context);
    decision = decide(definition, next, { kind: 'done', cancelled: true }, context);
    const pivoted = next.visited.some((name) => definition.steps.find((one) => one.name === name)?.pivot === true);
    while (decision.kind === 'ask') decision = decide(definition, decision.next, { kind: 'done' }, context);
    return { step: step.name, pivoted, isLast: usual.kind === 'end', end: decision.next };
  }
}

describe('a wish that an operation ends', () => {
  const samples = sampleContexts().filter(
    ({ type, context }) => definitionFor({ type, params: context.params }).cancellable === true,
  );

  for (const sample of samples) {
    it(`ends ${sample.type} (guest ${sample.guest}) before its pivot, and never behind it`, () => {
      let met = 0;
      for (let nth = 0; ; nth += 1) {
        const outcome = cancelAt(sample, nth);
        if (outcome === null) break;
        met += 1;
        const { step, pivoted, isLast, end } = outcome;
        if (pivoted || isLast) assert.equal(end.state, 'done', step);
        else assert.deepEqual([end.state, end.error], ['failed', cancelledError], step);
      }
      const shortest = sample.context.plan === null && sample.type === 'snapshot-delete' ? 0 : 1;
      assert.ok(met >= shortest);
    });
  }
});

describe('the direction of a merge', () => {
  const MIB = 1024 ** 2;

  it('is down unless the layer below is at most a quarter of the one above and enough is saved', () => {
    assert.equal(chooseDirection({ base: 100 * MIB, top: 100 * MIB }), 'down');
    assert.equal(chooseDirection({ base: 100 * MIB, top: 400 * MIB }), 'up');
    assert.equal(chooseDirection({ base: 100 * MIB + 1, top: 400 * MIB }), 'down', 'more than a quarter');
    assert.equal(chooseDirection({ base: 0, top: UP_SAVES_AT_LEAST_BYTES }), 'up');
    assert.equal(chooseDirection({ base: 0, top: UP_SAVES_AT_LEAST_BYTES - 1 }), 'down', 'not worth another file name');
  });
});
