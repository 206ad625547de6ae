// What a run of the agent changed, as Markdown with a diff for each file: for editors that can show a text and nothing else.
import { escapeHidden } from '../hidden-characters.ts';
import type { AgentChanges } from '../protocol/agent.ts';
import type { Result } from '../protocol/define.ts';

type Changes = Result<typeof AgentChanges>;

export function changesMarkdown({ files, notes }: Changes): string {
  const parts = [...files.map(fileMarkdown), ...notes.map((note) => `- ${escapeHidden(note)}\n`)];
  return parts.join('\n') || 'No files differ from what they were before.\n';
}

function fileMarkdown({ path, isNew, isDeleted, hunks }: Changes['files'][number]): string {
  const state = isNew ? ' (new)' : '';
  const lines = hunks.flatMap(({ range, oldText, newText }) => [
    `@@ line ${range.start.line + 1} @@`,
    ...linesOf(oldText).map((line) => `-${line}`),
    ...linesOf(newText).map((line) => `+${line}`),
  ]);
  const diff = escapeHidden(lines.join('\n'));
  const fence = '`'.repeat(Math.max(3, ...[...diff.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return [`## ${escapeHidden(path)}${isDeleted ? ' (deleted)' : state}`, '', `${fence}diff`, diff, fence, ''].join(
    '\n',
  );
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
