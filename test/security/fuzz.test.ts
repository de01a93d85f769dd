// The ordinary run's share of the fuzzing (all of it: `npm run fuzz`): a new seed every time, printed, so that a failure can be repeated.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareWithQemu } from '../fuzz/compare-with-qemu.js';
import { InputMaker } from '../fuzz/mutated-inputs.js';
import { makeOriginals, type Original } from '../fuzz/originals.js';
import { describeReport, runFuzz } from '../fuzz/run-fuzz.js';

const INPUTS = 120_000;
const COMPARED = 40;

describe('fuzzed image headers', function suite() {
  this.timeout(120_000);
  const seed = Number(process.env['SAGGAR_SEED'] ?? Date.now() % 2 ** 31);
  let folder = '';
  let originals: readonly Original[] = [];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'saggar-fuzz-'));
    originals = makeOriginals(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it(`seed ${seed}: ${INPUTS} inputs are answered, each within 50 ms, in bounded memory`, () => {
    const plan = { seed, first: 0, inputs: INPUTS };
    const report = runFuzz(originals, plan);
    console.log(`      ${describeReport(plan, report)}`);
    for (const [verdict, count] of Object.entries(report.verdicts)) assert.ok(count > INPUTS / 1000, `few ${verdict}`);
  });

  it(`seed ${seed}: QEMU sees no container, size or reference that we do not see (${COMPARED} inputs)`, () => {
    const { asked, agreed } = compareWithQemu(originals, folder, { seed, count: COMPARED });
    assert.equal(asked, COMPARED);
    assert.ok(agreed > COMPARED / 2, `only ${agreed} were opened`);
  });

  it('an input can be made again alone', () => {
    const run = new InputMaker(originals);
    for (let index = 0; index < 2_000; index++) {
      const input = run.make(seed, index);
      if (index % 97 !== 0) continue;
      const alone = new InputMaker(originals).make(seed, index);
      assert.deepEqual([alone.head, alone.tail, alone.fileBytes], [input.head, input.tail, input.fileBytes]);
    }
  });
});
