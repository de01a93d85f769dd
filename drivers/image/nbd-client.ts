// A client of one NBD server at a UNIX socket: reads, writes and zeroes ranges of a disk, several requests at a time. Only what qemu-nbd needs.
// Source: the NBD project's proto.md (fixed newstyle negotiation, NBD_OPT_EXPORT_NAME, simple replies).
//
//   connect -> greeting, flags, export name -> size -> requests with a cookie each <-> replies in any order -> disconnect
//
// A lost connection, or a reply that makes no sense, rejects all that is under way and everything after it.
import { createConnection, type Socket } from 'node:net';
import { ServiceError } from '../../services/core/domain/errors.js';

const NBD_MAGIC = 0x4e42444d41474943n; // 'NBDMAGIC'
const OPTION_MAGIC = 0x49484156454f5054n; // 'IHAVEOPT'
const REQUEST_MAGIC = 0x25609513;
const REPLY_MAGIC = 0x67446698;
const FLAG_FIXED_NEWSTYLE = 1;
const OPTION_EXPORT_NAME = 1;
const GREETING_BYTES = 18;
/** Size, flags, and 124 zeros that we do not ask to be left out. */
const EXPORT_BYTES = 134;
const REPLY_BYTES = 16;
/** Far above what is read at once; a server that promises more is not ours. */
const MAX_READ_BYTES = 64 * 1024 ** 2;

const commands = { read: 0, write: 1, disconnect: 2, flush: 3, writeZeroes: 6 } as const;
/** Zeroes may not become a hole. */
const FLAG_NO_HOLE = 2;

