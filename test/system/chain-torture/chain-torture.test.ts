// A share of the chain torture in every run, other cases for every commit; `npm run chain-torture` runs all of them.
import { whyNoLab } from '../../harness/gluster-lab.js';
import { chooseRotation } from '../../harness/rotation.js';
import { figuresText, runLiveCycles, runOfflineCycles } from './run-cycles.js';
import { nameOf, shareOfCases } from './torture-plan.js';
import { TortureStage } from './torture-stage.js';

const CASES = 10;

describe('chain torture on three bricks', function suite() {
  this.timeout(900_000);
  // Which cases run is told by their names; a failed one is run again alone by its name.
  const { turn } = chooseRotation();
  let stage: TortureStage | null = null;

  before(async function open() {
    const reason = whyNoLab();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    stage = await TortureStage.open({ sharded: turn % 2 === 0, guest: true });
  });
  after(() => stage?.close());

  for (const wanted of shareOfCases(turn, CASES)) {
    it(nameOf(wanted), async () => {
      await stage?.run(wanted);
    });
  }

  it('ten cycles of snapshot and delete under a writing guest leave nothing', async () => {
    if (stage !== null) console.log(`      ${figuresText('live', await runLiveCycles(stage, 10))}`);
  });

  it('fifty cycles of snapshot and delete on a plain directory leave nothing', async () => {
    console.log(`      ${figuresText('offline', await runOfflineCycles(50))}`);
  });
});
