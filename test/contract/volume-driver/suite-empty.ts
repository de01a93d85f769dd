// Of the contract of a volume driver: when an active layer counts as holding nothing, so that a copy of the volume may stand below it. Wrong in
// one direction it costs a layer, in the other it costs data: every way in which a guest changes what it reads must be noticed.
import assert from 'node:assert/strict';
import { appendOverlay, type Chain } from '../../../services/core/domain/chain.js';
import { freshIds, guest, MIB, top } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

async function withEmptyOverlay(t: DriverCase, below: Chain, ids: ReturnType<typeof freshIds>): Promise<Chain> {
  const { snapshotId, file } = ids.overlay();
  await t.driver().prepareOverlay({ share: t.place().share, chain: below, overlayFile: file });
  return appendOverlay(below, file, snapshotId);
}

export function describeEmptyLayers(t: DriverCase): void {
  describe('holdsNothing', () => {
    const holdsNothing = (chain: Chain) => t.driver().holdsNothing({ share: t.place().share, chain });

    it('is true of an overlay that nobody has written to, also when it was read, and when it has grown', async () => {
      const ids = freshIds();
      const chain = await withEmptyOverlay(t, await makeChain(t, ids, 'qcow2', 1), ids);
      assert.equal(await holdsNothing(chain), true);
      guest(t.place(), top(chain), 'read -P 1 0 1M', 'read -P 2 1M 1M');
      assert.equal(await holdsNothing(chain), true);
      const spec = { share: t.place().share, chain, newSizeBytes: 128 * MIB, preallocation: 'off' } as const;
      const grown = [...chain.slice(0, -1), await t.driver().extendImage(spec)];
      assert.equal(
        await holdsNothing(grown),
        true,
        'what is behind the end of the layer below reads as zeros either way',
      );
    });

    for (const [what, deed] of [
      ['a write', 'write -P 9 40M 64k'],
      ['a write of what was there already', 'write -P 1 0 512'],
      ['zeros where there was data', 'write -z 0 1M'],
      ['zeros where there was nothing', 'write -z 48M 1M'],
      ['a discard', 'discard 0 1M'],
    ] as const) {
      it(`is false after ${what}`, async () => {
        const ids = freshIds();
        const chain = await withEmptyOverlay(t, await makeChain(t, ids, 'raw', 0), ids);
        assert.equal(await holdsNothing(chain), true);
        guest(t.place(), top(chain), deed);
        assert.equal(await holdsNothing(chain), false);
      });
    }

    it('is false of a base, whatever it holds, and no answer where the files are not those on record', async () => {
      const ids = freshIds();
      const blank = { share: t.place().share, file: ids.file, sizeBytes: 64 * MIB, preallocation: 'off' } as const;
      const base: Chain = [await t.driver().createImage({ ...blank, format: 'qcow2' })];
      assert.equal(await holdsNothing(base), false);
      const chain = await withEmptyOverlay(t, base, ids);
      const wrong = chain.map((layer) => ({ ...layer, virtualSizeBytes: 32 * MIB }));
      await assert.rejects(holdsNothing(wrong), { code: 'chain_mismatch' });
    });
  });
}
