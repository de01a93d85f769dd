// What a worker carries out, what it has answered, and what it wants to be asked again.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AttemptMemory } from '../../../services/core/bus/attempt-memory.js';
import type { Command, StepOutcome } from '../../../services/core/messages/envelope.js';
import { inspectCommand } from '../../integration/bus/sample-commands.js';

const done: StepOutcome = { kind: 'done', output: {} };
const full: StepOutcome = { kind: 'failed', error: { code: 'no_space', message: 'full' }, partial: false };

const command = (epoch: number, life: string | null = null): Command => inspectCommand({ epoch, life });

function lifeOf(memory: AttemptMemory, asked: Command): string {
  const known = memory.look(asked);
  const { askAgain } = known?.kind === 'ask-again' ? known.outcome : {};
  assert.ok(askAgain !== undefined, 'it is carried out, or answered');
  return askAgain;
}

/** A memory whose life is known to go back to the epoch. */
function begun(epoch: number, remembered?: number): AttemptMemory {
  const memory = new AttemptMemory(remembered);
  assert.equal(memory.look(command(epoch, lifeOf(memory, command(1)))), null);
  return memory;
}

describe('memory of attempts', () => {
  it('wants to be asked again what came before it knows since when it lives', () => {
    const memory = new AttemptMemory();
    const first = command(7);
    const life = lifeOf(memory, first);
    assert.equal(lifeOf(memory, first), life, 'a copy is no new life');
    assert.equal(memory.look({ ...first, attempt: 2, epoch: 9, life }), null);
    assert.equal(memory.look(command(10)), null, 'asked later');
    lifeOf(memory, command(8));
  });

  it('does not take the answer to another life for its own', () => {
    const memory = new AttemptMemory();
    const life = lifeOf(memory, command(7));
    memory.beginLife();
    assert.notEqual(lifeOf(memory, command(9, life)), life);
    lifeOf(memory, command(10));
  });

  it('says when an earlier life was asked and has not answered, and only then', () => {
    const memory = new AttemptMemory();
    const askedBefore = (asked: Command): boolean | undefined => {
      const known = memory.look(asked);
      assert.equal(known?.kind, 'ask-again');
      return known.outcome.kind === 'failed' ? known.outcome.askedBefore : undefined;
    };
    assert.equal(askedBefore(command(7)), undefined, 'asked of nobody in particular');
    assert.equal(askedBefore(command(8, 'an earlier life')), true);
    const own = begun(3, 1);
    const life = lifeOf(own, command(2));
    for (const epoch of [4, 5, 6]) own.remember(command(epoch), done);
    const forgotten = own.look(command(4, life));
    assert.equal(forgotten?.kind, 'ask-again');
    assert.ok(!('askedBefore' in forgotten.outcome), 'this life goes on');
  });

  it('sends what it has answered again, in every later life', () => {
    const memory = begun(3);
    const refused = command(5);
    memory.remember(refused, full);
    memory.beginLife();
    assert.deepEqual(memory.look(refused), { kind: 'answered', outcome: full });
    lifeOf(memory, { ...refused, attempt: refused.attempt + 1 });
  });

  it('wants to be asked again when it may have forgotten its own answer', () => {
    const memory = begun(3, 2);
    for (const epoch of [4, 5, 6]) memory.remember(command(epoch), done);
    const life = lifeOf(memory, command(4));
    assert.equal(memory.look(command(5)), null, 'never answered here, and younger than all that was forgotten');
    assert.equal(memory.look(command(7, life)), null);
  });

  it('carries out what a conductor of the release before asks', () => {
    const { life: _, ...old } = command(1);
    assert.equal(new AttemptMemory().look(old), null);
  });
});
