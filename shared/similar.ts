// The word that was probably meant, where one is not known.

/** `Did you mean "review"?`, or undefined where nothing known is like it. */
export function hintOf(word: string, known: readonly string[]): string | undefined {
  const meant = mostSimilar(word, known);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** At most a third of the letters are wrong, or the word is the beginning of just one. */
function mostSimilar(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const begun = known.filter((each) => lower.replaceAll('-', '').length > 1 && each.startsWith(lower));
  if (begun.length === 1) return begun[0];
  const [best] = known
    .map((each) => ({ each, distance: editDistance(lower, each) }))
    .filter(({ each, distance }) => distance <= Math.max(1, Math.floor(each.replace(/^-+/, '').length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return best?.each;
}

/** Letters to add, remove, replace or swap with their neighbour (Damerau 1964, in the form that edits no place twice). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const distance = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      (rows[i] as number[])[j] = distance;
    }
  }
  return at(a.length, b.length);
}
