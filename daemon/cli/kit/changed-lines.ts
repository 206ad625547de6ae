// What an edit changes, as the lines of a diff. Pure.
import { type Range, replaceIn } from '../../base/snippet.ts';

const contextLines = 2;

/** The lines that go and those that come, between some that stay. */
export function changedLines(text: string, edit: { range: Range; newText: string }): string[] {
  const [old, now] = [linesOf(text), linesOf(replaceIn(text, edit))];
  const shortest = Math.min(old.length, now.length);
  let same = 0;
  while (same < shortest && old[same] === now[same]) same++;
  let tail = 0;
  while (tail < shortest - same && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const from = Math.max(0, same - contextLines);
  const end = old.length - tail;
  return [
    `@@ line ${same + 1} @@`,
    ...old.slice(from, same).map((line) => ` ${line}`),
    ...old.slice(same, end).map((line) => `-${line}`),
    ...now.slice(same, now.length - tail).map((line) => `+${line}`),
    ...old.slice(end, end + contextLines).map((line) => ` ${line}`),
  ];
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
