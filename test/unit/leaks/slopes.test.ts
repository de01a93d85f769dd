// The slope that the leak run judges by.
import assert from 'node:assert/strict';
import { slopesOf } from '../../leaks/slopes.js';

const sample = (cycle: number, values: Readonly<Record<string, number>>) => ({ cycle, values });

describe('slopes of measurements', () => {
  it('are what grows per cycle, whatever the distance of the samples', () => {
    const [grows, stays] = slopesOf([
      sample(0, { memory: 100, nodes: 4 }),
      sample(10, { memory: 120, nodes: 4 }),
      sample(40, { memory: 180, nodes: 4 }),
    ]);
    assert.ok(grows !== undefined && Math.abs(grows.slope - 2) < 1e-9, String(grows?.slope));
    assert.deepEqual([grows.first, grows.last], [100, 180]);
    assert.deepEqual(stays, { name: 'nodes', first: 4, last: 4, slope: 0 });
  });

  it('average out what goes up and down', () => {
    const values = [10, 14, 10, 14, 10];
    const [found] = slopesOf(values.map((descriptors, cycle) => sample(cycle, { descriptors })));
    assert.equal(found?.slope, 0);
  });

  it('are of what every sample has, and of two samples at least', () => {
    assert.deepEqual(
      slopesOf([sample(0, { both: 1, first: 1 }), sample(1, { both: 2 })]).map(({ name }) => name),
      ['both'],
    );
    assert.throws(() => slopesOf([sample(0, { alone: 1 })]), RangeError);
  });
});
