// Which files of a share could be taken over as volumes, and why the others cannot. Decided by a scan (facts of headers) and by what is on
// record; the worker that takes a file over looks again at all of it. Pure.
import type { LayerFormat } from './chain.js';
import type { ScanEntry, ScannedFile } from './custody/inventory.js';
import { bytesToGib } from './size.js';

export interface ManageableFile {
  readonly file: string;
  /** Whole GiB that hold what a guest would see. */
  readonly sizeGib: number;
  /** null: it can be taken over as it is. */
  readonly reason: string | null;
  /** Of the volume that has it already. */
  readonly volumeId: string | null;
  /** In which it would be taken over; null when it can be none. */
  readonly format: LayerFormat | null;
}

/** Files by the volume that they are on record of, or that they are named after. */
export type Owners = ReadonlyMap<string, string>;

function whyNot(file: ScannedFile, below: ReadonlySet<string>): string | null {
  const { verdict } = file;
  if (file.linkCount !== 1) return 'the file has several names';
  if (file.sizeBytes === 0) return 'the file is empty';
  if (below.has(file.name)) return 'another file stands on it';
  if (verdict.format === 'malformed') return 'its header is malformed';
  if (verdict.format === 'none') {
    if (verdict.claims !== null) return `it claims to be ${verdict.claims}`;
    return file.sizeBytes % 512 === 0 ? null : 'its size is no multiple of 512 bytes';
  }
  if (verdict.hostile !== null) return `it has ${verdict.hostile}`;
  return verdict.backingFile === null ? null : 'it stands on another file';
}

function judge(file: ScannedFile, owners: Owners, below: ReadonlySet<string>): ManageableFile {
  const { name, verdict, sizeBytes } = file;
  const volumeId = owners.get(name) ?? null;
  const reason = volumeId === null ? whyNot(file, below) : 'already managed';
  const format = verdict.format === 'qcow2' ? 'qcow2' : verdict.format === 'none' ? 'raw' : null;
  const bytes = verdict.format === 'qcow2' ? verdict.virtualSizeBytes : sizeBytes;
  return { file: name, sizeGib: bytesToGib(bytes), reason, volumeId, format: reason === null ? format : null };
}

/** Regular files only: directories, links and records can be no volumes. */
export function judgeManageable(entries: readonly ScanEntry[], owners: Owners): ManageableFile[] {
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry] : []));
  const below = new Set(
    files.flatMap(({ verdict }) =>
      verdict.format === 'qcow2' && verdict.backingFile !== null ? [verdict.backingFile] : [],
    ),
  );
  return files.map((file) => judge(file, owners, below));
}
