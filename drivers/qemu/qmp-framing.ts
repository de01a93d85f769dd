// QMP's framing: a stream of JSON texts, one to a line. Pure: bytes in, parsed messages out; pieces may split a message (even
// inside a character) or join several. A peer that sends no line end is refused at a size limit, so it cannot fill our memory.
// Source: QEMU docs/interop/qmp-spec.txt (every message ends with CRLF).

/** A block graph of 24 disks with long chains is below 1 MiB. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export class QmpFramingError extends Error {
  override readonly name = 'QmpFramingError';
}

export class QmpFramer {
  private pieces: Buffer[] = [];
  private pendingBytes = 0;

  constructor(private readonly maxMessageBytes = MAX_MESSAGE_BYTES) {}

  /** Takes the next bytes and answers every message they complete. Throws QmpFramingError; the stream is useless after that. */
  push(bytes: Buffer): unknown[] {
    const messages: unknown[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      this.keep(bytes.subarray(start, end));
      const line = Buffer.concat(this.pieces).toString('utf8').trim();
      this.pieces = [];
      this.pendingBytes = 0;
      start = end + 1;
      if (line !== '') messages.push(parseLine(line));
    }
    this.keep(bytes.subarray(start));
    return messages;
  }

  private keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.pendingBytes += piece.length;
    if (this.pendingBytes > this.maxMessageBytes) {
      throw new QmpFramingError(`a message is longer than ${this.maxMessageBytes} bytes`);
    }
    // A copy: the socket may use its read buffer again.
    this.pieces.push(Buffer.from(piece));
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new QmpFramingError(`not JSON: ${line.slice(0, 80)}`);
  }
}
