// What a layer shows of the layers below it, as ranges of bytes, read from `qemu-img map --output=json`. Pure; the tool's output
// depends on what guests have written, so it is checked before it is believed.
// Source: qemu-img(1), map: `depth` 0 is the image itself, 1 its backing file, ...; `present` false: no layer has the range.
import { ServiceError } from '../../services/core/domain/errors.js';

export interface ChainExtent {
  readonly start: number;
  readonly length: number;
  readonly depth: number;
  readonly present: boolean;
  /** False: the range reads as zeroes. */
  readonly data: boolean;
}

export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** Errors: `internal` when the text is not what the tool prints. */
export function parseChainMap(text: string): readonly ChainExtent[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (!Array.isArray(value)) throw senseless();
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null) throw senseless();
    const { start, length, depth, present, data } = item as Record<string, unknown>;
    const [from, bytes, layer] = [Number(start), Number(length), Number(depth)];
    if (![from, bytes, layer].every((one) => Number.isSafeInteger(one) && one >= 0)) throw senseless();
    return { start: from, length: bytes, depth: layer, present: present !== false, data: data === true };
  });
}

/**
 * The ranges that must be copied into the image before it may lose the `layers` layers directly below it. When something stays below
 * them, zeroes count too: they hide what is further down.
 */
export function rangesToPull(extents: readonly ChainExtent[], layers: number, nothingBelow: boolean): ByteRange[] {
  const ranges: { start: number; length: number }[] = [];
  for (const { start, length, depth, present, data } of extents) {
    if (length === 0 || depth === 0 || depth > layers || !present || (nothingBelow && !data)) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last.start + last.length === start) last.length += length;
    else ranges.push({ start, length });
  }
  return ranges;
}

/** The ranges cut to pieces of at most `pieceBytes`, in batches of at most `batchBytes` and `batchPieces`. */
export function batchesOf(
  ranges: readonly ByteRange[],
  limits: { readonly pieceBytes: number; readonly batchBytes: number; readonly batchPieces: number },
): ByteRange[][] {
  const batches: ByteRange[][] = [];
  let batch: ByteRange[] = [];
  let bytes = 0;
  for (const range of ranges) {
    for (let at = 0; at < range.length; at += limits.pieceBytes) {
      const piece = { start: range.start + at, length: Math.min(limits.pieceBytes, range.length - at) };
      if (batch.length > 0 && (bytes + piece.length > limits.batchBytes || batch.length === limits.batchPieces)) {
        batches.push(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(piece);
      bytes += piece.length;
    }
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function senseless(): ServiceError {
  return new ServiceError('internal', 'The image tool gave an answer that makes no sense.');
}
