// A unified diff of ours as the protocol has it: each hunk as the text before and the text after. Pure.
import type { ToolCallContent } from '@agentclientprotocol/sdk';
import { escapeHidden } from '../../../shared/hidden-characters.ts';
import { withLineFeeds } from '../../base/clean-text.ts';

interface DiffHunk {
  /** The line where it begins, from 1. */
  line: number;
  before: string;
  after: string;
}

/**
 * `path` is the file's, as a whole path, and `whole` its text as it is: with it, several hunks are one diff of the file, since some clients
 * show one alone.
 */
export function diffContent(diff: string, path: string, whole?: string): ToolCallContent[] {
  const [old = '', , ...lines] = diff.split('\n');
  const hunks: DiffHunk[] = [];
  lines.forEach((line, index) => {
    if (line.startsWith('@@ ')) hunks.push({ line: Number(/^@@ -(\d+)/.exec(line)?.[1]), before: '', after: '' });
    const hunk = hunks.at(-1);
    if (!hunk) return;
    const text = `${line.slice(1)}${lines[index + 1]?.startsWith('\\') ? '' : '\n'}`; // `\ No newline at end of file`
    if (/^[ -]/.test(line)) hunk.before += text;
    if (/^[ +]/.test(line)) hunk.after += text;
  });
  const joined = hunks.length > 1 && whole !== undefined ? inOne(hunks, whole) : undefined;
  return (joined ? [joined] : hunks).map(({ before, after }) => ({
    type: 'diff',
    path,
    oldText: old === '--- /dev/null' ? null : before,
    newText: after,
  }));
}

/** Undefined where the text isn't the one that the hunks are of. */
function inOne(hunks: readonly DiffHunk[], whole: string): Pick<DiffHunk, 'before' | 'after'> | undefined {
  const lines = escapeHidden(withLineFeeds(whole)).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let [after, at] = ['', 0];
  for (const hunk of hunks) {
    const [first, count] = [hunk.line - 1, hunk.before.match(/\n|[^\n]+$/g)?.length ?? 0];
    if (lines.slice(first, first + count).join('') !== hunk.before) return undefined;
    after += lines.slice(at, first).join('') + hunk.after;
    at = first + count;
  }
  return { before: lines.join(''), after: after + lines.slice(at).join('') };
}
