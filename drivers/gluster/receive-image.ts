// Takes bytes from outside as a new image file. They come from somebody who is not trusted, so the file is judged under its temporary name
// by everything that judges files elsewhere, and gets its name last.
//
//   source -> .FILE.part (holes kept, hashed on the way, durable) -> judged -> .FILE.received (what was observed) -> FILE
// Cut off anywhere it leaves the temporary file at most, which the next attempt or the removal of FILE takes away. Cut off behind FILE, a
// repetition finds what was observed beside it and answers the same: the sender, who has been told that all is well, need not come again.
import { Readable } from 'node:stream';
import type { Layer } from '../../services/core/domain/chain.js';
import { asServiceError, ServiceError } from '../../services/core/domain/errors.js';
import { cancelledError } from '../../services/core/domain/work-end.js';
import {
  DETECTION_BYTES,
  DETECTION_TAIL_BYTES,
  detectFormats,
  findContainerClaim,
  findSecondClaim,
} from '../image/format-detection.js';
import { findForeignReference, findHostileTrait, findTableOutside } from '../image/image-guard.js';
import { describeChainForQemu } from '../image/image-source.js';
import { readQcow2Header } from '../image/qcow2-header.js';
import { pumpBytes } from '../process/pump-bytes.js';
import type { DirectSource, ReceivedImage, ReceiveImageSpec } from '../volume-driver.js';
import { partNameOf, receivedNameOf, requireFileName } from './file-names.js';
import { type ImageTools, paddingOf } from './make-image.js';
import type { OpenShare } from './open-shares.js';
import { IMAGE_HASHES, type StreamFacts, VOLUME_HASHES } from './share-stream-protocol.js';

const FACTS_BYTES = 4096;
/** For a process that ends to say why, or to be gone. */
const LAST_WORD_MS = 2_000;

/** What of the file may be told before it has its name; the layer is the same afterwards. */
interface Judged {
  readonly layer: Layer;
  readonly detected: readonly string[];
}

export async function receiveImage(
  share: OpenShare,
  spec: ReceiveImageSpec,
  source: Readable | DirectSource,
  tools: ImageTools,
  signal: AbortSignal,
): Promise<ReceivedImage> {
  const file = requireFileName(spec.file);
  try {
    const { bytes, ...hashes } = await takeBytes(share, spec, source, tools.fileMode, signal);
    const judged = await judge(share, spec, bytes, tools);
    const received: ReceivedImage = { ...judged, bytes, ...hashes };
    const facts = { file: receivedNameOf(file), content: JSON.stringify(received), mode: 0o600 };
    await share.io.call('replaceFile', facts);
    // A large file that was just written may take long to sync.
    const deadlineMs = 60_000 + bytes / (8 * 1024 * 1024);
    await share.io.call('publishFile', { file, padTo: paddingOf(judged.layer.format) }, deadlineMs);
    return received;
  } catch (thrown) {
    await share.io.call('dropPart', { file }).catch(() => undefined); // the first error is the one to tell
    throw thrown;
  }
}

export async function findReceived(share: OpenShare, file: string): Promise<ReceivedImage | null> {
  if ((await share.io.call('inspect', { file: requireFileName(file) })) === null) return null;
  const { head } = await share.io.call('readHead', { file: receivedNameOf(file), bytes: FACTS_BYTES });
  // Killed between the two, the file has its temporary name still.
  await share.io.call('dropPart', { file });
  return JSON.parse(Buffer.from(head).toString('utf8')) as ReceivedImage;
}

async function takeBytes(
  { io }: OpenShare,
  spec: ReceiveImageSpec,
  source: Readable | DirectSource,
  mode: number,
  signal: AbortSignal,
): Promise<StreamFacts> {
  const { file, maxBytes, hash } = spec;
  const hashes = hash === undefined ? IMAGE_HASHES : VOLUME_HASHES;
  const direct = source instanceof Readable ? null : source;
  const task = { task: 'receive', file, mode, maxBytes, hashes } as const;
  const stream = io.openStream(direct === null ? task : { ...task, connectionBytes: direct.restBytes }, direct);
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      stream.kill();
      setTimeout(() => reject(cancelledError()), LAST_WORD_MS).unref();
    };
  });
  stopped.catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const begun = source instanceof Readable ? source : Readable.from([source.first]);
    const piped = pumpBytes(begun, stream.input).then(
      () => null,
      (thrown: unknown) => ({ thrown }),
    );
    // What the process says of the share comes before what the broken pipe says of it; a process that is still writing is ended.
    const first = await Promise.race([piped, stream.result.then(() => null)]);
    if (first !== null) await Promise.race([stream.result, later(first.thrown)]);
    // Of a connection nothing breaks here when the process is ended, and one that hangs in the kernel does not end.
    const facts = await Promise.race([stream.result, ...(direct === null ? [] : [stopped])]);
    const broken = await piped;
    if (broken !== null) throw sourceFailed(broken.thrown);
    return facts;
  } catch (thrown) {
    throw signal.aborted ? cancelledError() : thrown;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.kill();
  }
}

