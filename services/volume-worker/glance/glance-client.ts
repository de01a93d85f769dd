// The image service as this worker uses it: with an account of its own, whose token is fetched from a Keystone when it is needed, kept in memory
// and named nowhere else. No client's token ever comes here; what a client may use was asked with it, by the API, before the command was made.
// Bytes are streamed on connections of their own, which end when neither side has moved one for a while.
// Source of paths and answers: Glance's API reference v2 (images, image data), 2.9.
import { readFile } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ServiceError } from '../../core/domain/errors.js';
import { ServiceHttp, type ServiceQuestion } from '../../core/openstack/service-http.js';
import { openKeystone, ServiceToken } from '../../core/openstack/service-token.js';
import type { WorkerGlanceConfig } from '../../core/runtime/config-types.js';
import type { Logger } from '../../core/runtime/logger.js';
import { answerOf, openCall } from '../../core/runtime/streamed-call.js';

/** What of an image matters to a worker. */
export interface GlanceImage {
  readonly status: string;
  readonly size: number | null;
  readonly checksum: string | null;
  readonly os_hash_algo: string | null;
  readonly os_hash_value: string | null;
  readonly protected: boolean;
}

export interface GlanceClient {
  /** null: there is none that this account sees. Throws `image_service_offline`, `identity_offline`, `forbidden`. */
  find(imageId: string): Promise<GlanceImage | null>;
  /** The image's bytes; the stream must be read or destroyed. Throws as `find`, and `not_found` where there is no data. */
  open(imageId: string, signal: AbortSignal): Promise<Readable>;
  /** Sends all of `source`. Throws as `find`; `conflict` when the image has data, `over_quota`, `transfer_interrupted`. */
  send(imageId: string, source: Readable, bytes: number, signal: AbortSignal): Promise<void>;
  /** Also one that is protected. One that is not there is success. */
  remove(imageId: string): Promise<void>;
  close(): void;
}

const MAX_DRAINED_BYTES = 64 * 1024;
const PATCH = 'application/openstack-images-v2.1-json-patch';

export function imageServiceOffline(reason: string, cause?: unknown): ServiceError {
  return new ServiceError('image_service_offline', 'The image service is temporarily unavailable.', {
    context: { reason },
    cause,
  });
}

function refusalOf(status: number, what: string): ServiceError {
  const context = { status, what };
  switch (status) {
    case 401:
    case 403:
      return new ServiceError('forbidden', 'The image service does not let this service use the image.', { context });
    case 404:
    case 204:
      return new ServiceError('not_found', 'The image has no data.', { context });
    case 409:
      return new ServiceError('conflict', 'The image does not wait for data.', { context });
    case 413:
      return new ServiceError('over_quota', 'The image service has no room for the image.', { context });
    default:
      return status >= 500 || status === 429
        ? imageServiceOffline(`it answered ${status} to ${what}`)
        : new ServiceError('bad_request', 'The image service refuses the image.', { context });
  }
}

class Client implements GlanceClient {
  constructor(
    private readonly config: WorkerGlanceConfig,
    private readonly ca: string | null,
    private readonly http: ServiceHttp,
    private readonly keystone: ServiceHttp,
    private readonly token: ServiceToken,
  ) {}

  /** With our token; one that the image service does not take is renewed once. */
  private async ask(question: ServiceQuestion, mayRenew = true): ReturnType<ServiceHttp['ask']> {
    const own = await this.token.current();
    const answer = await this.http.ask({ ...question, headers: { 'X-Auth-Token': own } });
    if (answer.status !== 401 || !mayRenew) return answer;
    this.token.forget(own);
    return this.ask(question, false);
  }

  async find(imageId: string): Promise<GlanceImage | null> {
    const { status, body } = await this.ask({ method: 'GET', path: `/v2/images/${imageId}` });
    if (status === 404) return null;
    if (status !== 200 || typeof body !== 'object' || body === null) throw refusalOf(status, 'a look');
    const image = body as Partial<Record<keyof GlanceImage, unknown>>;
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      status: String(image.status),
      size: typeof image.size === 'number' ? image.size : null,
      checksum: text(image.checksum),
      os_hash_algo: text(image.os_hash_algo),
      os_hash_value: text(image.os_hash_value),
      protected: image.protected === true,
    };
  }

  async open(imageId: string, signal: AbortSignal): Promise<Readable> {
    const call = await this.call('GET', imageId, {}, signal);
    const answer = answerOf(call);
    call.end();
    const response = await answer.catch((thrown: unknown) => {
      throw signal.aborted ? thrown : imageServiceOffline('it cannot be reached', thrown);
    });
    if (response.statusCode === 200) return response;
    drain(response);
    throw refusalOf(response.statusCode ?? 0, 'a download');
  }

  async send(imageId: string, source: Readable, bytes: number, signal: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes) };
    const call = await this.call('PUT', imageId, headers, signal);
    const answer = answerOf(call);
    // A refusal comes before the end of the body; then it is the answer, and not that the pipe broke.
    const sent = pipeline(source, call).catch((thrown: unknown) => {
      call.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
    try {
      const response = await answer;
      drain(response);
      if (response.statusCode !== 204) throw refusalOf(response.statusCode ?? 0, 'an upload');
      await sent;
    } catch (thrown) {
      source.destroy();
      if (thrown instanceof ServiceError || signal.aborted) throw thrown;
      throw imageServiceOffline('the upload was interrupted', thrown);
    }
  }

  async remove(imageId: string): Promise<void> {
    const path = `/v2/images/${imageId}`;
    const found = await this.find(imageId);
    if (found === null) return;
    if (found.protected) {
      const body = [{ op: 'replace', path: '/protected', value: false }];
      await this.ask({ method: 'PATCH', path, body, contentType: PATCH });
    }
    const { status } = await this.ask({ method: 'DELETE', path });
    if (status !== 204 && status !== 404) throw refusalOf(status, 'a deletion');
  }

  close(): void {
    this.http.close();
    this.keystone.close();
  }

  private async call(
    method: 'GET' | 'PUT',
    imageId: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ClientRequest> {
    const url = new URL(`${this.config.url}/v2/images/${imageId}/file`);
    return openCall(url, {
      method,
      headers: { 'X-Auth-Token': await this.token.current(), ...headers },
      idleMs: this.config.idleSeconds * 1000,
      signal,
      ...(this.ca === null ? {} : { ca: this.ca }),
    });
  }
}

/** What else is said does not matter; a page without end is not read. */
function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined);
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MAX_DRAINED_BYTES) response.destroy();
  });
}

/** Nothing is asked before it is needed. Throws when the file of an authority cannot be read. */
export async function openGlance(config: WorkerGlanceConfig, logger: Logger): Promise<GlanceClient> {
  const ca = config.caFile === null ? null : await readFile(config.caFile, 'utf8');
  const timeoutMs = config.timeoutSeconds * 1000;
  const http = new ServiceHttp({ baseUrl: config.url, ca, timeoutMs, offline: imageServiceOffline });
  const keystone = await openKeystone(config.keystone);
  return new Client(config, ca, http, keystone, new ServiceToken(keystone, config.keystone.service, logger));
}
