// Files on a share that no row explains, told from what a scan saw and what is on record; and which of them may be removed. Pure.
//
// Nothing that could be somebody's volume is removable: not a file that Saggar's or Cinder's record beside it claims (the database may be the
// part that is wrong, and `admin rebuild` brings the volume back), not one that another file stands on, not a young one, and not a
// stranger's file that only happens to lie here.
import { readName, type ScanEntry, type ScannedFile, volumeOfInfo } from './custody/inventory.js';
import type { Owners } from './manageable.js';

export interface Orphan {
  readonly file: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly modifiedMs: number;
  /** What the header says; raw when it says nothing. */
  readonly format: string;
  /** The volume that it is named after; null for a stranger's file. */
  readonly volumeId: string | null;
  /** Why it is not removed; null when it may be. */
  readonly kept: string | null;
}

/** A file that was changed later may belong to work that has only begun. */
export const YOUNG_MS = 3_600_000;

interface Surroundings {
  /** Volumes that a record beside the data names. */
  readonly recorded: ReadonlySet<string>;
  /** Files that a record or a header of another file names. */
  readonly named: ReadonlySet<string>;
}

function lookAround(entries: readonly ScanEntry[]): Surroundings {
  const recorded = new Set<string>();
  const named = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'record') recorded.add(entry.name);
    if (entry.kind === 'info') {
      const volumeId = volumeOfInfo(entry.name);
      if (volumeId !== null) recorded.add(volumeId);
      for (const file of [entry.info?.active, ...Object.values(entry.info?.snapshots ?? {})])
        if (file !== undefined) named.add(file);
    }
    if (entry.kind === 'file' && entry.verdict.format === 'qcow2' && entry.verdict.backingFile !== null)
      named.add(entry.verdict.backingFile);
  }
  return { recorded, named };
}

function whyKept(file: ScannedFile, volumeId: string | null, around: Surroundings, nowMs: number): string | null {
  if (volumeId === null) return 'its name is none of ours: remove it by hand';
  if (around.recorded.has(volumeId)) return 'a record beside it names its volume: "saggar admin share adopt" says more';
  if (around.named.has(file.name)) return 'another file or record names it';
  if (file.linkCount !== 1) return 'it has several names';
  return nowMs - file.modifiedMs < YOUNG_MS ? 'it was changed within the last hour' : null;
}

/** In the order of the scan. `owners`: files by the volume that has them, or that they are being made for. */
export function findOrphans(entries: readonly ScanEntry[], owners: Owners, nowMs: number): Orphan[] {
  const around = lookAround(entries);
  return entries.flatMap((entry): Orphan[] => {
    if (entry.kind !== 'file' || owners.has(entry.name)) return [];
    const volumeId = readName(entry.name)?.volumeId ?? null;
    const { verdict, sizeBytes, allocatedBytes, modifiedMs } = entry;
    const format = verdict.format === 'none' ? (verdict.claims ?? 'raw') : verdict.format;
    const kept = whyKept(entry, volumeId, around, nowMs);
    return [{ file: entry.name, sizeBytes, allocatedBytes, modifiedMs, format, volumeId, kept }];
  });
}
