// A unified diff of ours as the protocol has it: each hunk as the text before and the text after. Pure.
import type { ToolCallContent } from '@agentclientprotocol/sdk';

interface DiffHunk {
  before: string;
  after: string;
}

/** `path` is the file's, as a whole path. */
export function diffContent(diff: string, path: string): ToolCallContent[] {
  const [old = '', , ...lines] = diff.split('\n');
  const hunks: DiffHunk[] = [];
  lines.forEach((line, index) => {
    if (line.startsWith('@@ ')) hunks.push({ before: '', after: '' });
    const hunk = hunks.at(-1);
    if (!hunk) return;
    const text = `${line.slice(1)}${lines[index + 1]?.startsWith('\\') ? '' : '\n'}`; // `\ No newline at end of file`
    if (/^[ -]/.test(line)) hunk.before += text;
    if (/^[ +]/.test(line)) hunk.after += text;
  });
  return hunks.map(({ before, after }) => ({
    type: 'diff',
    path,
    oldText: old === '--- /dev/null' ? null : before,
    newText: after,
  }));
}
