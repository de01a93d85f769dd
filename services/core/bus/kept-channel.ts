// A channel that makes itself again: after a new connection, and after an error that closed the channel alone (amqplib's recovery does
// not cover those). `setUp` runs on every new channel before anyone gets it: declare, prefetch and consume there.
// Invariant: at most one channel is current, and a channel that was lost never becomes current again.
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Logger } from '../runtime/logger.js';
import { BusError, withLimit } from './bus-error.js';

/** What a channel and a topology need of the connection. */
export interface BrokerLink {
  readonly prefix: string;
  readonly logger: Logger;
  /** Calls with the live connection now and at every change, null while there is none. Returns the way to stop it. */
  onModel(listener: (model: ChannelModel | null) => void): () => void;
}

export interface KeptChannelOptions {
  readonly connection: BrokerLink;
  /** For logs. */
  readonly name: string;
  readonly setUp: (channel: ConfirmChannel) => Promise<void>;
  /** Called when a channel that was ready is gone. */
  readonly onLost?: () => void;
}

const SET_UP_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 2000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

interface Waiter {
  readonly resolve: (channel: ConfirmChannel) => void;
  readonly reject: (error: Error) => void;
}

export class KeptChannel {
  private model: ChannelModel | null = null;
  private channel: ConfirmChannel | null = null;
  private failures = 0;
  private closed = false;
  private reopening: NodeJS.Timeout | null = null;
  private readonly waiters = new Set<Waiter>();
  private readonly stopListening: () => void;

  constructor(private readonly options: KeptChannelOptions) {
    this.stopListening = options.connection.onModel((model) => this.onModel(model));
  }

  get current(): ConfirmChannel | null {
    return this.channel;
  }

  /** The channel, waited for so long. Rejects with BusError `disconnected` or `closed`. */
  async ready(limitMs: number): Promise<ConfirmChannel> {
    if (this.channel !== null) return this.channel;
    if (this.closed) throw new BusError('closed', `${this.options.name}: closed`);
    let waiter: Waiter | null = null;
    const opened = new Promise<ConfirmChannel>((resolve, reject) => {
      waiter = { resolve, reject };
      this.waiters.add(waiter);
    });
    try {
      return await withLimit(this.options.name, limitMs, opened);
    } catch (error) {
      if (error instanceof BusError && error.code === 'timeout') {
        throw new BusError('disconnected', `${this.options.name}: no channel to the broker within ${limitMs} ms`);
      }
      throw error;
    } finally {
      if (waiter !== null) this.waiters.delete(waiter);
    }
  }

  /** Throws the channel away and makes another one. */
  renew(): void {
    const old = this.channel;
    if (old === null) return;
    this.lose(old);
    void closeQuietly(old);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopListening();
    if (this.reopening !== null) clearTimeout(this.reopening);
    const last = this.channel;
    this.channel = null;
    for (const waiter of this.waiters) waiter.reject(new BusError('closed', `${this.options.name}: closed`));
    if (last === null) return;
    await closeQuietly(last);
    this.options.onLost?.();
  }

  private onModel(model: ChannelModel | null): void {
    this.model = model;
    this.failures = 0;
    if (this.channel !== null) this.lose(this.channel);
    if (model !== null) void this.open(model);
  }

  private isStale(model: ChannelModel): boolean {
    return this.closed || this.model !== model;
  }

  private async open(model: ChannelModel): Promise<void> {
    const { name, setUp, connection } = this.options;
    let opened: ConfirmChannel | null = null;
    try {
      const channel = await withLimit(name, SET_UP_LIMIT_MS, model.createConfirmChannel());
      opened = channel;
      let alive = true;
      channel.on('error', (error: Error) => connection.logger.warn({ err: error, channel: name }, 'channel error'));
      channel.on('handler-error', (error: Error) =>
        connection.logger.error({ err: error, channel: name }, 'listener failed'),
      );
      channel.on('close', () => {
        alive = false;
        this.lose(channel);
      });
      await withLimit(name, SET_UP_LIMIT_MS, setUp(channel));
      if (!alive) throw new BusError('disconnected', `${name}: the channel was closed while it was set up`);
      if (this.isStale(model)) {
        void closeQuietly(channel);
        return;
      }
      this.failures = 0;
      this.channel = channel;
      for (const waiter of this.waiters) waiter.resolve(channel);
    } catch (error) {
      if (opened !== null) void closeQuietly(opened);
      if (this.isStale(model)) return;
      this.failures += 1;
      connection.logger.warn({ err: error, channel: name, failures: this.failures }, 'the channel cannot be set up');
      this.reopenLater(model);
    }
  }

  private lose(channel: ConfirmChannel): void {
    if (this.channel !== channel) return;
    this.channel = null;
    this.options.onLost?.();
    if (this.model !== null) this.reopenLater(this.model);
  }

  private reopenLater(model: ChannelModel): void {
    if (this.closed) return;
    if (this.reopening !== null) clearTimeout(this.reopening);
    const delayMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures);
    this.reopening = setTimeout(() => {
      this.reopening = null;
      if (!this.isStale(model) && this.channel === null) void this.open(model);
    }, delayMs);
  }
}

async function closeQuietly(channel: ConfirmChannel): Promise<void> {
  try {
    await withLimit('closing a channel', CLOSE_LIMIT_MS, channel.close());
  } catch {
    // It was closed already, or the broker is gone, which closes it too.
  }
}
