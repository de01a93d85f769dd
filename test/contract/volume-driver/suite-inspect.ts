// inspectChain tells what is there: it agrees with what the verbs have made, and whatever is wrong with a file is an answer, not an error.
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkChain } from '../../../services/core/domain/chain-check.js';
import { freshIds } from './harness.js';
import { type DriverCase, makeChain } from './suite.js';

export function describeInspection(t: DriverCase): void {
  const codes = async (volumeId: string, chain: Awaited<ReturnType<typeof makeChain>>): Promise<string[]> => {
    const { share } = t.place();
    const seen = await t.driver().inspectChain({ share, volumeId, chain });
    return checkChain({ chain, foreignLayers: 0 }, seen, null).map(({ code }) => code);
  };
  const at = (file: string): string => path.join(t.place().path, file);

  for (const format of ['raw', 'qcow2'] as const) {
    it(`finds a chain on a ${format} base as it was made, and sees what it takes`, async () => {
      const ids = freshIds();
      const chain = await makeChain(t, ids, format, 2);
      const { share } = t.place();
      await t.driver().writeRecord({ share, volumeId: ids.volumeId, chain });
      assert.deepEqual(await codes(ids.volumeId, chain), []);
      const { files } = await t.driver().inspectChain({ share, volumeId: ids.volumeId, chain });
      for (const { allocatedBytes } of files) assert.ok(allocatedBytes >= 1024 ** 2 && allocatedBytes < 8 * 1024 ** 2);
    });
  }

  it('tells every kind of damage, and changes nothing', async () => {
    const ids = freshIds();
    const chain = await makeChain(t, ids, 'qcow2', 2);
    const [base = '', first = '', top = ''] = chain.map(({ file }) => file);
    const record = `volume-${ids.volumeId}.info`;
    assert.deepEqual(await codes(ids.volumeId, chain), ['info-missing']);
    writeFileSync(at(record), '{"active": ');
    assert.deepEqual(await codes(ids.volumeId, chain), ['info-unreadable']);
    await t.driver().writeRecord({ share: t.place().share, volumeId: ids.volumeId, chain: chain.slice(0, 2) });
    assert.deepEqual(await codes(ids.volumeId, chain), ['info-differs', 'info-differs']);
    await t.driver().writeRecord({ share: t.place().share, volumeId: ids.volumeId, chain });
    linkSync(at(base), at(`${base}.twin`));
    assert.deepEqual(await codes(ids.volumeId, chain), ['several-names']);
    unlinkSync(at(`${base}.twin`));
    const wrong = chain.map((layer) => ({ ...layer, virtualSizeBytes: layer.virtualSizeBytes * 2 }));
    assert.deepEqual(await codes(ids.volumeId, wrong), ['wrong-size', 'wrong-size', 'wrong-size']);
    const swapped = [chain[0], chain[2], chain[1]].flatMap((layer) => (layer === undefined ? [] : [layer]));
    assert.deepEqual((await codes(ids.volumeId, swapped)).slice(0, 2), ['wrong-backing-file', 'wrong-backing-file']);
    for (const [damage, code] of [
      [() => symlinkSync(at(`${first}.kept`), at(first)), 'no-regular-file'],
      [() => mkdirSync(at(first)), 'no-regular-file'],
      [() => writeFileSync(at(first), 'x'.repeat(512), { mode: 0o660 }), 'wrong-format'],
      [() => undefined, 'missing-file'],
    ] as const) {
      renameSync(at(first), at(`${first}.kept`));
      damage();
      assert.deepEqual(await codes(ids.volumeId, chain), [code]);
      rmSync(at(first), { recursive: true, force: true });
      renameSync(at(`${first}.kept`), at(first));
    }
    assert.deepEqual(await codes(ids.volumeId, chain), []);
    assert.ok(top !== '');
  });
}
