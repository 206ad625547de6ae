// The fenced blocks of a Markdown answer.

export interface FencedBlock {
  /** What stands behind the opening fence, in lower case: the language, as models name it. */
  info: string;
  code: string;
}

/** Code in a fence that nothing in it ends. */
export function fencedCode(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${code}\n${fence}`;
}

/**
 * A block ends at a fence at least as long as its own, so code may contain shorter fences. The last block may lack its
 * end.
 */
export function fencedBlocks(answer: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { fence: string; info: string; lines: string[] } | undefined;
  for (const line of answer.split(/\r?\n/)) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (!open && fence) open = { fence: fence[1] ?? '', info: (fence[2] ?? '').trim().toLowerCase(), lines: [] };
    else if (open && fence?.[1]?.startsWith(open.fence) && fence[2]?.trim() === '') {
      blocks.push({ info: open.info, code: open.lines.join('\n') });
      open = undefined;
    } else open?.lines.push(line);
  }
  return open ? [...blocks, { info: open.info, code: open.lines.join('\n') }] : blocks;
}
