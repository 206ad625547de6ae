// The hunks of a file as the texts of unified diffs, without lines around them. Pure.
import type { AgentChangedFile } from '../../../shared/protocol/agent.ts';

/** One for each. */
export function hunkDiffs(hunks: AgentChangedFile['hunks']): string[] {
  let grown = 0;
  return hunks.map(({ range, oldText, newText }) => {
    const [before, now] = [linesOf(oldText), linesOf(newText)];
    const first = range.start.line + 1;
    const head = `@@ -${first},${before.length} +${first + grown},${now.length} @@`;
    grown += now.length - before.length;
    return [head, ...before.map((line) => `-${line}`), ...now.map((line) => `+${line}`)].join('\n');
  });
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
