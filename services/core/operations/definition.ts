// An operation is a table of steps. This file says what such a table looks like; the files beside it are the tables.
//
// Locks: every operation names the resources it needs and how. `chain` changes or removes layers, `use` attaches, starts or
// appends, `read` copies frozen layers. read/read, read/use and (on different servers) use/read may run together; every other
// pair waits in order of acceptance. The locks are taken all at once or not at all, so there is no deadlock.
import type { Chain } from '../domain/chain.js';
import type { MergeDirection } from '../domain/chain-merge.js';
import type { ErrorCode } from '../domain/errors.js';
import type { CommandOutput, CommandParams, CommandType, WireError } from '../messages/envelope.js';
import type { OperationFacts, VolumeFacts } from './facts.js';
import type { OperationParams, OperationType } from './params.js';

export type LockMode = 'read' | 'use' | 'chain';
export interface LockWish {
  readonly resource: `volume:${string}` | `server:${string}` | `backup:${string}`;
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
  /** The overlay to add, the base of a copy, the layer to merge and remove, or the base that takes up what is below it. */
  readonly file: string;
  /** How many layers at the beginning of `before`, and of `after`, belong to other volumes; default none. */
  readonly foreignBefore?: number;
  readonly foreignAfter?: number;
  /** Of a move to another key: the one that nobody needs any more when it is done. */
  readonly keyLeft?: string;
  /** Of a merge; default down. */
  readonly direction?: MergeDirection;
}

/** The volume's own part of what will be: the only part that is stored with it, and written into its record on the share. */
export function ownLayersAfter({ after, foreignAfter = 0 }: ChainPlan): Chain {
  return after.slice(foreignAfter);
}

export function ownLayersBefore({ before, foreignBefore = 0 }: ChainPlan): Chain {
  return before.slice(foreignBefore);
}

/** A plan that leaves the layers of other volumes where they are. */
export function planFor(
  { chain, foreignLayers }: Pick<VolumeFacts, 'chain' | 'foreignLayers'>,
  change: Pick<ChainPlan, 'after' | 'file'>,
): ChainPlan {
  if (foreignLayers === 0) return { before: chain, ...change };
  return { before: chain, ...change, foreignBefore: foreignLayers, foreignAfter: foreignLayers };
}

export interface StepContext<T extends OperationType = OperationType> {
  readonly params: OperationParams[T];
  readonly facts: OperationFacts;
  readonly plan: ChainPlan | null;
  /** Of an operation about several volumes: the plan of each, in the order of its members. */
  readonly plans?: readonly ChainPlan[];
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
  /** Of an operation about several volumes: whose step it is, as `host@backend` or as the compute host. Throws when it is nobody's. */
  readonly worker?: (context: StepContext<T>) => string;
  /** Asked again after this much silence (counted from the last progress). */
  readonly timeoutMs: number;
  /** Left out when false; judged once, when the step is reached. */
  readonly when?: (context: StepContext<T>) => boolean;
  readonly do: (context: StepContext<T>) => Ask;
  /** Must cope with "half done" and "not done". Undo of a pivot may answer `forward`. */
  readonly undo?: (context: StepContext<T>) => Ask;
  /** After this step has succeeded the operation only goes forward. */
  readonly pivot?: true;
  /**
   * What it makes is another service's, and harmless: where its undo cannot be done for good, it is left there. The operation goes on going back,
   * because it would else keep its locks for as long as that service is away.
   */
  readonly mayBeLeft?: true;
  /** Asks only, changes nothing: a failure leaves nothing behind. */
  readonly readOnly?: true;
  /**
   * While nobody can say whether it has happened (the hypervisor does not answer) the operation does not end, and keeps its locks: whatever came
   * next would rest on a guess. It is stuck, asked again slowly, and freed by any other answer.
   */
  readonly mustBeKnown?: true;
  /**
   * Failures that say that the world has overtaken the step, e.g. the guest has ended since it was looked at: it counts as never asked, and
   * the next step that applies does the rest.
   */
  readonly overtakenBy?: readonly ErrorCode[];
  /**
   * Behind the pivot of another step, a failure of this one for good is its own: its undo is asked, and then the operation goes forward without
   * it. Steps behind it and the outcome find no output of it, and its undo's instead (`refusalOf`).
   */
  readonly failsAlone?: true;
  /** What the step's output decides; stored with it, before anything else is asked, so that a repetition goes the same way. */
  readonly decides?: (context: StepContext<T>) => ChainPlan | null;
}

/** What an operation wants to have for itself. */
export interface Unshared {
  /** Files of the volume's own layers; `all` counts copies that are only accepted as well. */
  readonly files: readonly string[] | 'all';
  /** Snapshots that were made for a clone must have gone, too. */
  readonly noInternalSnapshots?: true;
  /** The volume itself must stand on nobody else's layers. */
  readonly independent?: true;
}

export interface OperationDefinition<T extends OperationType = OperationType> {
  readonly type: T;
  readonly locks: (params: OperationParams[T]) => readonly LockWish[];
  /** Also lock the server that has the volume attached, and load it as a fact. */
  readonly locksAttachedServer: boolean;
  /** That server, as a lock and as a fact, is the one that has the source attached. */
  readonly serverIsOfSource?: true;
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
  /**
   * What no other volume may share before the operation may begin: until then it waits without a lock, so that nobody is held up behind it.
   * Judged on facts of the moment, before its locks are wished for and again before it begins. null: nothing.
   */
  readonly needsAlone?: (params: OperationParams[T], facts: OperationFacts) => Unshared | null;
  /** A running one is cancelled when another operation wishes for what it has locked; somebody begins it again later. */
  readonly givesWay?: true;
  /** It waits for what a guest does of its own accord, and need not any more when that guest's server is to be deleted. */
  readonly waitsForGuest?: true;
  /** An administrator may cancel it before its pivot; it then ends as after any other failure. */
  readonly cancellable?: true;
  readonly plan?: (params: OperationParams[T], facts: OperationFacts) => ChainPlan | null;
  /** Instead of `plan`, for an operation about several volumes. */
  readonly plans?: (params: OperationParams[T], facts: OperationFacts) => readonly ChainPlan[];
  /** Where `stepsFor` is given, those of an operation about one volume. */
  readonly steps: readonly Step<T>[];
  /** The table of an operation about several volumes: its length follows from the parameters, which are stored, and from nothing else. */
  readonly stepsFor?: (params: OperationParams[T]) => readonly Step<T>[];
}

export function defineOperation<T extends OperationType>(definition: OperationDefinition<T>): OperationDefinition<T> {
  return definition;
}

/** Why a step that fails alone was taken back behind the pivot; null when it was not. */
export function refusalOf(context: Pick<StepContext, 'outputs'>, step: string): WireError | null {
  const taken = context.outputs[`undo ${step}`] as { readonly because?: WireError } | undefined;
  return context.outputs[step] === undefined ? (taken?.because ?? null) : null;
}

/** The output of an earlier step, typed by the command that made it. */
export function outputOf<C extends CommandType>(
  context: Pick<StepContext, 'outputs'>,
  step: string,
  _command: C,
): CommandOutput<C> | undefined {
  return context.outputs[step] as CommandOutput<C> | undefined;
}
