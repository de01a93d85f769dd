// Streams between a client of this API and the data server of a volume worker, for APIs whose clients send their bytes to us (the image
// API). The api process opens no share and keeps no bytes: what one side does not take holds the other up, and what one side breaks off is
// broken off at the other.
//
//   client --request--> pipeToWorker   --PUT--> worker         worker --GET--> pipeFromWorker --response--> client
//
// How to use it: in one transaction draw `newTransferTicket()` (services/core/domain/transfer-ticket.ts), accept an operation with a
// `transfer.receive` (or `.send`) step whose parameters carry `ticketSha256` and a fresh `transferId` (services/core/operations/
// transfer-steps.ts has the steps); after commit call one of these with the ticket. `workerUrl`: `findDataServerUrl` (core/db/transfer).
// The worker opens the transfer when the command reaches it, so both wait for that first; a transfer whose operation waits for a lock is
// not opened before it begins.
// What pipeToWorker answers was observed by the worker; rows change by the operation's outcome, a moment later.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrorCode, ServiceError } from '../../core/domain/errors.js';
import { answerOf, openCall, type StreamedCall } from '../../core/runtime/streamed-call.js';

export interface TransferTarget {
  readonly transferId: string;
  readonly ticket: string;
  /** Base URL of the data server of the pool's worker; asked again while the transfer is not open. null: not known now. */
  readonly workerUrl: () => Promise<string | null>;
}

export interface TransferLimits {
  /** Aborted when the client has gone. */
  readonly signal?: AbortSignal;
  /** How long to wait until the worker has opened the transfer, in milliseconds. */
  readonly openWithinMs?: number;
  /** How long neither side may move a byte, in milliseconds. */
  readonly idleMs?: number;
  /** PEM of the authority that signed the worker's certificate; default: those that Node knows. */
  readonly ca?: string;
}

/** The worker's answer to a complete upload: the bytes are on the share, durable and judged. */
export interface ReceivedFacts {
  readonly bytes: number;
  /** As the transfer was opened: these two, or SHA-256. */
  readonly md5?: string;
  readonly sha512?: string;
  readonly sha256?: string;
  readonly detected: readonly string[];
  readonly virtualSizeBytes: number;
}

