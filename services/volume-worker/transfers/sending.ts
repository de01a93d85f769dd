// One download: a file that nobody changes meanwhile, read in any parts and as often as the reader likes, until it says that it has all
// (DELETE), some seconds after it has read the whole in one piece, or when it stands still.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pumpBytes } from '../../../drivers/process/pump-bytes.js';
import type {
  DirectConnection,
  FileDigest,
  OutgoingBytes,
  StreamMove,
  VolumeDriver,
} from '../../../drivers/volume-driver.js';
import { asServiceError, ServiceError } from '../../core/domain/errors.js';
import type { CommandOutput, CommandParams } from '../../core/messages/envelope.js';
import { parseByteRange } from './byte-range.js';
import { canSendDirectly, cutOff, sendHead } from './direct-connection.js';
import { MovementWatch } from './movement-watch.js';
import type { TransferWork } from './receiving.js';
import { end, interrupted, type OpenTransfer, type TransferDesk } from './transfer.js';
import { TransferEnd } from './transfer-end.js';

type Output = CommandOutput<'transfer.send'>;

/** More readers of one download at a time only take each other's bytes. */
const MAX_READERS = 4;
/** The reader of the whole may still want the hashes. */
const AFTER_WHOLE_MS = 5_000;
const SIGN_OF_LIFE_MS = 5_000;
/** A process whose reader has gone may still be telling that it has sent all. */
const AFTER_GONE_MS = 2_000;

/** Errors: `not_found`, `chain_mismatch` (the file is shorter), `transfer_interrupted` when nobody read all of it. */
export async function sendTransfer(
  driver: VolumeDriver,
  desk: TransferDesk,
  params: CommandParams<'transfer.send'>,
  work: TransferWork,
): Promise<Output> {
  const { share, file } = params;
  const sizeBytes = await driver.sizeOfFile({ share, file });
  const bytes = params.bytes ?? sizeBytes;
  if (bytes > sizeBytes) {
    throw new ServiceError('chain_mismatch', 'The file is shorter than it should be.', {
      context: { file, sizeBytes },
    });
  }
  const sending = new Sending(driver, params, bytes, work);
  return desk.during(params.transferId, sending, () => sending.whenOver());
}

class Sending implements OpenTransfer {
  readonly ticketSha256: string;
  readonly project: string | null;
  private readonly stop = new AbortController();
  private readonly watch: MovementWatch;
  private readonly readers = new Set<ServerResponse>();
  /** Of the readers, those whose connection another process has; and of these, those whom the share keeps waiting. */
  private readonly direct = new Set<ServerResponse>();
  private readonly heldUp = new Set<ServerResponse>();
  private readonly life: NodeJS.Timeout;
  private readonly etag: string;
  private afterWhole: NodeJS.Timeout | null = null;
  private sentBytes = 0;
  private wasWhole = false;
  private digest: Promise<FileDigest> | null = null;
  private hashing = false;
  private readonly over = new TransferEnd<Output>();

  constructor(
    private readonly driver: VolumeDriver,
    private readonly params: CommandParams<'transfer.send'>,
    private readonly bytes: number,
    private readonly work: TransferWork,
  ) {
    this.ticketSha256 = params.ticketSha256;
    this.project = params.project ?? null;
    this.etag = `"${params.transferId}"`;
    this.watch = new MovementWatch({
      idleMs: params.idleSeconds * 1000,
      moved: () => (this.hashing ? null : this.sentBytes),
      onLook: (moved) => work.onProgress(Math.min(99, (moved / Math.max(1, bytes)) * 100)),
      onIdle: () => this.onIdle(),
    });
    this.life = setTimeout(() => this.finish(this.wasWhole), params.lifeSeconds * 1000);
  }

