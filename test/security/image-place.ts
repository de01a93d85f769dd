// The image API over the real engine, the volume worker's own handlers and data server, and real files on a plain directory with canaries
// beside it: what a client sends passes every guard that it would pass in a running installation, in this process.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asServiceError } from '../../services/core/domain/errors.js';
import type { Command, StepOutcome } from '../../services/core/messages/envelope.js';
import { silentLogger } from '../../services/core/runtime/logger.js';
import { volumeCommandHandlers } from '../../services/volume-worker/command-handlers.js';
import { startDataServer } from '../../services/volume-worker/transfers/data-server.js';
import { TransferDesk } from '../../services/volume-worker/transfers/transfer.js';
import { transferHandlers } from '../../services/volume-worker/transfers/transfer-handlers.js';
import { type Answer, ApiRig } from '../contract/identity/api-rig.js';
import { Rig } from '../integration/engine/rig.js';
import { DriverPlace } from './driver-place.js';

const BETWEEN_LOOKS_MS = 10;
const backendHost = 'host@backend';

type Work = { signal: AbortSignal; onProgress: (percent: number) => void };
type Handlers = Readonly<Record<string, (params: object, work: Work) => Promise<object>>>;

export class ImagePlace {
  private readonly engine: Rig;
  private readonly running = new Map<string, AbortController>();
  private readonly answers = new Set<Promise<unknown>>();
  private isWorking = true;
  private work: Promise<void> = Promise.resolve();

  private constructor(
    readonly api: ApiRig,
    readonly place: DriverPlace,
    private readonly handlers: Handlers,
    private readonly closeServer: () => Promise<void>,
    readonly token: string,
  ) {
    this.engine = new Rig(api.database);
  }

  static async open(): Promise<ImagePlace> {
    const api = await ApiRig.open();
    const place = await DriverPlace.open();
    const desk = new TransferDesk();
    const config = {
      listen: { host: '127.0.0.1', port: 0 },
      advertiseUrl: null,
      tls: null,
      maxStreams: 32,
      maxStreamsOfProject: 8,
    };
    const server = await startDataServer(config, desk, silentLogger());
    const handlers = { ...volumeCommandHandlers(place.driver), ...transferHandlers(place.driver, desk) };
    const access = { share: place.share, glusterVolumeName: '', directory: '', servers: [], mountOptions: null };
    await api.database('pools').insert({
      name: `${backendHost}#${place.share}`,
      backend_host: backendHost,
      share: place.share,
      state: 'up',
      access: JSON.stringify(access),
      capabilities: '{}',
    });
    await api.database('data_servers').insert({
      backend_host: backendHost,
      boot_id: randomUUID(),
      url: server.url,
      updated_at: api.database.raw('utc_now()'),
    });
    const close = () => server.close();
    const opened = new ImagePlace(api, place, handlers as unknown as Handlers, close, await api.admin());
    opened.work = opened.keepWorking();
    return opened;
  }

  /** Commands side by side, as the worker does them: one that waits for a client must not hold up the others. */
  private async keepWorking(): Promise<void> {
    while (this.isWorking) {
      const command = await this.engine.takeCommand();
      for (const { operationId } of this.engine.cancels) this.running.get(operationId)?.abort();
      if (command === null) {
        await this.engine.sweepStartable();
        await sleep(BETWEEN_LOOKS_MS);
      } else {
        const answer = this.perform(command).then((outcome) => this.engine.answer(command, outcome));
        this.answers.add(answer);
        answer.finally(() => this.answers.delete(answer)).catch(() => undefined);
      }
    }
  }

  private async perform(command: Command): Promise<StepOutcome> {
    const abort = new AbortController();
    this.running.set(command.operationId, abort);
    try {
      const work = { signal: abort.signal, onProgress: () => undefined };
      return { kind: 'done', output: (await this.handlers[command.type]?.(command.params, work)) ?? {} };
    } catch (thrown) {
      const { code, message } = asServiceError(thrown);
      return { kind: 'failed', error: { code, message }, partial: false };
    } finally {
      this.running.delete(command.operationId);
    }
  }

  /** The id of a new record. */
  async record(diskFormat: string, containerFormat = 'bare'): Promise<string> {
    const body = { name: 'offered', disk_format: diskFormat, container_format: containerFormat };
    const made = await this.api.ask('POST', '/image/v2/images', { token: this.token, body });
    if (made.status !== 201) throw new Error(`image create: ${made.status}`);
    return made.body.id as string;
  }

  async send(id: string, bytes: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.api.baseUrl}/image/v2/images/${id}/file`, {
      method: 'PUT',
      headers: {
        'X-Auth-Token': this.token,
        'Content-Type': 'application/octet-stream',
        Accept: 'application/json',
        ...headers,
      },
      body: bytes,
    });
  }

  async read(id: string): Promise<Buffer> {
    const headers = { 'X-Auth-Token': this.token };
    const answer = await fetch(`${this.api.baseUrl}/image/v2/images/${id}/file`, { headers });
    return Buffer.from(await answer.arrayBuffer());
  }

  show(id: string): Promise<Answer> {
    return this.api.ask('GET', `/image/v2/images/${id}`, { token: this.token });
  }

  remove(id: string): Promise<Answer> {
    return this.api.ask('DELETE', `/image/v2/images/${id}`, { token: this.token });
  }

  async close(): Promise<void> {
    this.isWorking = false;
    await this.work;
    for (const abort of this.running.values()) abort.abort();
    await Promise.allSettled(this.answers);
    await this.closeServer();
    await this.api.close();
    await this.place.close();
  }
}
