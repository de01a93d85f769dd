// Random chaos in the simulation: ten seeds that are always the same, and a share that changes from commit to commit. `npm run chaos --
// --simulated` plays 500, or one again.
import assert from 'node:assert/strict';
import { replayCommand, SimStage } from '../../chaos/simulated/sim-stage.js';
import { chooseRotation } from '../../harness/rotation.js';

const FIXED = 10;
/** What fits beside the other suites of the lane; all 500 take some minutes. */
const ROTATING = 30;

describe('simulated chaos: everything comes to rest, and every disk holds what was written to it', function () {
  this.timeout(240_000);
  let stage: SimStage;
  before(async () => {
    stage = await SimStage.open();
  });
  after(() => stage.close());

  async function play(first: number, count: number): Promise<void> {
    const met = new Set<string>();
    for (let seed = first; seed < first + count; seed += 1) {
      const { violations, faults, acts } = await stage.play(seed);
      assert.deepEqual(violations, [], replayCommand(seed));
      for (const name of [...faults.keys(), ...acts.keys()]) met.add(name);
    }
    for (const name of ['worker dies after its effect', 'snapshot accepted', 'attach accepted'])
      assert.ok(met.has(name), `${name}: in none of the seeds`);
  }

  it(`${FIXED} seeds that are always the same`, () => play(0, FIXED));

  const { turn } = chooseRotation();
  it(`${ROTATING} seeds of turn ${turn}`, () => play(1000 + turn * ROTATING, ROTATING));
});
