// The rules that every operation's table must obey whatever workers answer, tried on all tables with random answers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_TRIES } from '../../../services/core/operations/reducer.js';
import { definitionFor } from '../../../services/core/operations/registry.js';
import { type SampleContext, sampleContexts } from './sample-contexts.js';
import { type Answer, type Outcome, simulate } from './simulate.js';

const answer = fc.constantFrom<Answer>('done', 'passing', 'for-good', 'silent', 'forward');
const anyScript = fc.array(answer, { maxLength: 40 });
const anySample = fc.constantFrom(...sampleContexts());

function stepsOf({ type, context: { params } }: SampleContext) {
  return definitionFor({ type, params }).steps;
}

function stepOf(sample: SampleContext, name: string) {
  const step = stepsOf(sample).find((one) => one.name === name);
  assert.ok(step, name);
  return step;
}

/** Steps of the do phase that were answered `done`, in order. */
function finishedSteps(outcome: Outcome): string[] {
  return outcome.asked
    .filter((one) => one.phase === 'do' && ['done', 'forward'].includes(one.answer))
    .map((one) => one.step);
}

describe('operation reducer', () => {
  for (const sample of sampleContexts()) {
    it(`walks ${sample.type} (guest ${sample.guest}) through its table in order when all goes well`, () => {
      const { final, asked } = simulate(sample, []);
      assert.equal(final.state, 'done');
      const order = stepsOf(sample).map((step) => step.name);
      const positions = asked.map((one) => order.indexOf(one.step));
      assert.deepEqual(
        positions,
        [...positions].sort((a, b) => a - b),
      );
      assert.ok(asked.every((one) => one.phase === 'do'));
    });
  }

  it('comes to rest after any answers, once workers answer again', () => {
    fc.assert(
      fc.property(anySample, anyScript, (sample, script) => {
        const { final } = simulate(sample, script);
        assert.ok(final.state === 'done' || final.state === 'failed', `${final.state} at ${final.step}`);
        assert.equal(final.step, null);
      }),
      { numRuns: 2000 },
    );
  });

  it('is done only when every step that applies was answered with done', () => {
    fc.assert(
      fc.property(anySample, anyScript, (sample, script) => {
        const outcome = simulate(sample, script);
        if (outcome.final.state !== 'done') return;
        const finished = new Set(finishedSteps(outcome));
        const forwarded = new Set(
          outcome.asked.filter((one) => one.phase === 'undo' && one.answer === 'forward').map((one) => one.step),
        );
        for (const name of outcome.final.visited) assert.ok(finished.has(name) || forwarded.has(name), name);
      }),
      { numRuns: 1000 },
    );
  });

  it('undoes in reverse order, only what was asked, and leaves nothing undoable behind when it fails', () => {
    fc.assert(
      fc.property(anySample, anyScript, (sample, script) => {
        const outcome = simulate(sample, script);
        if (outcome.final.state !== 'failed') return;
        const undone = outcome.asked
          .filter(
            (one) => one.phase === 'undo' && (one.answer === 'done' || stepOf(sample, one.step).mayBeLeft === true),
          )
          .map((one) => one.step);
        const expected = outcome.final.visited.filter((name) => stepOf(sample, name).undo !== undefined).reverse();
        // A step that went forward after its undo may be undone once more: the last undo of each counts.
        const last = [...new Set([...undone].reverse())].reverse();
        assert.deepEqual(last, expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('never undoes anything after a pivot has succeeded', () => {
    fc.assert(
      fc.property(anySample, anyScript, (sample, script) => {
        let pivoted = false;
        for (const { step, phase, answer: said } of simulate(sample, script).asked) {
          const alone = stepOf(sample, step).failsAlone === true;
          if (pivoted && !alone) assert.equal(phase, 'do', `undo of ${step} after a pivot`);
          const succeeded = phase === 'do' ? said === 'done' || said === 'forward' : said === 'forward';
          if (succeeded && stepOf(sample, step).pivot === true) pivoted = true;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('shows an operation that fails for good after a pivot as stuck, and a later answer frees it', () => {
    const sample = sampleContexts().find((one) => one.type === 'snapshot-create' && one.guest === 'running');
    assert.ok(sample);
    // inspect, prepare, switch (pivot), then the headers disagree.
    const { states, final } = simulate(sample, ['done', 'done', 'done', 'for-good', 'done']);
    assert.ok(states.some((one) => one.state === 'stuck' && one.step === 'verify-chain'));
    assert.equal(final.state, 'done');
  });

  describe('a second server that refuses behind the pivot', () => {
    const oneGuest = sampleContexts().find((one) => one.type === 'group-snapshot-create' && one.guest === 'running');
    assert.ok(oneGuest);
    const { facts, ...rest } = oneGuest.context;
    const members = (facts.members ?? []).map((member, index) => {
      const server = { id: `server-${index}`, computeHost: `host-${index}` };
      return member === null ? null : { ...member, server };
    });
    const sample = { ...oneGuest, context: { ...rest, facts: { ...facts, members } } };
    const names = simulate(sample, []).asked.map(({ step }) => step);
    const second = names.indexOf('switch-guest:1');
    const until: Answer[] = Array.from({ length: second }, () => 'done');

    it('is taken back alone, and the operation goes on without it', () => {
      const { asked, final, states } = simulate(sample, [...until, 'for-good', 'for-good', 'done']);
      assert.deepEqual(asked.slice(second, second + 3), [
        { step: 'switch-guest:1', phase: 'do', answer: 'for-good' },
        { step: 'switch-guest:1', phase: 'undo', answer: 'for-good' },
        { step: 'switch-guest:1', phase: 'undo', answer: 'done' },
      ]);
      assert.ok(states.some(({ state, phase }) => state === 'stuck' && phase === 'undo'));
      assert.equal(final.state, 'done');
      assert.ok(!final.visited.includes('switch-guest:1'));
      assert.ok(asked.slice(second + 3).every(({ phase }) => phase === 'do'));
    });

    it('goes forward when its guest had switched all the same', () => {
      const { asked, final } = simulate(sample, [...until, 'for-good', 'forward']);
      assert.ok(final.visited.includes('switch-guest:1'));
      assert.ok(asked.some(({ step }) => step === 'verify-chain:1'));
    });
  });

  it('asks the world before it undoes a pivot, and goes forward when the world has', () => {
    const sample = sampleContexts().find((one) => one.type === 'snapshot-create' && one.guest === 'running');
    assert.ok(sample);
    const { asked, final } = simulate(sample, ['done', 'done', 'for-good', 'forward']);
    assert.deepEqual(asked[3], { step: 'switch-guest', phase: 'undo', answer: 'forward' });
    assert.equal(final.state, 'done');
    assert.ok(!asked.some((one) => one.phase === 'undo' && one.step === 'prepare-overlay'));
  });

  it('leaves what it made elsewhere where it is when that cannot be taken back, and gives up all else first', () => {
    const found = sampleContexts().find((one) => one.type === 'volume-to-image');
    assert.ok(found);
    const sample = { ...found, context: { ...found.context, params: { ...found.context.params, remote: true } } };
    const { asked, final, states } = simulate(sample as SampleContext, ['done', 'for-good', 'done', 'for-good']);
    assert.deepEqual(
      asked.map(({ step, phase }) => `${phase} ${step}`),
      ['do claim-image', 'do convert-image', 'undo convert-image', 'undo claim-image'],
    );
    assert.equal(final.state, 'failed');
    assert.ok(states.every(({ state }) => state !== 'stuck'));
    // Away, and not for good: as often as any step.
    const away = simulate(sample as SampleContext, [
      'done',
      'for-good',
      'done',
      ...Array<Answer>(MAX_TRIES).fill('passing'),
    ]);
    assert.equal(away.asked.filter(({ phase, step }) => phase === 'undo' && step === 'claim-image').length, MAX_TRIES);
    assert.equal(away.final.state, 'failed');
  });

  it('is stuck when a pivot cannot even be asked about', () => {
    const sample = sampleContexts().find((one) => one.type === 'snapshot-create' && one.guest === 'running');
    assert.ok(sample);
    const { states } = simulate(sample, ['done', 'done', 'for-good', 'for-good']);
    assert.ok(states.some((one) => one.state === 'stuck' && one.step === 'switch-guest' && one.phase === 'undo'));
  });

  it('repeats a failure that may pass, and gives up after a bounded number of tries', () => {
    const sample = sampleContexts().find((one) => one.type === 'volume-create');
    assert.ok(sample);
    assert.equal(simulate(sample, Array<Answer>(MAX_TRIES - 1).fill('passing')).final.state, 'done');
    const given = simulate(sample, Array<Answer>(MAX_TRIES).fill('passing'));
    assert.equal(given.final.state, 'failed');
    assert.deepEqual(
      given.asked.at(-1),
      { step: 'create-image', phase: 'undo', answer: 'done' },
      'a copy that failed must be removed',
    );
  });

  it('never gives up because of silence alone, but tells a person', () => {
    const sample = sampleContexts().find((one) => one.type === 'volume-delete');
    assert.ok(sample);
    const { states, final } = simulate(sample, Array<Answer>(30).fill('silent'));
    assert.ok(states.some((one) => one.state === 'stuck'));
    assert.equal(final.state, 'done');
  });
});
