// What can be wrong after a fault, in five words, so that a run of thousands of cases can be counted. A failed check carries its word.

/**
 * `stuck`: something does not come to rest. `orphans`: a file, row, key, object or guest that nothing explains. `lost`: what is on
 * record is not there. `double`: counted or done twice. `corrupt`: headers or a guest's disks are not what the record says.
 */
export const leftKinds = ['stuck', 'orphans', 'lost', 'double', 'corrupt'] as const;
export type LeftKind = (typeof leftKinds)[number];

const kinds = new WeakMap<object, LeftKind>();

function mark(thrown: unknown, kind: LeftKind): void {
  if (typeof thrown === 'object' && thrown !== null && !kinds.has(thrown)) kinds.set(thrown, kind);
}

/** The word of a failed check; null for any other error. */
export function leftKindOf(thrown: unknown): LeftKind | null {
  return typeof thrown === 'object' && thrown !== null ? (kinds.get(thrown) ?? null) : null;
}

export function demandThat(kind: LeftKind, check: () => void): void {
  try {
    check();
  } catch (thrown) {
    mark(thrown, kind);
    throw thrown;
  }
}

export async function demandThatAll(kind: LeftKind, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    mark(thrown, kind);
    throw thrown;
  }
}
