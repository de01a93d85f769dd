// What every disk and every snapshot must hold, known only from what clients were told and guests have written. A snapshot or a copy of a disk
// that a guest writes to meanwhile may show any moment between its request and its end; once it was seen, it never changes again.
import type { Blocks } from '../../integration/engine/fake-contents.js';

interface Disk {
  /** All that it has held, oldest first; empty until the copy that it is was seen. */
  readonly versions: Blocks[];
}

interface Moment {
  readonly sourceId: string;
  readonly from: number;
  until: number | null;
}

interface Frozen extends Moment {
  /** null: which moment it shows was not seen yet. */
  blocks: Blocks | null;
}

const textOf = (blocks: Blocks): string =>
  JSON.stringify(Object.entries(blocks).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

export const sameBlocks = (one: Blocks, other: Blocks): boolean => textOf(one) === textOf(other);

export class DiskModel {
  private readonly disks = new Map<string, Disk>();
  private readonly copies = new Map<string, Moment>();
  private readonly snapshots = new Map<string, Frozen>();

  /** Ids of disks whose content is known, in the order in which they were asked for. */
  get known(): readonly string[] {
    return [...this.disks].filter(([, { versions }]) => versions.length > 0).map(([id]) => id);
  }

  get all(): readonly string[] {
    return [...this.disks.keys()];
  }

  snapshotsOf(volumeId: string): readonly string[] {
    return [...this.snapshots].filter(([, { sourceId }]) => sourceId === volumeId).map(([id]) => id);
  }

  isSeen(snapshotId: string): boolean {
    return (this.snapshots.get(snapshotId)?.blocks ?? null) !== null;
  }

  blank(id: string): void {
    this.disks.set(id, { versions: [{}] });
  }

  fromSnapshot(id: string, snapshotId: string): void {
    this.disks.set(id, { versions: [this.snapshots.get(snapshotId)?.blocks ?? {}] });
  }

  copyOf(id: string, sourceId: string): void {
    this.disks.set(id, { versions: [] });
    this.copies.set(id, this.momentOf(sourceId));
  }

  snapshot(id: string, volumeId: string): void {
    this.snapshots.set(id, { ...this.momentOf(volumeId), blocks: null });
  }

  private momentOf(sourceId: string): Moment {
    return { sourceId, from: this.versionsOf(sourceId).length - 1, until: null };
  }

  private versionsOf(id: string): Blocks[] {
    return this.disks.get(id)?.versions ?? [];
  }

  wrote(id: string, block: string, word: string): void {
    const versions = this.versionsOf(id);
    versions.push({ ...versions.at(-1), [block]: word });
  }

  reverted(id: string, snapshotId: string): void {
    this.versionsOf(id).push(this.snapshots.get(snapshotId)?.blocks ?? {});
  }

  /** The moment that the snapshot, or the copy, shows has passed. */
  momentPassed(id: string): void {
    for (const moment of [this.snapshots.get(id), this.copies.get(id)]) {
      if (moment === undefined || moment.until !== null) continue;
      moment.until = this.versionsOf(moment.sourceId).length - 1;
    }
  }

  forget(id: string): void {
    this.disks.delete(id);
    this.copies.delete(id);
    this.snapshots.delete(id);
  }

  /** What is wrong with what the disk holds; null when it is right. */
  judgeDisk(id: string, seen: Blocks): string | null {
    const disk = this.disks.get(id);
    if (disk === undefined) return null;
    const copy = this.copies.get(id);
    if (disk.versions.length === 0 && copy !== undefined) {
      const wrong = this.judgeMoment(copy, seen);
      if (wrong === null) disk.versions.push(seen);
      return wrong;
    }
    const wanted = disk.versions.at(-1) ?? {};
    return sameBlocks(wanted, seen) ? null : `holds ${textOf(seen)}, not ${textOf(wanted)}`;
  }

  judgeSnapshot(id: string, seen: Blocks): string | null {
    const frozen = this.snapshots.get(id);
    if (frozen === undefined) return null;
    if (frozen.blocks === null) {
      const wrong = this.judgeMoment(frozen, seen);
      if (wrong === null) frozen.blocks = seen;
      return wrong;
    }
    return sameBlocks(frozen.blocks, seen) ? null : `shows ${textOf(seen)}, not ${textOf(frozen.blocks)} any more`;
  }

  private judgeMoment({ sourceId, from, until }: Moment, seen: Blocks): string | null {
    const versions = this.versionsOf(sourceId);
    const last = until ?? versions.length - 1;
    const possible = versions.slice(from, last + 1);
    if (possible.some((one) => sameBlocks(one, seen))) return null;
    return `shows ${textOf(seen)}, which its source held at no moment of its making (versions ${from} to ${last}: ${possible.map(textOf).join(' ')})`;
  }
}
