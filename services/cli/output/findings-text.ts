// Findings as people read them: a paragraph for each kind of trouble of each thing, because five columns of long texts fit no terminal. What
// is found of several files, and cured alike, is one paragraph. Pure.
import { textWidth, wrapText } from './text-width.js';
import { printable } from './value-text.js';

export interface ReadableFinding {
  readonly severity: string;
  readonly code: string;
  /** What it was found of: `volume <id>`, a pool; empty when the text says it. */
  readonly subject: string;
  /** Stands before the text, where the text does not name it. */
  readonly file?: string | null;
  readonly text: string;
  /** What a person can do; empty for nothing. */
  readonly cure: string;
}

const WIDTH = 100;

function indented(text: string, first: string): string[] {
  const space = ' '.repeat(textWidth(first));
  return wrapText(printable(text, true), WIDTH - space.length).map((line, at) => (at === 0 ? first : space) + line);
}

function whatLine({ file, text }: ReadableFinding): string {
  return file === undefined || file === null ? text : `${file}: ${text}`;
}

function headOf({ severity, code, subject }: ReadableFinding): string {
  return `${severity} ${code}${subject === '' ? '' : `, ${subject}`}`;
}

/** No line is wider than 100 columns; empty for no findings. Neighbours of the same thing and kind with the same cure share a paragraph. */
export function findingsText(findings: readonly ReadableFinding[]): string {
  const lines: string[] = [];
  for (const [at, one] of findings.entries()) {
    const [before, next] = [findings[at - 1], findings[at + 1]];
    const goesOn = (other: ReadableFinding | undefined): boolean =>
      other !== undefined && headOf(other) === headOf(one) && other.cure === one.cure;
    if (!goesOn(before)) lines.push(...(lines.length > 0 ? [''] : []), ...indented(headOf(one), ''));
    lines.push(...indented(whatLine(one), '  '));
    if (!goesOn(next) && one.cure !== '') lines.push(...indented(one.cure, '  → '));
  }
  return lines.join('\n');
}
