// What a mistyped command probably meant: the commands with the same first word, nearest spelling first.
import { commandModules, loadAllRows } from './command-index.js';

const MOST = 5;

/** One sentence for the end of an error message. */
export async function suggestionsFor(words: readonly string[]): Promise<string> {
  const paths = (await loadAllRows()).map(({ path }) => path);
  const typed = words.slice(0, 4).join(' ');
  const near = paths
    .map((path) => ({ path, distance: editDistance(typed.slice(0, path.length + 4), path) }))
    .sort((a, b) => a.distance - b.distance);
  const sameStart = near.filter(({ path }) => path.split(' ')[0] === words[0]);
  const chosen = (sameStart.length > 0 ? sameStart : near.filter(({ distance }) => distance <= 4)).slice(0, MOST);
  if (chosen.length > 0) return `Did you mean: ${chosen.map(({ path }) => `saggar ${path}`).join(', ')}?`;
  return `Nouns are: ${[...new Set(commandModules.map(({ noun }) => noun))].join(', ')}. See \`saggar --help\`.`;
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
