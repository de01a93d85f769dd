// What a row of the boundary tests says about a gate, and how it asks: each probe is run just below the gate's version and at it.
import assert from 'node:assert/strict';
import type { Gate } from '../../../services/api/block-storage/microversions.js';
import type { Answer, Asking, BlockRig } from '../block-storage/block-rig.js';

/** Made once for all rows; ids. */
export interface Things {
  readonly rig: BlockRig;
  /** Of ann's project: available, named `plain`, with metadata and a snapshot. */
  readonly volume: string;
  readonly snapshot: string;
  readonly attachedVolume: string;
  readonly attachment: string;
  readonly transfer: string;
  readonly backup: string;
}

export class Side {
  constructor(
    readonly things: Things,
    /** `3.27`. */
    readonly version: string,
  ) {}

  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const answer = await this.things.rig.ask(method, path, { version: this.version, ...asking });
    assert.ok(answer.status < 500, `${method} ${path} at ${this.version}: ${answer.status}`);
    return answer;
  }
}

interface Same {
  readonly method: string;
  readonly path: string | ((things: Things) => string);
  readonly asking?: Asking;
}

export type Row =
  | {
      readonly gate: Gate;
      readonly below: (side: Side) => Promise<void>;
      readonly at: (side: Side) => Promise<void>;
    }
  /** What the version brought is not here, or was here before: the same request gets the same answer on both sides. */
  | { readonly gate: Gate; readonly reason: string; readonly same: Same }
  /** Nothing of the feature is served: its path leads nowhere on both sides, and the version is accepted all the same. */
  | { readonly gate: Gate; readonly reason: string; readonly unserved: string };

/** Cinder's words when a version has no such route. */
const noRoute = 'The resource could not be found.';

function isNoRoute({ status, body }: Answer): boolean {
  return status === 404 && body?.itemNotFound?.message === noRoute;
}

/** Below the gate the route does not exist; at it, it answers with the status. */
export function route(gate: Gate, method: string, path: string, status: number, asking: Asking = {}): Row {
  return {
    gate,
    async below(side) {
      assert.ok(isNoRoute(await side.ask(method, path, asking)), `${method} ${path} exists below its version`);
    },
    async at(side) {
      const answer = await side.ask(method, path, asking);
      assert.ok(!isNoRoute(answer), `${method} ${path} does not exist at its version`);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
    },
  };
}

/** Below the gate what is read is undefined; at it, it is not. */
export function field(gate: Gate, read: (side: Side) => Promise<unknown>): Row {
  return {
    gate,
    async below(side) {
      assert.equal(await read(side), undefined, 'shown below its version');
    },
    async at(side) {
      assert.notEqual(await read(side), undefined, 'not shown at its version');
    },
  };
}

/** The same question has two answers: what is read is one value below and another at the gate. */
export function turns(gate: Gate, read: (side: Side) => Promise<unknown>, from: unknown, to: unknown): Row {
  return {
    gate,
    async below(side) {
      assert.deepEqual(await read(side), from, 'below its version');
    },
    async at(side) {
      assert.deepEqual(await read(side), to, 'at its version');
    },
  };
}

export function same(gate: Gate, reason: string, request: Same): Row {
  return { gate, reason, same: request };
}

export function unserved(gate: Gate, reason: string, path: string): Row {
  return { gate, reason, unserved: path };
}

/** The status of one request. */
export function status(method: string, path: string | ((things: Things) => string), asking: Asking = {}) {
  return async (side: Side): Promise<number> => {
    const where = typeof path === 'string' ? path : path(side.things);
    return (await side.ask(method, where, asking)).status;
  };
}

/** How many items a list has: `some` or `none`. */
export function listed(path: string, key: string, asking: Asking = {}) {
  return async (side: Side): Promise<'some' | 'none'> => {
    const answer = await side.ask('GET', path, asking);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body[key] as unknown[]).length > 0 ? 'some' : 'none';
  };
}