  async whenOver(): Promise<Output> {
    try {
      return await this.over.wait(this.work.signal, (error) => this.fail(error));
    } finally {
      this.watch.stop();
      clearTimeout(this.life);
      if (this.afterWhole !== null) clearTimeout(this.afterWhole);
      this.stop.abort();
      for (const response of this.readers) {
        if (this.direct.has(response)) cutOff(response);
        else response.destroy();
      }
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse, part: string): Promise<void> {
    const { method } = request;
    if (part === 'digest') return method === 'GET' ? this.sendDigest(response) : end(response, 405, { allow: 'GET' });
    if (part !== '') return end(response, 404);
    switch (method) {
      case 'HEAD':
        return end(response, 200, { ...this.headers(), 'content-length': String(this.bytes) });
      case 'GET':
        return this.sendBytes(request, response);
      case 'DELETE':
        end(response, 204);
        return this.finish(true);
      default:
        return end(response, 405, { allow: 'HEAD, GET, DELETE' });
    }
  }

  private headers(): Record<string, string> {
    return { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', etag: this.etag };
  }

  private async sendBytes(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.readers.size >= MAX_READERS) return end(response, 429, { 'retry-after': '1' });
    const condition = request.headers['if-range'];
    const applies = condition === undefined || condition === this.etag;
    const range = applies ? parseByteRange(request.headers.range, this.bytes) : null;
    if (range === 'unsatisfiable') return end(response, 416, { 'content-range': `bytes */${this.bytes}` });
    const { start, bytes } = range ?? { start: 0, bytes: this.bytes };
    const isWhole = bytes === this.bytes;
    // Who will compare says so (RFC 9530), and the file is read once.
    const digest = isWhole && /^sha-256\b/.test(String(request.headers['want-repr-digest']));
    const { share, file } = this.params;
    const isDirect = canSendDirectly(response, bytes);
    this.readers.add(response);
    this.watch.restart();
    if (this.afterWhole !== null) clearTimeout(this.afterWhole);
    let open: OutgoingBytes | null = null;
    try {
      const status = range === null ? 200 : 206;
      const headers = {
        ...this.headers(),
        'cache-control': 'no-store',
        'content-length': String(bytes),
        ...(range === null ? {} : { 'content-range': `bytes ${start}-${start + bytes - 1}/${this.bytes}` }),
      };
      const spec = { share, file, start, bytes, digest };
      let facts: FileDigest;
      if (isDirect) {
        this.direct.add(response);
        const moves = this.countMoves(response);
        const to = async (): Promise<DirectConnection> => {
          const connection = await sendHead(response.writeHead(status, headers));
          return { connection, onMove: moves };
        };
        open = await this.driver.readBytes({ ...spec, to });
        facts = await this.whenSent(open, response);
        moves({ bytes, heldUp: false });
      } else {
        open = await this.driver.readBytes(spec);
        response.writeHead(status, headers);
        open.stream.on('data', (piece: Buffer) => {
          this.sentBytes += piece.length;
        });
        await pumpBytes(open.stream, response, bytes);
        facts = await open.result;
      }
      if (isWhole) this.onWhole(digest ? facts : null);
    } catch (thrown) {
      // The reader sees a body that is cut off, and may come again for the rest.
      if (!response.headersSent) throw asServiceError(thrown);
      if (isDirect) cutOff(response);
      else response.destroy();
    } finally {
      this.readers.delete(response);
      this.direct.delete(response);
      this.heldUp.delete(response);
      open?.close();
    }
  }

  /** Counts what goes by the connection itself. */
  private countMoves(response: ServerResponse): (move: StreamMove) => void {
    let counted = 0;
    return ({ bytes, heldUp }) => {
      this.sentBytes += Math.max(0, bytes - counted);
      counted = Math.max(counted, bytes);
      if (heldUp) this.heldUp.add(response);
      else this.heldUp.delete(response);
    };
  }

  private async whenSent(open: OutgoingBytes, response: ServerResponse): Promise<FileDigest> {
    let gone = (): void => undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      // Its process sees for itself that the reader has gone, unless it waits for the share. One that has all may go before it is known here; one that
      // hangs in the kernel ends when that lets it go, and its place is needed before.
      gone = () => {
        setTimeout(() => {
          open.close();
          setTimeout(() => reject(interrupted()), AFTER_GONE_MS).unref();
        }, AFTER_GONE_MS).unref();
      };
    });
    givenUp.catch(() => undefined); // told to whoever waits
    response.once('close', gone);
    // It was told to stop reading when the connection was handed over; what it reads is that the reader has gone.
    response.socket?.resume();
    try {
      const facts = await Promise.race([open.result, givenUp]);
      if (!response.destroyed) response.end();
      return facts;
    } finally {
      response.off('close', gone);
    }
  }

  private onWhole(digest: FileDigest | null): void {
    this.wasWhole = true;
    if (digest !== null) this.digest ??= Promise.resolve(digest);
    this.afterWhole = setTimeout(() => {
      if (this.readers.size === 0 && !this.hashing) this.finish(true);
    }, AFTER_WHOLE_MS);
  }

  /** JSON, with spaces in front of it while a large file is hashed, so that nobody on the way takes the silence for the end. */
  private async sendDigest(response: ServerResponse): Promise<void> {
    const { share, file } = this.params;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    const signs = setInterval(() => response.write(' '), SIGN_OF_LIFE_MS);
    this.hashing = true;
    this.digest ??= this.driver.digestFile({ share, file, bytes: this.bytes, sha256: true }, this.stop.signal);
    try {
      response.end(JSON.stringify(await this.digest));
    } catch {
      this.digest = null;
      response.destroy();
    } finally {
      clearInterval(signs);
      this.hashing = false;
      this.watch.restart();
    }
  }

  private onIdle(): void {
    // A reader that takes what it gets, and gets nothing: the share stands still, not the reader.
    const waits = [...this.readers].some((response) =>
      this.direct.has(response) ? this.heldUp.has(response) : response.headersSent && !response.writableNeedDrain,
    );
    if (waits) this.fail(new ServiceError('backend_offline', 'The share does not answer.'));
    else this.finish(this.wasWhole);
  }

  private finish(complete: boolean): void {
    if (complete) this.over.done({ sentBytes: this.sentBytes, complete });
    else this.fail(interrupted(this.sentBytes === 0 ? 'Nobody read the data.' : 'The data was not read to its end.'));
  }

  private fail(error: Error): void {
    this.over.fail(error);
  }
}
