// An operation is a table of steps. This file says what such a table looks like; the files beside it are the tables.
//
// Locks: every operation names the resources it needs and how. `chain` changes or removes layers, `use` attaches, starts or
// appends, `read` copies frozen layers. read/read, read/use and (on different servers) use/read may run together; every other
// pair waits in order of acceptance. The locks are taken all at once or not at all, so there is no deadlock.
import type { Chain } from '../domain/chain.js';
import type { CommandOutput, CommandParams, CommandType } from '../messages/envelope.js';
import type { OperationFacts } from './facts.js';
import type { OperationParams, OperationType } from './params.js';

export type LockMode = 'read' | 'use' | 'chain';
export interface LockWish {
  readonly resource: `volume:${string}` | `server:${string}`;
  readonly mode: LockMode;
}

/** True when the two modes may be held on one resource at the same time. */
export function locksCompatible(a: LockMode, b: LockMode): boolean {
  return (a === 'read' && b !== 'chain') || (b === 'read' && a !== 'chain');
}

/** What was decided when the operation got its locks, and stays valid because it holds them. */
export interface ChainPlan {
  readonly before: Chain;
  readonly after: Chain;
  /** The overlay to add, or the layer to merge and remove. */
  readonly file: string;
}

export interface StepContext<T extends OperationType = OperationType> {
  readonly params: OperationParams[T];
  readonly facts: OperationFacts;
  readonly plan: ChainPlan | null;
  /** Output of each finished step, by step name. */
  readonly outputs: Readonly<Record<string, object | undefined>>;
}

export interface Ask<C extends CommandType = CommandType> {
  readonly command: C;
  readonly params: CommandParams<C>;
}

/** Pairs a command with its parameters so that the compiler checks them against the contract. */
export function ask<C extends CommandType>(command: C, params: CommandParams<C>): Ask<C> {
  return { command, params };
}

export interface Step<T extends OperationType = OperationType> {
  /** Stable once released: it is stored. */
  readonly name: string;
  readonly on: 'volume-worker' | 'compute-worker';
  /** For a volume that is moved: which pool's worker. Default: where the volume is. */
  readonly at?: 'from' | 'to';
  /** Asked again after this much silence (counted from the last progress). */
  readonly timeoutMs: number;
  /** Left out when false; judged once, when the step is reached. */
  readonly when?: (context: StepContext<T>) => boolean;
  readonly do: (context: StepContext<T>) => Ask;
  /** Must cope with "half done" and "not done". Undo of a pivot may answer `forward`. */
  readonly undo?: (context: StepContext<T>) => Ask;
  /** After this step has succeeded the operation only goes forward. */
  readonly pivot?: true;
  /** Asks only, changes nothing: a failure leaves nothing behind. */
  readonly readOnly?: true;
}

export interface OperationDefinition<T extends OperationType = OperationType> {
  readonly type: T;
  readonly locks: (params: OperationParams[T]) => readonly LockWish[];
  /** Also lock the server that has the volume attached, and load it as a fact. */
  readonly locksAttachedServer: boolean;
  /**
   * What the operation makes is of no use to anybody before it has ended, so when cleaning up after a failure has to wait (a share is
   * down) its resource is shown as failed at once; the operation goes on cleaning and keeps its locks. Never for attachments: a
   * volume must not look free while a guest may still hold it.
   */
  readonly settlesBeforeUndone?: true;
  /**
   * Beside `settlesBeforeUndone`: what is left to clean up bears names that are the operation's own, on whatever share, so it lets its locks
   * go when its resource is shown as failed. Its undo must need no row of the resource, which may be deleted meanwhile.
   */
  readonly unlocksBeforeUndone?: true;
  readonly plan?: (params: OperationParams[T], facts: OperationFacts) => ChainPlan | null;
  readonly steps: readonly Step<T>[];
}

export function defineOperation<T extends OperationType>(definition: OperationDefinition<T>): OperationDefinition<T> {
  return definition;
}

/** The output of an earlier step, typed by the command that made it. */
export function outputOf<C extends CommandType>(
  context: Pick<StepContext, 'outputs'>,
  step: string,
  _command: C,
): CommandOutput<C> | undefined {
  return context.outputs[step] as CommandOutput<C> | undefined;
}
