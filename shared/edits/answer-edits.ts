// What a chat answer would change in files: code blocks that name a file, diffs, and search-and-replace blocks. Nothing is known of the
// files themselves here. Pure.
import { pathBefore, pathInHeader, pathOf } from './named-paths.ts';
import { closesBlock, opensBlock, readBlocks } from './search-blocks.ts';
import { hunksOf, isDiff } from './unified-diff.ts';

interface CodeBlock {
  /** What stands behind the opening fence, as it is written. */
  header: string;
  /** The last line above that says something. */
  above: string;
  lines: string[];
  /** The answer ended inside of the block. */
  isOpen: boolean;
  /** Empty where markers of a search-and-replace block begin it. */
  fence: string;
}

/** A change of one file, which the answer names by `path`. */
export type SaidEdit = { path: string } & (
  | { kind: 'lines'; old: string[]; new: string[] /** From 0, where a diff says it. */; line?: number }
  /** A whole file, or a part of it. */
  | { kind: 'code'; code: string }
);

/** Why a change can't be used: the end of a sentence that begins with "It". */
interface UnusableEdit {
  path?: string;
  why: string;
}

interface AnswerEdits {
  edits: SaidEdit[];
  unusable: UnusableEdit[];
}

const maxEdits = 500;

/** Every change that an answer says, in its order. The same change twice is one. */
export function editsIn(answer: string): AnswerEdits {
  const found: AnswerEdits = { edits: [], unusable: [] };
  const seen = new Set<string>();
  for (const block of blocksIn(answer)) {
    const { edits, unusable } = editsOfBlock(block);
    found.unusable.push(...unusable);
    for (const edit of edits) {
      const key = JSON.stringify(edit);
      if (!seen.has(key)) found.edits.push(edit);
      seen.add(key);
    }
  }
  const tooMany = found.edits.splice(maxEdits).length + found.unusable.splice(maxEdits).length;
  if (tooMany > 0) found.unusable.push({ why: `is one of ${tooMany} more than the ${maxEdits} that are read` });
  return found;
}

