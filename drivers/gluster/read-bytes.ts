// The bytes of one file as they lie on the share, for whoever reads it from outside: a part of it, its length, its hashes. Opens no image
// tool and looks at no format. A process of its own reads, so that a hung share holds up this one reader only.

import { ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import type { FileDigest, OutgoingBytes, ReadBytesSpec } from '../volume-driver.js';
import { requireFileName } from './file-names.js';
import type { ShareIo } from './share-io.js';
import { IMAGE_HASHES, VOLUME_HASHES } from './share-stream-protocol.js';

/** Errors: `not_found`, `bad_request` for what is no regular file. */
export async function sizeOfFile(io: ShareIo, file: string): Promise<number> {
  const facts = await io.call('inspect', { file: requireFileName(file) });
  if (facts === null) throw new ServiceError('not_found', 'The image file does not exist.', { context: { file } });
  if (facts.kind === 'file') return facts.sizeBytes;
  throw new ServiceError('bad_request', 'Only a regular file can be read.', { context: { file, kind: facts.kind } });
}

export async function readBytes(io: ShareIo, part: Omit<ReadBytesSpec, 'share'>): Promise<OutgoingBytes> {
  const { start, bytes, digest, to } = part;
  const file = requireFileName(part.file);
  const hashes = digest ? VOLUME_HASHES : [];
  const { output, result, input, kill } = io.openStream(
    { task: 'send', file, start, bytes, hashes, toConnection: to !== undefined },
    (await to?.()) ?? null,
  );
  input.end();
  // The reader learns from the broken stream that there is no more; why is in the result.
  result.catch((thrown: unknown) => output.destroy(thrown instanceof Error ? thrown : undefined));
  return { stream: output, result, close: kill };
}

export async function digestFile(
  io: ShareIo,
  what: { readonly file: string; readonly bytes: number; readonly sha256?: boolean },
  signal: AbortSignal,
): Promise<FileDigest> {
  const { bytes, sha256 } = what;
  const hashes = sha256 === true ? VOLUME_HASHES : IMAGE_HASHES;
  const stream = io.openStream({ task: 'digest', file: requireFileName(what.file), bytes, hashes });
  const stop = (): void => stream.kill();
  signal.addEventListener('abort', stop, { once: true });
  try {
    stream.input.end();
    return await stream.result;
  } catch (thrown) {
    throw signal.aborted ? cancelledError() : thrown;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.kill();
  }
}
