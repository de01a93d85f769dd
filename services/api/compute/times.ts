// Nova's spellings of times: `created` and `updated` in seconds with a Z, the usage times naive with microseconds.

/** From the database's naive UTC text. */
export function zuluSeconds(naive: string): string {
  return `${naive.slice(0, 19)}Z`;
}

/** From the database's naive UTC text (fraction of 0 to 6 digits); null stays null. */
export function naiveMicroseconds(naive: string | null): string | null {
  if (naive === null) return null;
  const [seconds = '', fraction = ''] = naive.split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
}
