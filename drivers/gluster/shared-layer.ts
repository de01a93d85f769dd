// Whether a file on the share that the record does not know of stands on a layer that is about to change. The record says who shares what, and
// whoever changes a layer has asked it; this asks the files themselves. They know more where a database was rebuilt and a copy could not be
// recorded with its source, and where a record is wrong.
//
//   V <- .S1 (record)      V <- C (nobody knows C)      a merge of .S1 into V would put what V's guest wrote since into C
//
// Overlays that are named after the volume itself do not count: what Cinder's failed clones have left on a share is nobody's.
import type { Chain } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';

/** For the headers of a large share over the network. */
const READ_ALL_HEADERS_MS = 120_000;

/** `volume-<id>` of all files that are named after one volume. */
function stemOf(file: string): string {
  return file.split('.', 1)[0] ?? file;
}

/** Reads every header on the share. Errors: `chain_mismatch` when another file names one of `files`. */
export async function refuseShared(io: ShareIo, chain: Chain, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const own = chain.map(({ file }) => requireFileName(file));
  const stems = new Set(own.map(stemOf));
  const spec = { files: files.map(requireFileName), except: own };
  const found = await io.call('findReferences', spec, READ_ALL_HEADERS_MS);
  const references = found.filter(({ file }) => !stems.has(stemOf(file)));
  if (references.length === 0) return;
  throw new ServiceError(
    'chain_mismatch',
    'Another image file, which is not on record, stands on a layer that would change.',
    {
      context: { references },
    },
  );
}
