// Whether an overlay holds anything at all. One that maps no cluster shows what is below it, so a copy of the volume may stand there: an
// unchanged source does not get a layer with every copy of it. Read from the file itself, never from its allocation: QEMU keeps clusters
// that it has let go, and preallocated ones count as held.
import { activeLayer, type Chain } from '../../services/core/domain/chain.js';
import { ServiceError } from '../../services/core/domain/errors.js';
import { mapsNothing } from '../image/qcow2-header.js';
import { matchChain } from './chain-headers.js';
import { requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';

/** Where our own files have their table, with room for the largest; a table that QEMU has moved further back is not looked for. */
const MOST_BYTES = 1024 * 1024;
const L1_ENTRY_BYTES = 8;

/** Errors: `chain_mismatch` when the files are not what the record says, `hostile_image`, `backend_offline`. */
export async function holdsNothing(io: ShareIo, chain: Chain): Promise<boolean> {
  const active = activeLayer(chain);
  if (active.format !== 'qcow2' || chain.length < 2) return false;
  const { seen } = await matchChain(io, [chain]);
  const header = seen.at(-1)?.header ?? null;
  if (header === null) throw new ServiceError('internal', 'The header of the active layer was not read.');
  const bytes = header.l1Offset + header.l1Entries * L1_ENTRY_BYTES;
  if (bytes > MOST_BYTES) return false;
  const { head } = await io.call('readHead', { file: requireFileName(active.file), bytes });
  return mapsNothing(header, head);
}
