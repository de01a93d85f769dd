// The run's outcome for people and for programs.
import { aspects, type Difference } from './compare.js';
import type { Verdict } from './judge.js';

function line(difference: Difference): string {
  const what = difference.what === '' ? '' : ` ${difference.what}`;
  return `  ${difference.row}\n    ${difference.aspect}${what}: cinder ${short(difference.peer)}, saggar ${short(difference.ours)}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

export function printVerdict(verdict: Verdict, print: (text: string) => void, options: { verbose: boolean }): void {
  if (options.verbose && verdict.reported.length > 0) {
    print('\nTexts and values that differ (reported, not failing):');
    for (const one of verdict.reported) print(line(one));
  }
  if (verdict.unlisted.length > 0) {
    print('\nDifferences that no list explains:');
    for (const one of verdict.unlisted) print(line(one));
  }
  if (verdict.stale.length > 0) {
    print('\nKnown differences that are none any more (remove them from known-differences.ts):');
    for (const entry of verdict.stale)
      print(`  ${entry.rows === '*' ? '*' : entry.rows.join(', ')} (${entry.aspects.join(', ')}): ${entry.reason}`);
  }
  const count = (of: readonly Difference[]): string =>
    aspects
      .map((aspect) => [aspect, of.filter((one) => one.aspect === aspect).length] as const)
      .filter(([, number]) => number > 0)
      .map(([aspect, number]) => `${number} ${aspect}`)
      .join(', ');
  print('');
  print(`requests compared       ${verdict.compared}`);
  print(`equal                   ${verdict.equal}`);
  print(`listed differences      ${verdict.listed.length}  ${count(verdict.listed)}`);
  print(`unlisted differences    ${verdict.unlisted.length}  ${count(verdict.unlisted)}`);
  print(`stale entries           ${verdict.stale.length}`);
  print(`texts and values        ${verdict.reported.length}  ${count(verdict.reported)} (reported only)`);
}

export function isGood(verdict: Verdict): boolean {
  return verdict.unlisted.length === 0 && verdict.stale.length === 0;
}
