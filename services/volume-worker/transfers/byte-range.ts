// Reads a Range header for a file of known length. One range only: whoever asks for several gets the whole, as HTTP allows, and cannot make
// us send a file many times over in one answer. Pure.
// Source: RFC 9110, 14.1.2 and 14.2.

export interface ByteRange {
  readonly start: number;
  readonly bytes: number;
}

/** null: the whole file. */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | null {
  if (header === undefined) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim());
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') {
    const bytes = Math.min(Number(last), sizeBytes);
    return bytes === 0 ? 'unsatisfiable' : { start: sizeBytes - bytes, bytes };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return null;
  return start >= sizeBytes ? 'unsatisfiable' : { start, bytes: end - start };
}
