// Text that PostgreSQL and UTF-8 can hold: no NUL, no half of a surrogate pair. Both can be written with escapes (in JSON, in Python
// literals), so they reach us although no request line or body may hold them in the raw. Pure.

export function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
