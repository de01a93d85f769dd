// One disk under torture: its record (the chain), its files on the share, and the model of what it must hold. Every change goes through
// the drivers in the order of the operations (new file, record, old file); `verify` then holds files, record and model against each other.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { VolumeDriver } from '../../../drivers/volume-driver.js';
import {
  activeLayer,
  appendOverlay,
  type Chain,
  extendActive,
  findChainDifference,
  type Layer,
  overlayFileName,
  replaceActive,
  trySnapshotLayers,
  volumeFileName,
} from '../../../services/core/domain/chain.js';
import { type MergeDirection, type MergePlan, planSnapshotDelete } from '../../../services/core/domain/chain-merge.js';
import { newId } from '../../../services/core/domain/ids.js';
import { type DiskModel, demandSame } from './disk-model.js';
import type { Dice } from './torture-plan.js';

const run = promisify(execFile);
const KIB = 1024;
export const quietWork = () => ({ onProgress: () => undefined, signal: new AbortController().signal });

export interface TornDiskParts {
  readonly driver: VolumeDriver;
  readonly share: string;
  /** Where the driver has mounted the share. */
  readonly mount: string;
  readonly dice: Dice;
}

export class TornDisk {
  constructor(
    readonly parts: TornDiskParts,
    readonly volumeId: string,
    readonly model: DiskModel,
    public chain: Chain,
    /** How many layers at the bottom belong to another disk. */
    public foreignLayers = 0,
  ) {}

  static async make(parts: TornDiskParts, format: Layer['format'], model: DiskModel): Promise<TornDisk> {
    const volumeId = newId<string & {}>();
    const { driver, share } = parts;
    const base = { share, file: volumeFileName(volumeId), format, sizeBytes: model.sizeBytes, preallocation: 'off' };
    const layer = await driver.createImage({ ...base, preallocation: 'off' });
    const disk = new TornDisk(parts, volumeId, model, [layer]);
    await disk.record(disk.chain);
    return disk;
  }

  get ownLayers(): Chain {
    return this.chain.slice(this.foreignLayers);
  }

  pathOf(layer: Pick<Layer, 'file'>): string {
    return path.join(this.parts.mount, layer.file);
  }

  /** The record changes: the row (here: memory), and Cinder's file beside the data. */
  async record(chain: Chain): Promise<void> {
    this.chain = chain;
    const { driver, share } = this.parts;
    await driver.writeRecord({ share, volumeId: this.volumeId, chain: this.ownLayers });
  }

  async removeFile(file: string): Promise<void> {
    const { driver, share } = this.parts;
    await driver.removeFiles({ share, files: [file] });
  }

  // Offline acts --------------------------------------------------------------------------------------------------------------------

  /** Makes the overlay's file; nobody uses it yet. */
  async prepareOverlay(snapshotId: string, chain = this.chain): Promise<string> {
    const overlayFile = overlayFileName(this.volumeId, snapshotId);
    const { driver, share } = this.parts;
    await driver.prepareOverlay({ share, chain, overlayFile });
    return overlayFile;
  }

  async snapshotOffline(): Promise<string> {
    const snapshotId = newId<string & {}>();
    const overlayFile = await this.prepareOverlay(snapshotId);
    await this.record(appendOverlay(this.chain, overlayFile, snapshotId));
    await this.model.keep(snapshotId);
    return snapshotId;
  }

  /** The plan of deleting the snapshot whose overlay is at `position` of the chain. */
  planDelete(position: number, direction: MergeDirection): MergePlan & { readonly snapshotId: string } {
    const snapshotId = this.chain[position]?.snapshotId ?? assert.fail(`no overlay at ${position}`);
    const plan = planSnapshotDelete(this.chain, snapshotId, { direction, foreignLayers: this.foreignLayers });
    return { ...(plan ?? assert.fail('nothing to merge')), snapshotId };
  }

