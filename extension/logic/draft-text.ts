// What a document would read with as much of an answer as has been written. Pure.

import { placeBlocks, type SearchBlock, searchBlocksSoFar } from '../../shared/edits/search-blocks.ts';
import { withoutHidden } from '../../shared/hidden-characters.ts';
import { indentedAs } from './apply-target.ts';

/** What the answer is to replace: zero-based, both included; nothing where the last is before the first. */
export interface DraftPlace {
  first: number;
  last: number;
}

/** Lines are replaced as they are written; those that no line has come for yet still stand. */
export function draftText(text: string, { first, last }: DraftPlace, answer: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r\n|\r|\n/);
  const shown = withoutHidden(answer);
  if (/^ {0,3}<{5,9}/m.test(shown)) {
    const written = withBlocks(lines.slice(first, last + 1), searchBlocksSoFar(shown));
    return [...lines.slice(0, first), ...written, ...lines.slice(last + 1)].join(lineEnd);
  }
  const code = codeSoFar(shown);
  if (code.trim() === '') return text;
  const fitted = last < first ? code : indentedAs(lines[first] ?? '', code);
  const written = fitted.split(/\r\n|\r|\n/);
  const waiting = lines.slice(first + written.length, last + 1);
  return [...lines.slice(0, first), ...written, ...waiting, ...lines.slice(last + 1)].join(lineEnd);
}

/** As many of the blocks as have a place. */
function withBlocks(lines: readonly string[], blocks: readonly SearchBlock[]): readonly string[] {
  const placed = placeBlocks(lines, blocks);
  if ('lines' in placed) return placed.lines;
  return blocks.length === 0 ? lines : withBlocks(lines, blocks.slice(0, -1));
}

/** What stands in the first fence; all of it where there is none. A fence that has only begun is no code. */
function codeSoFar(answer: string): string {
  const lines = answer.split(/\r?\n/);
  const opening = lines.findIndex((line) => /^ {0,3}(?:`{3,}|~{3,})/.test(line));
  if (opening < 0) return answer.replace(/(?:^|\n)[`~]{1,2}$/, '').trimEnd();
  const inside = lines.slice(opening + 1);
  const closing = inside.findIndex((line) => /^ {0,3}(?:`{1,}|~{1,})\s*$/.test(line));
  return (closing < 0 ? inside : inside.slice(0, closing)).join('\n').trimEnd();
}
