// Resolves the mentions of a question to attachments: files that may be read and code found in the index, within
// limits. A note says what could not be attached. Attachments are stored with the question, so that the user can see
// what was retrieved.
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import type { Range } from '../../base/snippet.ts';
import { uriWithin } from '../../base/uri.ts';
import { type Mention, mentionsOf, withoutMentions } from './mentions.ts';

interface MentionAttachment {
  kind: 'code' | 'file' | 'folder' | 'symbol' | 'ocr' | 'problems' | 'diff';
  uri: string;
  range?: Range;
  languageId?: string;
  text: string;
}

/** A piece of indexed code. Lines count from 0; the end line is not part of it. */
export interface CodeExcerpt {
  uri: string;
  startLine: number;
  endLine: number;
  languageId?: string;
  text: string;
}

interface RankedPieces {
  pieces: CodeExcerpt[];
  /** A sentence for the user. */
  note?: string | undefined;
}

export interface MentionSources {
  /** The best first. Throws UserError where there is no index. */
  searchCode(query: string, options: { root: string; limit: number; signal: AbortSignal }): Promise<CodeExcerpt[]>;
  /** Orders what was found by another model, or says why it did not; left out, what was found stays as it is. */
  rerank?(query: string, pieces: readonly CodeExcerpt[], signal: AbortSignal): Promise<RankedPieces>;
  findSymbol(name: string, options: { root: string; limit: number }): Promise<CodeExcerpt[]>;
  /** Text files under a folder, by paths from the root, that may be shown to a model. */
  listFolder(path: string, root: string): AsyncIterable<string>;
  /** The text of an open document, or of the file on the disk. Undefined when it may not be read or is not text. */
  read(path: string, root: string): Promise<string | undefined>;
  /** The text in a picture; undefined when it may not be read or is no file. Throws UserError where it is no picture. */
  recognize(path: string, root: string, signal: AbortSignal): Promise<string | undefined>;
  /** The change in the work tree. Throws UserError when git fails. */
  diff(root: string, signal: AbortSignal): Promise<string>;
  /** The known problems, a line each. */
  problems(): string[];
  /** The state of the index, when it limits what can be found. */
  indexNote(root: string): Promise<string | undefined>;
}

export interface GatherRequest {
  text: string;
  /** Folders of the session, as URIs; mentions are looked up in them, in their order. */
  roots: readonly string[];
  /** What the client attached itself. It replaces what would be found for the same mention. */
  attached: readonly { kind: string }[];
}

export interface MentionContext {
  attachments: MentionAttachment[];
  /** Sentences for the user: what could not be attached, and why. */
  notes: string[];
}

const maxPieces = 12;
/** Each takes some 10 ms and more to rank. */
const maxRanked = 30;
const maxCodeCharacters = 24_000; // about 7,000 tokens; the context of a small local model holds twice that
const maxFileCharacters = 200_000;
const maxFolderCharacters = 60_000;
const maxDiffCharacters = 100_000;

/** Resolves every mention. A mention that fails becomes a note. Throws CancelledError. */
export async function gather(
  request: GatherRequest,
  sources: MentionSources,
  signal: AbortSignal,
): Promise<MentionContext> {
  const context: MentionContext = { attachments: [], notes: [] };
  for (const mention of mentionsOf(request.text)) {
    throwIfCancelled(signal);
    if (request.attached.some(({ kind }) => kind === mention.kind) && mention.name === '') continue;
    try {
      await resolvers[mention.kind]({ mention, request, sources, context, signal });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      context.notes.push(error.message);
    }
  }
  return context;
}

interface ResolverInput {
  mention: Mention;
  request: GatherRequest;
  sources: MentionSources;
  context: MentionContext;
  signal: AbortSignal;
}

const resolvers: Readonly<Record<Mention['kind'], (resolving: ResolverInput) => Promise<void>>> = {
  codebase: addCodebase,
  file: addFile,
  folder: addFolder,
  symbol: addSymbol,
  ocr: addTextOfPicture,
  problems: addProblems,
  diff: addDiff,
  terminal: addTerminal,
};

