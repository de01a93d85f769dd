// What one volume is, from everything that the share has of it: which file is active, what lies below it, which layer was made for which
// snapshot. The answer is a chain, or the first finding that makes it unsafe to say. Nothing is guessed where two readings are possible.
import type { Chain, Layer, LayerFormat } from '../chain.js';
import { bytesToGib, GIB } from '../size.js';
import type { CustodyRecord } from './custody-record.js';
import { type Finding, type FindingCode, finding } from './findings.js';
import { type ChainInfo, readName } from './inventory.js';
import type { Evidence } from './layer-format.js';
import type { ShareIndex } from './share-index.js';
import { type Walked, walkChain } from './walk-chain.js';

export interface ReadVolume {
  readonly volumeId: string;
  /** The volume's own layers, oldest first. */
  readonly chain: Chain;
  readonly backing: CustodyRecord['backing'];
  readonly evidence: Evidence;
  readonly sizeGib: number;
  readonly virtualSizeBytes: number;
  readonly record: CustodyRecord | null;
  /** A qcow2 file of it has a length that libgfapi cannot open. */
  readonly oddLength: boolean;
  /** Not grave enough to leave it out. */
  readonly notes: readonly Finding[];
}

/** PostgreSQL's integer, in which the size is kept; 2 EiB. */
const MAX_GIB = 2 ** 31 - 1;

/** `said`: the format of the base as a person says it, or null. */
export function readVolume(index: ShareIndex, volumeId: string, said: LayerFormat | null): ReadVolume | Finding {
  const record = index.records.get(volumeId) ?? null;
  const scanned = index.infos.get(volumeId);
  const notes: Finding[] = [];
  const wrong = (code: FindingCode, text: string, ...files: string[]) => finding(code, volumeId, files, text);
  if (scanned !== undefined && scanned.info === null && record === null) {
    return wrong('info-garbled', `${scanned.name} cannot be read: ${scanned.reason ?? 'no reason'}`, scanned.name);
  }
  const info = scanned?.info ?? null;
  const active = info?.active ?? record?.chain.at(-1)?.file ?? findActive(index, volumeId);
  if (typeof active !== 'string') return active;
  const walked = walkChain({ volumeId, active, files: index.files, claims: index.claims, info, record, said });
  if ('code' in walked) return walked;
  const chain = nameSnapshots(volumeId, walked, info, record);
  if ('code' in chain) return chain;
  const top = chain.at(-1);
  if (top === undefined) return wrong('missing-file', 'it has no file');
  const sizeGib = bytesToGib(top.virtualSizeBytes);
  if (sizeGib > MAX_GIB || sizeGib === 0)
    return wrong('hostile-header', `${top.file} has an impossible size`, top.file);
  if (info === null && record === null && chain.length > 1) {
    notes.push(wrong('info-missing', 'it has overlays and no .info', ...chain.map(({ file }) => file)));
  }
  if (top.virtualSizeBytes % GIB !== 0) {
    notes.push(wrong('odd-size', `${top.virtualSizeBytes} bytes are recorded as ${sizeGib} GiB`, top.file));
  }
  if (record !== null && lags(record, chain)) notes.push(wrong('record-lags', 'its record has another chain'));
  const { backing, evidence } = walked;
  const oddLength = chain.some(
    ({ file, format }) => format === 'qcow2' && (index.files.get(file)?.sizeBytes ?? 0) % 512 !== 0,
  );
  const { virtualSizeBytes } = top;
  return { volumeId, chain, backing, evidence, sizeGib, virtualSizeBytes, oddLength, record, notes };
}

/** Without any record: the one file of the volume that none of its own overlays stands on. */
function findActive({ filesOf, overlaysOf }: ShareIndex, volumeId: string): string | Finding {
  const own = new Set(filesOf.get(volumeId) ?? []);
  const images = [...own].filter((file) => readName(file)?.role !== 'tmp-snap');
  const below = (file: string) => (overlaysOf.get(file) ?? []).some((above) => own.has(above) && isOverlay(above));
  const tops = images.filter((file) => !below(file));
  const [only, ...others] = tops;
  if (only === undefined) {
    if (images.length === 0) return finding('missing-file', volumeId, [...own], 'it has no image file');
    return finding('cycle', volumeId, images, 'each of its files lies below another one');
  }
  if (others.length === 0) return only;
  return finding('two-children', volumeId, tops, 'there is no .info, and more than one file could be the active one');
}

/** By its name: a base can have been written by its guest, an overlay is the service's. */
function isOverlay(file: string): boolean {
  return readName(file)?.role === 'overlay';
}

function nameSnapshots(
  volumeId: string,
  { layers, backing }: Walked,
  info: ChainInfo | null,
  record: CustodyRecord | null,
): Chain | Finding {
  const byFile = new Map(Object.entries(info?.snapshots ?? {}).map(([id, file]) => [file, id] as const));
  const recorded = new Map(record?.chain.map(({ file, snapshotId }) => [file, snapshotId] as const) ?? []);
  const chain: Layer[] = [];
  for (const [position, layer] of layers.entries()) {
    const listed = byFile.get(layer.file) ?? null;
    const hint = readName(layer.file);
    if (position === 0) {
      if (listed !== null && backing === null) {
        return finding(
          'info-disagrees',
          volumeId,
          [layer.file],
          `the .info lists snapshot ${listed}, and nothing lies below its file`,
        );
      }
      chain.push({ ...layer, snapshotId: null });
      continue;
    }
    const snapshotId = listed ?? recorded.get(layer.file) ?? (info === null ? (hint?.snapshotId ?? null) : null);
    if (snapshotId === null) return unnamed(volumeId, layer.file, info);
    if (chain.some((one) => one.snapshotId === snapshotId)) {
      return finding('snapshot-twice', volumeId, [layer.file], `two layers belong to snapshot ${snapshotId}`);
    }
    chain.push({ ...layer, snapshotId });
  }
  const stray = Object.entries(info?.snapshots ?? {}).find(([, file]) => !chain.some((layer) => layer.file === file));
  if (stray === undefined) return chain;
  return finding(
    'info-disagrees',
    volumeId,
    [stray[1]],
    `the .info lists snapshot ${stray[0]}, whose file is not part of the chain`,
  );
}

function unnamed(volumeId: string, file: string, info: ChainInfo | null): Finding {
  if (readName(file)?.role === 'tmp-snap') {
    return finding(
      'tmp-snap-in-chain',
      volumeId,
      [file],
      `the guest's newest data is in ${file}, which a clone has left`,
    );
  }
  if (info !== null) {
    return finding(
      'info-disagrees',
      volumeId,
      [file],
      `${file} is part of the chain, and the .info has no snapshot for it`,
    );
  }
  return finding(
    'layer-without-snapshot',
    volumeId,
    [file],
    `${file} is part of the chain, and nothing says for which snapshot`,
  );
}

function lags(record: CustodyRecord, chain: Chain): boolean {
  return record.chain.length !== chain.length || record.chain.some(({ file }, index) => file !== chain[index]?.file);
}
