// Request ids: ours is made here and given back on every reply; the caller's is believed only in the exact form, because it is
// logged and handed on (a free text could forge log lines or headers).
import { randomUUID } from 'node:crypto';

const pattern = /^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function newRequestId(): string {
  return `req-${randomUUID()}`;
}

/** The caller's id, or null when there is none or it is malformed. */
export function tryGlobalRequestId(header: string | undefined): string | null {
  return header !== undefined && pattern.test(header) ? header : null;
}
