// The plan of a share: what every volume on it is, which of them the database knows already, which can be recorded, and everything that is
// odd. Pure: inventory and rows in, plan out. Volumes stand behind those that they are based on, so that they can be recorded in that order.
import type { LayerFormat } from '../chain.js';
import { type Finding, finding } from './findings.js';
import { readName, type ScanEntry } from './inventory.js';
import { type ReadVolume, readVolume } from './plan-volume.js';
import { indexShare, type ShareIndex } from './share-index.js';

export interface KnownVolume {
  readonly volumeId: string;
  /** Pool of the row; null when it never got one. */
  readonly pool: string | null;
  /** Own layers on record, oldest first. */
  readonly files: readonly string[];
}

export interface ShareQuestion {
  readonly pool: string;
  readonly entries: readonly ScanEntry[];
  readonly known: readonly KnownVolume[];
  /** Ids in file names, and whole file names, that operations work on or have worked on since the scan. */
  readonly changed?: ReadonlySet<string>;
  /** Snapshot id -> volume id, of every snapshot on record. */
  readonly knownSnapshots: ReadonlyMap<string, string>;
  /** What a person says of bases whose format nothing else shows: for all, and for single volumes. */
  readonly said: { readonly all: LayerFormat | null; readonly byVolume: ReadonlyMap<string, LayerFormat> };
}

export interface SharePlan {
  /** To be recorded, in this order. */
  readonly fresh: readonly ReadVolume[];
  /** Ids of volumes on record whose files are as recorded. */
  readonly known: readonly string[];
  /** Ids of volumes that are left alone because of a finding. */
  readonly refused: readonly string[];
  readonly findings: readonly Finding[];
}

export function planShare(question: ShareQuestion): SharePlan {
  const index = indexShare(question.entries);
  const findings: Finding[] = [...index.findings];
  const known: string[] = [];
  const read = new Map<string, ReadVolume>();
  const refused = new Set(
    findings.flatMap(({ severity, volumeId }) => (severity === 'error' && volumeId !== null ? [volumeId] : [])),
  );
  const refuse = (found: Finding): void => {
    findings.push(found);
    if (found.volumeId !== null) refused.add(found.volumeId);
  };
  const rows = rowsByFile(question);
  for (const volumeId of volumesOn(index)) {
    if (refused.has(volumeId)) continue;
    const files = index.filesOf.get(volumeId) ?? [];
    if (files.length === 0 && index.infos.get(volumeId) === undefined) {
      findings.push(finding('record-without-files', volumeId, [], 'there is a record of it, and no file'));
      continue;
    }
    const { said } = question;
    const answer = readVolume(index, volumeId, said.byVolume.get(volumeId) ?? said.all);
    if ('code' in answer) {
      refuse(answer);
      continue;
    }
    const row = rows.byId.get(volumeId) ?? rows.byFile.get(answer.chain.at(-1)?.file ?? '');
    if (row === undefined) {
      const why = findTaken(question, volumeId, answer, rows);
      if (why === null) read.set(volumeId, answer);
      else refuse(why);
    } else if (row.pool !== question.pool) {
      refuse(finding('known-elsewhere', volumeId, files, `it is on record on ${row.pool ?? 'no pool'}`));
    } else if (sameFiles(row, answer)) known.push(volumeId);
    else refuse(finding('differs-from-record', volumeId, files, `on record: ${row.files.join(' <- ') || 'no file'}`));
  }
  for (const found of leftovers(index, read, new Set(known))) {
    if (found.severity === 'error') {
      refuse(found);
      if (found.volumeId !== null) read.delete(found.volumeId);
    } else findings.push(found);
  }
  refuseDoubleSnapshots(read, question.knownSnapshots, refuse);
  const fresh = inOrder(read, index, new Set(known), refuse);
  for (const volume of fresh) findings.push(...volume.notes);
  return { fresh, known, refused: [...refused].sort(), findings };
}

function volumesOn({ filesOf, infos, records }: ShareIndex): string[] {
  return [...new Set([...filesOf.keys(), ...infos.keys(), ...records.keys()])].sort();
}

interface Rows {
  readonly byId: ReadonlyMap<string, KnownVolume>;
  /** Of the pool. */
  readonly byFile: ReadonlyMap<string, KnownVolume>;
  /** Of any pool. */
  readonly byFileAnywhere: ReadonlyMap<string, KnownVolume>;
}

function rowsByFile({ known, pool }: ShareQuestion): Rows {
  const here = known.filter((row) => row.pool === pool);
  return {
    byId: new Map(known.map((row) => [row.volumeId, row])),
    byFile: new Map(here.flatMap((row) => row.files.map((file) => [file, row] as const))),
    byFileAnywhere: new Map(known.flatMap((row) => row.files.map((file) => [file, row] as const))),
  };
}

/**
 * Why a volume that has no row is none to be recorded all the same: one of its files is another volume's on record, under whatever id and
 * whichever pool's name, or somebody is at it. Two rows with one file would each remove the other's data.
 */
