// Cinder's times: naive UTC with six digits and no zone (2026-11-21T01:32:34.230344). gophercloud refuses any other form. PostgreSQL leaves
// out trailing zeros of the fraction, so they are put back here. Pure.

/** From the database's text. */
export function naiveTime(text: string): string {
  const [seconds = '', fraction = ''] = text.split('.');
  return `${seconds}.${fraction.padEnd(6, '0')}`;
}

export function naiveTimeOrNull(text: string | null): string | null {
  return text === null ? null : naiveTime(text);
}

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?(Z|[+-]\d\d:?\d\d)?$/i;

/** A client's time as naive UTC text that PostgreSQL reads, or null when it is none. */
export function tryNaiveUtc(text: string): string | null {
  const match = iso.exec(text.trim());
  if (match === null) return null;
  const [, date = '', clock = '00:00:00', zone = 'Z'] = match;
  const moment = new Date(`${date}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(moment.getTime())) return null;
  if (zone.toUpperCase() !== 'Z') return moment.toISOString().slice(0, -1);
  return `${date}T${clock}`;
}
