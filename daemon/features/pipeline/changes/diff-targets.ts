// From a diff to review targets: the changed lines, within the file on the disk if its text still matches the diff.
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lineStarts } from '../../../base/snippet.ts';
import { type LineSpan, lineAt, type ReviewTarget, targetOf } from '../target.ts';
import { textInside } from '../text-inside.ts';
import { binaryPathsIn, type ChangedFile, parseDiff } from './parse-diff.ts';

const maxFileBytes = 50 * 1024 * 1024; // of a larger file only the diff's own lines are reviewed
const maxFiles = 50; // beyond this a review takes longer than anyone waits

/** A changed file that is not reviewed: nobody can read it, or it is beyond the limits. */
export interface LeftOutFile {
  uri: string;
  state: 'failed' | 'left-out';
  why: string;
}

/** The text of a file after the change, by its path in the repository; undefined where there is none. */
type TextAfter = (path: string) => Promise<string | undefined>;

/** `root` is the repository's folder. Files outside it are read from the diff alone. */
export async function targetsOfDiff(
  diff: string,
  root: string,
  textAfter?: TextAfter,
): Promise<{ targets: ReviewTarget[]; leftOut: LeftOutFile[] }> {
  const files = parseDiff(diff);
  const uriOf = (path: string): string => pathToFileURL(join(root, path)).href;
  const beyond = files.slice(maxFiles).map(
    ({ path }): LeftOutFile => ({
      uri: uriOf(path),
      state: 'failed',
      why: `Only the first ${maxFiles} files are reviewed`,
    }),
  );
  const binary = binaryPathsIn(diff).map(
    (path): LeftOutFile => ({ uri: uriOf(path), state: 'left-out', why: 'Binary file' }),
  );
  const targets = await Promise.all(files.slice(0, maxFiles).map((file) => targetOfFile(file, root, textAfter)));
  const absurd = targets
    .filter((target) => target.lines.length === 0 && target.isCut)
    .map(
      ({ snippet }): LeftOutFile => ({ uri: snippet.uri, state: 'failed', why: 'Its line numbers are out of range' }),
    );
  return { targets: targets.filter((target) => target.lines.length > 0), leftOut: [...beyond, ...binary, ...absurd] };
}

async function targetOfFile(
  file: ChangedFile,
  root: string,
  textAfter: TextAfter | undefined,
): Promise<ReviewTarget & { isCut: boolean }> {
  const path = join(root, file.path);
  const uri = pathToFileURL(path).href;
  const languageId = extname(path).slice(1) || 'plaintext';
  const onDisk = await textInside(path, root, maxFileBytes);
  const after = await textAfter?.(file.path);
  const whole = [after === undefined || isSameText(after, onDisk) ? onDisk : after].find(
    (text) => text !== undefined && readsTheSame(text, file),
  );
  const target = targetOf({ uri, languageId, version: null, text: whole ?? hunksAlone(file) }, addedLines(file));
  const isCut = file.hunks.some(({ firstLine }) => firstLine > maxLineNumber);
  if (file.formerPath === undefined) return { ...target, isCut };
  return { ...target, isCut, formerUri: pathToFileURL(join(root, file.formerPath)).href };
}

/** Git may write other line ends to the disk than it keeps. */
function isSameText(text: string, onDisk: string | undefined): boolean {
  return onDisk?.replaceAll('\r\n', '\n') === text.replaceAll('\r\n', '\n');
}

function readsTheSame(text: string, file: ChangedFile): boolean {
  const document = { snippet: { uri: '', languageId: '', version: null, text }, starts: lineStarts(text) };
  return file.hunks.every(({ firstLine, lines }) =>
    lines.every((line, i) => lineAt(document, firstLine + i) === line.text.replace(/\r$/, '')),
  );
}

/**
 * The hunks at their line numbers with empty lines between, for a file whose text on the disk does not match the diff.
 */
function hunksAlone(file: ChangedFile): string {
  const lines: string[] = [];
  for (const { firstLine, lines: known } of file.hunks) {
    if (firstLine > maxLineNumber) continue;
    while (lines.length < firstLine) lines.push('');
    lines.push(...known.map(({ text }) => text));
  }
  return lines.join('\n');
}

const maxLineNumber = 1_000_000; // a diff can claim any number; the lines before it must fit the memory

function addedLines(file: ChangedFile): LineSpan[] {
  const spans: LineSpan[] = [];
  for (const { firstLine, lines } of file.hunks) {
    for (const [i, { isAdded }] of lines.entries()) {
      const line = firstLine + i;
      const before = spans.at(-1);
      if (!isAdded || line > maxLineNumber) continue;
      if (before && before.last === line - 1) before.last = line;
      else spans.push({ first: line, last: line });
    }
  }
  return spans;
}
