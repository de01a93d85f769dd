// Holds two answers against each other. Every difference says what of which row differs, in words that a list of known differences
// can name. Texts and values are reported apart: they fail a row only where the row asks for it.
import type { Row } from './row.js';
import type { Seen, Shape } from './seen.js';

export const aspects = ['status', 'header', 'body', 'key', 'type', 'fault', 'state', 'text', 'value'] as const;
export type Aspect = (typeof aspects)[number];

export interface Difference {
  readonly row: string;
  readonly aspect: Aspect;
  /** What exactly: a header's name, a key's path; empty where the aspect says it all. */
  readonly what: string;
  readonly peer: unknown;
  readonly ours: unknown;
  /** False for texts and values that the row does not ask for. */
  readonly counts: boolean;
}

type Found = Omit<Difference, 'row' | 'counts'>;

function entryDifferences(
  aspect: Aspect,
  peer: Readonly<Record<string, unknown>>,
  ours: Readonly<Record<string, unknown>>,
): Found[] {
  const names = [...new Set([...Object.keys(peer), ...Object.keys(ours)])].sort();
  return names
    .filter((name) => peer[name] !== ours[name])
    .map((name) => ({ aspect, what: name, peer: peer[name] ?? null, ours: ours[name] ?? null }));
}

function shapeDifferences(peer: Shape, ours: Shape): Found[] {
  const found: Found[] = [];
  for (const { what, peer: theirs, ours: own } of entryDifferences('key', peer, ours)) {
    // Below a key that is missing everything is missing: the topmost says it.
    const parents = what.split(/(?=\.|\[\])/).map((_, index, parts) => parts.slice(0, index).join(''));
    if (parents.some((parent) => found.some((one) => one.aspect === 'key' && one.what === parent && parent !== '')))
      continue;
    found.push({ aspect: theirs === null || own === null ? 'key' : 'type', what, peer: theirs, ours: own });
  }
  return found;
}

/** Values only of what both have: a missing key is a difference of its own. */
function valueDifferences(peer: Seen['values'], ours: Seen['values']): Found[] {
  return entryDifferences('value', peer, ours).filter(({ what }) => what in peer && what in ours);
}

function scalar(aspect: Aspect, peer: unknown, ours: unknown): Found[] {
  return peer === ours ? [] : [{ aspect, what: '', peer, ours }];
}

export function compareAnswers(row: Row, peer: Seen, ours: Seen): Difference[] {
  const found: Found[] = [
    ...scalar('status', peer.status, ours.status),
    ...entryDifferences('header', peer.headers, ours.headers),
    ...scalar('body', peer.body, ours.body),
    ...scalar('state', peer.unsettled, ours.unsettled),
  ];
  // Another status means another body: its details would only repeat it.
  if (peer.status === ours.status) {
    found.push(
      ...shapeDifferences(peer.shape, ours.shape),
      ...scalar('fault', peer.fault, ours.fault),
      ...scalar('text', peer.message, ours.message),
      ...valueDifferences(peer.values, ours.values),
    );
  }
  const soft = (aspect: Aspect): boolean => aspect === 'text' || aspect === 'value';
  return found.map((one) => ({ row: row.name, counts: row.exact === true || !soft(one.aspect), ...one }));
}