  async deleteOffline(position: number, direction: MergeDirection): Promise<void> {
    const { driver, share } = this.parts;
    const plan = this.planDelete(position, direction);
    const wish = { share, chain: this.chain, file: plan.removed.file, direction };
    const made = await driver.commitLayer(wish, quietWork());
    assert.equal(findChainDifference(plan.result, observed(made)), null);
    await this.afterDelete(plan);
  }

  async afterDelete(plan: MergePlan & { readonly snapshotId: string }): Promise<void> {
    await this.record(plan.result);
    await this.removeFile(plan.removed.file);
    await this.model.forget(plan.snapshotId);
  }

  async revertOffline(): Promise<void> {
    const old = activeLayer(this.chain);
    const fresh = `volume-${this.volumeId}.${newId()}`;
    const { driver, share } = this.parts;
    await driver.prepareOverlay({ share, chain: this.chain.slice(0, -1), overlayFile: fresh });
    await this.record(replaceActive(this.chain, fresh));
    await this.removeFile(old.file);
    await this.model.goBackTo(old.snapshotId ?? assert.fail('no snapshot'), activeLayer(this.chain).virtualSizeBytes);
  }

  async extendOffline(sizeBytes: number): Promise<void> {
    const { driver, share } = this.parts;
    await driver.extendImage({ share, chain: this.chain, newSizeBytes: sizeBytes });
    await this.afterExtend(sizeBytes);
  }

  async afterExtend(sizeBytes: number): Promise<void> {
    await this.record(extendActive(this.chain, sizeBytes));
    await this.model.grow(sizeBytes);
  }

  /** Some writes of a guest at random places, across clusters and inside of them, zeros too; the model gets the same. */
  async writeOffline(writes = 6): Promise<void> {
    const { dice } = this.parts;
    const commands: string[] = [];
    for (let index = 0; index < writes; index += 1) {
      const length = 4 * KIB * (1 + dice.below(dice.below(3) === 0 ? 64 : 5));
      const offset = 4 * KIB * dice.below((this.model.sizeBytes - length) / (4 * KIB));
      const byte = dice.below(5) === 0 ? 0 : 1 + dice.below(255);
      commands.push('-c', byte === 0 ? `write -z ${offset} ${length}` : `write -P ${byte} ${offset} ${length}`);
      await this.model.write(offset, Buffer.alloc(length, byte));
    }
    await run('qemu-io', [...commands, this.writableName()]);
  }

  /**
   * The chain for a tool that writes to it as a guest would, with zeroing turned into plain writes (ENOTSUP from blkdebug makes QEMU do
   * so): fallocate(FALLOC_FL_ZERO_RANGE) on a FUSE mount of GlusterFS 10 answers success and zeroes nothing (decisions/0040). Guests
   * write through libgfapi, which does zero.
   */
  private writableName(): string {
    const file = (layer: Layer) => ({ driver: 'file', filename: this.pathOf(layer) });
    const active = activeLayer(this.chain);
    const below = this.chain.slice(0, -1).reduce<object | null>((backing, layer) => {
      const lower = layer.format === 'qcow2' ? { backing } : {};
      return { driver: layer.format, 'read-only': true, file: file(layer), ...lower };
    }, null);
    const noZeroing = [{ event: 'none', iotype: 'write-zeroes', errno: 95 }];
    const checked = { driver: 'blkdebug', image: file(active), 'inject-error': noZeroing };
    const bottom = active.format === 'qcow2' ? { backing: below } : {};
    return `json:${JSON.stringify({ driver: active.format, file: checked, ...bottom })}`;
  }

  // Verification --------------------------------------------------------------------------------------------------------------------

  /** Headers and Cinder's record against ours. Also right while a guest runs. */
  async verifyRecord(): Promise<void> {
    const { driver, share, mount } = this.parts;
    const seen = await driver.readChain({ share, chain: this.chain });
    assert.equal(findChainDifference(this.chain, seen), null, 'the headers are not what is on record');
    const info = JSON.parse(await readFile(path.join(mount, `volume-${this.volumeId}.info`), 'utf8')) as object;
    const wanted: Record<string, string> = { active: activeLayer(this.chain).file };
    for (const { snapshotId, file } of this.ownLayers) if (snapshotId !== null) wanted[snapshotId] = file;
    assert.deepEqual(info, wanted, 'the .info file is not what is on record');
  }

