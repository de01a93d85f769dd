// The chain algebra against a plain model, block by block: random sequences of writes, snapshots, deletions at any position in either direction,
// reverts, extensions, instant copies and flattens. After every one of them each volume and each snapshot must read what a model that
// knows nothing of layers says, and every header must be what the record says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  activeLayer,
  appendOverlay,
  type Chain,
  extendActive,
  replaceActive,
  trySnapshotLayers,
} from '../../../services/core/domain/chain.js';
import { lowestChangedBy, mayMergeUp, planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';
import {
  beginCopy,
  beginCopyBelowEmpty,
  dependantsOf,
  type FullChain,
  fullChain,
  ownLayers,
  planFlatten,
  type VolumeLayers,
} from '../../../services/core/domain/shared-layers.js';
import { ImageFiles, ZERO } from './chain-files.js';

const SIZE = 6;
const SHORTEST_NAME = 'volume-1'.length;

/** `pick` chooses among what there is; which op it is decides what it means. */
interface Deed {
  readonly kind:
    | 'write'
    | 'snapshot'
    | 'delete-snapshot'
    | 'revert'
    | 'extend'
    | 'copy'
    | 'clone'
    | 'flatten'
    | 'delete-volume'
    | 'create';
  readonly volume: number;
  readonly pick: number;
  readonly value: number;
  readonly up: boolean;
}

const deeds: fc.Arbitrary<Deed> = fc.record({
  kind: fc.constantFrom<Deed['kind']>(
    ...([
      'write',
      'write',
      'write',
      'snapshot',
      'snapshot',
      'delete-snapshot',
      'delete-snapshot',
      'revert',
      'extend',
      'copy',
    ] as const),
    ...(['copy', 'clone', 'clone', 'flatten', 'flatten', 'delete-volume', 'create'] as const),
  ),
  volume: fc.nat(5),
  pick: fc.nat(30),
  value: fc.integer({ min: 1, max: 200 }),
  up: fc.boolean(),
});

interface VolumeModel {
  content: number[];
  readonly snapshots: Map<string, number[]>;
  readonly rawBase: boolean;
}

/** Both worlds side by side: what people were promised, and files with the record of their chains. */
class World {
  readonly files = new ImageFiles();
  readonly records = new Map<string, VolumeLayers>();
  readonly models = new Map<string, VolumeModel>();
  readonly done = new Map<string, number>();
  /** Copies that were put below an active layer that holds nothing. */
  reused = 0;
  private nextId = 100;

  create(rawBase: boolean): void {
    const id = this.id();
    const file = `volume-${id}`;
    this.files.make(file, SIZE, null);
    const base = {
      file,
      format: rawBase ? ('raw' as const) : ('qcow2' as const),
      virtualSizeBytes: SIZE,
      snapshotId: null,
    };
    this.records.set(id, { own: [base], backing: null });
    this.models.set(id, { content: Array<number>(SIZE).fill(ZERO), snapshots: new Map(), rawBase });
  }

  apply(deed: Deed): void {
    if (deed.kind === 'create') {
      if (this.records.size < 6) this.create(deed.up);
      return;
    }
    const ids = [...this.records.keys()].filter(
      (id) => deed.kind !== 'flatten' || this.records.get(id)?.backing !== null,
    );
    const id = ids[deed.volume % Math.max(1, ids.length)];
    if (id === undefined) return;
    if (this[deed.kind](id, deed)) this.done.set(deed.kind, (this.done.get(deed.kind) ?? 0) + 1);
  }

  write(id: string, { pick, value }: Deed): boolean {
    const { content } = this.model(id);
    const block = pick % content.length;
    this.files.write(activeLayer(this.own(id)).file, block, value);
    content[block] = value;
    return true;
  }

  snapshot(id: string): boolean {
    const snapshotId = this.id();
    const chain = this.chain(id);
    const file = `volume-${id}.${snapshotId}`;
    this.store(id, appendOverlay(chain, file, snapshotId));
    this.files.make(file, activeLayer(chain).virtualSizeBytes, activeLayer(chain).file);
    this.model(id).snapshots.set(snapshotId, [...this.model(id).content]);
    return true;
  }

  'delete-snapshot'(id: string, { pick, up }: Deed): boolean {
    const snapshotId = [...this.model(id).snapshots.keys()][pick % Math.max(1, this.model(id).snapshots.size)];
    if (snapshotId === undefined) return false;
    const { chain, foreignLayers } = fullChain(this.records, id);
    const wish = { direction: up ? ('up' as const) : ('down' as const), foreignLayers };
    const plan = planSnapshotDelete(chain, snapshotId, wish);
    assert.ok(plan !== null, 'a snapshot of the model is not in the chain');
    if (up && !mayMergeUp(chain, plan, this.model(id).rawBase, foreignLayers)) return false;
    if (this.isShared(id, lowestChangedBy(chain, plan) - foreignLayers)) return false;
    if (up) this.files.stream(plan.top.file, this.files.backing(plan.base.file));
    else {
      assert.equal(this.files.commit(plan.top.file), plan.base.file);
      if (plan.child !== null) this.files.pointAt(plan.child.file, plan.base.file);
    }
    this.files.remove(plan.removed.file);
    this.store(id, plan.result);
    this.model(id).snapshots.delete(snapshotId);
    return true;
  }

  revert(id: string): boolean {
    const chain = this.chain(id);
    const active = activeLayer(chain);
    if (active.snapshotId === null) return false;
    const file = `volume-${id}.${this.id()}`;
    const reverted = replaceActive(chain, file);
    this.files.make(file, activeLayer(reverted).virtualSizeBytes, activeLayer(reverted.slice(0, -1)).file);
    this.files.remove(active.file);
    this.store(id, reverted);
    const taken = this.model(id).snapshots.get(active.snapshotId);
    assert.ok(taken !== undefined, 'the overlay of a snapshot that is not there');
    this.model(id).content = [...taken];
    return true;
  }

  extend(id: string, { pick }: Deed): boolean {
    const { content } = this.model(id);
    const size = content.length + 1 + (pick % 3);
    const extended = extendActive(this.chain(id), size);
    this.files.grow(activeLayer(extended).file, size);
    this.store(id, extended);
    while (content.length < size) content.push(ZERO);
    return true;
  }

  /** Of the volume as it is now: below its active layer when that holds nothing, else a snapshot is made and the copy stands on it. */
  clone(id: string, { value }: Deed): boolean {
    if (this.records.size > 7) return false;
    const chain = this.chain(id);
    const { content } = this.model(id);
    const copyId = this.id();
    const size = content.length + (value % 3);
    const beside = this.files.holdsNothing(activeLayer(chain).file)
      ? beginCopyBelowEmpty(chain, `volume-${copyId}`, size)
      : null;
    if (beside === null) this.snapshot(id);
    else this.reused += 1;
    this.begin(copyId, beside ?? beginCopy(chain, `volume-${copyId}`, size), content);
    return true;
  }

  copy(id: string, { pick, value }: Deed): boolean {
    const [snapshotId, taken] = [...this.model(id).snapshots][pick % Math.max(1, this.model(id).snapshots.size)] ?? [];
    if (snapshotId === undefined || taken === undefined || this.records.size > 7) return false;
    const below = trySnapshotLayers(this.chain(id), snapshotId);
    assert.ok(below !== null, 'a snapshot without layers');
    const copyId = this.id();
    this.begin(copyId, beginCopy(below, `volume-${copyId}`, taken.length + (value % 3)), taken);
    return true;
  }

  private begin(copyId: string, full: FullChain, taken: readonly number[]): void {
    const size = activeLayer(full.chain).virtualSizeBytes;
    const backing = full.chain.at(-2)?.file ?? assert.fail('a copy that stands on nothing');
    // The snapshot's newest layer may itself be foreign: then the copy depends on the volume whose layer that is.
    const owner = [...this.records].find(([, { own }]) => own.some((layer) => layer.file === backing))?.[0];
    assert.ok(owner !== undefined, 'a layer that nobody owns');
    this.files.make(`volume-${copyId}`, size, backing);
    this.records.set(copyId, { own: ownLayers(full), backing: { volumeId: owner, file: backing } });
    const content = [...taken, ...Array<number>(size - taken.length).fill(ZERO)];
    this.models.set(copyId, { content, snapshots: new Map(), rawBase: false });
  }

  flatten(id: string): boolean {
    const plan = planFlatten(fullChain(this.records, id));
    if (plan === null || this.isShared(id, 0)) return false;
    this.files.stream(plan.base.file, null);
    this.records.set(id, { own: plan.result, backing: null });
    return true;
  }

  'delete-volume'(id: string): boolean {
    if (this.model(id).snapshots.size > 0 || this.isShared(id, 0)) return false;
    for (const layer of [...this.own(id)].reverse()) this.files.remove(layer.file);
    this.records.delete(id);
    this.models.delete(id);
    return true;
  }

  /** Every promise, every header, and nothing else on the share. */
  check(): void {
    const explained = new Set<string>();
    for (const [id, model] of this.models) {
      const { chain } = fullChain(this.records, id);
      assert.deepEqual(this.files.content(activeLayer(chain).file), model.content, `volume ${id}`);
      for (const [snapshotId, taken] of model.snapshots) {
        const layers = trySnapshotLayers(chain, snapshotId);
        assert.ok(layers !== null, `snapshot ${snapshotId} is not in the chain`);
        assert.deepEqual(this.files.content(activeLayer(layers).file), taken, `snapshot ${snapshotId} of ${id}`);
      }
      chain.forEach((layer, position) => {
        assert.equal(this.files.backing(layer.file), chain[position - 1]?.file ?? null, `header of ${layer.file}`);
        assert.equal(this.files.size(layer.file), layer.virtualSizeBytes, `size of ${layer.file}`);
        assert.ok(position === 0 || layer.format === 'qcow2', 'an overlay is never raw');
        assert.ok(!layer.file.includes('/') && layer.file.length <= SHORTEST_NAME + 8, 'names never grow');
      });
      for (const layer of this.own(id)) explained.add(layer.file);
    }
    assert.deepEqual(
      new Set(this.files.names()),
      explained,
      'files that no record explains, or records without a file',
    );
  }

  private isShared(id: string, fromOwnLayer: number): boolean {
    return dependantsOf(this.records, id, fromOwnLayer).length > 0;
  }

  private store(id: string, chain: Chain): void {
    const { foreignLayers } = fullChain(this.records, id);
    const backing = this.records.get(id)?.backing ?? null;
    this.records.set(id, { own: ownLayers({ chain, foreignLayers }), backing });
  }

  private chain(id: string): Chain {
    return fullChain(this.records, id).chain;
  }

  private own(id: string): Chain {
    return ownLayers(fullChain(this.records, id));
  }

  private model(id: string): VolumeModel {
    const model = this.models.get(id);
    assert.ok(model !== undefined, `volume ${id} is not in the model`);
    return model;
  }

  private id(): string {
    return String(this.nextId++);
  }
}

const SEQUENCES = 2_000;

describe('chain algebra against a model, block by block', () => {
  it(`keeps every volume and every snapshot as it was promised, in ${SEQUENCES} random sequences`, function () {
    this.timeout(60_000);
    const done = new Map<string, number>();
    let reused = 0;
    fc.assert(
      fc.property(fc.array(deeds, { minLength: 30, maxLength: 120 }), (sequence) => {
        const world = new World();
        world.create(false);
        world.create(true);
        for (const deed of sequence) {
          world.apply(deed);
          world.check();
        }
        reused += world.reused;
        for (const [kind, count] of world.done) done.set(kind, (done.get(kind) ?? 0) + count);
      }),
      { numRuns: SEQUENCES },
    );
    const kinds = [
      'write',
      'snapshot',
      'delete-snapshot',
      'revert',
      'extend',
      'copy',
      'clone',
      'flatten',
      'delete-volume',
    ];
    for (const kind of kinds) assert.ok((done.get(kind) ?? 0) > SEQUENCES / 10, `${kind} was hardly ever done`);
    assert.ok(reused > SEQUENCES / 10, 'hardly any copy was put below an empty layer');
  });
});
