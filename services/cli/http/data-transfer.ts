// The bytes of a disk between a local file and the data server of a volume worker, by URL and ticket. An upload is one piece; a download goes on
// where it stopped when the connection breaks. Zeros of a download become holes. What was moved is compared by hash at the end.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type http from 'node:http';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import type { Progress } from '../wait/progress.js';
import { answerOf, openByteCall } from './byte-call.js';
import type { TlsSettings } from './http-call.js';

export interface DataTransfer {
  /** Asked again while the transfer is not open; null: not known yet. Throws when it has failed. */
  readonly url: () => Promise<string | null>;
  readonly ticket: string;
  readonly tls: TlsSettings;
  readonly progress: Progress;
  /** How long to wait until it is open, milliseconds. */
  readonly openWithinMs: number;
}

const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);
const BUFFER_BYTES = 1024 * 1024;
/** Of what is sent: one is read while the others are on their way. */
const BLOCKS = 4;
/** Broken connections in a row, without a byte between them, after which a download gives up. */
const MAX_BREAKS = 8;

type Headers = Readonly<Record<string, string>>;

function start(url: string, method: string, { ticket, tls }: DataTransfer, headers: Headers): http.ClientRequest {
  return openByteCall(url, method, tls, { ...headers, authorization: `Bearer ${ticket}` });
}

async function ask(url: string, method: string, transfer: DataTransfer): Promise<http.IncomingMessage> {
  const call = start(url, method, transfer, {});
  call.end();
  return answerOf(call);
}

async function readText(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > 1_000_000) throw new CliError('The answer of the data server is too long.');
  }
  return text;
}

/** The URL, once the worker has the transfer open, and how many bytes a download has. */
async function whenOpen(transfer: DataTransfer): Promise<{ url: string; bytes: number }> {
  const until = performance.now() + transfer.openWithinMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 2_000)) {
    const url = await transfer.url();
    const answer = url === null ? null : await ask(url, 'HEAD', transfer).catch(() => null);
    answer?.resume();
    if (url !== null && (answer?.statusCode === 200 || answer?.statusCode === 204)) {
      return { url, bytes: Number(answer.headers['content-length'] ?? 0) };
    }
    if (answer?.statusCode === 410) throw new CliError('The transfer is over.', 'Begin it again.');
    if (performance.now() > until) {
      throw new CliError(
        `The transfer does not open${url === null ? '' : ` at ${new URL(url).origin}`}.`,
        'Can this machine reach the data server of the volume worker (dataServer.advertiseUrl)?',
      );
    }
    transfer.progress.show('waiting for the volume worker');
    await sleep(pauseMs);
  }
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** One line a few times a second: a bar, how much of how much, how fast, how long still. */
export class Bar {
  private readonly startedAt = performance.now();
  private shownAt = 0;

  constructor(
    private readonly progress: Progress,
    private readonly word: string,
    private readonly whole: number,
  ) {}

  moved(bytes: number): void {
    const now = performance.now();
    if (now - this.shownAt < 250) return;
    this.shownAt = now;
    const rate = (bytes * 1000) / Math.max(1, now - this.startedAt);
    const part = this.whole === 0 ? 1 : bytes / this.whole;
    const filled = Math.round(part * 20);
    const left = rate > 0 ? `, ${Math.ceil((this.whole - bytes) / rate)} s left` : '';
    const amount = `${bytesText(bytes)} of ${bytesText(this.whole)}, ${bytesText(rate)}/s${left}`;
    this.progress.show(`${this.word} [${'#'.repeat(filled)}${' '.repeat(20 - filled)}] ${amount}`);
  }
}

