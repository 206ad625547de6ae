// Tests that a model writes, as an edit of the file that the project keeps such tests in: a new file, or more in one that is there.
import { lstat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { throwIfCancelled } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import type { Range, Snippet } from '../../base/snippet.ts';
import { toPath } from '../../base/uri.ts';
import { filesUnder, readText } from '../../code-index/walk.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import { markerRule, newMarker } from '../pipeline/code-prompts.ts';
import type { EditGate } from '../pipeline/edits/gate.ts';
import type { TextEdit } from '../pipeline/edits/placing.ts';
import { targetOf } from '../pipeline/target.ts';
import { type TestPlace, testPlaceOf } from './test-place.ts';

/** Where tests go. */
export interface TestFile {
  /** As it is now; without text where it is new. */
  snippet: Snippet;
  /** From the folder that is worked in. */
  path: string;
  how: TestPlace['how'];
}

interface TestFileSearch {
  roots: readonly string[];
  ignore: Ignore;
  /** A document as its editor has it. */
  openDocument?(uri: string): Snippet | undefined;
  signal: AbortSignal;
}

/** Undefined where the source lies in no folder, nothing tells where its tests go, or that file is no text that a model may see. */
export async function testFileFor(
  { uri, languageId }: Pick<Snippet, 'uri' | 'languageId'>,
  { roots, ignore, openDocument, signal }: TestFileSearch,
): Promise<TestFile | undefined> {
  const file = toPath(uri);
  const root = roots
    .flatMap((each) => toPath(each) ?? [])
    .find((folder) => file !== undefined && isInside(file, folder));
  if (file === undefined || root === undefined) return undefined;
  const files: string[] = [];
  for await (const { path } of filesUnder({ root, ignore })) {
    throwIfCancelled(signal);
    files.push(path);
  }
  const place = testPlaceOf(relative(root, file).replaceAll(sep, '/'), files);
  if (!place || (await ignore.isIgnored(place.path, root)).ignored) return undefined;
  const testUri = pathToFileURL(join(root, place.path)).href;
  const open = openDocument?.(testUri);
  if (open) return { ...place, snippet: open };
  const isThere = await lstat(join(root, place.path)).catch(() => undefined);
  const text = isThere ? await readText(root, place.path) : '';
  return text === undefined ? undefined : { ...place, snippet: { uri: testUri, languageId, version: null, text } };
}

const maxHeadChars = 2000;

/** What the model is asked for, and what it has to know of the file. */
export function testInstruction({ snippet, path, how }: TestFile): string {
  const write = 'Write tests for these lines, with the edge cases.';
  const block = 'Answer with one fenced code block and nothing else.';
  if (how === 'create' || snippet.text.trim() === '')
    return `${write} They are the whole new file ${path}, with its imports. ${block}`;
  if (how === 'inside' && braceLine(snippet) === undefined)
    return `${write} They are a \`#[cfg(test)] mod tests\` block at the end of the same file. ${block}`;
  const marker = newMarker();
  return [
    `${write} They are added ${how === 'inside' ? 'to the tests' : 'at the end'} of ${path}, which begins so:`,
    marker,
    snippet.text.slice(0, maxHeadChars),
    marker,
    markerRule(marker),
    `Write only what is added, in the same style, and repeat nothing of that file. ${block}`,
  ].join('\n');
}

/** The edit that puts an answer there, or why there is none: the end of a sentence that begins with the answer. */
export async function placeTests(
  { snippet, how }: TestFile,
  answer: string,
  { edits, signal }: { edits: EditGate; signal: AbortSignal },
): Promise<{ edit: TextEdit } | { why: string }> {
  const lineEnd = snippet.text.includes('\r\n') ? '\r\n' : '\n';
  const { brace, lines, line } = placeIn({ snippet, how });
  // The gate sees an empty line there, for the code to take the place of.
  const opened = [...lines.slice(0, line), '', ...lines.slice(brace === undefined ? line + 1 : line)].join(lineEnd);
  const at = { line, character: 0 };
  const target = targetOf({ ...snippet, text: opened });
  const verdict = await edits.admit({ target, range: { start: at, end: at }, answer, signal });
  if ('why' in verdict) return verdict;
  const code = brace === undefined ? verdict.edit.newText : indented(verdict.edit.newText, lines);
  if (addsPlaceholder(code, '')) return { why: 'has a placeholder in place of a secret' };
  const end = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const place = brace === undefined ? end : at;
  const before = snippet.text.trim() === '' ? '' : line === lines.length ? lineEnd + lineEnd : lineEnd;
  return { edit: { range: { start: place, end: place }, newText: before + code + lineEnd } };
}

/** Where tests go: before the line of the range. */
export function insertionRange(file: TestFile): Range {
  const at = { line: placeIn(file).line, character: 0 };
  return { start: at, end: at };
}

function placeIn({ snippet, how }: Pick<TestFile, 'snippet' | 'how'>): {
  lines: string[];
  /** The line that they go before. */
  line: number;
  /** The same, where it is the brace that they stay inside of. */
  brace: number | undefined;
} {
  const brace = how === 'inside' ? braceLine(snippet) : undefined;
  const lines = snippet.text.split(/\r\n|\r|\n/);
  return { brace, lines, line: brace ?? (lines.at(-1) === '' ? lines.length - 1 : lines.length) };
}

/** The line of the brace that ends the tests; undefined where there are none to go inside of. */
function braceLine({ uri, text }: Snippet): number | undefined {
  if (uri.endsWith('.rs') && !/^\s*mod tests\s*\{/m.test(text)) return undefined;
  const last = text.split(/\r\n|\r|\n/).findLastIndex((line) => line.trimEnd() === '}');
  return last < 0 ? undefined : last;
}

function indented(code: string, lines: readonly string[]): string {
  const unit = lines.map((line) => /^[ \t]+(?=\S)/.exec(line)?.[0]).find((indent) => indent !== undefined) ?? '    ';
  return code.replace(/^(?=[^\r\n])/gm, unit);
}
