// Looks at the files of a chain and at the record beside them, and tells what it sees without judging: a file that is missing or hostile is
// an answer here, not an error. Reads only.
import type { Chain, Layer } from '../../services/core/domain/chain.js';
import type { ChainInspection, InspectedFile } from '../../services/core/domain/chain-check.js';
import { parseChainInfo } from '../../services/core/domain/custody/inventory.js';
import { asServiceError } from '../../services/core/domain/errors.js';
import { findHostileTrait, isLuks } from '../image/image-guard.js';
import { HEADER_PROBE_BYTES, readQcow2Header } from '../image/qcow2-header.js';
import { recordNameOf, requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';

/** More than a record of the longest chain takes. */
const RECORD_BYTES = 262_144;

const nothing = {
  format: null,
  virtualSizeBytes: null,
  backingFile: null,
  backingFormat: null,
  sizeBytes: 0,
  allocatedBytes: 0,
  linkCount: 0,
  mode: 0,
  problem: null,
} as const satisfies Partial<InspectedFile>;

function isGone(thrown: unknown): boolean {
  return asServiceError(thrown).code === 'not_found';
}

async function headerFacts(io: ShareIo, layer: Layer): Promise<Partial<InspectedFile>> {
  const { head, facts } = await io.call('readHead', { file: layer.file, bytes: HEADER_PROBE_BYTES });
  if (layer.format === 'raw') return { format: 'raw', virtualSizeBytes: facts.sizeBytes };
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') return {};
  if (reading.kind === 'malformed') return { problem: reading.reason };
  const { virtualSizeBytes, backingFile, backingFormat } = reading.header;
  const hostile = findHostileTrait(reading.header, layer);
  const isOpen = layer.keyId !== undefined && !isLuks(reading.header);
  const problem = hostile ?? (isOpen ? 'no encryption, which it has on record' : null);
  return { format: 'qcow2', virtualSizeBytes, backingFile, backingFormat, problem };
}

async function inspectLayer(io: ShareIo, layer: Layer): Promise<InspectedFile> {
  const { file } = layer;
  const facts = await io.call('inspect', { file });
  if (facts === null) return { file, kind: 'missing', ...nothing };
  const { sizeBytes, linkCount, mode } = facts;
  if (facts.kind !== 'file') return { file, kind: 'other', ...nothing, linkCount, mode };
  try {
    const [allocatedBytes = 0] = await io.call('measureFiles', { files: [file] });
    const header = await headerFacts(io, layer);
    return { file, kind: 'file', ...nothing, sizeBytes, allocatedBytes, linkCount, mode, ...header };
  } catch (thrown) {
    // Gone between the two looks.
    if (isGone(thrown)) return { file, kind: 'missing', ...nothing };
    throw thrown;
  }
}

async function inspectRecord(io: ShareIo, volumeId: string): Promise<Pick<ChainInspection, 'info' | 'infoProblem'>> {
  const file = recordNameOf(volumeId);
  const facts = await io.call('inspect', { file });
  if (facts === null) return { info: null, infoProblem: null };
  if (facts.kind !== 'file') return { info: null, infoProblem: 'it is no regular file' };
  if (facts.sizeBytes > RECORD_BYTES) return { info: null, infoProblem: 'it is too large' };
  const { head } = await io.call('readHead', { file, bytes: RECORD_BYTES });
  const parsed = parseChainInfo(Buffer.from(head).toString('utf8'));
  return typeof parsed === 'string' ? { info: null, infoProblem: parsed } : { info: parsed, infoProblem: null };
}

/** Errors: `backend_offline`, `bad_request` for a name that can be none of ours. */
export async function inspectChain(io: ShareIo, volumeId: string, chain: Chain): Promise<ChainInspection> {
  for (const { file } of chain) requireFileName(file);
  const files = await Promise.all(chain.map((layer) => inspectLayer(io, layer)));
  return { files, ...(await inspectRecord(io, volumeId)) };
}
