// Commands on images: from the format that an image has to one that guests can have, and back, and the hashes of what was made.
import type { LongWork, VolumeDriver } from '../../drivers/volume-driver.js';
import type { CommandOutput, CommandParams } from '../core/messages/envelope.js';
import { type BackendDrivers, otherDriver } from './backend-drivers.js';

/** Often enough that the step does not count as silent. */
const BEAT_MS = 10_000;

export async function convertImage(
  driver: VolumeDriver,
  drivers: BackendDrivers,
  params: CommandParams<'image.convert'>,
  work: LongWork,
): Promise<CommandOutput<'image.convert'>> {
  const { sourceShare: share, sourceBackend, source, sourceFormat, target, maxSizeBytes } = params;
  const from = sourceBackend === undefined ? {} : { sourceDriver: otherDriver(drivers, sourceBackend) };
  const read = sourceFormat === undefined ? {} : { sourceFormat };
  const limit = maxSizeBytes === undefined ? {} : { maxSizeBytes };
  return driver.convertImage({ share, ...from, source, ...read, target, ...limit }, work);
}

/** Its length and hashes, as whoever downloads the file finds them. */
export async function digestImage(
  driver: VolumeDriver,
  { share, file }: CommandParams<'image.digest'>,
  { onProgress, signal }: LongWork,
): Promise<CommandOutput<'image.digest'>> {
  const sizeBytes = await driver.sizeOfFile({ share, file });
  const beat = setInterval(() => onProgress(0), BEAT_MS);
  try {
    const { md5 = '', sha512 = '' } = await driver.digestFile({ share, file, bytes: sizeBytes }, signal);
    return { sizeBytes, md5, sha512 };
  } finally {
    clearInterval(beat);
  }
}

/** The file read to its end, as `sha256sum` reads it. */
export async function checksumImage(
  driver: VolumeDriver,
  { share, file }: CommandParams<'image.checksum'>,
  { onProgress, signal }: LongWork,
): Promise<CommandOutput<'image.checksum'>> {
  const sizeBytes = await driver.sizeOfFile({ share, file });
  const beat = setInterval(() => onProgress(0), BEAT_MS);
  try {
    const { sha256 = '' } = await driver.digestFile({ share, file, bytes: sizeBytes, sha256: true }, signal);
    return { sizeBytes, sha256 };
  } finally {
    clearInterval(beat);
  }
}
