// One question to another OpenStack service (a Keystone, a Glance) over HTTP or HTTPS: bounded in time and size, on kept connections. Every
// way in which no answer can be had is the service's own "offline" error; a status is an answer, except those that mean "not now".
// node:https rather than fetch, because fetch cannot be given a certificate authority of its own.
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { ServiceError } from '../domain/errors.js';

export interface ServiceHttpOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** PEM; null: the authorities that Node knows. */
  readonly ca: string | null;
  /** From the first byte sent to the last one read. */
  readonly timeoutMs: number;
  /** What is thrown when there is no answer. The reason is for the log alone. */
  readonly offline: (reason: string, cause?: unknown) => ServiceError;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

export interface ServiceQuestion {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base URL, with a slash at its start. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; default application/json. */
  readonly contentType?: string;
}

/** With a catalog left out, a token's facts are a few kilobytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 16;
const NOT_NOW = [429, 500, 502, 503, 504];

export class ServiceHttp {
  private readonly agent: http.Agent;
  private readonly isSecure: boolean;

  constructor(private readonly options: ServiceHttpOptions) {
    this.isSecure = options.baseUrl.startsWith('https:');
    const pool = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.agent = this.isSecure
      ? new https.Agent({ ...pool, ...(options.ca === null ? {} : { ca: options.ca }) })
      : new http.Agent(pool);
  }

  /** Throws the service's offline error. */
  async ask(question: ServiceQuestion): Promise<ServiceAnswer> {
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    try {
      const answer = await this.tryAsk(question, signal).catch((thrown: unknown) => {
        // The other side may close a kept connection in the moment in which we use it; then nothing was asked yet.
        if (thrown instanceof StaleConnection) return this.tryAsk(question, signal);
        throw thrown;
      });
      if (NOT_NOW.includes(answer.status)) throw this.options.offline(`it answered ${answer.status}`);
      return answer;
    } catch (thrown) {
      if (thrown instanceof ServiceError) throw thrown;
      throw this.options.offline(signal.aborted ? 'it did not answer in time' : 'it cannot be reached', thrown);
    }
  }

  private tryAsk(
    { method, path, headers, body, contentType = 'application/json' }: ServiceQuestion,
    signal: AbortSignal,
  ): Promise<ServiceAnswer> {
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const request = (this.isSecure ? https : http).request(`${this.options.baseUrl}${path}`, {
        method,
        agent: this.agent,
        signal,
        headers: {
          Accept: 'application/json',
          ...headers,
          ...(text === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': text.length }),
        },
      });
      let answered = false;
      request.once('error', (error: NodeJS.ErrnoException) => {
        const stale = request.reusedSocket && !answered && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        reject(stale ? new StaleConnection() : error);
      });
      request.once('response', (response) => {
        answered = true;
        readAnswer(response).then(resolve, reject);
      });
      request.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

class StaleConnection extends Error {}

async function readAnswer(response: IncomingMessage): Promise<ServiceAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece);
  }
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body: parseBody(Buffer.concat(pieces).toString('utf8')) };
}

/** An error page of a proxy is no JSON; its status says enough. */
function parseBody(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