async function addCodebase({ request, sources, context, signal }: ResolverInput): Promise<void> {
  const query = withoutMentions(request.text);
  await gatherCode(query, { root: rootOf(request), sources, context, signal });
}

/** Adds the code of a folder (a URI) that bears on a query, the best first. Throws UserError, and CancelledError. */
export async function gatherCode(
  query: string,
  { root, sources, context, signal }: Pick<ResolverInput, 'sources' | 'context' | 'signal'> & { root: string },
): Promise<void> {
  const note = await sources.indexNote(root);
  if (note) context.notes.push(note);
  const limit = sources.rerank ? maxRanked : maxPieces;
  const found = await sources.searchCode(query, { root, limit, signal });
  const ranked = found.length > 1 ? await sources.rerank?.(query, found, signal) : undefined;
  if (ranked?.note) context.notes.push(ranked.note);
  const pieces = (ranked?.pieces ?? found).slice(0, maxPieces);
  if (pieces.length === 0) context.notes.push('Nothing in the codebase matches this question.');
  let room = maxCodeCharacters;
  for (const piece of merge(pieces)) {
    if (piece.text.length > room) continue;
    room -= piece.text.length;
    context.attachments.push(toAttachment('code', piece));
  }
}

/** Joins pieces that touch or overlap, and keeps their order. */
export function merge(pieces: readonly CodeExcerpt[]): CodeExcerpt[] {
  const merged: CodeExcerpt[] = [];
  for (const piece of pieces) {
    const index = merged.findIndex(
      (other) => other.uri === piece.uri && piece.startLine <= other.endLine && other.startLine <= piece.endLine,
    );
    const other = merged[index];
    if (!other) merged.push(piece);
    else
      merged[index] = joined(
        ...(other.startLine <= piece.startLine ? ([other, piece] as const) : ([piece, other] as const)),
      );
  }
  return merged;
}

function joined(first: CodeExcerpt, second: CodeExcerpt): CodeExcerpt {
  if (second.endLine <= first.endLine) return first;
  const rest = second.text.split('\n').slice(first.endLine - second.startLine);
  return { ...first, endLine: second.endLine, text: [first.text, ...rest].join('\n') };
}

async function addFile({ mention, request, sources, context }: ResolverInput): Promise<void> {
  const file = await fileNamed(mention.name, rootsOf(request), sources);
  if (!file)
    throw new UserError(
      'not-found',
      `@file:${mention.name} wasn't attached. There's no such text file in this workspace, or it's kept from models.`,
    );
  if (file.text.length > maxFileCharacters)
    throw new UserError(
      'too-large',
      `${mention.name} is too large to attach as a whole file (${file.text.length} characters). Select the part that matters and attach that.`,
    );
  context.attachments.push({ kind: 'file', ...file });
}

/**
 * A text file by its path, in the first of the folders (URIs) that has it. Undefined where there is none, where no model may see it, and
 * where the path leads out of the folder.
 */
export async function fileNamed(
  name: string,
  roots: readonly string[],
  { read }: Pick<MentionSources, 'read'>,
): Promise<{ uri: string; text: string } | undefined> {
  for (const root of roots) {
    const path = inside(name, root);
    const text = path === undefined ? undefined : await read(path, root);
    if (path !== undefined && text !== undefined) return { uri: uriWithin(root, path), text };
  }
  return undefined;
}

async function addFolder({ mention, request, sources, context, signal }: ResolverInput): Promise<void> {
  let room = maxFolderCharacters;
  let leftOut = 0;
  let taken = 0;
  for (const root of rootsOf(request)) {
    const folder = inside(mention.name, root);
    if (folder === undefined) continue;
    for await (const path of sources.listFolder(folder, root)) {
      throwIfCancelled(signal);
      const text = room > 0 ? await sources.read(path, root) : '';
      if (text === undefined) continue;
      if (text.length > room || room <= 0) {
        leftOut++;
        continue;
      }
      room -= text.length;
      taken++;
      context.attachments.push({ kind: 'folder', uri: uriWithin(root, path), text });
    }
    if (taken + leftOut > 0) break;
  }
  if (taken + leftOut === 0)
    throw new UserError(
      'not-found',
      `@folder:${mention.name} wasn't attached. There's no such folder with text files in this workspace, or it's kept from models.`,
    );
  if (leftOut > 0)
    context.notes.push(
      `${mention.name} is too long to attach as a whole folder, so ${leftOut} ${leftOut === 1 ? 'file was' : 'files were'} left out. Name a smaller folder, or use @codebase.`,
    );
}

