// One upload: open until one PUT has brought all bytes and they are judged and durable, or until nobody sends.
//
//   open --PUT--> taking --all there, judged--> 201, the command is done
//     \--nobody comes--> the command fails     \--refused: 4xx / broken off / stands still / DELETE--> the command fails
// A ticket is good for one PUT. If the step is asked again after a share or a worker failed, it is open once more.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceivedImage, ReceiveImageSpec, StreamMove, VolumeDriver } from '../../../drivers/volume-driver.js';
import { asServiceError, ServiceError } from '../../core/domain/errors.js';
import type { CommandParams } from '../../core/messages/envelope.js';
import { type HeldUpload, holdUpload } from './direct-connection.js';
import { MovementWatch } from './movement-watch.js';
import { end, endWithJson, interrupted, type OpenTransfer, type TransferDesk } from './transfer.js';
import { TransferEnd } from './transfer-end.js';

export interface TransferWork {
  readonly signal: AbortSignal;
  readonly onProgress: (percent: number) => void;
}

/** Errors: those of `receiveImage`; `transfer_interrupted` when nobody sends or the sender breaks off. */
export async function receiveTransfer(
  driver: VolumeDriver,
  desk: TransferDesk,
  params: CommandParams<'transfer.receive'>,
  work: TransferWork,
): Promise<ReceivedImage> {
  // The sender was told that all is well, and only we were not heard.
  const { share, file } = params;
  const known = await driver.findReceived({ share, file });
  if (known !== null) return known;
  const receiving = new Receiving(driver, params, work);
  return desk.during(params.transferId, receiving, () => receiving.whenOver());
}

class Receiving implements OpenTransfer {
  readonly ticketSha256: string;
  readonly project: string | null;
  private readonly stop = new AbortController();
  private readonly watch: MovementWatch;
  private taking: IncomingMessage | null = null;
  private direct: { readonly firstBytes: number; readonly restBytes: number; move: StreamMove } | null = null;
  private readonly over = new TransferEnd<ReceivedImage>();

  constructor(
    private readonly driver: VolumeDriver,
    private readonly params: CommandParams<'transfer.receive'>,
    private readonly work: TransferWork,
  ) {
    this.ticketSha256 = params.ticketSha256;
    this.project = params.project ?? null;
    this.watch = new MovementWatch({
      idleMs: params.idleSeconds * 1000,
      moved: () => this.moved(),
      onLook: (bytes) => this.tellProgress(bytes),
      onIdle: () => this.onIdle(),
    });
  }

  async whenOver(): Promise<ReceivedImage> {
    try {
      return await this.over.wait(this.work.signal, (error) => this.fail(error));
    } finally {
      this.watch.stop();
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse, part: string): Promise<void> {
    if (part !== '') return end(response, 404);
    switch (request.method) {
      case 'HEAD':
        return end(response, this.taking === null ? 204 : 410);
      case 'DELETE':
        this.fail(interrupted('The sender has ended the transfer.'));
        return end(response, 204);
      case 'PUT':
        return this.take(request, response);
      default:
        return end(response, 405, { allow: 'HEAD, PUT, DELETE' });
    }
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.taking !== null || this.stop.signal.aborted) return end(response, 410);
    this.taking = request;
    this.watch.restart();
    // Before anybody listens, and after.
    request.on('error', () => undefined);
    try {
      const image = await this.receive(request);
      // Nobody but the process that has read it knows where the connection stands.
      if (this.direct !== null) response.setHeader('connection', 'close');
      endWithJson(response, 201, factsOf(image));
      this.over.done(image);
    } catch (thrown) {
      const reason = this.stop.signal.aborted ? (this.stop.signal.reason as Error) : thrown;
      this.fail(asServiceError(reason));
      throw reason;
    }
  }

  private async receive(request: IncomingMessage): Promise<ReceivedImage> {
    const { volumeId: _v, transferId: _t, ticketSha256: _h, idleSeconds: _i, project: _p, ...spec } = this.params;
    const announced = Number(request.headers['content-length'] ?? Number.NaN);
    if (announced > spec.maxBytes) {
      throw new ServiceError('body_too_large', 'More bytes were announced than the transfer may have.');
    }
    const held = await holdUpload(request, announced);
    return held === null ? this.driver.receiveImage(spec, request, this.stop.signal) : this.receiveDirect(spec, held);
  }

  private async receiveDirect(spec: ReceiveImageSpec, held: HeldUpload): Promise<ReceivedImage> {
    const { connection, first, restBytes, letGo } = held;
    const direct = { firstBytes: first.length, restBytes, move: { bytes: 0, heldUp: false } };
    this.direct = direct;
    const onMove = (move: StreamMove): void => {
      direct.move = move;
    };
    try {
      return await this.driver.receiveImage(spec, { connection, first, restBytes, onMove }, this.stop.signal);
    } catch (thrown) {
      letGo();
      throw thrown;
    }
  }

  private fail(error: Error): void {
    this.stop.abort(error);
    this.over.fail(error);
  }

  /** null once all is there: writing it out and judging it is our business. */
  private moved(): number | null {
    if (this.taking === null) return 0;
    if (this.direct !== null) {
      const { firstBytes, restBytes, move } = this.direct;
      return move.bytes >= firstBytes + restBytes ? null : move.bytes;
    }
    return this.taking.complete ? null : this.taking.socket.bytesRead;
  }

  private onIdle(): void {
    // Not read, or held up.
    const isHeldUp = this.direct?.move.heldUp ?? this.taking?.readableFlowing !== true;
    if (this.taking !== null && isHeldUp) {
      this.fail(new ServiceError('backend_offline', 'The share does not answer.'));
    } else this.fail(interrupted(this.taking === null ? 'Nobody sent the data.' : 'The sender stood still.'));
  }

  private tellProgress(bytes: number): void {
    const { expectedBytes } = this.params;
    const announced = Number(this.taking?.headers['content-length'] ?? Number.NaN);
    const whole = expectedBytes ?? announced;
    if (whole > 0) this.work.onProgress(Math.min(99, (bytes / whole) * 100));
  }
}

function factsOf({ layer, ...facts }: ReceivedImage): object {
  return { ...facts, virtualSizeBytes: layer.virtualSizeBytes };
}
