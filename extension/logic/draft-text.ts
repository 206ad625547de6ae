// What a document would read with as much of an answer as has been written. Pure.
import { withoutHidden } from '../../shared/hidden-characters.ts';
import { indentedAs } from './apply-target.ts';

/** Zero-based, both included. */
export interface DraftLines {
  first: number;
  last: number;
}

/** Lines are replaced as they are written; those that no line has come for yet still stand. */
export function draftText(text: string, { first, last }: DraftLines, answer: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r\n|\r|\n/);
  const code = codeSoFar(withoutHidden(answer));
  if (code.trim() === '') return text;
  const written = indentedAs(lines[first] ?? '', code).split(/\r\n|\r|\n/);
  const waiting = lines.slice(first + written.length, last + 1);
  return [...lines.slice(0, first), ...written, ...waiting, ...lines.slice(last + 1)].join(lineEnd);
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
