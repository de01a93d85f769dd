// What the crash matrix plays at once: every case once, and whatever ends a process, or looks at a whole share, by itself.
import assert from 'node:assert/strict';
import { allCases, allZombies } from '../../fault/choose-cases.js';
import { composeRounds } from '../../fault/rounds.js';

describe('rounds of the crash matrix', () => {
  const cases = [...allCases(), ...allZombies()];
  const rounds = composeRounds(cases);

  it('have every case once', () => {
    const ids = (all: typeof cases) => all.map(({ operationId }) => operationId).sort();
    assert.deepEqual(ids(rounds.flat()), ids(cases));
  });

  it('leave a stage to a case that ends or stops a process', () => {
    const deadly = rounds.filter((round) =>
      round.some(({ rules }) => rules.some(({ react }) => react.kill !== undefined || react.stop !== undefined)),
    );
    assert.ok(deadly.length > 1000);
    assert.ok(deadly.every((round) => round.length === 1));
  });

  it('leave a stage to what looks at a whole share', () => {
    const scans = rounds.filter((round) => round.some(({ scenario }) => scenario.type === 'share-scan'));
    assert.ok(scans.length > 1);
    assert.ok(scans.every((round) => round.length === 1));
  });

  it('are at most four cases, two where bytes are streamed, and alike in what may be left', () => {
    const sizes = rounds.map((round) => round.length);
    assert.equal(Math.max(...sizes), 4);
    const streams = rounds.filter((round) => round.some(({ scenario }) => scenario.type === 'volume-receive'));
    assert.equal(Math.max(...streams.map((round) => round.length)), 2);
    assert.ok(rounds.every((round) => new Set(round.map((one) => one.effectBeforeFailure)).size === 1));
  });
});