interface Pending {
  readonly bytes: number;
  readonly resolve: (data: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export class NbdClient {
  private readonly pending = new Map<bigint, Pending>();
  private received: Buffer[] = [];
  private receivedBytes = 0;
  private cookie = 0n;
  private failure: ServiceError | null = null;
  private wanted: { bytes: number; resolve: (data: Buffer) => void; reject: (error: Error) => void } | null = null;
  private negotiated = false;

  private constructor(
    private readonly socket: Socket,
    private size = 0,
  ) {
    socket.on('data', (piece: Buffer) => this.take(piece));
    socket.on('error', (cause) => this.fail(cause));
    socket.on('close', () => this.fail(null));
  }

  /** Errors: those of the socket (nobody listens yet), `internal` for a server that is none. */
  static async connect(path: string): Promise<NbdClient> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new NbdClient(socket);
    await client.negotiate();
    return client;
  }

  /** Of the disk, in bytes. */
  get sizeBytes(): number {
    return this.size;
  }

  read(offset: number, length: number): Promise<Buffer> {
    if (length > MAX_READ_BYTES) throw new Error('a read of too many bytes');
    return this.request(commands.read, { offset, length, bytes: length });
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    await this.request(commands.write, { offset, length: data.length, data });
  }

  /** `mayBeHole`: the range may take no room afterwards. */
  async zero(offset: number, length: number, mayBeHole: boolean): Promise<void> {
    await this.request(commands.writeZeroes, { offset, length, flags: mayBeHole ? 0 : FLAG_NO_HOLE });
  }

  /** All that was answered before is durable. */
  async flush(): Promise<void> {
    await this.request(commands.flush, { offset: 0, length: 0 });
  }

  /** Says good-bye; the server closes its files. Never rejects. */
  async close(): Promise<void> {
    if (this.failure === null && !this.socket.destroyed) {
      const closed = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
      this.socket.end(requestHeader(commands.disconnect, 0, 0n, 0, 0));
      await closed;
    }
    this.socket.destroy();
  }

  private async negotiate(): Promise<void> {
    const greeting = await this.exactly(GREETING_BYTES);
    if (greeting.readBigUInt64BE(0) !== NBD_MAGIC || greeting.readBigUInt64BE(8) !== OPTION_MAGIC) throw senseless();
    const answer = Buffer.alloc(4 + 16);
    answer.writeUInt32BE(greeting.readUInt16BE(16) & FLAG_FIXED_NEWSTYLE, 0);
    answer.writeBigUInt64BE(OPTION_MAGIC, 4);
    answer.writeUInt32BE(OPTION_EXPORT_NAME, 12); // with a name of length 0: the default export
    this.socket.write(answer);
    const exported = await this.exactly(EXPORT_BYTES);
    this.size = Number(exported.readBigUInt64BE(0));
    this.negotiated = true;
    this.parse();
  }

  private exactly(bytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) reject(this.failure);
      else {
        this.wanted = { bytes, resolve, reject };
        this.parse();
      }
    });
  }

  private request(
    command: number,
    {
      offset,
      length,
      bytes = 0,
      data,
      flags = 0,
    }: {
      readonly offset: number;
      readonly length: number;
      readonly bytes?: number;
      readonly data?: Uint8Array;
      readonly flags?: number;
    },
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) {
        reject(this.failure);
        return;
      }
      this.cookie += 1n;
      this.pending.set(this.cookie, { bytes, resolve, reject });
      this.socket.write(requestHeader(command, flags, this.cookie, offset, length));
      if (data !== undefined) this.socket.write(data);
    });
  }

  private take(piece: Buffer): void {
    this.received.push(piece);
    this.receivedBytes += piece.length;
    this.parse();
  }

  private parse(): void {
    if (!this.negotiated) {
      const { wanted } = this;
      if (wanted === null || this.receivedBytes < wanted.bytes) return;
      this.wanted = null;
      wanted.resolve(this.pull(wanted.bytes));
      return;
    }
    while (this.failure === null && this.receivedBytes >= REPLY_BYTES) {
      const header = this.peek(REPLY_BYTES);
      const pending = this.pending.get(header.readBigUInt64BE(8));
      if (header.readUInt32BE(0) !== REPLY_MAGIC || pending === undefined) {
        this.fail(new Error('a reply that makes no sense'));
        return;
      }
      const errno = header.readUInt32BE(4);
      const bytes = errno === 0 ? pending.bytes : 0;
      if (this.receivedBytes < REPLY_BYTES + bytes) return;
      this.pull(REPLY_BYTES);
      this.pending.delete(header.readBigUInt64BE(8));
      if (errno === 0) pending.resolve(this.pull(bytes));
      else pending.reject(asServiceErrorOf(errno));
    }
  }

  private peek(bytes: number): Buffer {
    const [first] = this.received;
    if (first !== undefined && first.length >= bytes) return first.subarray(0, bytes);
    const all = Buffer.concat(this.received);
    this.received = [all];
    return all.subarray(0, bytes);
  }

  private pull(bytes: number): Buffer {
    if (bytes === 0) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      const piece = this.received.shift();
      if (piece === undefined) throw new Error('bytes that were counted are not there');
      const part = piece.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      if (part.length < piece.length) this.received.unshift(piece.subarray(part.length));
    }
    this.receivedBytes -= bytes;
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts, bytes);
  }

  private fail(cause: Error | null): void {
    this.failure ??= new ServiceError('backend_offline', 'The share does not answer.', { cause });
    this.socket.destroy();
    this.wanted?.reject(this.failure);
    this.wanted = null;
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}

function requestHeader(command: number, flags: number, cookie: bigint, offset: number, length: number): Buffer {
  const header = Buffer.alloc(28);
  header.writeUInt32BE(REQUEST_MAGIC, 0);
  header.writeUInt16BE(flags, 4);
  header.writeUInt16BE(command, 6);
  header.writeBigUInt64BE(cookie, 8);
  header.writeBigUInt64BE(BigInt(offset), 16);
  header.writeUInt32BE(length, 24);
  return header;
}

/** Errno values as NBD defines them. */
function asServiceErrorOf(errno: number): ServiceError {
  if (errno === 28) return new ServiceError('no_space', 'The share has no space left.');
  return new ServiceError('backend_offline', 'The share does not answer.', { context: { errno } });
}

function senseless(): ServiceError {
  return new ServiceError('internal', 'The image tool gave an answer that makes no sense.');
}
