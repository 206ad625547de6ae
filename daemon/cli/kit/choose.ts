// Lets the user choose rows of a numbered list at a terminal.

import type { Ask } from './ask-trust.ts';
import { UsageError } from './command.ts';

const maxAsked = 3;

/** The chosen rows, counted from 0; none where the user wants none. Throws UsageError after three answers that are no choice. */
export async function chooseRows(ask: Ask, what: string, count: number): Promise<number[]> {
  for (let asked = 0; asked < maxAsked; asked++) {
    const chosen = rowsIn(await ask(`${what} Numbers such as 1,3-5, or all; Enter for none: `), count);
    if (chosen) return chosen;
  }
  throw new UsageError(`Choose by numbers from 1 to ${count}, or "all".`);
}

/** Undefined where the text is no choice. */
export function rowsIn(text: string, count: number): number[] | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(Boolean);
  if (words.length === 1 && (words[0] === 'all' || words[0] === 'a'))
    return Array.from({ length: count }, (_, row) => row);
  if (words.length === 1 && words[0] === 'none') return [];
  const rows = new Set<number>();
  for (const word of words) {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (from < 1 || to > count || from > to) return undefined;
    for (let row = from; row <= to; row++) rows.add(row - 1);
  }
  return [...rows].sort((a, b) => a - b);
}
