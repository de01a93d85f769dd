// Reads what the files of a chain really say, and compares it with the record. The format of a layer comes from the record: a raw
// layer is raw whatever its bytes claim, because a guest can write any header it likes into its raw disk.
// After a difference the files are read once more a little later: FUSE and libgfapi clients keep attributes for a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chain, findChainDifference, type Layer, type ObservedLayer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { findForeignReference, findHostileTrait, findTableOutside, isLuks } from '../image/image-guard.js';
import { HEADER_PROBE_BYTES, type Qcow2Header, readQcow2Header } from '../image/qcow2-header.js';
import { requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';
import type { FileHead } from './share-io-protocol.js';

const ATTRIBUTE_CACHE_MS = 1_100;

export interface SeenLayer {
  readonly observed: ObservedLayer;
  /** null for raw layers. */
  readonly header: Qcow2Header | null;
}

/** What of the record decides how a file is read. */
export type RecordedLayer = Pick<Layer, 'file' | 'format' | 'keyId'>;

/** One layer as it is. Errors: `not_found`, `hostile_image`, `backend_offline`. */
export async function observeLayer(io: ShareIo, layer: RecordedLayer): Promise<SeenLayer> {
  const [seen] = await observeChain(io, [layer]);
  if (seen === undefined) throw new ServiceError('internal', 'A layer was not read.');
  return seen;
}

/** Layers as they are, read in one call of the helper, or read by the caller a moment ago (`heads`); the same errors. */
export async function observeChain(
  io: ShareIo,
  layers: readonly RecordedLayer[],
  heads: readonly FileHead[] | null = null,
): Promise<SeenLayer[]> {
  const read = () => io.call('readHeads', headsOf(layers));
  return judgeHeads(layers, heads ?? (await read()), read);
}

/** Which heads are read to judge these layers. */
export function headsOf(layers: readonly Pick<Layer, 'file'>[]): { files: readonly string[]; bytes: number } {
  return { files: layers.map(({ file }) => requireFileName(file)), bytes: HEADER_PROBE_BYTES };
}

/** What the heads say, in the order of the layers. `again` reads them once more, for what may have been a moment too old. */
async function judgeHeads(
  layers: readonly RecordedLayer[],
  heads: readonly FileHead[],
  again: () => Promise<readonly FileHead[]>,
): Promise<SeenLayer[]> {
  let looks = lookAtLayers(layers, heads);
  if (looks.some((look) => look.perhapsOld)) {
    await sleep(ATTRIBUTE_CACHE_MS);
    looks = lookAtLayers(layers, await again());
  }
  return looks.map((look) => {
    if (look.hostile === null) return look.seen;
    throw new ServiceError('hostile_image', 'An image file is not one that can be used.', {
      context: { file: look.seen.observed.file, hostile: look.hostile },
    });
  });
}

interface Look {
  readonly seen: SeenLayer;
  readonly hostile: string | null;
  /** The refusal rests on a length that a guest may have outgrown a moment ago. */
  readonly perhapsOld: boolean;
}

function lookAtLayers(layers: readonly RecordedLayer[], heads: readonly FileHead[]): Look[] {
  return layers.map((layer, index) => {
    const head = heads[index];
    if (head === undefined) throw new ServiceError('internal', 'A layer was not read.');
    return lookAtLayer(layer, head);
  });
}

function lookAtLayer({ file, format, ...record }: RecordedLayer, { head, facts }: FileHead): Look {
  const rawLayer = { file, format: 'raw' as const, virtualSizeBytes: facts.sizeBytes, backingFile: null };
  const plain: Look = { seen: { observed: rawLayer, header: null }, hostile: null, perhapsOld: false };
  if (format === 'raw') return plain;
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') return plain;
  if (reading.kind === 'malformed') return { ...plain, hostile: reading.reason };
  const { header } = reading;
  const { virtualSizeBytes, backingFile } = header;
  const encrypted = isLuks(header) ? { encrypted: true as const } : {};
  const seen: SeenLayer = { observed: { file, format: 'qcow2', virtualSizeBytes, backingFile, ...encrypted }, header };
  const trait = findHostileTrait(header, record);
  if (trait !== null) return { seen, hostile: trait, perhapsOld: false };
  const outside = findTableOutside(header, facts.sizeBytes);
  return { seen, hostile: outside, perhapsOld: outside !== null };
}

/** The first difference between record and files in words, formats of backing references included; null when they agree. */
export function findDifference(chain: Chain, seen: readonly SeenLayer[]): string | null {
  const difference = findChainDifference(
    chain,
    seen.map(({ observed }) => observed),
  );
  if (difference !== null) return difference;
  for (const [index, { header, observed }] of seen.entries()) {
    const foreign = header === null ? null : findForeignReference(header, { below: chain[index - 1] ?? null });
    if (foreign !== null) return `${observed.file} has ${foreign}`;
  }
  return null;
}

/** Errors: `chain_mismatch` when the files agree with none of the given records; else which one they agree with. */
export async function requireChain(io: ShareIo, ...records: readonly [Chain, ...Chain[]]): Promise<number> {
  return (await matchChain(io, records)).index;
}

export interface MatchedChain {
  /** Of the record that the files agree with. */
  readonly index: number;
  readonly seen: readonly SeenLayer[];
}

/** The same, with what was seen. `heads`: read by the caller a moment ago. */
export async function matchChain(
  io: ShareIo,
  records: readonly [Chain, ...Chain[]],
  heads: readonly FileHead[] | null = null,
): Promise<MatchedChain> {
  const layers = records[0];
  const differencesIn = (seen: readonly SeenLayer[]) => records.map((record) => findDifference(record, seen));
  let seen = await observeChain(io, layers, heads);
  let differences = differencesIn(seen);
  if (!differences.includes(null)) {
    await sleep(ATTRIBUTE_CACHE_MS);
    seen = await observeChain(io, layers);
    differences = differencesIn(seen);
  }
  const index = differences.indexOf(null);
  if (index !== -1) return { index, seen };
  throw new ServiceError('chain_mismatch', 'The image files are not what the record says.', {
    context: { difference: differences[0] },
  });
}
