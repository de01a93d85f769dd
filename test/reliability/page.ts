// test/RELIABILITY.md, which the runs write themselves. The page is its own store: a run reads it, puts its value into its row and
// writes the whole page anew, so that what is committed is what was last seen, and a lint can tell a page that was written by hand.
// Without SAGGAR_RECORD=1 nothing is written: an ordinary run leaves the working tree as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../services/core/runtime/spec-files.js';
import { type Figure, type FigureId, figures } from './figures.js';

export const recordVariable = 'SAGGAR_RECORD';

/**
 * `met`: what the goal says was done and seen. `part`: a smaller run than the goal asks for, in which nothing was wrong. `missed`: the
 * figure falls short.
 */
export type Verdict = 'met' | 'part' | 'missed';

export interface Seen {
  /** One line with units, e.g. `2,249 points, 0 stuck`. */
  readonly value: string;
  readonly verdict: Verdict;
}

interface Recorded extends Seen {
  /** `2026-01-31 12:00 UTC, commit 0123456`. */
  readonly when: string;
}

const NEVER = 'not run yet';
const words: Readonly<Record<Verdict, string>> = { met: 'yes', part: 'in part: a smaller run', missed: '**no**' };

export function pageFile(): string {
  return path.join(projectRoot(), 'test', 'RELIABILITY.md');
}

/** Writes the value into its row when the environment asks for it; says on standard output what was done. */
export function recordFigure(id: FigureId, seen: Seen, env: NodeJS.ProcessEnv = process.env): void {
  if (env[recordVariable] !== '1') return;
  const file = pageFile();
  const known = existsSync(file) ? parsePage(readFileSync(file, 'utf8')) : new Map<string, Recorded>();
  known.set(id, { ...seen, when: now() });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, renderPage(known));
  renameSync(beside, file);
  process.stdout.write(`test/RELIABILITY.md: ${id}: ${seen.value}\n`);
}

/** What is different from what the writer would write; null when nothing is. */
export function findPageDrift(): string | null {
  const file = pageFile();
  if (!existsSync(file)) return 'test/RELIABILITY.md is missing: node --import tsx test/reliability/renew.ts writes it';
  const text = readFileSync(file, 'utf8');
  if (renderPage(parsePage(text)) === text) return null;
  return 'test/RELIABILITY.md is not what its writer writes: node --import tsx test/reliability/renew.ts mends its shape';
}

/** Values by the row's id; rows that are unknown, never run or unreadable are left out. */
export function parsePage(text: string): Map<string, Recorded> {
  const found = new Map<string, Recorded>();
  for (const line of text.split('\n')) {
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    const [title, , value, word, when] = cells;
    const figure = figures.find((one) => one.title === title);
    const verdict = (Object.keys(words) as Verdict[]).find((one) => words[one] === word);
    if (figure === undefined || verdict === undefined || value === undefined || when === undefined) continue;
    found.set(figure.id, { value, verdict, when });
  }
  return found;
}

export function renderPage(known: ReadonlyMap<string, Recorded>): string {
  const rows = figures.map((figure) => rowOf(figure, known.get(figure.id)));
  return [
    '# Reliability: figures',
    '',
    'Written by the runs themselves: each command below, with `SAGGAR_RECORD=1` before it, puts what it has seen into its row. A row that',
    'falls short says so; one that was never run says that. Nothing here is edited by hand (a lint compares).',
    '',
    '| figure | goal | last value | goal met | when | run again |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function rowOf({ title, goal, command }: Figure, seen: Recorded | undefined): string {
  const cells = seen === undefined ? [NEVER, '-', '-'] : [plain(seen.value), words[seen.verdict], plain(seen.when)];
  return `| ${[title, goal, ...cells, `\`${command}\``].join(' | ')} |`;
}

/** A bar or a line end would make another cell or row of it. */
function plain(text: string): string {
  return text.replace(/\s*[|\r\n]+\s*/g, '; ').trim();
}

function now(): string {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: projectRoot(), encoding: 'utf8' });
  const commit = (stdout ?? '').trim();
  const time = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return commit === '' ? time : `${time}, commit ${commit}`;
}
