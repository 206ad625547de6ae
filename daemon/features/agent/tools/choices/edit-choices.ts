// What an edit can be about, for models whose answers are forced: a piece of a file that was read, a file that is shown first, or one that
// isn't there yet. Not right after another, but elsewhere: a model that has learned nothing since changes the same back and forth. No test that
// failed as it was found.

import { hasWord, stillNamed } from '../edit-text.ts';
import { type FolderFiles, pathInFolder } from '../folder-files.ts';
import type { ObjectSchema, PastCall, ToolRun } from '../tool.ts';
import { choiceOf, folderPaths, isChange, lastTouch, namedIn, newPathsIn } from './choices.ts';
import { asksForMore, bringsNews, isOver, triedChanges } from './past-calls.ts';
import { quotablePieces, withoutQuotes } from './quotable-pieces.ts';
import { failedAsFound, isTest } from './run-choices.ts';

const maxFiles = 6; // those that were read last
const maxTried = 3; // changes that are not made again
/** Pieces of a file with so many characters have schemas of their own, which say what they may not become: such make large grammars too. */
const maxCharsApart = 600;
/** What the prompt's example adds: small models write it where they know nothing else. */
export const exampleAdd = '…';
/**
 * Without spaces: small models name a file `tool.mjs --json` that is to get a flag. Without a dot at its end: `test.mjs.` is what they write
 * where `test.mjs` is no choice. Long patterns make large grammars, which are slow.
 */
const newPath = '^[^:*?"<>|\\\\/\\s,;][^:*?"<>|\\\\\\s,;]*[^:*?"<>|\\\\/\\s,;.]$';

export async function editChoices(place: EditPlace, past: readonly PastCall[], task: string): Promise<ObjectSchema[]> {
  const recent = past.slice(past.findLastIndex(bringsNews) + 1);
  const paths = (await folderPaths(place.files, place.run)) ?? [];
  const named = newPathsIn(task, paths);
  const kept = failedAsFound(past);
  const changes = { recent, tried: triedChanges(past), hasFailed: kept.length > 0 };
  const read = [...new Set(past.map(({ given }) => given['path']))]
    .filter((path) => typeof path === 'string' && lastTouch(past, path) !== undefined && !kept.includes(path))
    .slice(-maxFiles) as string[];
  if (recent.some((call) => isChange(call) && !asksForMore(call))) {
    const followed = await followUps(past, place);
    const isElsewhere = followed.length === 0 && !isOver(past);
    const others = isElsewhere ? await elsewhere(read, { ...changes, task }, place) : followed;
    return [...others, ...(named.length > 0 ? [choiceOf({ path: { enum: named }, new: { type: 'string' } })] : [])];
  }
  const asked = askedFor(past.at(-1));
  if (asked !== undefined) return askedChange(asked, { ...changes, past }, place);
  const parts = await Promise.all(read.map((path) => changeOf(path, changes, place)));
  const known = [...new Set([...paths, ...read, ...kept])];
  const isNew = known.length > 0 ? { not: { enum: known } } : {};
  const created = choiceOf({ path: { type: 'string', pattern: newPath, ...isNew }, new: { type: 'string' } });
  const isNamed = namedIn(task, paths).some((path) => !isTest(path));
  const isThere = isNamed && kept.length > 0 && !past.some(isChange) && named.length === 0;
  const unread = paths.filter((path) => !read.includes(path) && !kept.includes(path));
  const shown = unread.length > 0 && !isNamed ? [choiceOf({ path: { enum: unread } })] : [];
  return [...parts.flat(), ...shown, ...(isThere ? [] : [created])]; // what a test asks for is looked for where the task says
}

/** Of a file that a search has found: what has the words that were searched for, where that is there. */
async function askedChange(
  path: string,
  { past, ...changes }: EarlierChanges & { past: readonly PastCall[] },
  place: EditPlace,
): Promise<ObjectSchema[]> {
  const found = past.filter(
    ({ name, text }) => name === 'search' && text.split('\n').some((line) => line.startsWith(`${path}:`)),
  );
  const words = found.map(({ given }) => String(given['query']));
  const isWanted = (piece: string): boolean => words.some((word) => hasWord(piece, word));
  const wanted = words.length > 0 ? await changeOf(path, { ...changes, isWanted }, place) : [];
  return wanted.length > 0 ? wanted : changeOf(path, changes, place);
}

/** In files that still have the name of what was renamed or taken away, the lines with it. */
async function followUps(past: readonly PastCall[], place: EditPlace): Promise<ObjectSchema[]> {
  const begun = past.findLastIndex(({ text }) => text.includes(stillNamed));
  const places = (past[begun]?.text ?? '').matchAll(/^(.+):\d+: (\S+)$/gm);
  const named = [...Map.groupBy(places, ([, path = '']) => path)];
  const parts = named.map(([path, lines]) => {
    const names = lines.map(([, , name = '']) => name);
    const isWanted = (piece: string): boolean => names.some((name) => hasWord(withoutQuotes(piece), name));
    return changeOf(path, { recent: past.slice(begun + 1), tried: [], isWanted }, place);
  });
  return (await Promise.all(parts))
    .filter((schemas) => schemas.length > 0)
    .slice(0, maxFiles)
    .flat();
}

/** Of a task that asks for several changes: what has words of it, and wasn't changed just now. */
async function elsewhere(
  read: readonly string[],
  { task, recent, tried }: EarlierChanges & { task: string },
  place: EditPlace,
): Promise<ObjectSchema[]> {
  const words = task.split(/[^\p{L}\p{N}_$]+/u).filter((word) => word.length > 2);
  const made = recent.filter(isChange).flatMap(({ given }) => String(given['new'] ?? given['add']).split('\n'));
  const lines = new Set(made.map((line) => line.trim()));
  const isWanted = (piece: string): boolean =>
    words.some((word) => hasWord(piece, word)) && piece.split('\n').every((line) => !lines.has(line.trim()));
  return (await Promise.all(read.map((path) => changeOf(path, { recent, tried, isWanted }, place)))).flat();
}

