// Reads what the files of a chain really say, and compares it with the record. The format of a layer comes from the record: a raw
// layer is raw whatever its bytes claim, because a guest can write any header it likes into its raw disk.
// After a difference the files are read once more a little later: FUSE and libgfapi clients keep attributes for a second.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chain, findChainDifference, type Layer, type ObservedLayer } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { findForeignReference, findHostileTrait, findTableOutside } from '../image/image-guard.js';
import { HEADER_PROBE_BYTES, type Qcow2Header, readQcow2Header } from '../image/qcow2-header.js';
import { requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';

const ATTRIBUTE_CACHE_MS = 1_100;

export interface SeenLayer {
  readonly observed: ObservedLayer;
  /** null for raw layers. */
  readonly header: Qcow2Header | null;
}

/** One layer as it is. Errors: `not_found`, `hostile_image`, `backend_offline`. */
export async function observeLayer(io: ShareIo, layer: Pick<Layer, 'file' | 'format'>): Promise<SeenLayer> {
  const file = requireFileName(layer.file);
  let look = await lookAtLayer(io, file, layer.format);
  if (look.perhapsOld) {
    await sleep(ATTRIBUTE_CACHE_MS);
    look = await lookAtLayer(io, file, layer.format);
  }
  if (look.hostile === null) return look.seen;
  throw new ServiceError('hostile_image', 'An image file is not one that can be used.', {
    context: { file, hostile: look.hostile },
  });
}

interface Look {
  readonly seen: SeenLayer;
  readonly hostile: string | null;
  /** The refusal rests on a length that a guest may have outgrown a moment ago. */
  readonly perhapsOld: boolean;
}

async function lookAtLayer(io: ShareIo, file: string, format: Layer['format']): Promise<Look> {
  const { head, facts } = await io.call('readHead', { file, bytes: HEADER_PROBE_BYTES });
  const rawLayer = { file, format: 'raw' as const, virtualSizeBytes: facts.sizeBytes, backingFile: null };
  const plain: Look = { seen: { observed: rawLayer, header: null }, hostile: null, perhapsOld: false };
  if (format === 'raw') return plain;
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') return plain;
  if (reading.kind === 'malformed') return { ...plain, hostile: reading.reason };
  const { header } = reading;
  const { virtualSizeBytes, backingFile } = header;
  const seen: SeenLayer = { observed: { file, format: 'qcow2', virtualSizeBytes, backingFile }, header };
  const trait = findHostileTrait(header);
  if (trait !== null) return { seen, hostile: trait, perhapsOld: false };
  const outside = findTableOutside(header, facts.sizeBytes);
  return { seen, hostile: outside, perhapsOld: outside !== null };
}

export function observeChain(io: ShareIo, chain: Chain): Promise<SeenLayer[]> {
  return Promise.all(chain.map((layer) => observeLayer(io, layer)));
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
  const match = async () => {
    const seen = await observeChain(io, records[0]);
    const differences = records.map((record) => findDifference(record, seen));
    return { index: differences.indexOf(null), difference: differences[0] };
  };
  let found = await match();
  if (found.index === -1) {
    await sleep(ATTRIBUTE_CACHE_MS);
    found = await match();
  }
  if (found.index !== -1) return found.index;
  throw new ServiceError('chain_mismatch', 'The image files are not what the record says.', {
    context: { difference: found.difference },
  });
}
