// House rules that no linter knows: size of files, a header that says what a file is for, names that say nothing, barrels, and
// words that belong to a workplace and not to the software. Exceptions are listed here and may only shrink.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const MAX_LINES = 500;
const vagueNames = /^(utils?|helpers?|manager|common|misc|index)\.(ts|mjs)$/;
/** The ordered list of migrations is data, not a barrel. */
const allowedNames = new Set(['services/core/db/migrations/index.ts']);
/** Files over the limit, each with the reason in its own header. */
const allowedLong = new Set<string>([]);
const workplaceWords = /\/work\/|\.library\/|registry\.npmjs|deb\.debian\.org|helper-\d/;

function trackedFiles(): string[] {
  const out = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  return out.split('\n').filter((file) => file !== '');
}

function codeLines(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

function violationsOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // removed, not yet committed
  }
  const found: string[] = [];
  if (file !== 'test/lint/source-rules.ts' && workplaceWords.test(text) && !file.endsWith('package-lock.json')) {
    found.push(`names a place of the machine it was written on: ${workplaceWords.exec(text)?.[0]}`);
  }
  if (!/\.(ts|mjs)$/.test(file) || file.includes('/generated/')) return found;
  if (codeLines(text) > MAX_LINES && !allowedLong.has(file))
    found.push(`${codeLines(text)} lines, at most ${MAX_LINES}`);
  if (vagueNames.test(path.basename(file)) && !allowedNames.has(file))
    found.push('a name that says nothing, or a barrel');
  if (!/^(#!.*\n)?\/\//.test(text)) found.push('does not open with a comment that says what it is for');
  if (/^export \* from/m.test(text)) found.push('re-exports everything (barrel)');
  return found;
}

/** Commits whose message names the machine it was written on; nothing where there is no git history (an unpacked archive). */
export function findMessageViolations(): string[] {
  const { status, stdout } = spawnSync('git', ['log', '--format=%h %B%x00'], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) return [];
  return stdout
    .split('\0')
    .filter((message) => workplaceWords.test(message))
    .map(
      (message) => `commit ${message.trim().split('\n')[0] ?? ''}: names ${workplaceWords.exec(message)?.[0] ?? ''}`,
    );
}

/** One line per violation, empty when the tree is clean. */
export function findSourceViolations(): string[] {
  return trackedFiles().flatMap((file) => violationsOf(file).map((violation) => `${file}: ${violation}`));
}
