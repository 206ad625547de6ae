// A unified diff of one file, as git shows it. Pure. Characters that nobody sees are shown as escapes, so that it reads as what it does.
import { escapeHidden } from '../../../../shared/hidden-characters.ts';
import { differences, textLines } from '../../change-sets/text-lines.ts';

const around = 3; // lines, as git has it

/** A text is undefined where there is no file. Empty where both are the same. */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  const [old, now] = [textLines(before ?? ''), textLines(after ?? '')];
  const marked = (lines: ReturnType<typeof textLines>): string[] =>
    lines.lines.map((line, i) => (lines.ends[i] === '' ? `${line}\n\\ No newline at end of file` : line));
  const [a, b] = [marked(old), marked(now)];
  const edits = differences(a, b);
  if (edits.length === 0) return '';
  const hunks: string[] = [];
  let grown = 0;
  for (const group of grouped(edits)) {
    const first = Math.max(0, (group[0]?.first ?? 0) - around);
    const end = Math.min(a.length, (group.at(-1)?.end ?? 0) + around);
    const lines: string[] = [];
    let [at, added, removed] = [first, 0, 0];
    for (const edit of group) {
      lines.push(...a.slice(at, edit.first).map((line) => ` ${line}`));
      lines.push(...a.slice(edit.first, edit.end).map((line) => `-${line}`));
      lines.push(...edit.lines.map((line) => `+${line}`));
      added += edit.lines.length;
      removed += edit.end - edit.first;
      at = edit.end;
    }
    lines.push(...a.slice(at, end).map((line) => ` ${line}`));
    const length = end - first;
    const place = `@@ -${span(first, length)} +${span(first + grown, length + added - removed)} @@`;
    hunks.push([place, ...lines].join('\n'));
    grown += added - removed;
  }
  const header = `--- ${before === undefined ? '/dev/null' : `a/${path}`}\n+++ ${after === undefined ? '/dev/null' : `b/${path}`}`;
  return escapeHidden(`${[header, ...hunks].join('\n')}\n`);
}

function span(first: number, length: number): string {
  return `${length === 0 ? first : first + 1}${length === 1 ? '' : `,${length}`}`;
}

/** Those whose surroundings meet stand in one hunk. */
function grouped(edits: ReturnType<typeof differences>): ReturnType<typeof differences>[] {
  const groups: ReturnType<typeof differences>[] = [];
  for (const edit of edits) {
    const last = groups.at(-1);
    if (last && edit.first - (last.at(-1)?.end ?? 0) <= 2 * around) last.push(edit);
    else groups.push([edit]);
  }
  return groups;
}
