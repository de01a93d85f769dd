// What a row of the policy tests says about a route.
import type { Ids, TargetName } from './targets.js';

export interface Recipe<Target extends string = TargetName> {
  readonly on: Target;
  /** Of parameters of the path that are no ids of the target. */
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: (ids: Ids) => object;
  /** Ids of the target stand in braces. */
  readonly query?: string;
  /**
   * What another project's person gets whose role allows the deed on one's own: `missing` 404 as for an id of nothing; `hidden` success
   * without a word about the target; `shared` success, because it belongs to no project.
   */
  readonly foreign: 'missing' | 'hidden' | 'shared';
  /** The status of `missing` where the foreign id stands in the body and the API words it otherwise; default 404. */
  readonly missingAs?: number;
  /** Not even administrators reach into other projects by this call. */
  readonly ownOnly?: true;
  /** Sent beside the token. */
  readonly headers?: (ids: Ids) => Readonly<Record<string, string>>;
  /** Who may, where the handler knows more than the level of the rule says: written by hand, and everybody else is refused. */
  readonly may?: readonly string[];
  /** Who is refused with another status than 403, because the handler finds something else wrong first. */
  readonly refusedAs?: Readonly<Record<string, number>>;
  /** Answers with this status instead of the route's success: a deed that is always refused, but after the policy. */
  readonly answers?: number;
}

/** Belongs to no project. */
export const shared: Recipe<'nothing'> = { on: 'nothing', foreign: 'shared' };