function findTaken(
  { pool, changed }: ShareQuestion,
  volumeId: string,
  { chain }: ReadVolume,
  rows: Rows,
): Finding | null {
  for (const { file } of chain) {
    const row = rows.byFileAnywhere.get(file);
    if (row === undefined) continue;
    return row.pool === pool
      ? finding('claimed-twice', volumeId, [file], `${file} belongs to volume ${row.volumeId} on record`)
      : finding('known-elsewhere', volumeId, [file], `${file} is on record on ${row.pool ?? 'no pool'}`);
  }
  const busy = [volumeId, ...chain.map(({ file }) => file)].find((name) => changed?.has(name));
  return busy === undefined
    ? null
    : finding('changed-since', volumeId, [], `an operation works on ${busy}, or has since the scan`);
}

function sameFiles(row: KnownVolume, { chain }: ReadVolume): boolean {
  return row.files.length === chain.length && chain.every(({ file }, position) => file === row.files[position]);
}

/** Files of a volume that are not part of its chain. Of a refused volume nothing is said: all of it is left alone. */
function* leftovers(
  index: ShareIndex,
  read: ReadonlyMap<string, ReadVolume>,
  known: ReadonlySet<string>,
): Generator<Finding> {
  for (const [volumeId, files] of index.filesOf) {
    const volume = read.get(volumeId);
    if (volume === undefined || known.has(volumeId)) continue;
    const chain = new Set(volume.chain.map(({ file }) => file));
    const active = volume.chain.at(-1)?.file ?? null;
    for (const name of files) {
      if (chain.has(name)) continue;
      const file = index.files.get(name);
      const below = file?.verdict.format === 'qcow2' ? file.verdict.backingFile : null;
      if (readName(name)?.role === 'tmp-snap')
        yield finding('tmp-snap', volumeId, [name], `${name} was left by a clone`);
      else if (below !== null && below === active) {
        yield finding(
          'overlay-above-active',
          volumeId,
          [name, below],
          `${name} stands on ${below}, which is said to be active`,
        );
      } else {
        const where = below !== null && chain.has(below) ? `, a second overlay on ${below}` : '';
        yield finding('orphan-overlay', volumeId, [name], `${name} is not part of the chain${where}`);
      }
    }
  }
}

function refuseDoubleSnapshots(
  read: Map<string, ReadVolume>,
  knownSnapshots: ReadonlyMap<string, string>,
  refuse: (found: Finding) => void,
): void {
  const owners = new Map(knownSnapshots);
  for (const [volumeId, { chain }] of [...read]) {
    for (const { snapshotId, file } of chain) {
      if (snapshotId === null) continue;
      const other = owners.get(snapshotId);
      if (other === undefined) owners.set(snapshotId, volumeId);
      else if (other !== volumeId) {
        refuse(finding('snapshot-twice', volumeId, [file], `snapshot ${snapshotId} belongs to volume ${other}`));
        read.delete(volumeId);
        break;
      }
    }
  }
}

/** Those without backing first, then those that stand on them, and so on; what stands on nothing usable is refused. */
function inOrder(
  read: ReadonlyMap<string, ReadVolume>,
  index: ShareIndex,
  known: ReadonlySet<string>,
  refuse: (found: Finding) => void,
): ReadVolume[] {
  const placed: ReadVolume[] = [];
  const usable = new Set(known);
  let waiting = [...read.values()];
  for (let moved = true; moved && waiting.length > 0; ) {
    const next: ReadVolume[] = [];
    for (const volume of waiting) {
      if (volume.backing !== null && !usable.has(volume.backing.volumeId)) next.push(volume);
      else if (volume.backing !== null && !isFrozen(volume.backing, read, index)) {
        refuse(
          finding(
            'backing-unavailable',
            volume.volumeId,
            [volume.backing.file],
            `it stands on ${volume.backing.file}, which is written to`,
          ),
        );
      } else {
        placed.push(volume);
        usable.add(volume.volumeId);
      }
    }
    moved = next.length < waiting.length;
    waiting = next;
  }
  for (const { volumeId, backing } of waiting) {
    refuse(
      finding(
        'backing-unavailable',
        volumeId,
        [backing?.file ?? ''],
        `it stands on volume ${backing?.volumeId}, which cannot be recorded`,
      ),
    );
  }
  return placed;
}

/** Of a volume on record the database decides; here it is enough that the file is there. */
function isImageData({ record }: ReadVolume): boolean {
  const purpose = record?.volume['purpose'];
  return purpose === 'image' || purpose === 'image-cache';
}

function isFrozen(
  backing: { readonly volumeId: string; readonly file: string },
  read: ReadonlyMap<string, ReadVolume>,
  index: ShareIndex,
): boolean {
  const below = read.get(backing.volumeId);
  if (below === undefined) return index.files.has(backing.file);
  // The data of an image is never written to.
  if (isImageData(below)) return below.chain.some(({ file }) => file === backing.file);
  return below.chain.slice(0, -1).some(({ file }) => file === backing.file);
}
