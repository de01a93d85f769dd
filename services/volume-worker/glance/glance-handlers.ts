// The commands about images that an image service keeps: its bytes to a share, a file of a share to it, and what is asked around that. Without
// an image service they are refused. What comes is judged by the driver exactly as what clients send.
import type { ReceivedImage, VolumeDriver } from '../../../drivers/volume-driver.js';
import type { CommandHandler } from '../../core/bus/command-handler.js';
import { ServiceError } from '../../core/domain/errors.js';
import { cancelledError } from '../../core/domain/work-end.js';
import type { CommandOutput, CommandParams } from '../../core/messages/envelope.js';
import type { TransferWork } from '../transfers/receiving.js';
import { type GlanceClient, type GlanceImage, imageServiceOffline } from './glance-client.js';

export type GlanceCommandType = 'glance.fetch' | 'glance.claim' | 'glance.send' | 'glance.discard';

export type GlanceHandlers = { readonly [T in GlanceCommandType]: CommandHandler<T> };

const LOOK_EVERY_MS = 5_000;

function need(client: GlanceClient | null): GlanceClient {
  if (client !== null) return client;
  throw new ServiceError('not_implemented', 'This worker knows no image service.');
}

/** Tells how far it is, often enough that the step does not count as silent. */
async function telling<T>(work: TransferWork, percent: () => number, run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => work.onProgress(Math.min(99, percent())), LOOK_EVERY_MS);
  try {
    return await run();
  } catch (thrown) {
    throw work.signal.aborted ? cancelledError() : thrown;
  } finally {
    clearInterval(timer);
  }
}

/** Throws `transfer_interrupted` when these are not the bytes that the image service told of. */
function demandSame(image: ReceivedImage, { md5, sha512 }: CommandParams<'glance.fetch'>): void {
  // The stronger one is enough; where there is none the other is better than nothing.
  const same = sha512 === undefined ? md5 === undefined || md5 === image.md5 : sha512 === image.sha512;
  if (same) return;
  throw new ServiceError('transfer_interrupted', 'The image service sent other data than it has on record.');
}

function outputOf({ detected, ...image }: ReceivedImage): CommandOutput<'glance.fetch'> {
  return { ...image, detected: [...detected] };
}

async function fetchImage(
  driver: VolumeDriver,
  client: GlanceClient,
  params: CommandParams<'glance.fetch'>,
  work: TransferWork,
): Promise<CommandOutput<'glance.fetch'>> {
  const { share, file, format, maxBytes, expectedBytes, imageId } = params;
  const known = await driver.findReceived({ share, file });
  if (known !== null) {
    demandSame(known, params);
    return outputOf(known);
  }
  const source = await client.open(imageId, work.signal);
  let bytes = 0;
  source.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  source.pause();
  const spec = { share, file, format, maxBytes, ...(expectedBytes === undefined ? {} : { expectedBytes }) };
  const percent = () => (expectedBytes === undefined ? 0 : (bytes / Math.max(1, expectedBytes)) * 100);
  let broken: Error | null = null;
  source.once('error', (error) => {
    broken = error;
  });
  const image = await telling(work, percent, () =>
    driver.receiveImage(spec, source, work.signal).catch((thrown: unknown) => {
      // Nothing is left of it, and the next try begins anew.
      source.destroy();
      throw broken === null ? thrown : imageServiceOffline('the download was interrupted', broken);
    }),
  );
  demandSame(image, params);
  return outputOf(image);
}

/** It has these bytes: an earlier attempt was not heard. */
function has(image: GlanceImage, { bytes, md5, sha512 }: CommandParams<'glance.send'>): boolean {
  if (image.status !== 'active' || image.size !== bytes) return false;
  return image.os_hash_algo === 'sha512' ? image.os_hash_value === sha512 : image.checksum === md5;
}

async function sendImage(
  driver: VolumeDriver,
  client: GlanceClient,
  params: CommandParams<'glance.send'>,
  work: TransferWork,
): Promise<void> {
  const { share, file, imageId, bytes } = params;
  const image = await client.find(imageId);
  if (image === null) throw new ServiceError('not_found', 'The image was deleted meanwhile.');
  if (has(image, params)) return;
  const open = await driver.readBytes({ share, file, start: 0, bytes, digest: false });
  let sent = 0;
  open.stream.on('data', (piece: Buffer) => {
    sent += piece.length;
  });
  open.stream.pause();
  try {
    const percent = () => (sent / Math.max(1, bytes)) * 100;
    await telling(work, percent, () => client.send(imageId, open.stream, bytes, work.signal));
  } finally {
    open.close();
  }
  const now = await client.find(imageId);
  if (now !== null && has(now, params)) return;
  throw new ServiceError('transfer_interrupted', 'The image service does not have the data that was sent.');
}

async function claim(client: GlanceClient, imageId: string): Promise<void> {
  const image = await client.find(imageId);
  if (image === null) throw new ServiceError('not_found', 'The image was deleted meanwhile.');
}

/** The handlers of one backend; `client` null: this worker knows no image service. */
export function glanceHandlers(driver: VolumeDriver, client: GlanceClient | null): GlanceHandlers {
  return {
    'glance.fetch': (params, work) => fetchImage(driver, need(client), params, work),
    'glance.send': async (params, work) => {
      await sendImage(driver, need(client), params, work);
      return {};
    },
    'glance.claim': async ({ imageId }) => {
      await claim(need(client), imageId);
      return {};
    },
    'glance.discard': async ({ imageId }) => {
      await need(client).remove(imageId);
      return {};
    },
  };
}
