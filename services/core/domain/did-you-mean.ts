// Finds the known word that a mistyped one was probably meant to be. Plain edit distance; the lists are short.

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

const normalise = (word: string): string => word.toLowerCase().replace(/[_-]/g, '');

/** The nearest known word, or null when none is near (two letters, or a third of a long word, may differ). */
export function nearestWord(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  // Two letters in the wrong order count as two changes.
  let bestDistance = (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    const distance = editDistance(normalise(word), normalise(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
