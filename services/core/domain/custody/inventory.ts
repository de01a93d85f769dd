// What lies on a share, as a scan saw it: names, figures and what headers say. Facts only; what they mean is decided by the planner
// (plan-share.ts). Everything here may come from somebody hostile: a guest writes the bytes of its raw disk, a stranger may have put any
// file on the share.
import { isUuid } from '../ids.js';

/** What the first bytes of a regular file say, read by our own parsers. */
export type FileVerdict =
  | {
      readonly format: 'qcow2';
      readonly version: 2 | 3;
      readonly virtualSizeBytes: number;
      readonly backingFile: string | null;
      /** From the header's extension; null when it has none. */
      readonly backingFormat: string | null;
      /** Why no tool may open it, whatever the record says; null when there is nothing. */
      readonly hostile: string | null;
      /** As this service encrypts: only a record says with which key. */
      readonly encrypted?: true;
    }
  /** Claims to be qcow2 and cannot be one that is accepted. */
  | { readonly format: 'malformed'; readonly reason: string }
  /** No qcow2. `claims`: the container that the bytes look like (`vmdk`), or null. */
  | { readonly format: 'none'; readonly claims: string | null };

export interface ScannedFile {
  readonly kind: 'file';
  readonly name: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Permission bits. */
  readonly mode: number;
  readonly linkCount: number;
  readonly verdict: FileVerdict;
}

/** Cinder's chain record `volume-<id>.info`; `reason` says why it cannot be read. */
export interface ScannedInfo {
  readonly kind: 'info';
  readonly name: string;
  readonly info: ChainInfo | null;
  readonly reason: string | null;
}

export interface ChainInfo {
  readonly active: string;
  /** Snapshot id -> the file that was made for it; the snapshot's data lies below that file. */
  readonly snapshots: Readonly<Record<string, string>>;
}

/** Saggar's own record of a volume (custody-record.ts), as text. */
export interface ScannedRecord {
  readonly kind: 'record';
  /** The volume's id. */
  readonly name: string;
  readonly text: string | null;
  readonly reason: string | null;
}

/** Something that can be no image of ours: a directory, a link, a name that we would never open. */
export interface ScannedOther {
  readonly kind: 'other';
  readonly name: string;
  readonly reason: string;
}

export type ScanEntry = ScannedFile | ScannedInfo | ScannedRecord | ScannedOther;

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const imagePattern = new RegExp(`^volume-(${uuid})(?:\\.(.+))?$`);
const tmpSnapPattern = new RegExp(`^tmp-snap-${uuid}$`);
const fileNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,240}$/;

/** What the name of a file says about it; names are hints, records and headers decide. */
export interface NameHint {
  readonly volumeId: string;
  readonly role: 'base' | 'overlay' | 'tmp-snap';
  /** The snapshot after which an overlay was named; null for every other suffix. */
  readonly snapshotId: string | null;
}

/** null for a file that no volume service names so. Names: cinder's `volume_name_template` default, remotefs's overlays and tmp-snaps. */
export function readName(name: string): NameHint | null {
  const match = imagePattern.exec(name);
  const volumeId = match?.[1];
  if (volumeId === undefined) return null;
  const suffix = match?.[2];
  if (suffix === undefined) return { volumeId, role: 'base', snapshotId: null };
  if (tmpSnapPattern.test(suffix)) return { volumeId, role: 'tmp-snap', snapshotId: null };
  return { volumeId, role: 'overlay', snapshotId: isUuid(suffix) ? suffix : null };
}

/** True for a base name that may stand in a chain: no path, no protocol, no option, no record. */
export function isChainFileName(name: string): boolean {
  return fileNamePattern.test(name) && !name.endsWith('.info');
}

/** The volume whose `.info` this is; null for another file. */
export function volumeOfInfo(name: string): string | null {
  const match = new RegExp(`^volume-(${uuid})\\.info$`).exec(name);
  return match?.[1] ?? null;
}

/** Reads the text of an `.info`. The answer is a record, or why it is none, in words. */
export function parseChainInfo(text: string): ChainInfo | string {
  if (text.trim() === '') return 'it is empty';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no JSON object';
  const { active, ...rest } = value as Record<string, unknown>;
  if (typeof active !== 'string' || !isChainFileName(active)) return 'it names no active file';
  const snapshots: Record<string, string> = {};
  for (const [id, file] of Object.entries(rest)) {
    if (!isUuid(id)) return 'a key is no snapshot id';
    if (typeof file !== 'string' || !isChainFileName(file)) return `the file of snapshot ${id} is no file name`;
    snapshots[id] = file;
  }
  return { active, snapshots };
}