/** The process gets a moment to say why its pipe broke. */
function later(thrown: unknown): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(sourceFailed(thrown)), LAST_WORD_MS).unref();
  });
}

function sourceFailed(cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  return new ServiceError('transfer_interrupted', 'The transfer of the data was interrupted.', { cause });
}

async function judge(share: OpenShare, spec: ReceiveImageSpec, bytes: number, tools: ImageTools): Promise<Judged> {
  const { file, format, expectedBytes, maxVirtualSizeBytes } = spec;
  if (bytes === 0) throw refused('No data was sent.');
  if (expectedBytes !== undefined && bytes !== expectedBytes) {
    throw refused(`${bytes} bytes were sent, and ${expectedBytes} were announced.`);
  }
  const part = partNameOf(file);
  const ends = { file: part, bytes: DETECTION_BYTES, tailBytes: DETECTION_TAIL_BYTES };
  const { head, tail } = await share.io.call('readHead', ends);
  const detected = detectFormats(head, tail);
  const layerFormat = format === 'qcow2' ? 'qcow2' : 'raw';
  let virtualSizeBytes = Math.ceil(bytes / 512) * 512;
  if (format === 'raw') {
    const claim = findContainerClaim(head, tail);
    if (claim !== null) throw hostile(spec, `it claims to be ${claim}`);
  }
  if (format === 'qcow2') virtualSizeBytes = await judgeQcow2(share, spec, { head, tail, bytes }, tools);
  if (maxVirtualSizeBytes !== undefined && virtualSizeBytes > maxVirtualSizeBytes) {
    throw refused(`The disk has ${virtualSizeBytes} bytes, and the volume only ${maxVirtualSizeBytes}.`);
  }
  return { layer: { file, format: layerFormat, virtualSizeBytes, snapshotId: null }, detected };
}

interface Ends {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly bytes: number;
}

/** Answers the virtual size. The header's own rules come first; only then a tool reads the tables. */
async function judgeQcow2(
  share: OpenShare,
  spec: ReceiveImageSpec,
  { head, tail, bytes }: Ends,
  tools: ImageTools,
): Promise<number> {
  const second = findSecondClaim(head, tail);
  if (second !== null) throw hostile(spec, `it claims to be ${second} as well`);
  const reading = readQcow2Header(head);
  if (reading.kind === 'not-qcow2') throw hostile(spec, 'it is no qcow2');
  if (reading.kind === 'malformed') throw hostile(spec, reading.reason);
  const { header } = reading;
  const padded = Math.ceil(bytes / paddingOf('qcow2')) * paddingOf('qcow2');
  const trait =
    findHostileTrait(header) ?? findForeignReference(header, { below: null }) ?? findTableOutside(header, padded);
  if (trait !== null) throw hostile(spec, `it has ${trait}`);
  if (header.virtualSizeBytes === 0) throw hostile(spec, 'its disk is empty');
  const part: Layer = { file: partNameOf(spec.file), format: 'qcow2', virtualSizeBytes: 0, snapshotId: null };
  const state = await tools.qemuImg.check(describeChainForQemu(share.path, [part])).catch((thrown: unknown) => {
    const error = asServiceError(thrown);
    throw error.code === 'internal' ? hostile(spec, error.message) : error;
  });
  if (state === 'corrupt') throw hostile(spec, 'its tables are corrupt');
  return header.virtualSizeBytes;
}

function refused(text: string): ServiceError {
  return new ServiceError('bad_request', text);
}

function hostile(spec: ReceiveImageSpec, reason: string): ServiceError {
  return new ServiceError('hostile_image', `The data cannot be taken as a disk of format ${spec.format}.`, {
    context: { file: spec.file, format: spec.format, reason },
  });
}