/** The head of a download; the body must be consumed or destroyed. */
export interface OpenDownload {
  /** 200, or 206 for a range, or 416. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

const OPEN_WITHIN_MS = 30_000;
const IDLE_MS = 120_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const QUESTION_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Of the worker's answer, what a client of ours may be told. */
const passedHeaders = ['content-length', 'content-range', 'accept-ranges', 'etag'] as const;

/**
 * Sends all of `source` as the bytes of the transfer. Errors: those that the worker judged by (`bad_request`, `hostile_image`,
 * `body_too_large`, `no_space`, `backend_offline`), `transfer_interrupted` when the source broke off or the worker did, `deadline_exceeded`
 * when the transfer was not opened in time. The source is destroyed in every case but success.
 */
export async function pipeToWorker(
  source: Readable,
  target: TransferTarget,
  limits: TransferLimits & { readonly contentLength?: number } = {},
): Promise<ReceivedFacts> {
  try {
    const url = await whenOpen(target, limits);
    const { contentLength } = limits;
    const length = contentLength === undefined ? {} : { 'content-length': String(contentLength) };
    const call = start(url, 'PUT', target, { 'content-type': 'application/octet-stream', ...length }, limits);
    const answer = answerOf(call);
    // A refusal comes before the end of the body; then it is the answer, and not that the pipe broke.
    const sent = pipeline(source, call).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const first = await Promise.race([answer.then(() => 'answered' as const), sent]);
    if (first !== 'answered' && first !== null) {
      const late = await Promise.race([answer, sleep(1_000, null, { ref: false })]).catch(() => null);
      if (late === null) throw interrupted(first);
    }
    const response = await answer;
    const body = await readJson(response);
    if (response.statusCode !== 201) throw refusalOf(response, body);
    return body as unknown as ReceivedFacts;
  } catch (thrown) {
    source.destroy();
    throw thrown instanceof ServiceError ? thrown : interrupted(thrown);
  }
}

/**
 * Opens a download of the transfer, of a range of it with `range` (an HTTP Range header as the client sent it). `digest`: the SHA-256 is made on
 * the way, for whoever asks for it afterwards. Whoever gets it pipes the
 * body, best with `pipeline` of node:stream/promises, which breaks off both sides. Errors: as `pipeToWorker`.
 */
export async function pipeFromWorker(
  target: TransferTarget,
  limits: TransferLimits & { readonly range?: string; readonly digest?: boolean } = {},
): Promise<OpenDownload> {
  const url = await whenOpen(target, limits);
  try {
    const range = limits.range === undefined ? {} : { range: limits.range };
    const digest = limits.digest === true ? { 'want-repr-digest': 'sha-256=10' } : {};
    const call = start(url, 'GET', target, { ...range, ...digest }, limits);
    call.end();
    const response = await answerOf(call);
    const status = response.statusCode ?? 0;
    if (status !== 200 && status !== 206 && status !== 416) throw refusalOf(response, await readJson(response));
    const headers = passedHeaders.flatMap((name) => {
      const value = response.headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    return { status, headers: Object.fromEntries(headers), body: response };
  } catch (thrown) {
    throw thrown instanceof ServiceError ? thrown : interrupted(thrown);
  }
}

/** Ends a transfer: an upload that nobody will send fails at once, a download that has been read is over. Never rejects. */
export async function endTransfer(target: TransferTarget, limits: TransferLimits = {}): Promise<void> {
  try {
    // Where it is open: the first worker that is named may be a standby, who knows nothing of it.
    const url = await whenOpen(target, { openWithinMs: QUESTION_MS, ...limits });
    const call = start(url, 'DELETE', target, {}, { ...limits, idleMs: QUESTION_MS });
    call.end();
    (await answerOf(call)).resume();
  } catch {
    // The worker ends it by itself when nothing moves.
  }
}

function start(
  workerUrl: string,
  method: StreamedCall['method'],
  { transferId, ticket }: TransferTarget,
  headers: Record<string, string>,
  { signal, idleMs = IDLE_MS, ca }: TransferLimits,
): ClientRequest {
  const url = new URL(`${workerUrl.replace(/\/$/, '')}/transfers/${transferId}`);
  return openCall(url, {
    method,
    headers: { authorization: `Bearer ${ticket}`, ...headers },
    idleMs,
    ...(signal === undefined ? {} : { signal }),
    ...(ca === undefined ? {} : { ca }),
  });
}

/** The worker's base URL once it has the transfer open. */
async function whenOpen(target: TransferTarget, limits: TransferLimits): Promise<string> {
  const { signal, openWithinMs = OPEN_WITHIN_MS } = limits;
  const until = performance.now() + openWithinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const url = await target.workerUrl();
    if (url !== null && (await isOpen(url, target, limits))) return url;
    if (signal?.aborted === true) throw interrupted(signal.reason);
    if (performance.now() + pauseMs > until) {
      throw new ServiceError('backend_offline', 'The volume service did not open the transfer in time.', {
        context: { transferId: target.transferId, url },
      });
    }
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch((thrown: unknown) => {
      throw interrupted(thrown);
    });
  }
}

/** Errors: `transfer_interrupted` when it was open once and is over. */
async function isOpen(url: string, target: TransferTarget, limits: TransferLimits): Promise<boolean> {
  let status: number;
  try {
    const call = start(url, 'HEAD', target, {}, { ...limits, idleMs: QUESTION_MS });
    call.end();
    const response = await answerOf(call);
    response.resume();
    status = response.statusCode ?? 0;
  } catch {
    return false;
  }
  if (status === 410) throw interrupted({ status });
  return status === 200 || status === 204;
}

async function readJson(response: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw interrupted('the answer of the worker is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function refusalOf(response: IncomingMessage, body: Record<string, unknown>): ServiceError {
  const { code, message } = body;
  if (isErrorCode(code) && typeof message === 'string') return new ServiceError(code, message);
  return interrupted({ status: response.statusCode });
}

function interrupted(cause: unknown): ServiceError {
  return new ServiceError('transfer_interrupted', 'The transfer of the data was interrupted.', { cause });
}
