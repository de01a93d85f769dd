// Keystone's spelling of times: microseconds and a Z (`2026-11-21T01:32:34.000000Z`), unlike Cinder's naive ones.

/** From the database's naive UTC text (fraction of 0 to 6 digits). */
export function zuluMicroseconds(naive: string): string {
  const [seconds = '', fraction = ''] = naive.split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}
