// How good rankings are, where each query has one right answer.
import type { DocumentedFunction } from './corpus.ts';

export interface SearchQuality {
  /** The mean of one over the place of the answer; 0 where it is not among the first ten. */
  mrr10: number;
  /** The share of answers among the first ten. */
  recall10: number;
}

export async function figuresOf(
  functions: readonly DocumentedFunction[],
  search: (query: string) => Promise<string[]>,
): Promise<SearchQuality> {
  let [reciprocals, found] = [0, 0];
  for (const { comment, reference } of functions) {
    const place = (await search(comment)).indexOf(reference);
    if (place < 0) continue;
    reciprocals += 1 / (place + 1);
    found++;
  }
  return { mrr10: rounded(reciprocals / functions.length), recall10: rounded(found / functions.length) };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
