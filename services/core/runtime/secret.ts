// A value that must not reach a log: passwords, and URLs that may hold one. Every way of turning it into text gives `***`;
// only `reveal()` gives the value, so a search for that word finds every place that uses a secret.
// It guards against accidents, not against code that wants the value.
import { inspect } from 'node:util';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Never pass it to a logger or into an error. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** Replaces the user part of every URL in a text: `amqp://u:p@host` becomes `amqp://***@host`. */
export function hideUrlPasswords(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*:[^\s/"']*@/gi, '$1***@')
    .replace(/([?&]password=)[^&\s"']+/gi, '$1***');
}