/** Whether there is anything to review in an answer. */
export function hasEdits(answer: string): boolean {
  return /[`~<]{3}/.test(answer) && editsIn(answer).edits.length > 0;
}

/** The fenced blocks of an answer, and search-and-replace blocks outside of them. Inside of the latter a fence ends nothing. */
function blocksIn(answer: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: CodeBlock | undefined;
  let isInSearch = false;
  let above = '';
  const end = (): void => {
    if (open) blocks.push({ ...open, isOpen: false });
    open = undefined;
    above = '';
  };
  for (const line of answer.split(/\r?\n/)) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (open) {
      const isBare = open.fence === '';
      if (!isBare && !isInSearch && fence?.[1]?.startsWith(open.fence) && fence[2]?.trim() === '') {
        end();
        continue;
      }
      open.lines.push(line);
      isInSearch = opensBlock(line) || (isInSearch && !closesBlock(line));
      if (isBare && !isInSearch) end();
    } else if (fence) {
      open = { header: (fence[2] ?? '').trim(), above, lines: [], isOpen: true, fence: fence[1] ?? '' };
    } else if (opensBlock(line)) {
      open = { header: '', above, lines: [line], isOpen: true, fence: '' };
      isInSearch = true;
    } else if (line.trim() !== '') above = line;
  }
  if (open) blocks.push(open);
  return blocks;
}

function editsOfBlock(block: CodeBlock): AnswerEdits {
  const { header, above, lines, isOpen } = block;
  const path = pathInHeader(header) ?? pathBefore(above);
  const language = languageIn(header);
  const hasSearch = lines.some(opensBlock);
  const isPatch = !hasSearch && isDiff(lines.join('\n'), language);
  if (!hasSearch && !isPatch && (path === undefined || isForReading(language, path)))
    return { edits: [], unusable: [] };
  if (isOpen)
    return { edits: [], unusable: [{ ...(path !== undefined && { path }), why: 'breaks off before its end' }] };
  if (hasSearch) return searchEdits(lines, path);
  if (isPatch) return diffEdits(lines, path);
  if (path === undefined) return { edits: [], unusable: [] };
  // The end of a block within it has ended it.
  if (lines.some((line) => line.trimStart().startsWith(block.fence)))
    return {
      edits: [],
      unusable: [{ path, why: 'has a code block inside, so its end is unclear. Ask for a longer fence' }],
    };
  return { edits: [{ path, kind: 'code', code: lines.join('\n') }], unusable: [] };
}

function languageIn(header: string): string {
  return (/^[^\s:{]*/.exec(header)?.[0] ?? '').toLowerCase();
}

/** What is written about a file, run beside it, or printed by it, but is none itself. */
const commands = /^(?:bash|sh|shell|zsh|fish|console|terminal|powershell|ps1|cmd|bat|shell-session|shellsession)$/;
const prose = /^(?:text|txt|plaintext|plain|output|log|markdown|md|mermaid|ascii|tree|csv)$/;

function isForReading(language: string, path: string): boolean {
  if (commands.test(language)) return !/(?:\.(?:sh|bash|zsh|fish|ps1|cmd|bat)|(?:^|\/)[^./]+)$/i.test(path);
  if (prose.test(language)) return !/\.(?:txt|md|mdx|markdown|mmd|mermaid|log|csv|rst)$/i.test(path);
  return false;
}

/** A path may stand above each block, inside of the fence, and behind its opening marker. */
function searchEdits(lines: readonly string[], named: string | undefined): AnswerEdits {
  const found: AnswerEdits = { edits: [], unusable: [] };
  const { blocks, open } = readBlocks(lines);
  let path = named;
  for (const block of open ? [...blocks, open] : blocks) {
    const { search, replace, header, above, dividers } = block;
    for (const line of [...above, header]) path = pathOf(line) ?? path;
    const of = path === undefined ? {} : { path };
    if (block === open) found.unusable.push({ ...of, why: 'breaks off before its end' });
    else if (path === undefined) found.unusable.push({ why: "doesn't say which file it is for" });
    else if (dividers !== 1)
      found.unusable.push({ path, why: `has ${dividers} lines of ======= where there must be one` });
    else found.edits.push({ path, kind: 'lines', old: search, new: replace });
  }
  return found;
}

/** A diff of one file or several. */
function diffEdits(lines: readonly string[], named: string | undefined): AnswerEdits {
  const found: AnswerEdits = { edits: [], unusable: [] };
  for (const { before, after, lines: diff } of diffsByFile(lines)) {
    const path = (after === null ? before : after) ?? named;
    const of = typeof path === 'string' ? { path } : {};
    if (typeof path !== 'string') found.unusable.push({ why: "doesn't say which file it is for" });
    else if (after === null) found.unusable.push({ ...of, why: 'deletes the file. Delete it yourself if you mean to' });
    else if (typeof before === 'string' && before !== path)
      found.unusable.push({ ...of, why: `renames ${before}. Rename it yourself, then ask again` });
    else
      for (const { old, new: now, line } of hunksOf(diff.join('\n'))) {
        found.edits.push({ path, kind: 'lines', old, new: now, ...(line !== undefined && { line }) });
      }
  }
  return found;
}

interface FileDiff {
  /** `null`: there is no such file. */
  before?: string | null | undefined;
  after?: string | null | undefined;
  lines: string[];
}

function diffsByFile(lines: readonly string[]): FileDiff[] {
  const files: FileDiff[] = [];
  for (const [at, line] of lines.entries()) {
    const before = /^--- (.+)$/.exec(line)?.[1];
    const after = /^\+\+\+ (.+)$/.exec(lines[at + 1] ?? '')?.[1];
    if (before !== undefined && after !== undefined)
      files.push({ before: pathInDiff(before), after: pathInDiff(after), lines: [] });
    else if (files.length === 0) files.push({ lines: [] });
    files.at(-1)?.lines.push(line);
  }
  return files.filter((file) => file.after !== undefined || file.lines.some((line) => /^(?:@@|[+-])/.test(line)));
}

/** As `git` and `diff` write it: `a/src/x.ts`, in quotation marks, with a time behind a tab. */
function pathInDiff(written: string): string | null | undefined {
  const [name = ''] = written.split('\t');
  const path = name.trim().replace(/^"(.*)"$/, '$1');
  if (path === '/dev/null') return null;
  return path === '' ? undefined : path.replace(/^[ab]\//, '');
}