interface EditPlace {
  files: FolderFiles;
  run: ToolRun;
}

interface EarlierChanges {
  /** Since something was learned. */
  recent: readonly PastCall[];
  /** After which a program failed. */
  tried: readonly PastCall[];
  /** A test failed as it was found: what is wrong stands in the file, and a line more at its end mends nothing. */
  hasFailed?: boolean;
  /** Only such pieces are replaced then, without what is around them, and nothing is added. */
  isWanted?(piece: string): boolean;
}

/** A file that is too long for its pieces to be chosen among is quoted freely. */
async function changeOf(
  path: string,
  { recent, tried, hasFailed = false, isWanted }: EarlierChanges,
  place: EditPlace,
): Promise<ObjectSchema[]> {
  const text = await readIn(path, place).catch(() => undefined);
  if (text === undefined) return []; // deleted meanwhile, or no path of the folder
  const all = quotablePieces(text, isWanted);
  const pieces = isWanted ? all.filter((piece) => all.every((less) => less === piece || !piece.includes(less))) : all;
  if (isWanted && pieces.length === 0) return [];
  const replacements = (calls: readonly PastCall[]) =>
    calls.filter(({ given }) => given['path'] === path).flatMap((call) => replacementIn(call) ?? []);
  const refused = replacements(recent);
  const vain = [...new Set(replacements(tried.slice(-maxTried)).flatMap(({ quoted, now }) => [quoted, now]))];
  const others = pieces.filter((piece) => refused.every((change) => !isQuotedAgain(piece, change)));
  const left = others.length > 0 ? others : pieces;
  const isApart = left.length > 0 && left.join('').length <= maxCharsApart;
  const replaced = isApart
    ? left.map((piece) => {
        const before = refused.filter(({ quoted }) => quoted === piece).map(({ now }) => now);
        return replacementOf(path, { enum: [piece] }, [piece, ...before, ...vain]);
      })
    : [replacementOf(path, anyOf(left), vain)];
  if (isWanted) return [...openersOf(pieces, text, isWanted).map((line) => openerChange(path, line)), ...replaced];
  const made = refused.map(({ now }) => now);
  const add = { type: 'string', minLength: 1, not: { enum: inVain([exampleAdd, ...made, ...(isApart ? left : [])]) } };
  const behind = choiceOf({ path: { enum: [path] }, add, after: anyOf(left) });
  const isEndLeft = !hasFailed && refused.every(({ quoted }) => quoted !== '');
  return [...replaced, behind, ...(isEndLeft ? [choiceOf({ path: { enum: [path] }, add })] : [])];
}

/** Lines that open a block, where they alone are wanted of it. */
function openersOf(pieces: readonly string[], text: string, isWanted: (piece: string) => boolean): string[] {
  return pieces.flatMap((piece) => {
    const [first = '', ...rest] = piece.split('\n');
    const isOpener = rest.length > 0 && /[{([:]$/.test(first) && text.split(first).length === 2;
    return isOpener && isWanted(first) && !rest.some(isWanted) ? [first] : [];
  });
}

/** Into a line that opens a block as well: else models write all of the block, and its old rest stays behind. */
function openerChange(path: string, line: string): ObjectSchema {
  const now = { type: 'string', pattern: `^[^\n]*\\${line.slice(-1)}$`, not: { enum: [line] } };
  return choiceOf({ path: { enum: [path] }, old: { enum: [line] }, new: now });
}

function anyOf(pieces: readonly string[]): ObjectSchema {
  return pieces.length > 0 ? { enum: pieces } : { type: 'string', minLength: 1 };
}

/** As it was, or with more around several lines: what is less is changed more easily. */
function isQuotedAgain(piece: string, { quoted, now }: Replacement): boolean {
  return piece === quoted || piece === now || (quoted.includes('\n') && piece.includes(quoted));
}

/** `others`: texts that would change nothing, or were in vain. */
function replacementOf(path: string, old: ObjectSchema, others: readonly string[]): ObjectSchema {
  const now = { type: 'string', ...(others.length > 0 && { not: { enum: inVain(others) } }) };
  return choiceOf({ path: { enum: [path] }, old, new: now });
}

/** With a line end as well, which would add no more than an empty line. */
function inVain(texts: readonly string[]): string[] {
  return [...new Set(texts)].flatMap((text) => [text, `${text}\n`]);
}

/** The file of an edit that said no more, and was shown: that one is changed before others are asked for. */
function askedFor(call: PastCall | undefined): string | undefined {
  if (call?.name !== 'edit' || !call.ok || isChange(call)) return undefined;
  const { path } = call.given;
  return typeof path === 'string' ? path : undefined;
}

interface Replacement {
  quoted: string;
  now: string;
}

/** What an edit of a part of a file quotes, and what it wants there. */
function replacementIn({ name, given }: PastCall): Replacement | undefined {
  const { old, after = '', add } = given;
  const [quoted, now] = add === undefined ? [old, given['new']] : [after, add];
  if (name !== 'edit' || typeof quoted !== 'string' || typeof now !== 'string') return undefined;
  return { quoted, now };
}

/** The path is as the model said it. */
async function readIn(path: string, { files, run }: EditPlace): Promise<string> {
  return files.text(pathInFolder(path, run.root), run);
}
