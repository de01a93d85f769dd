// The chain torture through whole operations: a client asks over HTTP, on three bricks, for random snapshots, deletions, reverts, growths,
// attachments and detachments of two disks at once; the guest writes in between and sums what it reads. After every act the chain on record and every
// snapshot's data are held against a model. How many acts: SAGGAR_ACTS for each disk, 8 in an ordinary run; which: the rotation.
//
// Before that, disks that a Cinder has left behind are adopted and brought to the guest: what it reads, writes, snapshots and merges there.
// An ordinary run does one of them, in turn; with SAGGAR_ACTS all.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeByLayout, type ShapeOfVolume } from '../harness/cinder-share/cinder-share.js';
import { chooseRotation } from '../harness/rotation.js';
import { waitFor } from '../harness/wait-for.js';
import { WholeStack, whyNoStack } from '../harness/whole-stack.js';
import { patternBytes } from './chain-torture/disk-model.js';
import { Dice } from './chain-torture/torture-plan.js';

const run = promisify(execFile);
const MIB = 1024 ** 2;
const KIB64 = 64 * 1024;
/** Of each disk the first MiB are written and compared. */
const REGION_MIB = 16;
const MAX_SNAPSHOTS = 8;
const MAX_GIB = 4;
const wantedActs = process.env['SAGGAR_ACTS'];
const ACTS = Number(wantedActs ?? '8');

/** One MiB each; the same buffer stands in as many moments as show it. */
type Region = readonly Buffer[];

interface Moment {
  readonly id: string;
  readonly region: Region;
  readonly sizeGib: number;
}

