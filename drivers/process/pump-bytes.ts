// Passes all bytes of one stream on to another, and leaves both as they are when something breaks: a connection whose bytes are refused still
// has to carry the answer, which `pipeline` of Node would make impossible. Never holds more than a buffer of its own size back.
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

const BUFFER_BYTES = 1024 * 1024;

/**
 * Resolves when `sink` has taken everything and is ended. Rejects with the first error of either; then the source stands still. `wholeBytes`: the
 * sink is ended with the last of so many, and not only when the source says that there is no more: whoever waits at its other end for exactly so
 * many goes then, which would look as if it had broken off.
 */
export async function pumpBytes(
  source: Readable,
  sink: Writable,
  wholeBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  let passed = 0;
  // By the sink's own measure, 16 KiB, every piece would stop and start the source.
  const pass = (piece: Buffer): void => {
    passed += piece.length;
    if (!sink.write(piece) && sink.writableLength >= BUFFER_BYTES) source.pause();
    if (passed >= wholeBytes) sink.end();
  };
  const goOn = (): void => {
    source.resume();
  };
  const end = (): void => {
    sink.end();
  };
  source.on('data', pass).once('end', end);
  sink.on('drain', goOn);
  // One that was told to wait until now does not begin by being listened to.
  source.resume();
  try {
    await Promise.all([finished(source, { writable: false }), finished(sink, { readable: false })]);
  } finally {
    source.off('data', pass).off('end', end).pause();
    sink.off('drain', goOn);
  }
}
