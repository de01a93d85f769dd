// Compares what is on record of a disk's chain with what its witnesses say: the files and their headers, Cinder's record beside them
// (`volume-<id>.info`), and the block graph of the guest that has the disk. Pure; every difference is said with what a person can do.
//
// The record is the truth of the service, headers are the truth of the data. Nothing is repaired here: a repair on a guess loses data.
import type { Chain, LayerFormat, ObservedLayer } from './chain.js';

/** One file of the chain as a worker has found it. A raw layer has no header: a guest may write whatever it likes into it. */
export interface InspectedFile {
  readonly file: string;
  /** `other`: a directory, a link, a device. */
  readonly kind: 'file' | 'missing' | 'other';
  /** What the header says, for a layer that is qcow2 on record; null when it is none, or was not looked at. */
  readonly format: LayerFormat | null;
  readonly virtualSizeBytes: number | null;
  readonly backingFile: string | null;
  /** From the header; null when it says none. */
  readonly backingFormat: string | null;
  readonly sizeBytes: number;
  /** What the file takes on its share; holes take nothing. */
  readonly allocatedBytes: number;
  readonly linkCount: number;
  /** Permission bits. */
  readonly mode: number;
  /** Why no tool may open it; null when there is nothing. */
  readonly problem: string | null;
}

/** What `volume-<id>.info` says. */
export interface InspectedInfo {
  readonly active: string;
  /** Snapshot id to the file that was made for it. */
  readonly snapshots: Readonly<Record<string, string>>;
}

export interface ChainInspection {
  readonly files: readonly InspectedFile[];
  /** null when it is not there, or cannot be read (then `infoProblem` says why). */
  readonly info: InspectedInfo | null;
  readonly infoProblem: string | null;
}

interface FindingRule {
  readonly severity: 'error' | 'warning';
  readonly cure: string;
}

export const chainFindingRules = {
  'missing-file': {
    severity: 'error',
    cure: 'bring the file back from .saggar/trash or a backup; write nothing to the volume until then',
  },
  'no-regular-file': { severity: 'error', cure: 'find out who put it there; the service opens regular files only' },
  'hostile-header': {
    severity: 'error',
    cure: 'open it with no tool that reads headers; restore the layer from a backup',
  },
  'wrong-format': { severity: 'error', cure: 'the file was replaced or overwritten; restore the layer from a backup' },
  'wrong-backing-file': {
    severity: 'error',
    cure: 'the headers show what lies below what: an operation may have been cut off; see "saggar admin operation list --volume"',
  },
  'wrong-backing-format': {
    severity: 'error',
    cure: 'stop the guest, then: qemu-img rebase -u -F FORMAT -b BACKING FILE, with the format on record',
  },
  'wrong-size': {
    severity: 'error',
    cure: 'an extension may have been cut off; see "saggar admin operation list --volume", then extend again',
  },
  'several-names': {
    severity: 'warning',
    cure: 'the file has another hard link: remove the one that is not the volume’s',
  },
  'open-to-others': { severity: 'warning', cure: 'chmod o-rwx FILE on the share' },
  'info-missing': {
    severity: 'warning',
    cure: 'only Cinder’s own drivers read it; the next change of the chain writes it',
  },
  'info-unreadable': {
    severity: 'warning',
    cure: 'only Cinder’s own drivers read it; the next change of the chain writes it',
  },
  'info-differs': {
    severity: 'warning',
    cure: 'only Cinder’s own drivers read it; the next change of the chain writes it',
  },
  'guest-differs': {
    severity: 'error',
    cure: 'the guest writes elsewhere than the record says: make no snapshot, and see "saggar admin operation list --volume"',
  },
  'guest-lacks-disk': {
    severity: 'error',
    cure: 'the guest runs without the volume: detach it, or stop and start the guest',
  },
} as const satisfies Record<string, FindingRule>;

export type ChainFindingCode = keyof typeof chainFindingRules;

export interface ChainFinding {
  readonly code: ChainFindingCode;
  readonly severity: FindingRule['severity'];
  readonly file: string | null;
  readonly text: string;
  readonly cure: string;
}

function finding(code: ChainFindingCode, file: string | null, text: string): ChainFinding {
  const { severity, cure } = chainFindingRules[code];
  return { code, severity, file, text, cure };
}

