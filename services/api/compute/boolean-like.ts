// OpenStack's spellings of yes and no (oslo.utils strutils.bool_from_string with strict=True); the schema has refused others.

const yes: readonly unknown[] = [true, 'true', '1', 'on', 'yes', 'y', 't'];

/** True for the spellings of yes, false for everything else, absent values included. */
export function isYes(value: unknown): boolean {
  return yes.includes(typeof value === 'string' ? value.toLowerCase() : value);
}