const md5 = (...pieces: readonly Buffer[]): string => {
  const hash = createHash('md5');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** One disk, what it must hold, and the random acts of a client on it. */
class Whim {
  region: Region = Array.from({ length: REGION_MIB }, () => Buffer.alloc(MIB));
  moments: readonly Moment[] = [];
  sizeGib = 1;
  device: string | null = null;
  readonly done = new Map<string, number>();
  private writes = 0;

  constructor(
    private readonly stack: WholeStack,
    readonly id: string,
    private readonly dice: Dice,
    private readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>,
  ) {}

  /** What may be asked for now. */
  private get acts(): readonly (readonly [string, () => Promise<void>])[] {
    const found: (readonly [string, () => Promise<void>])[] = [];
    if (this.moments.length < MAX_SNAPSHOTS)
      found.push(['create', () => this.create()], ['create', () => this.create()]);
    if (this.moments.length > 0) found.push(['delete', () => this.remove()]);
    if (this.sizeGib < MAX_GIB) found.push(['extend', () => this.extend()]);
    if (this.device === null) {
      found.push(['attach', () => this.attach()]);
      if (this.moments.length > 0) found.push(['revert', () => this.revert()]);
    } else {
      found.push(['detach', () => this.detach()]);
    }
    return found;
  }

  async act(): Promise<string> {
    if (this.device !== null) await this.write();
    const { acts } = this;
    const [name, act] = acts[this.dice.below(acts.length)] ?? assert.fail('nothing to do');
    const place = this.device === null ? 'at rest' : 'live';
    await act();
    const key = `${name} ${place}`;
    this.done.set(key, (this.done.get(key) ?? 0) + 1);
    await this.verify();
    return key;
  }

  private async write(): Promise<void> {
    const first = this.dice.below(REGION_MIB - 1);
    const count = 1 + this.dice.below(Math.min(4, REGION_MIB - first));
    this.writes += 1;
    const seed = `${this.id.slice(0, 8)}-${this.writes}`;
    await this.inTurn(() => this.stack.sh(`pattern ${this.device} ${seed} ${first} ${count}`));
    const bytes = patternBytes(seed, first, count);
    this.region = this.region.map((old, mib) =>
      mib >= first && mib < first + count ? bytes.subarray((mib - first) * MIB, (mib - first + 1) * MIB) : old,
    );
  }

  private get atRest(): readonly string[] {
    return [this.device === null ? 'available' : 'in-use'];
  }

  private async create(): Promise<void> {
    const body = { snapshot: { volume_id: this.id, name: `whim ${this.writes}` } };
    const { snapshot } = (await this.stack.volume.expect(202, 'POST', '/snapshots', body)) as {
      snapshot: { id: string };
    };
    await this.stack.settled('snapshots', snapshot.id, ['available']);
    this.moments = [...this.moments, { id: snapshot.id, region: this.region, sizeGib: this.sizeGib }];
  }

  private async remove(): Promise<void> {
    const one = this.moments[this.dice.below(this.moments.length)] ?? assert.fail('no snapshot');
    await this.stack.volume.expect(202, 'DELETE', `/snapshots/${one.id}`);
    await this.stack.settled('snapshots', one.id, ['gone']);
    this.moments = this.moments.filter(({ id }) => id !== one.id);
  }

  private async revert(): Promise<void> {
    const last = this.moments.at(-1) ?? assert.fail('no snapshot');
    // A snapshot of another size cannot be gone back to, as in Cinder.
    if (last.sizeGib !== this.sizeGib) return;
    await this.stack.volume.expect(202, 'POST', `/volumes/${this.id}/action`, { revert: { snapshot_id: last.id } });
    await this.stack.settled('volumes', this.id, this.atRest);
    this.region = last.region;
  }

  private async extend(): Promise<void> {
    const body = { 'os-extend': { new_size: this.sizeGib + 1 } };
    await this.stack.volume.expect(202, 'POST', `/volumes/${this.id}/action`, body);
    await this.stack.settled('volumes', this.id, this.atRest);
    this.sizeGib += 1;
  }

  private async attach(): Promise<void> {
    this.device = await this.inTurn(() => this.stack.attach(this.id));
  }

  private async detach(): Promise<void> {
    await this.inTurn(() => this.stack.detach(this.id));
    this.device = null;
  }

  /** The record has the snapshots in their order and nothing else; each shows what was written before it; so does the disk. */
  async verify(): Promise<void> {
    const layers = await this.stack.chainOf(this.id);
    assert.deepEqual(
      layers.slice(1).map(({ snapshot }) => snapshot?.id),
      this.moments.map(({ id }) => id),
      'the chain on record is another one',
    );
    for (const [index, moment] of this.moments.entries()) {
      const layer = layers[index] ?? assert.fail('no layer');
      assert.equal(await this.sumOf(layer), md5(...moment.region), `snapshot ${index + 1} of ${this.moments.length}`);
    }
    const wanted = md5(...this.region);
    const active = layers.at(-1) ?? assert.fail('no layer');
    const seen =
      this.device === null
        ? await this.sumOf(active)
        : await this.inTurn(() => this.stack.sh(`checksum ${this.device} 0 ${REGION_MIB}`));
    assert.equal(seen, wanted, 'the disk itself');
  }

  /** Of the region as the layer shows it, read on the mount. */
  private async sumOf({ file, format }: { readonly file: string; readonly format: string }): Promise<string> {
    const flat = path.join(this.stack.lab.work, `flat-${this.id}`);
    const names = [`if=${path.join(this.stack.mount, file)}`, `of=${flat}`];
    await run('qemu-img', ['dd', '-U', '-f', format, '-O', 'raw', 'bs=1M', `count=${REGION_MIB}`, ...names]);
    const bytes = readFileSync(flat);
    await rm(flat);
    return md5(bytes);
  }

  async end(): Promise<void> {
    if (this.device !== null) await this.detach();
    while (this.moments.length > 0) await this.remove();
    await this.verify();
    await this.stack.volume.expect(202, 'DELETE', `/volumes/${this.id}`);
    await this.stack.settled('volumes', this.id, ['gone']);
  }
}

describe('whole operations on three bricks', function suite() {
  this.timeout(1_800_000);
  let stack: WholeStack;
  let turn: Promise<unknown> = Promise.resolve();
  /** The guest has one console, and its server takes one disk at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  before(async function open() {
    const reason = whyNoStack();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    stack = await WholeStack.open();
  });
  after(() => stack?.close());

  const shapes: readonly ShapeOfVolume[] = [
    { base: 'raw', compat: '1.1', snapshots: 2 },
    { base: 'qcow2', compat: '0.10', snapshots: 2 },
    { base: 'qcow2', compat: '1.1', snapshots: 0 },
  ];
  const { turn: seed } = chooseRotation();
  const inTurnNow = wantedActs === undefined ? shapes.filter((_, index) => index === seed % shapes.length) : shapes;
  for (const shape of inTurnNow) {
    const { base, compat, snapshots } = shape;
    it(`a disk of a Cinder (${base}, ${compat}, ${snapshots} snapshots) is adopted and works in a guest`, async () => {
      const { id, snapshotIds } = makeByLayout(stack.mount, shape);
      const pools = (await stack.volume.expect(200, 'GET', '/scheduler-stats/get_pools')) as {
        pools: { name: string }[];
      };
      await stack.story.cli('admin', 'share', 'adopt', '--apply', pools.pools[0]?.name ?? assert.fail('no pool'));
      const device = await stack.attach(id);
      const at = (place: number, byte: number) => [place, md5(Buffer.alloc(KIB64, byte))] as const;
      // What makeByLayout wrote: the base, then each overlay, 64 KiB further on each time.
      const canaries = [at(0, 1), ...snapshotIds.map((_, index) => at(index + 1, index + 2))];
      const read = async () => {
        for (const [place, sum] of canaries) {
          const dd = `dd if=${device} bs=65536 skip=${place} count=1 2>/dev/null | md5sum | cut -d ' ' -f 1`;
          assert.equal(await stack.sh(`blockdev --flushbufs ${device}; ${dd}`), sum, `canary at ${place * 64} KiB`);
        }
      };
      await read();
      await stack.sh(`pattern ${device} adopted 4 8`);
      const body = { snapshot: { volume_id: id, name: 'ours' } };
      const { snapshot } = (await stack.volume.expect(202, 'POST', '/snapshots', body)) as { snapshot: { id: string } };
      await stack.settled('snapshots', snapshot.id, ['available']);
      await stack.sh(`pattern ${device} behind 8 8`);
      // The newest first (its layer is the active one), then Cinder's, oldest last: all live.
      for (const gone of [snapshot.id, ...[...snapshotIds].reverse()]) {
        await stack.volume.expect(202, 'DELETE', `/snapshots/${gone}`);
        await stack.settled('snapshots', gone, ['gone']);
        await read();
      }
      const wanted = md5(patternBytes('adopted', 4, 8).subarray(0, 4 * MIB), patternBytes('behind', 8, 8));
      assert.equal(await stack.sh(`checksum ${device} 4 12`), wanted);
      assert.equal((await stack.chainOf(id)).length, 1);
      await stack.detach(id);
      await stack.volume.expect(202, 'DELETE', `/volumes/${id}`);
      await stack.settled('volumes', id, ['gone']);
    });
  }

  it('copies a disk again and again while the guest writes to it, each copy with what the disk held then', async () => {
    const make = async (wish: object): Promise<string> => {
      const { volume } = (await stack.volume.expect(202, 'POST', '/volumes', { volume: wish })) as {
        volume: { id: string };
      };
      await stack.settled('volumes', volume.id, ['available']);
      return volume.id;
    };
    const id = await make({ size: 1 });
    const device = await stack.attach(id);
    const copies: { readonly copy: string; readonly sum: string }[] = [];
    for (const seed of ['first', 'second']) {
      await stack.sh(`pattern ${device} ${seed} 0 8`);
      const start = performance.now();
      const copy = await make({ source_volid: id });
      console.log(`      copy of a disk in use: ${Math.round(performance.now() - start)} ms`);
      copies.push({ copy, sum: md5(patternBytes(seed, 0, 8)) });
    }
    assert.equal((await stack.chainOf(id)).length, 3);
    await stack.sh(`pattern ${device} last 0 8`);
    for (const { copy, sum } of copies) {
      const seen = await stack.attach(copy);
      assert.equal(await stack.sh(`checksum ${seen} 0 8`), sum);
      await stack.detach(copy);
    }
    assert.equal(await stack.sh(`checksum ${device} 0 8`), md5(patternBytes('last', 0, 8)));
    for (const { copy } of copies) await stack.volume.expect(202, 'DELETE', `/volumes/${copy}`);
    for (const { copy } of copies) await stack.settled('volumes', copy, ['gone']);
    await waitFor('its overlays to be merged away', async () => (await stack.chainOf(id)).length === 1, {
      timeoutMs: 120_000,
      intervalMs: 500,
    });
    assert.equal(await stack.sh(`checksum ${device} 0 8`), md5(patternBytes('last', 0, 8)));
    await stack.detach(id);
    await stack.volume.expect(202, 'DELETE', `/volumes/${id}`);
    await stack.settled('volumes', id, ['gone']);
  });

  it('leaves with what an attached disk held at one moment, and with a snapshot of it', async () => {
    const { volume } = (await stack.volume.expect(202, 'POST', '/volumes', { volume: { size: 1 } })) as {
      volume: { id: string };
    };
    await stack.settled('volumes', volume.id, ['available']);
    const device = await stack.attach(volume.id);
    await stack.sh(`pattern ${device} moment 0 8`);
    const pool = (await stack.volume.expect(200, 'GET', `/volumes/${volume.id}`)) as {
      volume: { 'os-vol-host-attr:host': string };
    };
    const words = ['--share', pool.volume['os-vol-host-attr:host'], '--to', 'leave-live', '--image-format', 'raw'];
    const refused = await stack.story.tryCli('admin', 'leave', ...words, '--apply', '-f', 'json');
    assert.equal(refused.exitCode, 1, 'an attached disk is refused without --live');
    // The guest's own disks are attached too, and come along.
    const left = await stack.story.tryCli(
      'admin',
      'leave',
      ...words,
      '--live',
      '--apply',
      '-f',
      'json',
      '--timeout',
      '600',
    );
    assert.equal(left.exitCode, 0, left.stderr);
    await stack.sh(`pattern ${device} later 0 8`);
    const rows = JSON.parse(left.stdout) as { Volume: string; Deed: string; File: string }[];
    const row = rows.find((one) => one.Volume === volume.id) ?? assert.fail('the disk is not in the list');
    assert.equal(row.Deed, 'copy of a moment');
    const bytes = Buffer.alloc(8 * MIB);
    const handle = openSync(path.join(stack.mount, row.File), 'r');
    assert.equal(readSync(handle, bytes, 0, bytes.length, 0), bytes.length);
    closeSync(handle);
    assert.equal(md5(bytes), md5(patternBytes('moment', 0, 8)));
    const lines = readFileSync(path.join(stack.mount, 'leave-live', 'manifest.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    assert.ok(lines.some((line) => (JSON.parse(line) as { file: string }).file === row.File));
    assert.equal((await stack.chainOf(volume.id)).length, 1, 'the snapshot that was made for it is gone');
    await stack.detach(volume.id);
    await stack.volume.expect(202, 'DELETE', `/volumes/${volume.id}`);
    await stack.settled('volumes', volume.id, ['gone']);
  });

  it(`${ACTS} random acts on each of two disks at once, and all that was written is there`, async () => {
    const whims: Whim[] = [];
    for (const number of [1, 2]) {
      const { volume } = (await stack.volume.expect(202, 'POST', '/volumes', { volume: { size: 1 } })) as {
        volume: { id: string };
      };
      await stack.settled('volumes', volume.id, ['available']);
      whims.push(new Whim(stack, volume.id, new Dice(`whim ${seed} ${number}`), inTurn));
    }
    const trail: string[] = [];
    await Promise.all(
      whims.map(async (whim, number) => {
        for (let index = 0; index < ACTS; index += 1) trail.push(`${number}: ${await whim.act()}`);
        await whim.end();
      }),
    ).catch((thrown: unknown) => {
      console.log(`      turn ${seed}; before it: ${trail.join(', ')}`);
      throw thrown;
    });
    const sums = new Map<string, number>();
    for (const { done } of whims) for (const [key, count] of done) sums.set(key, (sums.get(key) ?? 0) + count);
    console.log(
      `      ${[...sums]
        .sort()
        .map(([key, count]) => `${key} ${count}`)
        .join(', ')}`,
    );
  });
});