  /** Every layer that no guest writes to: qemu-img finds nothing wrong, and each snapshot shows what it must. */
  async verifySnapshots(): Promise<void> {
    const ids = this.model.snapshotIds;
    assert.deepEqual(
      [...ids].sort(),
      this.ownLayers.flatMap(({ snapshotId }) => snapshotId ?? []).sort(),
      'other snapshots are on record than the model has',
    );
    for (const snapshotId of ids) {
      const layers = trySnapshotLayers(this.chain, snapshotId) ?? assert.fail(snapshotId);
      await this.demandLayer(activeLayer(layers), this.model.snapshotFile(snapshotId));
    }
  }

  /** The whole disk; nobody may have it open. */
  async verifyAtRest(): Promise<void> {
    await this.verifyRecord();
    for (const layer of this.ownLayers.filter(({ format }) => format === 'qcow2')) {
      await run('qemu-img', ['check', '-q', '-f', 'qcow2', this.pathOf(layer)]).catch((thrown: { stdout?: string }) =>
        assert.fail(`qemu-img check of ${layer.file}: ${thrown.stdout}`),
      );
    }
    await this.verifySnapshots();
    await this.demandLayer(activeLayer(this.chain), this.model.active);
  }

  private async demandLayer(layer: Layer, flat: string): Promise<void> {
    await demandSame(flat, { path: this.pathOf(layer), format: layer.format });
  }

  /** What the layer shows of the whole disk, a part of it. The layer must be frozen. */
  async readFlat(layer: Layer, offset: number, length: number): Promise<Buffer> {
    const MIB = 1024 ** 2;
    assert.ok(offset % MIB === 0 && length % MIB === 0);
    const flat = path.join(path.dirname(this.model.active), 'part');
    // Its `count` counts from the beginning of the image, not from `skip` on (QEMU 7.2).
    const part = ['bs=1M', `skip=${offset / MIB}`, `count=${(offset + length) / MIB}`];
    await run('qemu-img', [
      'dd',
      '-U',
      '-f',
      layer.format,
      '-O',
      'raw',
      ...part,
      `if=${this.pathOf(layer)}`,
      `of=${flat}`,
    ]);
    const bytes = await readFile(flat);
    await rm(flat);
    assert.equal(bytes.length, length);
    return bytes;
  }

  /** What the disk has on the share, for a look at strangers. */
  get files(): readonly string[] {
    return [`volume-${this.volumeId}.info`, ...this.ownLayers.map(({ file }) => file)];
  }

  async remove(): Promise<void> {
    const { driver, share } = this.parts;
    for (const { file } of [...this.ownLayers].reverse()) await this.removeFile(file);
    await driver.writeRecord({ share, volumeId: this.volumeId, chain: null });
    await this.model.remove();
  }
}

/** Throws when the share holds files that no disk has on record. */
export async function demandNoStrangers(mount: string, disks: readonly TornDisk[]): Promise<void> {
  const known = new Set(disks.flatMap(({ files }) => files));
  const found = (await readdir(mount)).filter((name) => name.startsWith('volume-'));
  assert.deepEqual(
    found.filter((name) => !known.has(name)),
    [],
    'files that no disk has on record',
  );
}

/** The driver's answer is a chain; as what was observed, its backing names are what the order says. */
function observed(chain: Chain): Parameters<typeof findChainDifference>[1] {
  return chain.map(({ file, format, virtualSizeBytes }, index) => ({
    file,
    format,
    virtualSizeBytes,
    backingFile: chain[index - 1]?.file ?? null,
  }));
}

/** Takes what a failed case has left, so that the next one begins clean. */
export async function wipeShare(mount: string): Promise<void> {
  for (const name of (await readdir(mount)).filter((one) => one.startsWith('volume-')))
    await rm(path.join(mount, name), { force: true });
}