/** A layer that nobody has open may be compared to the byte; the header of one that a guest writes lags behind its block graph. */
export function checkLayer(
  chain: Chain,
  index: number,
  seen: InspectedFile | undefined,
  isWritten: boolean,
): ChainFinding[] {
  const layer = chain[index];
  if (layer === undefined) return [];
  const { file, format, virtualSizeBytes } = layer;
  if (seen === undefined || seen.kind === 'missing')
    return [finding('missing-file', file, 'the file is not on the share')];
  if (seen.kind === 'other') return [finding('no-regular-file', file, 'it is no regular file')];
  const found: ChainFinding[] = [];
  if (seen.linkCount !== 1) found.push(finding('several-names', file, `the file has ${seen.linkCount} names`));
  if ((seen.mode & 0o007) !== 0) found.push(finding('open-to-others', file, `its mode is ${seen.mode.toString(8)}`));
  if (seen.problem !== null) return [...found, finding('hostile-header', file, `it has ${seen.problem}`)];
  if (seen.format !== format)
    return [...found, finding('wrong-format', file, `on record it is ${format}, and it is none`)];
  if (format === 'qcow2') found.push(...checkReference(chain, index, seen));
  const size = seen.virtualSizeBytes;
  if (!isWritten && size !== virtualSizeBytes)
    found.push(finding('wrong-size', file, `${virtualSizeBytes} bytes on record, ${size ?? 0} in the file`));
  return found;
}

function checkReference(chain: Chain, index: number, seen: InspectedFile): ChainFinding[] {
  const below = chain[index - 1] ?? null;
  const { file, backingFile, backingFormat } = seen;
  if (backingFile !== (below?.file ?? null)) {
    const text = `it stands on ${backingFile ?? 'nothing'}, on record on ${below?.file ?? 'nothing'}`;
    return [finding('wrong-backing-file', file, text)];
  }
  if (below === null || backingFormat === below.format) return [];
  const text = `its header calls ${below.file} ${backingFormat ?? 'nothing'}, on record it is ${below.format}`;
  return [finding('wrong-backing-format', file, text)];
}

/** `own`: the layers that are the volume's own, which its record names. A volume without snapshots needs none. */
export function checkInfo(own: Chain, { info, infoProblem }: Omit<ChainInspection, 'files'>): ChainFinding[] {
  if (infoProblem !== null) return [finding('info-unreadable', null, `.info: ${infoProblem}`)];
  const wanted = own.flatMap(({ snapshotId, file }) => (snapshotId === null ? [] : [[snapshotId, file] as const]));
  if (info === null) return wanted.length === 0 ? [] : [finding('info-missing', null, '.info is not there')];
  const active = own.at(-1)?.file ?? '';
  const found: ChainFinding[] = [];
  if (info.active !== active)
    found.push(finding('info-differs', null, `.info calls ${info.active} active, on record it is ${active}`));
  for (const [id, file] of wanted) {
    const said = info.snapshots[id];
    if (said !== file)
      found.push(finding('info-differs', null, `.info has ${said ?? 'nothing'} for snapshot ${id}, on record ${file}`));
  }
  const known = new Set(wanted.map(([id]) => id));
  for (const id of Object.keys(info.snapshots))
    if (!known.has(id)) found.push(finding('info-differs', null, `.info names a snapshot ${id} that is not on record`));
  return found;
}

/** The guest's disk, oldest layer first; null when the guest runs and does not have it. */
function checkGuest(chain: Chain, disk: readonly ObservedLayer[] | null): ChainFinding[] {
  if (disk === null) return [finding('guest-lacks-disk', null, 'the guest runs and does not have the disk')];
  const record = chain.map(({ file }) => file);
  const open = disk.map(({ file }) => file);
  if (record.join('\n') !== open.join('\n')) {
    return [
      finding('guest-differs', null, `the guest has ${open.join(' <- ')} open, on record is ${record.join(' <- ')}`),
    ];
  }
  const [active, top] = [chain.at(-1), disk.at(-1)];
  if (active === undefined || top === undefined || active.virtualSizeBytes === top.virtualSizeBytes) return [];
  const text = `the guest sees ${top.virtualSizeBytes} bytes, on record are ${active.virtualSizeBytes}`;
  return [finding('wrong-size', active.file, text)];
}

export interface ChainOnRecord {
  /** The whole of it, other volumes' layers first. */
  readonly chain: Chain;
  /** How many of them are other volumes'. */
  readonly foreignLayers: number;
}

/** What a guest said of the disk; null when no guest runs with it, or none was asked. */
export type GuestWitness = { readonly disk: readonly ObservedLayer[] | null } | null;

/** Every difference, the oldest layer first; empty when all witnesses say the same. */
export function checkChain(record: ChainOnRecord, seen: ChainInspection, guest: GuestWitness): ChainFinding[] {
  const { chain, foreignLayers } = record;
  const byName = new Map(seen.files.map((one) => [one.file, one]));
  const layers = chain.flatMap((layer, index) =>
    checkLayer(chain, index, byName.get(layer.file), guest !== null && index === chain.length - 1),
  );
  return [
    ...layers,
    ...checkInfo(chain.slice(foreignLayers), seen),
    ...(guest === null ? [] : checkGuest(chain, guest.disk)),
  ];
}
