// One HTTP exchange, on node:http(s) and not on fetch, because a private certificate authority can only be given there, and because
// it is loaded faster. GETs are tried again after a lost connection or an answer that says "later"; nothing else ever is, because a
// repeated POST could make a second volume. Answers are bounded in size and time.
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli-error.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; a header may name another type for it. */
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface TlsSettings {
  readonly ca: string | null;
  readonly verify: boolean;
}

export interface HttpOptions {
  readonly tls: TlsSettings;
  /** Milliseconds for one try. */
  readonly timeoutMs?: number;
  readonly onExchange?: (request: HttpRequest, answer: HttpAnswer, elapsedMs: number) => void;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Waits between the tries of a GET, milliseconds. */
const retryDelaysMs = [200, 500, 1_000, 2_000] as const;
const laterStatuses = new Set([429, 502, 503, 504]);
const MAX_RETRY_AFTER_MS = 10_000;

/** Errors: CliError when no answer came. Any HTTP status is an answer. */
export async function callHttp(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const delays = request.method === 'GET' || request.method === 'HEAD' ? retryDelaysMs : [];
  for (const delay of delays) {
    try {
      const answer = await callOnce(request, options);
      if (!laterStatuses.has(answer.status)) return answer;
      await sleep(Math.max(delay, retryAfterMs(answer)));
    } catch (error) {
      if (!isTransient(error)) throw explain(request.url, error);
      await sleep(delay);
    }
  }
  try {
    return await callOnce(request, options);
  } catch (error) {
    throw explain(request.url, error);
  }
}

function callOnce(request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const body = request.body === undefined ? null : Buffer.from(JSON.stringify(request.body));
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'saggar', ...request.headers };
  if (body !== null) {
    headers['content-type'] ??= 'application/json';
    headers['content-length'] = String(body.length);
  }
  const { ca, verify } = options.tls;
  const secure = url.protocol === 'https:' ? { rejectUnauthorized: verify, ...(ca === null ? {} : { ca }) } : {};
  const transport = url.protocol === 'https:' ? https : http;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const wire = transport.request(url, { method: request.method, headers, ...secure }, (incoming) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > MAX_ANSWER_BYTES) wire.destroy(new Error('the answer is larger than 64 MiB'));
        else pieces.push(piece);
      });
      incoming.once('error', reject);
      incoming.once('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(pieces).toString('utf8');
        const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
        options.onExchange?.(request, answer, performance.now() - started);
        resolve(answer);
      });
    });
    const timer = setTimeout(() => {
      wire.destroy(Object.assign(new Error(`no answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    wire.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    wire.end(body ?? undefined);
  });
}

/** Seconds only; the date form is not worth a wait. */
function retryAfterMs(answer: HttpAnswer): number {
  const seconds = Number(answer.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : 0;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] };
  return code ?? errors?.[0]?.code ?? '';
}

function isTransient(error: unknown): boolean {
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(codeOf(error));
}

function explain(url: string, error: unknown): CliError {
  const { origin } = new URL(url);
  const code = codeOf(error);
  const reason = error instanceof Error && error.message !== '' ? error.message : code;
  if (code === 'ECONNREFUSED') {
    return new CliError(`Nothing answers at ${origin}.`, 'Is the service running, and is OS_AUTH_URL right?');
  }
  if (code === 'ENOTFOUND') return new CliError(`The host of ${origin} is not known.`, 'Check OS_AUTH_URL.');
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) {
    return new CliError(
      `The certificate of ${origin} is not trusted: ${reason}.`,
      'Give its authority with OS_CACERT.',
    );
  }
  return new CliError(`No answer from ${origin}: ${reason}.`, 'Try again; nothing is known about what was done.', {
    cause: error,
  });
}
