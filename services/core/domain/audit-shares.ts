// What a part of a share holds against what is on record of it. Pure. Names and headers only: the files of a window between two cursors of a scan
// (`f:<file>`, then `r:<volume id>` for records beside the data), so a share of any size is read in parts, one a round.
import { isWithin, type ScanWindow, type Suspicion } from './audit.js';
import type { Chain, Layer } from './chain.js';
import { type ChainFinding, checkInfo, checkLayer, type InspectedFile } from './chain-check.js';
import { formatCustodyRecord, parseCustodyRecord } from './custody/custody-record.js';
import type { ScanEntry, ScannedFile } from './custody/inventory.js';
import type { Owners } from './manageable.js';
import { findOrphans } from './orphans.js';

export interface AuditedVolume {
  readonly id: string;
  /** Own layers, oldest first. */
  readonly layers: Chain;
  /** The layer of another volume that the first one stands on; null: on nothing. */
  readonly below: Layer | null;
  /** A guest may write to it: its header lags behind. */
  readonly inUse: boolean;
  /** What its record beside the data has to say; null: none has to be there, or nobody writes records. */
  readonly record: string | null;
}

export interface ShareView {
  readonly pool: string;
  readonly window: ScanWindow;
  readonly entries: readonly ScanEntry[];
  readonly busy: ReadonlySet<string>;
  /** Volumes of the pool that have a layer or record in the window. */
  readonly volumes: readonly AuditedVolume[];
  /** Files of the window by the volume that has them. */
  readonly owners: Owners;
  /** Volumes whose records are to be written, so that nothing follows from what they say now. */
  readonly recordsDue: ReadonlySet<string>;
  /** Ids of records in the window of which the pool has a volume. */
  readonly recordsWanted: ReadonlySet<string>;
  /** Whether records are written at all. */
  readonly keepsRecords: boolean;
  readonly nowMs: number;
}

const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function isBusy(name: string, busy: ReadonlySet<string>): boolean {
  return (name.match(ids) ?? []).some((id) => busy.has(id));
}

/** As a chain check would have found the file. A raw layer has no header: its length is its size. */
function inspected(layer: Layer, entry: ScanEntry | undefined): InspectedFile {
  const nothing = { file: layer.file, format: null, virtualSizeBytes: null, backingFile: null, backingFormat: null };
  const unseen = { ...nothing, sizeBytes: 0, allocatedBytes: 0, linkCount: 1, mode: 0, problem: null };
  if (entry === undefined) return { ...unseen, kind: 'missing' };
  if (entry.kind !== 'file') return { ...unseen, kind: 'other' };
  const { sizeBytes, allocatedBytes, linkCount, mode } = entry;
  const facts = { ...nothing, kind: 'file' as const, sizeBytes, allocatedBytes, linkCount, mode };
  return { ...facts, ...headerOf(entry, layer) };
}

function headerOf(
  { verdict, sizeBytes }: ScannedFile,
  { format, keyId }: Layer,
): Pick<InspectedFile, 'format' | 'virtualSizeBytes' | 'backingFile' | 'backingFormat' | 'problem'> {
  const none = { backingFile: null, backingFormat: null, problem: null };
  if (format === 'raw') return { ...none, format: 'raw', virtualSizeBytes: sizeBytes };
  if (verdict.format === 'malformed') return { ...none, format: null, virtualSizeBytes: null, problem: verdict.reason };
  if (verdict.format === 'none') return { ...none, format: null, virtualSizeBytes: null };
  const { virtualSizeBytes, backingFile, backingFormat, hostile } = verdict;
  const isOpen = keyId !== undefined && verdict.encrypted !== true;
  const problem = hostile ?? (isOpen ? 'no encryption, which it has on record' : null);
  return { format: 'qcow2', virtualSizeBytes, backingFile, backingFormat, problem };
}

function suspicion(view: ShareView, volumeId: string, cursor: string, found: ChainFinding): Suspicion {
  const { code: rule, file, text } = found;
  return { rule, kind: 'volume', id: volumeId, file, text, pool: view.pool, cursor };
}

function* ofVolume(view: ShareView, volume: AuditedVolume, seen: ReadonlyMap<string, ScanEntry>): Generator<Suspicion> {
  const { id, layers, below, inUse } = volume;
  const chain = below === null ? layers : [below, ...layers];
  for (const [index, layer] of chain.entries()) {
    const cursor = `f:${layer.file}`;
    if ((below !== null && index === 0) || !isWithin(view.window, cursor)) continue;
    const file = inspected(layer, seen.get(cursor));
    for (const found of checkLayer(chain, index, file, inUse && index === chain.length - 1))
      yield suspicion(view, id, cursor, found);
  }
  const info = `f:volume-${id}.info`;
  if (!isWithin(view.window, info)) return;
  const entry = seen.get(info);
  const said = entry?.kind === 'info' ? entry : null;
  const odd = entry !== undefined && said === null ? 'it is no regular file' : null;
  const answer = { files: [], info: said?.info ?? null, infoProblem: said?.reason ?? odd };
  for (const found of checkInfo(layers, answer)) yield suspicion(view, id, info, found);
}

