// What must hold for every input, whatever its bytes: the parsers answer and never throw, quickly, and what they accept is consistent.
import { DETECTION_TAIL_BYTES, findClaims, findContainerClaim } from '../../drivers/image/format-detection.js';
import { findForeignReference, findHostileTrait, findTableOutside } from '../../drivers/image/image-guard.js';
import { HEADER_PROBE_BYTES, locateBackingName, readQcow2Header } from '../../drivers/image/qcow2-header.js';
import type { Input } from './mutated-inputs.js';

export type Verdict = 'not qcow2' | 'malformed' | 'hostile' | 'accepted base' | 'accepted overlay';

export interface Judgement {
  readonly verdict: Verdict;
  /** Taken for a container if offered as raw. */
  readonly container: boolean;
}

export function judgeInput(input: Input): Judgement {
  const head = input.head.subarray(0, HEADER_PROBE_BYTES);
  const container = findContainerClaim(input.head, input.tail) !== null;
  const claims = findClaims(input.head, input.tail.subarray(-DETECTION_TAIL_BYTES));
  if (container && claims.length === 0) throw new Error('a container without a claim');
  return { verdict: judgeHeader(head, input.fileBytes), container };
}

function judgeHeader(head: Buffer, fileBytes: number): Verdict {
  const place = locateBackingName(head);
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') {
    if (place !== null) throw new Error('a backing name in what is no qcow2');
    return 'not qcow2';
  }
  if (reading.kind === 'malformed') {
    if (reading.reason === '') throw new Error('a refusal without a reason');
    return 'malformed';
  }
  const { header } = reading;
  if (header.backingFile !== null && place === null) throw new Error('a backing name that only one reader sees');
  if (findHostileTrait(header) !== null || findTableOutside(header, fileBytes) !== null) return 'hostile';
  if (header.backingFile === null) {
    if (findForeignReference(header, { below: null }) !== null) throw new Error('a reference from nothing');
    return 'accepted base';
  }
  if (!/^[A-Za-z0-9_+=,@~!#$%^&*(){}[\]|<>?.;'"`-]{1,255}$/.test(header.backingFile))
    throw new Error('a name that is none');
  if (header.backingFormat === null) throw new Error('a reference without a format');
  if (findForeignReference(header, { below: null }) === null) throw new Error('a reference that nobody recorded');
  return 'accepted overlay';
}
