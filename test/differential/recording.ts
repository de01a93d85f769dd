// What the real Cinder answered last, kept as a file so that the contract lane can compare without installing it. Renewed by
// `npm run differential`; one answer a line, so that a change shows as the lines that changed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Seen } from './seen.js';

const file = fileURLToPath(new URL('recorded/cinder.json', import.meta.url));

export interface Recording {
  /** Debian's version of the package. */
  readonly package: string;
  readonly answers: Readonly<Record<string, Seen>>;
}

/** Null when nothing was recorded yet. */
export function readRecording(): Recording | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : null;
}

export function writeRecording(packageVersion: string, answers: ReadonlyMap<string, Seen>): void {
  const lines = [...answers].map(([name, seen]) => `${JSON.stringify(name)}: ${JSON.stringify(seen)}`);
  writeFileSync(file, `{"package": ${JSON.stringify(packageVersion)}, "answers": {\n${lines.join(',\n')}\n}}\n`);
}