/** Two records say the same when they differ in nothing but when they were written. */
function saysTheSame(id: string, a: string, b: string): boolean {
  const [one, other] = [parseCustodyRecord(a, id), parseCustodyRecord(b, id)];
  if (typeof one === 'string' || typeof other === 'string') return false;
  return formatCustodyRecord({ ...one, writtenAt: '' }) === formatCustodyRecord({ ...other, writtenAt: '' });
}

function* ofRecord(view: ShareView, volume: AuditedVolume, seen: ReadonlyMap<string, ScanEntry>): Generator<Suspicion> {
  const { id, record } = volume;
  const cursor = `r:${id}.json`;
  if (record === null || view.recordsDue.has(id) || !isWithin(view.window, cursor)) return;
  const found = { kind: 'volume', id, file: null, pool: view.pool, cursor } as const;
  const entry = seen.get(`r:${id}`);
  if (entry === undefined) yield { rule: 'record-missing', ...found, text: '.saggar has no record of it' };
  else if (entry.kind !== 'record' || entry.text === null || !saysTheSame(id, entry.text, record))
    yield { rule: 'record-differs', ...found, text: 'its record in .saggar is not what the rows say' };
}

/** Whether one of the files of which the record tells is there. What it says is not known of one that cannot be read, or is of a later release. */
function mayTellOf(id: string, text: string | null, files: ReadonlySet<string>): boolean {
  const record = text === null ? null : parseCustodyRecord(text, id);
  return record === null || typeof record === 'string' || record.chain.some(({ file }) => files.has(file));
}

/**
 * Only after all of the share was read in one look: a file that the record is of could lie in another part. A volume that was moved has files of another
 * name than its own, and when its row is lost nothing but the record says whose they are.
 */
function* recordsLeft(view: ShareView): Generator<Suspicion> {
  if (view.window.after !== null || view.window.end !== null || !view.keepsRecords) return;
  const named = new Set(
    view.entries.flatMap((entry) => {
      if (entry.kind === 'record') return [];
      const below = entry.kind === 'file' && entry.verdict.format === 'qcow2' ? (entry.verdict.backingFile ?? '') : '';
      return `${entry.name} ${below}`.match(ids) ?? [];
    }),
  );
  const files = new Set(view.entries.flatMap((entry) => (entry.kind === 'record' ? [] : [entry.name])));
  for (const entry of view.entries) {
    if (entry.kind !== 'record' || view.recordsWanted.has(entry.name) || view.busy.has(entry.name)) continue;
    if (named.has(entry.name) || view.recordsDue.has(entry.name)) continue;
    if (mayTellOf(entry.name, entry.text, files)) continue;
    const text = 'there is a record of it in .saggar, and neither a row nor a file';
    const found = {
      kind: 'volume',
      id: entry.name,
      file: null,
      pool: view.pool,
      cursor: `r:${entry.name}.json`,
    } as const;
    yield { rule: 'record-left', ...found, text };
  }
}

function* strays(view: ShareView): Generator<Suspicion> {
  for (const { file, volumeId, sizeBytes, kept } of findOrphans(view.entries, view.owners, view.nowMs)) {
    if (isBusy(file, view.busy)) continue;
    const found = { kind: 'share', id: view.pool, file, pool: view.pool, cursor: `f:${file}` } as const;
    const whose = volumeId === null ? 'no volume' : `volume ${volumeId}, which is not on record`;
    yield {
      rule: 'stray-file',
      ...found,
      text: `${sizeBytes} bytes, of ${whose}${kept === null ? '' : ` (kept: ${kept})`}`,
    };
  }
}

export function suspectShare(view: ShareView): Suspicion[] {
  const seen = new Map(
    view.entries.map((entry) => [`${entry.kind === 'record' ? 'r' : 'f'}:${entry.name}`, entry] as const),
  );
  const volumes = view.volumes.filter(
    ({ id, layers }) => !view.busy.has(id) && !layers.some(({ file }) => isBusy(file, view.busy)),
  );
  return [
    ...volumes.flatMap((volume) => [...ofVolume(view, volume, seen), ...ofRecord(view, volume, seen)]),
    ...recordsLeft(view),
    ...strays(view),
  ];
}