/** Errors: CliError with the worker's words when it refuses, and when the hashes differ. */
export async function uploadFile(file: string, bytes: number, transfer: DataTransfer): Promise<void> {
  let call: http.ClientRequest | null = null;
  try {
    const { url } = await whenOpen(transfer);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes) };
    call = start(url, 'PUT', transfer, headers);
    const answer = answerOf(call);
    const hash = createHash('sha256');
    const bar = new Bar(transfer.progress, 'sending', bytes);
    let sent = 0;
    const piped = sendFile(file, bytes, call, (piece) => {
      hash.update(piece);
      sent += piece.length;
      bar.moved(sent);
    }).then(
      () => null,
      (error: unknown) => error,
    );
    const broken = await Promise.race([piped, answer.then(() => null)]);
    // A refusal comes while the rest is still being sent; then the pipe breaks, and the answer says why.
    const response = await Promise.race([answer, ...(broken == null ? [] : [patience()])]);
    if (response === null) throw interrupted('sent', broken);
    const text = await readText(response);
    if (response.statusCode !== 201) throw refusal(response, text);
    await piped;
    expectSame(hash, JSON.parse(text) as Digest);
  } catch (error) {
    throw error instanceof CliError ? error : interrupted('sent', error);
  } finally {
    // What is still being sent after a refusal ends with it.
    call?.destroy();
    transfer.progress.clear();
  }
}

/**
 * Sends so many bytes of a file, by a few blocks that go round: fresh memory for every block would cost a page fault for each of its pages. Rejects
 * when the file has fewer, or nobody takes them.
 */
async function sendFile(
  file: string,
  bytes: number,
  call: http.ClientRequest,
  take: (piece: Buffer) => void,
): Promise<void> {
  const blocks = Array.from({ length: BLOCKS }, () => ({
    memory: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    sent: Promise.resolve(),
  }));
  const handle = await open(file);
  try {
    for (let at = 0; at < bytes; ) {
      const block = blocks.shift();
      if (block === undefined) throw new RangeError('no block goes round');
      await block.sent;
      const { bytesRead } = await handle.read(block.memory, 0, Math.min(BUFFER_BYTES, bytes - at), at);
      if (bytesRead === 0) throw new Error('the file has become shorter');
      const piece = block.memory.subarray(0, bytesRead);
      block.sent = new Promise((resolve, reject) => {
        call.write(piece, (error) => (error == null ? resolve() : reject(error)));
      });
      block.sent.catch(() => undefined); // told when its turn comes
      take(piece);
      at += bytesRead;
      blocks.push(block);
    }
    await Promise.all(blocks.map(({ sent }) => sent));
    call.end();
  } catch (error) {
    call.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    await handle.close();
  }
}

export function patience(): Promise<null> {
  return sleep(2_000, null, { ref: false });
}

interface Digest {
  readonly sha256?: string;
}

function expectSame(hash: Hash, digest: Digest): void {
  if (hash.digest('hex') === digest.sha256) return;
  throw new CliError('What arrived is not what was sent: the SHA-256 differs.', 'Try again; check memory and network.');
}

export function interrupted(how: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError(`The data could not be ${how} to its end: ${reason}.`, 'Try again.', { cause });
}

function refusal(response: http.IncomingMessage, text: string): CliError {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return new CliError(message);
  } catch {
    // No JSON: the status is all there is.
  }
  return new CliError(`The data server answered with HTTP ${response.statusCode}.`);
}

/**
 * Reads all of it into `file`, which must not exist, with holes where it is zero. Returns the bytes of the whole. Errors: CliError; then the
 * file is removed.
 */
export async function downloadFile(file: string, transfer: DataTransfer): Promise<number> {
  try {
    const { url, bytes } = await whenOpen(transfer);
    const handle = await open(file, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      const target = new SparseTarget(handle, hash);
      await readAll(url, bytes, target, transfer);
      await target.finish();
      await handle.truncate(bytes);
      await handle.sync();
      transfer.progress.show('comparing the hashes');
      const digest = JSON.parse(await readText(await ask(`${url}/digest`, 'GET', transfer))) as Digest;
      expectSame(hash, digest);
    } catch (error) {
      await unlink(file);
      throw error;
    } finally {
      await handle.close();
    }
    (await ask(url, 'DELETE', transfer).catch(() => null))?.resume();
    return bytes;
  } catch (error) {
    throw error instanceof CliError ? error : interrupted('read', error);
  } finally {
    transfer.progress.clear();
  }
}

