// Random chaos in the simulation: seeds that are always the same, so that a run fails by what was changed and by nothing else. `npm run chaos --
// --simulated` plays 500 from a new one on, or one again.
import assert from 'node:assert/strict';
import { replayCommand } from '../../chaos/simulated/sim-stage.js';
import { SimStages } from '../../chaos/simulated/sim-stages.js';

/** The first few alone, for somebody who asks for them by name. */
const FEW = 10;
const SEEDS = 500;
/** Has failed before there were lives of workers (decisions/0085). */
const REMEMBERED = [167_618];

describe('simulated chaos: everything comes to rest, and every disk holds what was written to it', function () {
  this.timeout(600_000);
  let stages: SimStages;
  before(async () => {
    stages = await SimStages.open();
  });
  after(() => stages.close());

  async function play(first: number, count: number): Promise<ReadonlySet<string>> {
    const met = new Set<string>();
    const failed: string[] = [];
    await stages.play(first, count, ({ seed, violations, faults, acts }) => {
      if (violations.length > 0) failed.push(`${replayCommand(seed)}: ${violations.join('; ')}`);
      for (const name of [...faults.keys(), ...acts.keys()]) met.add(name);
    });
    assert.deepEqual(failed, []);
    return met;
  }

  it(`${FEW} seeds that are always the same`, async () => {
    const met = await play(0, FEW);
    for (const seed of REMEMBERED) await play(seed, 1);
    for (const name of ['worker dies after its effect', 'snapshot accepted', 'attach accepted'])
      assert.ok(met.has(name), `${name}: in none of the seeds`);
  });

  it(`the other seeds below ${SEEDS}`, async () => {
    const met = await play(FEW, SEEDS - FEW);
    for (const name of ['worker dies before its acknowledgement', 'the standby takes over', 'result delivered twice'])
      assert.ok(met.has(name), `${name}: in none of the seeds`);
  });
});
