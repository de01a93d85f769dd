// The one connection of a process to the broker. It may be made while the broker is down, and outlives restarts, kills, freezes and
// alarms of the broker: amqplib's recovery connects again, kept channels (kept-channel.ts) make themselves again on top of it.
// Nothing here may end the process: every emitter of amqplib gets its `error` and `handler-error` listener at once, because an
// unheard 'error' event is an uncaught exception (amqplib issue 557).
import { readFileSync } from 'node:fs';
import { type ChannelModel, connect, type RecoveringChannelModel } from 'amqplib';
import type { Logger } from '../runtime/logger.js';
import type { Secret } from '../runtime/secret.js';
import { withLimit } from './bus-error.js';
import type { BrokerLink } from './kept-channel.js';
import { Topology } from './topology.js';

/** `blocked`: connected, but the broker takes no messages now (its memory or disk alarm). */
export type BusState = 'connecting' | 'connected' | 'blocked' | 'closed';

export interface BusOptions {
  /** `amqps:`: the broker's certificate must name the host of the URL, be valid now, and come from an authority that is known. */
  readonly url: Secret;
  /** PEM of that authority; absent or null: those that Node knows. */
  readonly caFile?: string | null;
  readonly prefix: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly logger: Logger;
}

/** A broker that is silent for three times as long counts as gone. */
const HEARTBEAT_SECONDS = 5;
const OPEN_LIMIT_MS = 5000;
const CLOSE_LIMIT_MS = 2000;

type ModelListener = (model: ChannelModel | null) => void;
type StateListener = (state: BusState) => void;

export class BusConnection implements BrokerLink {
  readonly prefix: string;
  readonly logger: Logger;
  readonly topology: Topology;
  /** The broker gives the connection up after twice to three times as long without a sign of life. */
  readonly heartbeatMs: number;
  private currentState: BusState = 'connecting';
  private model: ChannelModel | null = null;
  private failures = 0;
  private readonly modelListeners = new Set<ModelListener>();
  private readonly stateListeners = new Set<StateListener>();
  private readonly recovering: Promise<RecoveringChannelModel>;

  constructor({ url, caFile = null, prefix, name, logger }: BusOptions) {
    this.prefix = prefix;
    this.logger = logger.child({ part: 'bus' });
    const address = withHeartbeat(url.reveal());
    this.heartbeatMs = heartbeatOf(address) * 1000;
    this.recovering = connect(address, {
      timeout: OPEN_LIMIT_MS,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: name },
      ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
      // Said, so that nothing in the environment can say otherwise.
      rejectUnauthorized: true,
      recovery: { initialDelay: 100, maxDelay: 2000, waitForConnect: false },
    });
    this.recovering.then(
      (recovering) => this.listenTo(recovering),
      // Only a URL that is none gets here; it can never succeed.
      (error: unknown) => this.logger.error({ err: error }, 'the broker cannot be addressed'),
    );
    this.topology = new Topology(this);
  }

  get state(): BusState {
    return this.currentState;
  }

  /** Calls at every change of state from now on. Returns the way to stop it. */
  onState(listener: StateListener): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /** For this folder only: the live connection now and at every change, null while there is none. */
  onModel(listener: ModelListener): () => void {
    this.modelListeners.add(listener);
    listener(this.model);
    return () => this.modelListeners.delete(listener);
  }

  /** Resolves once connected; rejects with BusError `timeout`. */
  async whenConnected(limitMs: number): Promise<void> {
    if (this.currentState === 'connected') return;
    let stop: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => {
      stop = this.onState((state) => {
        if (state === 'connected') resolve();
      });
    });
    await withLimit('connecting to the broker', limitMs, connected).finally(stop);
  }

  /** Ends the connection for good. A frozen broker is not waited for longer than two seconds. Never rejects. */
  async close(): Promise<void> {
    if (this.currentState === 'closed') return;
    await this.topology.close();
    const last = this.model;
    this.setModel(null);
    this.setState('closed');
    try {
      const recovering = await this.recovering;
      await withLimit('closing the connection', CLOSE_LIMIT_MS, recovering.close());
    } catch (error) {
      this.logger.debug({ err: error }, 'the broker did not confirm the end of the connection');
    }
    cutSocket(last);
  }

  private listenTo(recovering: RecoveringChannelModel): void {
    recovering.on('connect', (model: ChannelModel) => {
      if (this.currentState === 'closed') return;
      this.logger.info({ afterFailures: this.failures }, 'connected to the broker');
      this.failures = 0;
      this.setState('connected');
      this.setModel(model);
    });
    recovering.on('disconnect', (error: Error) => {
      this.logger.warn({ err: error }, 'the connection to the broker is gone');
      const lost = this.model;
      this.setModel(null);
      this.setState('connecting');
      cutSocket(lost);
    });
    recovering.on('connect-failed', (error: Error) => {
      this.failures += 1;
      // One line at the first failure and then about one a minute.
      if (this.failures % 30 === 1)
        this.logger.warn({ err: error, failures: this.failures }, 'the broker cannot be reached');
    });
    recovering.on('blocked', (reason: string) => {
      this.logger.warn({ reason }, 'the broker takes no messages');
      this.setState('blocked');
    });
    recovering.on('unblocked', () => {
      this.logger.info('the broker takes messages again');
      this.setState('connected');
    });
    recovering.on('error', (error: Error) => this.logger.debug({ err: error }, 'connection error'));
    recovering.on('handler-error', (error: Error) => this.logger.error({ err: error }, 'a connection listener failed'));
  }

  private setModel(model: ChannelModel | null): void {
    this.model = model;
    for (const listener of [...this.modelListeners]) listener(model);
  }

  private setState(state: BusState): void {
    if (this.currentState === state || this.currentState === 'closed') return;
    this.currentState = state;
    for (const listener of [...this.stateListeners]) listener(state);
  }
}

/** Begins to connect and returns at once. */
export function connectBus(options: BusOptions): BusConnection {
  return new BusConnection(options);
}

/** amqplib takes the heartbeat from the URL only; in its second argument it is ignored. */
function withHeartbeat(url: string): string {
  if (/[?&]heartbeat=/.test(url)) return url;
  return `${url}${url.includes('?') ? '&' : '?'}heartbeat=${HEARTBEAT_SECONDS}`;
}

/** Seconds; a URL that switches heartbeats off is watched as if it had the usual one. */
function heartbeatOf(url: string): number {
  const seconds = Number(/[?&]heartbeat=(\d+)/.exec(url)?.[1] ?? 0);
  return seconds > 0 ? seconds : HEARTBEAT_SECONDS;
}

/**
 * amqplib only half-closes the socket of a connection whose peer fell silent; with a frozen peer that would hold the handle, and with
 * it the process, for many minutes. Its heartbeat timers live on likewise, because only an answered close ends them.
 */
function cutSocket(model: ChannelModel | null): void {
  interface Inner {
    readonly stream?: { destroy?: () => void };
    readonly heartbeater?: { clear?: () => void };
  }
  const connection = model?.connection as Inner | undefined;
  connection?.heartbeater?.clear?.();
  connection?.stream?.destroy?.();
}
