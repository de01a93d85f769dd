// What the real Cinder answered last, kept as a file so that the contract lane can compare without installing it. Renewed by
// `npm run differential`; one answer a line, so that a change shows as the lines that changed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Row } from './row.js';
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

/** Values are kept of rows that compare them; of the others they would only be many. */
export function writeRecording(packageVersion: string, rows: readonly Row[], answers: ReadonlyMap<string, Seen>): void {
  const lines = [...answers].map(([name, seen]) => {
    const isExact = rows.some((row) => row.name === name && row.exact === true);
    return `${JSON.stringify(name)}: ${JSON.stringify(isExact ? seen : { ...seen, values: {} })}`;
  });
  writeFileSync(file, `{"package": ${JSON.stringify(packageVersion)}, "answers": {\n${lines.join(',\n')}\n}}\n`);
}
