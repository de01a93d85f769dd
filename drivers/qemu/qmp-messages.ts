// What a QMP server can say, checked before anything is believed: greeting, reply, event. The error types of a QMP conversation.
// Source: QEMU docs/interop/qmp-spec.txt.

export type JsonObject = Readonly<Record<string, unknown>>;

export interface QmpEvent {
  readonly name: string;
  readonly data: JsonObject;
}

export type QmpMessage =
  | { readonly kind: 'greeting'; readonly version: string }
  | { readonly kind: 'return'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number | null; readonly errorClass: string; readonly description: string }
  | { readonly kind: 'event'; readonly event: QmpEvent };

/** QEMU refused a command. */
export class QmpCommandError extends Error {
  override readonly name = 'QmpCommandError';
  constructor(
    readonly command: string,
    readonly errorClass: string,
    readonly description: string,
  ) {
    super(`${command}: ${description}`);
  }
}

/** The connection was lost: what the command did is unknown; ask the block graph before deciding anything. */
export class QmpInterruptedError extends Error {
  override readonly name = 'QmpInterruptedError';
  constructor(readonly command: string) {
    super(`the monitor connection was lost during ${command}`);
  }
}

/** No answer in time; the command may still take effect. The connection is given up with it. */
export class QmpDeadlineError extends Error {
  override readonly name = 'QmpDeadlineError';
  constructor(
    readonly command: string,
    readonly deadlineMs: number,
  ) {
    super(`${command} found no answer within ${deadlineMs} ms`);
  }
}

/** A method was called in a state that does not allow it. */
export class QmpStateError extends Error {
  override readonly name = 'QmpStateError';
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** null when the message is none that QMP knows. */
export function parseQmpMessage(value: unknown): QmpMessage | null {
  if (!isObject(value)) return null;
  if (typeof value['event'] === 'string') {
    const data = value['data'];
    return { kind: 'event', event: { name: value['event'], data: isObject(data) ? data : {} } };
  }
  const id = typeof value['id'] === 'number' ? value['id'] : null;
  if ('return' in value) return id === null ? null : { kind: 'return', id, value: value['return'] };
  const error = value['error'];
  if (isObject(error)) {
    return { kind: 'error', id, errorClass: String(error['class']), description: String(error['desc']) };
  }
  const greeting = value['QMP'];
  return isObject(greeting) ? { kind: 'greeting', version: readVersion(greeting['version']) } : null;
}

function readVersion(version: unknown): string {
  const qemu = isObject(version) ? version['qemu'] : null;
  if (!isObject(qemu)) return 'unknown';
  return `${qemu['major']}.${qemu['minor']}.${qemu['micro']}`;
}
