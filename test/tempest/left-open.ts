// Tests of the suite that run and cannot pass yet, each with its reason. A test of this list that passes fails the run, so that the
// list stays true; what Tempest skips by itself is not in it.

export interface LeftOpen {
  /** Module, class and name, without the tags. */
  readonly test: string;
  readonly reason: string;
}

export const leftOpen: readonly LeftOpen[] = [];

/** Why a test's failure is no surprise; null when it is one. */
export function reasonLeftOpen(id: string, open: readonly LeftOpen[]): string | null {
  const name = id.replace(/\[.*$/, '');
  return open.find((one) => one.test === name)?.reason ?? null;
}
