// Copies that stand on their source's layers, with real image files: what each volume and each snapshot shows stays the same byte for byte
// while sources are written, merged and deleted, and nothing is left on the share.
import assert from 'node:assert/strict';
import { scheduleFlattens } from '../../../services/core/db/engine/flatten-schedule.js';
import { DirectoryStage } from './directory-stage.js';
import * as requests from './requests.js';

const instant = { maxLayers: 16 };

describe('instant copies of real image files', function suite() {
  this.timeout(120_000);
  let stage: DirectoryStage;
  before(async () => {
    stage = await DirectoryStage.open();
  });
  after(() => stage.close());

  const place = () => ({ pool: stage.pool('plain'), computeHost: 'host' });
  const images = (): string[] => stage.files('plain').filter((name) => !name.endsWith('.info'));

  /** Of a snapshot that is made now; the id of the copy. */
  async function copyOf(volumeId: string): Promise<{ copy: string; snapshot: string }> {
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, volumeId));
    const source = { volumeId, snapshotId: snapshot };
    const asked = await requests.createVolumeFromSnapshot(stage.db, place(), source, instant);
    return { copy: await stage.ended(asked), snapshot };
  }

  async function flattenAll(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      const settings = { perPool: 1, bytesPerSecond: null, delaySeconds: 0 };
      if ((await scheduleFlattens(stage.db, settings)) === 0) return;
      while ((await stage.step()) !== null);
    }
    assert.fail('flattening does not end');
  }

  it('keeps a clone of a clone whole while its snapshots and sources are deleted', async () => {
    const source = await stage.make();
    await stage.write(source, 'write -P 17 0 2M', 'write -P 34 500M 1M');
    const { copy: middle, snapshot } = await copyOf(source);
    await stage.write(middle, 'write -P 51 1M 2M');
    const asked = await requests.cloneVolume(stage.db, place(), middle, instant);
    while ((await stage.step()) !== null);
    const top = asked.id;
    await stage.write(top, 'write -P 68 2M 2M');
    const pictures = [await stage.picture(middle), await stage.picture(top)];
    // The sources go on being written to.
    await stage.write(source, 'write -P 85 0 8M');
    await stage.write(middle, 'write -P 102 0 8M');
    assert.equal(await stage.looksLike(top, pictures[1] ?? ''), true);
    const last = await stage.picture(middle);
    const waiting = [
      await requests.deleteSnapshot(stage.db, source, snapshot),
      await requests.deleteVolume(stage.db, source),
      await requests.deleteVolume(stage.db, middle),
    ];
    while ((await stage.step()) !== null);
    assert.equal(await stage.looksLike(middle, last), true, 'shown as deleting, and whole');
    assert.equal(await stage.looksLike(top, pictures[1] ?? ''), true);
    await flattenAll();
    for (const { operationId } of waiting) assert.equal((await stage.rig.operation(operationId)).state, 'done');
    assert.equal(await stage.looksLike(top, pictures[1] ?? ''), true, 'independent');
    assert.deepEqual(images(), [`volume-${top}`]);
    await stage.ended(await requests.deleteVolume(stage.db, top));
    assert.deepEqual(stage.files('plain'), []);
  });

  it('puts copies of a source that stands still side by side, and every one shows what the source was then', async () => {
    const source = await stage.make();
    await stage.write(source, 'write -P 17 0 2M', 'write -P 34 500M 1M');
    const copies: { id: string; snapshotId: string; picture: string }[] = [];
    const copy = async (of: string): Promise<string> => {
      const { id, snapshotId, operationId } = await requests.forkVolume(stage.db, place(), of);
      await stage.ended({ id, operationId });
      await requests.deleteSnapshot(stage.db, of, snapshotId);
      copies.push({ id, snapshotId, picture: await stage.picture(of) });
      return id;
    };
    const layers = async (): Promise<number> =>
      (await stage.db('chain_layers').where({ volume_id: source }).select('file')).length;
    for (let n = 0; n < 5; n += 1) await copy(source);
    assert.equal(await layers(), 2, 'the base, and one overlay that holds nothing');
    await stage.write(source, 'write -z 0 1M');
    for (let n = 0; n < 3; n += 1) await copy(source);
    assert.equal(await layers(), 3, 'zeros are content');
    const first = copies[0]?.id ?? assert.fail('no copy');
    const sibling = await copy(first);
    await stage.ended(await requests.deleteVolume(stage.db, first));
    assert.equal(images().length, 3 + 8, 'a sibling keeps nobody');
    copies.shift();
    for (const { id, picture } of copies) assert.equal(await stage.looksLike(id, picture), true);
    // Everything goes on being written to, and nobody sees it of another.
    await stage.write(source, 'write -P 85 0 8M');
    await stage.write(sibling, 'write -P 102 0 8M');
    for (const { id, picture } of copies.filter(({ id: one }) => one !== sibling))
      assert.equal(await stage.looksLike(id, picture), true);
    const [ofSource, ofSibling] = [await stage.picture(source), await stage.picture(sibling)];
    await flattenAll();
    assert.equal(await layers(), 1, 'every overlay was merged away');
    assert.equal(await stage.looksLike(source, ofSource), true);
    assert.equal(await stage.looksLike(sibling, ofSibling), true);
    for (const { id, picture } of copies.filter(({ id: one }) => one !== sibling))
      assert.equal(await stage.looksLike(id, picture), true);
    for (const id of [source, ...copies.map(({ id: one }) => one)]) {
      await stage.ended(await requests.deleteVolume(stage.db, id));
    }
    assert.deepEqual(stage.files('plain'), []);
  });

  it('moves a copy to another backend without touching what it stood on', async () => {
    const source = await stage.make();
    await stage.write(source, 'write -P 17 0 4M');
    const { copy, snapshot } = await copyOf(source);
    await stage.write(copy, 'write -P 34 3M 2M');
    const [before, ofSource] = [await stage.picture(copy), await stage.picture(source)];
    await stage.ended(await requests.migrateVolume(stage.db, copy, stage.pool('other')));
    assert.equal(await stage.looksLike(copy, before), true);
    assert.equal(await stage.looksLike(source, ofSource), true);
    assert.equal(images().length, 2, 'the source and the overlay of its snapshot');
    await stage.ended(await requests.deleteSnapshot(stage.db, source, snapshot));
    for (const id of [source, copy]) await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual([...stage.files('plain'), ...stage.files('other')], []);
  });

  it('merges up where little lies below much, and shows the same bytes afterwards', async () => {
    const id = await stage.make();
    await stage.write(id, 'write -P 17 0 1M');
    const first = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.write(id, 'write -P 34 512K 100M');
    const second = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.write(id, 'write -P 51 50M 1M');
    const before = await stage.picture(id);
    stage.rig.commands.length = 0;
    await stage.ended(await requests.deleteSnapshot(stage.db, id, first));
    const merge = stage.rig.commands.find((command) => command.type === 'layer.commit');
    assert.deepEqual(merge?.params, { ...merge?.params, file: `volume-${id}`, direction: 'up' });
    assert.equal(await stage.looksLike(id, before), true);
    assert.deepEqual(images().sort(), [`volume-${id}.${first}`, `volume-${id}.${second}`].sort());
    // What was the overlay of the first snapshot is the base now, and all goes on from there.
    const third = await stage.ended(await requests.createSnapshot(stage.db, id));
    await stage.ended(await requests.deleteSnapshot(stage.db, id, second));
    await stage.ended(await requests.deleteSnapshot(stage.db, id, third));
    assert.equal(await stage.looksLike(id, before), true);
    assert.deepEqual(images(), [`volume-${id}.${first}`]);
    await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual(stage.files('plain'), []);
  });

  it('takes a copy back whose header cannot be verified, and leaves the source as it was', async () => {
    const source = await stage.make();
    await stage.write(source, 'write -P 17 0 1M');
    const snapshot = await stage.ended(await requests.createSnapshot(stage.db, source));
    const before = stage.files('plain');
    stage.refused.push('append-overlay');
    const wish = { volumeId: source, snapshotId: snapshot };
    const asked = await requests.createVolumeFromSnapshot(stage.db, place(), wish, instant);
    await stage.ended(asked, 'failed');
    stage.refused.pop();
    assert.deepEqual(stage.files('plain'), before);
    await stage.ended(await requests.deleteSnapshot(stage.db, source, snapshot));
    for (const id of [source, asked.id]) await stage.ended(await requests.deleteVolume(stage.db, id));
    assert.deepEqual(stage.files('plain'), []);
  });
});
