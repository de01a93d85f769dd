// The bytes of an image, between the client and the worker of the pool: nothing of them is kept here.
//
//   PUT   row `saving`, operation accepted -> pipe to the worker -> its answer -> the operation's outcome makes it `active` -> 204
//   GET   operation accepted (its lock keeps the file) -> pipe from the worker
// A client that breaks off ends the transfer, and with it the operation; after a failed upload the image is `queued` again.
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'express';
import { beginDownload, beginUpload, type ImageTransfer, uploadState } from '../../core/db/image/image-data.js';
import { tooLarge } from '../../core/db/image/image-limits.js';
import { loadImage } from '../../core/db/image/image-rows.js';
import { imageLimitSettings } from '../../core/db/image-limit-settings.js';
import { findDataServerUrl } from '../../core/db/transfer/worker-url.js';
import { ServiceError } from '../../core/domain/errors.js';
import { checkContentType } from '../shell/json-body.js';
import { defineRoute, type Route, type RouteResponse } from '../shell/route.js';
import { endTransfer, pipeFromWorker, pipeToWorker, type TransferTarget } from '../transfer/worker-transfer.js';
import { type ImageApi, viewerOf } from './image-api.js';

const octets = 'application/octet-stream';
const OUTCOME_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
const BUFFER_BYTES = 1024 * 1024;
/** How much of a refused upload is still read. */
const DRAIN_MS = 2_000;

function announcedBytes(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (!/^\d{1,15}$/.test(header)) throw new ServiceError('bad_request', 'Content-Length must be a number.');
  return Number(header);
}

/** Aborted when the client goes before `over` is called. */
function watchClient({ socket }: IncomingMessage): { readonly signal: AbortSignal; over(): void } {
  const controller = new AbortController();
  const gone = (): void => controller.abort(new Error('the client has gone'));
  if (socket.destroyed) gone();
  else socket.once('close', gone);
  return { signal: controller.signal, over: () => void socket.off('close', gone) };
}

/** The body as a stream of its own: when that is given up, the connection stays for the answer. */
function bodyOf(request: IncomingMessage): Readable {
  const body = new PassThrough({ highWaterMark: BUFFER_BYTES });
  body.on('error', () => undefined); // told to whoever reads it, if somebody does by then
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('the client has gone'));
  });
  return request.pipe(body);
}

/** So that the sender of bytes that nobody wants gets to see why, and does not send them for ever. */
function drain(request: IncomingMessage): void {
  request.unpipe();
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, DRAIN_MS).unref();
}

class ImageData {
  constructor(private readonly api: ImageApi) {}

  private targetOf({ transferId, ticket, pool }: ImageTransfer): TransferTarget {
    return { transferId, ticket, workerUrl: () => findDataServerUrl(this.api.database, pool) };
  }

  private limits(signal: AbortSignal) {
    const { workerCa, openWithinMs } = this.api;
    return {
      signal,
      ...(workerCa === undefined ? {} : { ca: workerCa }),
      ...(openWithinMs === undefined ? {} : { openWithinMs }),
    };
  }

  /** Sends the request's body. Throws what the worker refused it by. */
  async send(request: IncomingMessage, transfer: ImageTransfer, announced: number | null): Promise<void> {
    const target = this.targetOf(transfer);
    const client = watchClient(request);
    const limits = this.limits(client.signal);
    try {
      const length = announced === null ? {} : { contentLength: announced };
      await pipeToWorker(bodyOf(request), target, { ...limits, ...length });
    } catch (thrown) {
      await endTransfer(target);
      throw thrown instanceof ServiceError && thrown.code === 'body_too_large'
        ? tooLarge(Math.min(transfer.maxBytes, imageLimitSettings(this.api.database).maxBytes))
        : thrown;
    } finally {
      client.over();
    }
  }

  /** When the operation's outcome is on record, which is a moment after the worker's answer. */
  async settled(id: string, volumeId: string): Promise<'done' | 'failed' | 'late'> {
    const until = performance.now() + OUTCOME_WITHIN_MS;
    for (;;) {
      const state = await uploadState(this.api.database, id, volumeId);
      if (state !== 'saving') return state;
      if (performance.now() > until) return 'late';
      await sleep(LOOK_EVERY_MS);
    }
  }

  async receive(request: IncomingMessage, transfer: ImageTransfer, range: string | undefined): Promise<RouteResponse> {
    const target = this.targetOf(transfer);
    const client = watchClient(request);
    try {
      const opened = await pipeFromWorker(target, {
        ...this.limits(client.signal),
        ...(range === undefined ? {} : { range }),
      });
      return {
        status: opened.status,
        headers: opened.headers,
        stream: async (response: Response) => {
          try {
            await pipeline(opened.body, response);
          } finally {
            client.over();
            await endTransfer(target);
          }
        },
      };
    } catch (thrown) {
      client.over();
      await endTransfer(target);
      throw thrown;
    }
  }
}

function uploadRoute(api: ImageApi, data: ImageData): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v2/images/{image_id}/file',
    operationId: 'imageUploadImage',
    policy: 'image:upload',
    success: 204,
    rawBody: true,
    handler: async (context, { param, header, request }) => {
      checkContentType(header('content-type'), [octets]);
      const announced = announcedBytes(header('content-length'));
      const id = param('image_id');
      const transfer = await beginUpload(api.database, id, announced, viewerOf(context));
      try {
        await data.send(request, transfer, announced);
      } catch (thrown) {
        // So that a client that is told of the failure finds the image ready for another try.
        await data.settled(id, transfer.volumeId);
        drain(request);
        throw thrown;
      }
      const state = await data.settled(id, transfer.volumeId);
      if (state === 'failed') {
        throw new ServiceError(
          'bad_request',
          `The data of image ${id} was not kept: it is not of the declared disk format, or the image was deleted meanwhile.`,
        );
      }
      return {};
    },
  });
}

function downloadRoute(api: ImageApi, data: ImageData): Route {
  return defineRoute({
    method: 'GET',
    path: '/v2/images/{image_id}/file',
    operationId: 'imageDownloadImage',
    policy: 'image:download',
    success: 200,
    handler: async (context, { param, header, request }) => {
      if (request.method === 'HEAD') {
        const { size } = await loadImage(api.database, param('image_id'), viewerOf(context));
        return size === null
          ? { status: 204 }
          : { headers: { 'Content-Type': octets, 'Content-Length': String(size) } };
      }
      const { image, transfer } = await beginDownload(api.database, param('image_id'), viewerOf(context));
      if (transfer === null) return { status: 204 };
      const { headers, ...answer } = await data.receive(request, transfer, header('range'));
      return {
        ...answer,
        headers: {
          ...headers,
          'Content-Type': octets,
          ...(image.checksum === null ? {} : { 'Content-MD5': image.checksum }),
        },
      };
    },
  });
}

export function dataRoutes(api: ImageApi): readonly Route[] {
  const data = new ImageData(api);
  return [uploadRoute(api, data), downloadRoute(api, data)];
}
