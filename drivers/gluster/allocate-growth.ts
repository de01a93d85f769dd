// Gives a volume that grew the room that its type promises: the new end of a raw file is allocated on the share, as its beginning was
// when it was made. Only for a volume that is one file: an overlay takes room as it is written.
// util-linux's fallocate(1), because Node has no such call; mode 0, which a mount of GlusterFS passes on as it is (decisions/0040 is
// about another mode). Allocating what is allocated changes nothing, so an ask that comes again is harmless.
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import type { CommandRunner } from '../process/command-runner.js';
import type { Preallocation } from '../volume-driver.js';
import type { OpenShare } from './open-shares.js';

/** A share that answers at all allocates without writing; `full` is not written either, because nobody has read the new end yet. */
const ALLOCATE_MS = 300_000;

export interface Growth {
  readonly fromBytes: number;
  readonly toBytes: number;
}

/** Before the file grows: later there would be a larger file that the record does not know. Errors: `no_space`. */
export async function demandRoom(share: OpenShare, { fromBytes, toBytes }: Growth): Promise<void> {
  const { freeBytes } = await share.io.call('measure', {});
  if (freeBytes >= toBytes - fromBytes) return;
  throw new ServiceError('no_space', 'The share has no space left.', { context: { freeBytes, fromBytes, toBytes } });
}

/** After it grew. Where the share cannot, or another took the room meanwhile, the new end stays thin: the size was given already. */
export async function allocateGrowth(
  share: OpenShare,
  file: string,
  { fromBytes, toBytes }: Growth,
  runner: CommandRunner,
): Promise<void> {
  const range = ['--offset', String(fromBytes), '--length', String(toBytes - fromBytes)];
  const argv = ['fallocate', ...range, '--', `${share.path}/${file}`] as const;
  try {
    await runner.run(argv, { timeoutMs: ALLOCATE_MS });
  } catch (thrown) {
    if (asServiceError(thrown).code === 'cancelled') throw thrown;
  }
}

export function promisesRoom(preallocation: Preallocation): boolean {
  return preallocation === 'falloc' || preallocation === 'full';
}
