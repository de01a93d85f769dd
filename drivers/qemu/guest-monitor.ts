// One guest's monitor as the driver uses it: connects when needed, turns a lost or hung connection into `hypervisor_offline`
// ("unknown": the caller asks again and looks first), and waits for conditions by asking, woken early by events.
import { ServiceError } from '../../services/core/domain/errors.js';
import { type KeyStore, noKeyStore } from '../key-store/key-store.js';
import { type BlockGraph, type BlockOutline, parseBlockGraph, parseBlockOutline, tryRearrange } from './block-graph.js';
import { QmpClient } from './qmp-client.js';
import { isObject, type JsonObject, QmpCommandError, type QmpEvent } from './qmp-messages.js';

const ASK_EVERY_MS = 250;
const CONNECT_MS = 5_000;
/** A command that touches a share may wait for it; QEMU gives up by itself only much later. */
export const SHARE_COMMAND_MS = 30_000;

export class GuestMonitor {
  private readonly client: QmpClient;
  private connecting: Promise<void> | null = null;
  /** Of nodes that stay as long as their QEMU; the next connection may be to another one. */
  private readonly servers = new Map<string, readonly string[]>();

  constructor(
    socketPath: string,
    /** Of encrypted disks. */
    readonly keys: KeyStore = noKeyStore,
  ) {
    this.client = new QmpClient(socketPath);
  }

  /** Errors: `hypervisor_offline`; QmpCommandError when QEMU refused. */
  async execute(command: string, args: JsonObject = {}, deadlineMs = 10_000): Promise<unknown> {
    try {
      await this.ensureConnected();
      return await this.client.execute(command, args, deadlineMs);
    } catch (thrown) {
      if (thrown instanceof QmpCommandError || thrown instanceof ServiceError) throw thrown;
      throw new ServiceError('hypervisor_offline', 'The monitor of the guest does not answer.', {
        cause: thrown,
        context: { command },
      });
    }
  }

  /** True when done, false when QEMU refused with a text that fits `expected`; any other refusal is thrown. */
  async tryExecute(command: string, args: JsonObject, expected: RegExp, deadlineMs?: number): Promise<boolean> {
    try {
      await this.execute(command, args, deadlineMs);
      return true;
    } catch (thrown) {
      if (thrown instanceof QmpCommandError && expected.test(thrown.description)) return false;
      throw thrown;
    }
  }

  /** Asks no share, so the guest does not notice it, and a dead node does not keep it from answering. */
  async blockOutline(): Promise<BlockOutline> {
    return parseBlockOutline(await this.execute('x-debug-query-block-graph'));
  }

  /**
   * How nodes hang together now, with what `before` tells of each: for commands that change which node is above which, and no header.
   * A node that is new since makes it a whole reading.
   */
  async rearranged(before: BlockGraph): Promise<BlockGraph> {
    return tryRearrange(before, await this.blockOutline()) ?? this.blockGraph();
  }

  /** First servers of a node that is never opened anew (an anchor), `host:port`; read once in a connection. */
  async serversOf(nodeName: string): Promise<readonly string[]> {
    const known = this.servers.get(nodeName) ?? (await this.blockGraph()).nodes.get(nodeName)?.servers ?? [];
    this.servers.set(nodeName, known);
    return known;
  }

  /** The guest stands still for some network round trips for every layer of its disks: see block-graph.ts. */
  async blockGraph(): Promise<BlockGraph> {
    const named = await this.execute('query-named-block-nodes', { flat: true }).catch((thrown: unknown) => {
      throw thrown instanceof QmpCommandError && /is ejected/i.test(thrown.description) ? deadNode(thrown) : thrown;
    });
    return parseBlockGraph(named, await this.execute('x-debug-query-block-graph'));
  }

  /** QEMU's run state, e.g. `running`, `paused`, `io-error`, `shutdown`. */
  async runState(): Promise<string> {
    const status = await this.execute('query-status');
    return isObject(status) ? String(status['status']) : 'unknown';
  }

  /**
   * QMP has no flush of its own, and says nothing of what became of one asked for in this way (measured with 7.2: all that `qemu-io` says goes
   * to QEMU's own output). But a gluster node whose flush has failed is given up there and then, which the graph tells.
   * Errors: `backend_offline`.
   */
  async flushNodes(...nodeNames: readonly string[]): Promise<void> {
    for (const nodeName of nodeNames) {
      const line = { 'command-line': `qemu-io ${nodeName} "flush"` };
      const said = await this.execute('human-monitor-command', line, SHARE_COMMAND_MS);
      if (typeof said === 'string' && said.trim() !== '') {
        throw new ServiceError('hypervisor_offline', 'The guest’s data could not be flushed to the share.', {
          context: { nodeName, said: said.slice(0, 200) },
        });
      }
    }
    await this.blockGraph();
  }

  flushNode(nodeName: string): Promise<void> {
    return this.flushNodes(nodeName);
  }

  /**
   * Asks `check` until it answers something other than null; asks again at every event of the given names and every 250 ms.
   * null after `limitMs`. An abort is thrown as `cancelled`.
   */
  async until<T>(
    check: () => Promise<T | null>,
    options: { readonly limitMs: number; readonly events: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<T | null> {
    const end = performance.now() + options.limitMs;
    for (;;) {
      const woken = this.nextEvent(options.events, options.signal);
      try {
        if (options.signal?.aborted === true) throw new ServiceError('cancelled', 'The work was cancelled.');
        const answer = await check();
        if (answer !== null) return answer;
        if (performance.now() >= end) return null;
        await woken.promise;
      } finally {
        woken.forget();
      }
    }
  }

  /** Calls back for every event of the given names until the answer is called. What comes while no connection is up is lost. */
  listen(names: readonly string[], onEvent: (event: QmpEvent) => void): () => void {
    const listener = (event: QmpEvent) => {
      if (names.includes(event.name)) onEvent(event);
    };
    this.client.on('event', listener);
    return () => this.client.off('event', listener);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private async ensureConnected(): Promise<void> {
    if (this.client.state === 'ready') return;
    this.servers.clear();
    this.connecting ??= this.client.connect(CONNECT_MS).finally(() => {
      this.connecting = null;
    });
    await this.connecting;
  }

  private nextEvent(
    names: readonly string[],
    signal: AbortSignal | undefined,
  ): { readonly promise: Promise<void>; forget(): void } {
    let forget = (): void => undefined;
    const promise = new Promise<void>((resolve) => {
      const onEvent = ({ name }: QmpEvent) => {
        if (names.includes(name)) resolve();
      };
      const onAbort = () => resolve();
      const timer = setTimeout(resolve, ASK_EVERY_MS);
      this.client.on('event', onEvent);
      signal?.addEventListener('abort', onAbort, { once: true });
      forget = () => {
        clearTimeout(timer);
        this.client.off('event', onEvent);
        signal?.removeEventListener('abort', onAbort);
      };
    });
    return { promise, forget };
  }
}

/** All bricks of a share were away: its nodes never answer again, and QEMU tells of no other node either (see recover-disks.ts). */
function deadNode(refusal: QmpCommandError): ServiceError {
  return new ServiceError(
    'backend_offline',
    'The share of a disk of the guest was away; the disk is not opened anew yet.',
    {
      context: { said: refusal.description },
    },
  );
}
