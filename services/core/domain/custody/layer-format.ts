// The format of one file of a chain, by evidence that a guest cannot write: our record, the format that the overlay above states in its own
// header, the name (only the service makes overlays, and they are qcow2), the length of the file, or what a person says. The content of
// a file alone proves nothing: a guest can write any header to the beginning of its raw disk (CVE-2014-3641 and its kin).
//
// Length: a raw disk has whole GiB, because Cinder and this service make no other, and its guest cannot change that. A file of another
// length is therefore a container. A file of whole GiB that begins with a qcow2 header is the one case that is left open, and told.
import type { LayerFormat } from '../chain.js';
import { GIB } from '../size.js';
import type { FindingCode } from './findings.js';
import { isChainFileName, type ScannedFile } from './inventory.js';

export type Evidence = 'record' | 'overlay' | 'name' | 'said' | 'no-header' | 'length';

export interface FormatEvidence {
  /** From our record of the volume. */
  readonly recorded: LayerFormat | null;
  /** From our record: the key that the layer is encrypted with. */
  readonly keyId?: string | null;
  /** What the overlay above states; null when there is none, or when it states nothing. */
  readonly stated: string | null;
  /** The name, or the `.info`, says that the file was made as an overlay. */
  readonly madeAsOverlay: boolean;
  /** What a person says of the volume's base. */
  readonly said: LayerFormat | null;
}

export type FormatVerdict =
  | { readonly format: LayerFormat; readonly evidence: Evidence }
  | { readonly code: FindingCode; readonly text: string };

/** Record and header must agree on whether the layer is encrypted; which key it has is in the record alone. */
function judgeEncryption({ verdict, name }: ScannedFile, keyId: string | null): FormatVerdict | null {
  const encrypted = verdict.format === 'qcow2' && verdict.encrypted === true;
  if (encrypted === (keyId !== null)) return null;
  const text = encrypted
    ? 'is encrypted, and no record says with which key'
    : 'is not encrypted, and its record names a key';
  return { code: 'encrypted', text: `${name} ${text}` };
}

export function judgeFormat(file: ScannedFile, evidence: FormatEvidence): FormatVerdict {
  const judged = judgeLayer(file, evidence);
  // A raw disk's guest may write any header into it.
  if ('code' in judged || (judged.format === 'raw' && (evidence.keyId ?? null) === null)) return judged;
  return judgeEncryption(file, evidence.keyId ?? null) ?? judged;
}

function judgeLayer(file: ScannedFile, evidence: FormatEvidence): FormatVerdict {
  const claimed = claim(evidence);
  if (claimed === null) return judgeAlone(file);
  if ('code' in claimed) return claimed;
  if (claimed.format === 'raw') return claimed;
  const { verdict, name } = file;
  if (verdict.format === 'none') return { code: 'not-qcow2', text: `${name} is said to be qcow2 and is not` };
  const reference = verdict.format === 'qcow2' ? judgeReference(verdict, name) : null;
  if (reference !== null) return reference;
  const hostile = verdict.format === 'malformed' ? verdict.reason : verdict.hostile;
  return hostile === null ? claimed : { code: 'hostile-header', text: `${name} has ${hostile}` };
}

/** A reference that is only badly written has a cure of its own. */
function judgeReference(
  { backingFile, backingFormat }: { readonly backingFile: string | null; readonly backingFormat: string | null },
  name: string,
): FormatVerdict | null {
  if (backingFile === null) return null;
  if (!isChainFileName(backingFile)) {
    return {
      code: 'backing-name',
      text: `${name} names ${JSON.stringify(backingFile.slice(0, 120))} as the file below it`,
    };
  }
  if (backingFormat !== null) return null;
  return { code: 'backing-format', text: `${name} does not state the format of the file below it` };
}

function claim(given: FormatEvidence): FormatVerdict | null {
  const { recorded, stated, madeAsOverlay, said } = given;
  if (stated !== null && stated !== 'raw' && stated !== 'qcow2') {
    return {
      code: 'backing-format',
      text: `the overlay above states the format ${JSON.stringify(stated.slice(0, 32))}`,
    };
  }
  const claims: readonly (readonly [LayerFormat | null, Evidence])[] = [
    [recorded, 'record'],
    [stated, 'overlay'],
    [madeAsOverlay ? 'qcow2' : null, 'name'],
    [madeAsOverlay ? null : said, 'said'],
  ];
  let first: { format: LayerFormat; evidence: Evidence } | null = null;
  for (const [format, evidence] of claims) {
    if (format === null) continue;
    if (first === null) first = { format, evidence };
    else if (first.format !== format) {
      return { code: 'wrong-format', text: `${first.format} by ${first.evidence}, ${format} by ${evidence}` };
    }
  }
  return first;
}

/** Nothing but the file itself. */
function judgeAlone({ verdict, name, sizeBytes }: ScannedFile): FormatVerdict {
  if (verdict.format === 'none') return { format: 'raw', evidence: 'no-header' };
  if (verdict.format === 'malformed') {
    return { code: 'unexplained-header', text: `${name} begins like a qcow2 image and is none (${verdict.reason})` };
  }
  if (verdict.backingFile !== null) {
    return {
      code: 'unexplained-header',
      text: `${name} names a file below it, and nothing says that it is an overlay`,
    };
  }
  if (sizeBytes % GIB === 0) {
    return { code: 'unexplained-header', text: `${name} has a qcow2 header, and the length of a raw disk` };
  }
  if (verdict.hostile !== null) return { code: 'hostile-header', text: `${name} has ${verdict.hostile}` };
  return { format: 'qcow2', evidence: 'length' };
}
