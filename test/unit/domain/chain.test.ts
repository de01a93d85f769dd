// The chain algebra against a model of contents: every layer is a sparse map of blocks, and what a reader sees through the chain
// (and through each snapshot) must not change when snapshots are deleted in any order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  appendOverlay,
  type Chain,
  extendActive,
  findChainDifference,
  type Layer,
  type ObservedLayer,
  overlayFileName,
  replaceActive,
  trySnapshotLayers,
  volumeFileName,
} from '../../../services/core/domain/chain.js';
import { planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';

const VOLUME = 'v';
const SIZE = 1024;
type Blocks = ReadonlyMap<number, number>;
type Contents = ReadonlyMap<string, Blocks>;

function base(): Chain {
  return [{ file: volumeFileName(VOLUME), format: 'raw', virtualSizeBytes: SIZE, snapshotId: null }];
}

/** What a reader sees through these layers, newest first wins. */
function read(layers: readonly Layer[], contents: Contents): Record<number, number> {
  const seen: Record<number, number> = {};
  for (const layer of layers) for (const [block, value] of contents.get(layer.file) ?? []) seen[block] = value;
  return seen;
}

function write(contents: Contents, file: string, blocks: Blocks): Contents {
  return new Map([...contents, [file, new Map([...(contents.get(file) ?? []), ...blocks])]]);
}

/** `commit`: the top's blocks go over the base's, and the top's file disappears. */
function merge(contents: Contents, top: string, into: string): Contents {
  const merged = write(contents, into, contents.get(top) ?? new Map());
  return new Map([...merged].filter(([file]) => file !== top));
}

function observe(chain: Chain): ObservedLayer[] {
  return chain.map(({ file, format, virtualSizeBytes }, index) => ({
    file,
    format,
    virtualSizeBytes,
    backingFile: chain[index - 1]?.file ?? null,
  }));
}

const blocks = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 6 })
  .map((pairs) => new Map(pairs));

describe('chain algebra', () => {
  it('replaces the active overlay by an empty one of the size below it, and nothing else', () => {
    const grown = extendActive(appendOverlay(base(), 'o1', 's1'), 2 * SIZE);
    assert.deepEqual(replaceActive(grown, 'o2'), appendOverlay(base(), 'o2', 's1'));
    assert.throws(() => replaceActive(grown, 'o1'), { code: 'chain_mismatch' });
    assert.throws(() => replaceActive(base(), 'o1'), { code: 'chain_mismatch' });
  });

  it('keeps the active data and all other snapshots when snapshots are deleted in any order', () => {
    const history = fc.array(blocks, { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (writes, choices) => {
        let chain = base();
        let contents: Contents = new Map();
        const frozen = new Map<string, Record<number, number>>();
        for (const [round, written] of writes.entries()) {
          const active = chain.at(-1);
          assert.ok(active);
          contents = write(contents, active.file, written);
          if (round === writes.length - 1) break;
          const snapshotId = `s${round}`;
          frozen.set(snapshotId, read(chain, contents));
          chain = appendOverlay(chain, overlayFileName(VOLUME, snapshotId), snapshotId);
        }
        const whole = read(chain, contents);
        while (frozen.size > 0) {
          const left = [...frozen.keys()];
          const victim = left[(choices.next().value ?? 0) % left.length];
          assert.ok(victim !== undefined);
          const plan = planSnapshotDelete(chain, victim);
          assert.ok(plan);
          contents = merge(contents, plan.top.file, plan.base.file);
          chain = plan.result;
          frozen.delete(victim);
          assert.deepEqual(read(chain, contents), whole, 'the volume itself');
          for (const [snapshotId, expected] of frozen) {
            const layers = trySnapshotLayers(chain, snapshotId);
            assert.ok(layers);
            assert.deepEqual(read(layers, contents), expected, `snapshot ${snapshotId}`);
          }
        }
        assert.deepEqual(
          chain.map((layer) => layer.file),
          [volumeFileName(VOLUME)],
        );
      }),
      { numRuns: 500 },
    );
  });

  for (const [position, victim] of [
    ['oldest', 's1'],
    ['middle', 's2'],
    ['newest', 's3'],
  ] as const) {
    it(`deletes the ${position} of three snapshots without renaming any other file`, () => {
      const chain = ['s1', 's2', 's3'].reduce<Chain>(
        (grown, id) => appendOverlay(grown, overlayFileName(VOLUME, id), id),
        base(),
      );
      const plan = planSnapshotDelete(chain, victim);
      assert.ok(plan);
      assert.equal(plan.top.file, overlayFileName(VOLUME, victim));
      const expected = chain.map((layer) => layer.file).filter((file) => file !== plan.top.file);
      assert.deepEqual(
        plan.result.map((layer) => layer.file),
        expected,
      );
      assert.equal(plan.child === null, victim === 's3');
    });
  }

  it('lets the layer below grow when a larger overlay is merged into it', () => {
    const chain = extendActive(appendOverlay(base(), 'volume-v.s1', 's1'), SIZE * 4);
    assert.equal(planSnapshotDelete(chain, 's1')?.result.at(-1)?.virtualSizeBytes, SIZE * 4);
  });

  it('has nothing to merge for a snapshot that never reached the chain', () => {
    assert.equal(planSnapshotDelete(base(), 's9'), null);
    assert.equal(trySnapshotLayers(base(), 's9'), null);
  });

  it('refuses the same overlay or snapshot twice, and shrinking', () => {
    const chain = appendOverlay(base(), 'volume-v.s1', 's1');
    assert.throws(() => appendOverlay(chain, 'volume-v.s1', 's2'), /already part/);
    assert.throws(() => appendOverlay(chain, 'volume-v.s2', 's1'), /already part/);
    assert.throws(() => extendActive(chain, SIZE - 1), /cannot shrink/);
  });

  it('finds any single difference between the record and the headers', () => {
    const chain = appendOverlay(base(), 'volume-v.s1', 's1');
    assert.equal(findChainDifference(chain, observe(chain)), null);
    const spoil: ((seen: ObservedLayer) => ObservedLayer)[] = [
      (seen) => ({ ...seen, file: `${seen.file}x` }),
      (seen) => ({ ...seen, format: seen.format === 'raw' ? 'qcow2' : 'raw' }),
      (seen) => ({ ...seen, virtualSizeBytes: seen.virtualSizeBytes + 512 }),
      (seen) => ({ ...seen, backingFile: seen.backingFile === null ? 'other' : `./${seen.backingFile}` }),
    ];
    for (const [index] of chain.entries()) {
      for (const change of spoil) {
        const observed = observe(chain).map((seen, position) => (position === index ? change(seen) : seen));
        assert.notEqual(findChainDifference(chain, observed), null, JSON.stringify(observed));
      }
    }
    assert.notEqual(findChainDifference(chain, observe(chain).slice(0, 1)), null);
  });
});