async function readAll(url: string, bytes: number, target: SparseTarget, transfer: DataTransfer): Promise<void> {
  const bar = new Bar(transfer.progress, 'reading', bytes);
  for (let breaks = 0; target.at < bytes; ) {
    const before = target.at;
    try {
      const call = start(url, 'GET', transfer, { range: `bytes=${before}-`, 'want-repr-digest': 'sha-256=10' });
      call.end();
      const response = await answerOf(call);
      const { statusCode } = response;
      if (statusCode !== 206 && !(statusCode === 200 && before === 0)) {
        throw refusal(response, await readText(response));
      }
      await writePieces(response, (piece) => {
        bar.moved(target.at);
        return target.write(piece);
      });
    } catch (error) {
      breaks = target.at > before ? 1 : breaks + 1;
      if (breaks > MAX_BREAKS || (error instanceof CliError && target.at === before)) throw error;
      await sleep(Math.min(5_000, 100 * 2 ** breaks));
    }
  }
}

/** Reads an answer to its end. By its events: to wait for every piece of 64 KiB would take as long as to hash it. Rejects when it breaks off. */
export async function writePieces(
  response: http.IncomingMessage,
  write: (piece: Buffer) => Promise<void> | null,
): Promise<void> {
  let written: Promise<unknown> | null = null;
  response.on('data', (piece: Buffer) => {
    const wait = write(piece);
    if (wait === null) return;
    response.pause();
    written = wait.then(
      () => response.resume(),
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  try {
    await finished(response);
  } finally {
    // Who takes it up where it broke must not write beside it.
    await written;
  }
}

/**
 * A file that is written from its beginning to its end, in whole blocks, so that a block of zeros is left out. The pieces that come are small:
 * they are put together in one of two buffers, while the other is hashed and written.
 */
export class SparseTarget {
  /** So many bytes are taken; the last of them may wait for the rest of their buffer. */
  at = 0;
  private buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private other = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private filled = 0;
  private writing: Promise<void> = Promise.resolve();

  /** `hash`: of all that is written; null: nobody asks for it. */
  constructor(
    private readonly handle: FileHandle,
    private readonly hash: Hash | null,
  ) {}

  /** null: it is taken. Otherwise whoever has more waits. */
  write(piece: Buffer): Promise<void> | null {
    const took = piece.copy(this.buffer, this.filled);
    this.filled += took;
    this.at += took;
    if (this.filled < BUFFER_BYTES) return null;
    return this.pass().then(() => (took < piece.length ? this.write(piece.subarray(took)) : undefined) ?? undefined);
  }

  /** What waits for the rest of a buffer that never comes; then all of it is written. */
  async finish(): Promise<void> {
    await this.pass();
    await this.writing;
  }

  private async pass(): Promise<void> {
    await this.writing;
    const bytes = this.buffer.subarray(0, this.filled);
    [this.buffer, this.other] = [this.other, this.buffer];
    this.filled = 0;
    this.writing = this.put(bytes, this.at - bytes.length);
    this.writing.catch(() => undefined); // told to whoever passes the next one on
    this.hash?.update(bytes);
  }

  private async put(bytes: Buffer, at: number): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      let end = start;
      while (end < bytes.length && !isZero(bytes.subarray(end, end + HOLE_BYTES))) end += HOLE_BYTES;
      end = Math.min(end, bytes.length);
      for (let done = start; done < end; ) {
        done += (await this.handle.write(bytes, done, end - done, at + done)).bytesWritten;
      }
      start = end === start ? start + HOLE_BYTES : end;
    }
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.compare(ZEROS, 0, bytes.length) === 0;
}