async function addSymbol({ mention, request, sources, context }: ResolverInput): Promise<void> {
  for (const root of rootsOf(request)) {
    const pieces = await sources.findSymbol(mention.name, { root, limit: maxPieces });
    for (const piece of merge(pieces)) context.attachments.push(toAttachment('symbol', piece));
    if (pieces.length > 0) return;
  }
  throw new UserError(
    'not-found',
    `@symbol:${mention.name} wasn't found in the index. Check its name, or name the file with @file:.`,
  );
}

async function addTextOfPicture({ mention, request, sources, context, signal }: ResolverInput): Promise<void> {
  for (const root of rootsOf(request)) {
    const path = inside(mention.name, root);
    const text = path === undefined ? undefined : await sources.recognize(path, root, signal);
    if (path === undefined || text === undefined) continue;
    if (text.trim() === '') throw new UserError('not-found', `No text was found in ${mention.name}.`);
    context.attachments.push({ kind: 'ocr', uri: uriWithin(root, path), text });
    return;
  }
  throw new UserError(
    'not-found',
    `@ocr:${mention.name} wasn't attached. There's no such picture in this workspace, or it's kept from models.`,
  );
}

async function addProblems({ sources, context }: ResolverInput): Promise<void> {
  const problems = sources.problems();
  if (problems.length === 0)
    throw new UserError(
      'not-found',
      'There are no problems to attach. Review a file first, or check that your editor reports problems.',
    );
  context.attachments.push({ kind: 'problems', uri: 'switchyard:problems', text: problems.join('\n') });
}

async function addDiff({ request, sources, context, signal }: ResolverInput): Promise<void> {
  const root = rootOf(request);
  const diff = await sources.diff(fileURLToPath(root), signal);
  if (diff.trim() === '') throw new UserError('not-found', 'There are no changes in the working tree to attach.');
  if (diff.length > maxDiffCharacters)
    context.notes.push(
      `Only the first ${maxDiffCharacters} characters of the diff were attached, out of ${diff.length}.`,
    );
  context.attachments.push({
    kind: 'diff',
    uri: root,
    languageId: 'diff',
    text: diff.slice(0, maxDiffCharacters).toWellFormed(),
  });
}

function addTerminal(): Promise<void> {
  throw new UserError(
    'not-found',
    'Only an editor can attach @terminal. Select the text in its terminal and attach it from there.',
  );
}

function toAttachment(
  kind: 'code' | 'symbol',
  { uri, startLine, endLine, languageId, text }: CodeExcerpt,
): MentionAttachment {
  const range = {
    start: { line: startLine, character: 0 },
    end: { line: endLine - 1, character: text.split('\n').at(-1)?.length ?? 0 },
  };
  return { kind, uri, range, ...(languageId && { languageId }), text };
}

function rootsOf({ roots }: GatherRequest): string[] {
  const folders = roots.filter((root) => root.startsWith('file:'));
  if (folders.length === 0)
    throw new UserError('no-workspace', 'Mentions such as @codebase need an open folder. Open one, or attach a file.');
  return folders;
}

function rootOf(request: GatherRequest): string {
  return rootsOf(request)[0] ?? '';
}

/** A path from the root, with slashes; undefined when it leads out of it. `MentionSources.read` checks links. */
function inside(name: string, root: string): string | undefined {
  const folder = fileURLToPath(root);
  const path = resolve(folder, name);
  return isInside(path, folder) ? relative(folder, path).replaceAll(sep, '/') : undefined;
}
