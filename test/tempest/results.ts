// What a Tempest run said: one result for every listed test, and the report that is printed. A test whose class was skipped or failed
// as a whole has no result of its own; it gets the class's. Pure.
import { type LeftOpen, leftOpen, notThere, reasonLeftOpen } from './left-open.js';

/** `open`: failed, as the list of what is left says it would. */
export type Verdict = 'pass' | 'fail' | 'skip' | 'open';

/** One line of read-results.py. */
export interface RawResult {
  readonly id: string;
  readonly status: string;
  readonly seconds: number;
  readonly detail: string;
}

export interface TestResult {
  readonly id: string;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** The reason of a skip, the end of the traceback of a failure. */
  readonly why: string;
}

const verdicts: Readonly<Record<string, Verdict>> = { success: 'pass', xfail: 'pass', skip: 'skip' };

function classOf(id: string): string {
  const name = id.replace(/\[.*$/, '');
  return name.slice(0, name.lastIndexOf('.'));
}

/** `setUpClass (tempest.api.volume.X)` is how testtools names what happened to a whole class. */
function classResults(raw: readonly RawResult[]): ReadonlyMap<string, RawResult> {
  const found = raw.flatMap((one) => {
    const name = /^setUpClass \((.+)\)$/.exec(one.id)?.[1];
    return name === undefined ? [] : [[name, one] as const];
  });
  return new Map(found);
}

/** One result for each listed test, in the order of the list; `open` are those that may fail. */
export function collectResults(
  listed: readonly string[],
  raw: readonly RawResult[],
  open: readonly LeftOpen[] = leftOpen,
): TestResult[] {
  const own = new Map(raw.filter((one) => one.status !== 'inprogress').map((one) => [one.id, one]));
  const classes = classResults(raw);
  return listed.map((id) => {
    const result = own.get(id) ?? classes.get(classOf(id));
    if (result === undefined) return { id, verdict: 'fail', seconds: 0, why: 'the run gave no result for this test' };
    const verdict = verdicts[result.status] ?? 'fail';
    const seconds = own.has(id) ? result.seconds : 0;
    return againstList({ id, verdict, seconds, why: result.detail }, open);
  });
}

/** A failure that the list names is left open; a success that it names makes the list wrong. */
function againstList(result: TestResult, open: readonly LeftOpen[]): TestResult {
  if (result.verdict === 'skip') return { ...result, why: reasonLeftOpen(result.id, notThere) ?? result.why };
  const reason = reasonLeftOpen(result.id, open);
  if (reason === null) return result;
  if (result.verdict === 'fail') return { ...result, verdict: 'open', why: reason };
  return { ...result, verdict: 'fail', why: 'passes, but left-open.ts says that it cannot: remove it there' };
}

/** Failures while a class was taken down: something was left behind that could not be removed. */
export function teardownFailures(raw: readonly RawResult[]): RawResult[] {
  return raw.filter((one) => one.id.startsWith('tearDownClass ') && one.status === 'fail');
}

function grouped(results: readonly TestResult[]): [string, TestResult[]][] {
  const groups = new Map<string, TestResult[]>();
  for (const result of results) groups.set(result.why, [...(groups.get(result.why) ?? []), result]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

function lastLines(text: string, count: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}

/** The printed report of a suite: every failure, every skipped test under its reason, and the counts as the last line. */
export function reportText(
  suite: string,
  results: readonly TestResult[],
  teardowns: readonly RawResult[],
  wallSeconds: number,
): string {
  const of = (verdict: Verdict): TestResult[] => results.filter((one) => one.verdict === verdict);
  const [passed, failed, skipped, open] = [of('pass'), of('fail'), of('skip'), of('open')];
  const lines = failed.flatMap((one) => [
    `FAILED ${one.id} (${one.seconds.toFixed(1)} s)`,
    ...lastLines(one.why, 6).map((line) => `    ${line}`),
  ]);
  for (const one of teardowns) lines.push(`FAILED ${one.id}`, ...lastLines(one.detail, 6).map((line) => `    ${line}`));
  for (const [reason, group] of grouped(open)) {
    lines.push(`left open, ${group.length}: ${reason}`, ...group.map((one) => `    ${one.id}`));
  }
  for (const [reason, group] of grouped(skipped)) {
    lines.push(`not run, ${group.length}: ${reason}`, ...group.map((one) => `    ${one.id}`));
  }
  const slowest = [...passed].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
  lines.push('slowest:', ...slowest.map((one) => `    ${one.seconds.toFixed(1).padStart(6)} s  ${one.id}`));
  lines.push(
    `${suite}: ${results.length} listed, ${passed.length} passed, ${failed.length + teardowns.length} failed, ${open.length} left open, ${skipped.length} skipped, ${wallSeconds.toFixed(0)} s`,
  );
  return `${lines.join('\n')}\n`;
}
