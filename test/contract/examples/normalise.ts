// Makes a recorded request and answer the same in every run: ids, times and secrets become made-up ones, long lists are cut to what the
// request is about. Pure.
import type { Example } from '../../../services/api/docs/reference-document.js';

const MAX_ITEMS = 2;

/** Values of these keys are secrets or chance. */
const madeUp: Readonly<Record<string, string>> = {
  auth_key: '0123456789abcdef',
  secret: 'a-secret-that-is-shown-once',
  ticket: 'a-ticket',
  'x-subject-token': 'a-token',
  'x-auth-token': 'a-token',
  adminpass: 'a-password',
  // Made of the project's id, which is another one in every run.
  hostid: '0123456789abcdef0123456789abcdef0123456789abcdef01234567',
};

class Names {
  private readonly seen = new Map<string, string>();

  /** The n-th id of a kind is the n-th made-up one, so that equal ids stay equal. */
  of(found: string): string {
    const present = this.seen.get(found);
    if (present !== undefined) return present;
    const number = (this.seen.size + 1).toString(16).padStart(12, '0');
    const made = found.includes('-') ? `11111111-2222-4333-8444-${number}` : `11111111222243338444${number}`;
    this.seen.set(found, made);
    return made;
  }

  in(text: string): string {
    return text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g, (found) =>
        this.of(found),
      )
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, '2026-01-02T03:04:05')
      .replace(/(T03:04:05\.)(\d+)/g, (_all, until: string, digits: string) => until + '0'.repeat(digits.length))
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8776')
      .replace(/\b(?:made|policy|existing)-/g, 'example-');
  }
}

/** Of a list, the items that the request's ids are about; without such, the first in the order of their text. */
function cut(items: readonly unknown[], ids: readonly string[]): unknown[] {
  const meant = items.filter((item) => ids.some((id) => JSON.stringify(item)?.includes(id)));
  if (meant.length > 0) return meant.slice(0, MAX_ITEMS);
  if (items.length <= MAX_ITEMS) return [...items];
  const plain = (item: unknown): string => new Names().in(JSON.stringify(item));
  return [...items].sort((a, b) => (plain(a) < plain(b) ? -1 : 1)).slice(0, MAX_ITEMS);
}

/** A backup's record has ids and times in it, these as PostgreSQL writes them: without the last zeros of the microseconds. */
function simplifyRecord(record: string, names: Names): string {
  const text = names.in(Buffer.from(record, 'base64').toString());
  return Buffer.from(text.replace(/(T03:04:05)(?:\.0+)?"/g, '$1.000000"')).toString('base64');
}

function simplify(value: unknown, key: string, ids: readonly string[], names: Names): unknown {
  if (typeof value === 'string' && key === 'backup_url') return simplifyRecord(value, names);
  if (typeof value === 'string') return madeUp[key] ?? (key === 'audit_ids' ? 'an-audit-id' : names.in(value));
  // How long something took is chance too.
  if (key === 'age_seconds') return 0;
  if (Array.isArray(value)) return cut(value, ids).map((item) => simplify(item, key, ids, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names.in(name), simplify(item, name.toLowerCase(), ids, names)]),
  );
}

/** `ids`: what the request acted on. */
export function normalise(example: Example, ids: readonly string[]): Example {
  return simplify(example, '', ids, new Names()) as Example;
}
