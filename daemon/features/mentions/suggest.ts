// Suggestions while the user types a mention: files, folders and symbols of the index, the best match first. Pictures are in no index, so
// they are looked for when they are asked for.

import type { Range } from '../../base/snippet.ts';
import { uriWithin } from '../../base/uri.ts';
import type { Code } from '../../storage/code.ts';

export interface SuggestQuery {
  /** Every kind when left out. */
  kind?: 'file' | 'folder' | 'symbol' | 'ocr' | undefined;
  query: string;
  limit: number;
}

export interface Suggestion {
  kind: 'file' | 'folder' | 'symbol' | 'ocr';
  /** The text after the colon of the mention. */
  name: string;
  detail?: string;
  uri: string;
  range?: Range;
}

export interface SuggestDeps {
  roots: readonly string[];
  code: Code;
  /** Paths from the root. */
  pictures(root: string): AsyncIterable<string>;
}

/** Empty where nothing is indexed yet. */
export async function suggest(
  { kind, query, limit }: SuggestQuery,
  { roots, code, pictures }: SuggestDeps,
): Promise<Suggestion[]> {
  const found: { suggestion: Suggestion; score: number }[] = [];
  for (const root of roots.filter((folder) => folder.startsWith('file:'))) {
    if (kind === 'ocr') found.push(...(await picturesLike(root, query, pictures)));
    else if (kind !== 'symbol') found.push(...(await paths(root, code, { kind, query })));
    if ((kind === undefined || kind === 'symbol') && query !== '')
      found.push(...(await symbols(root, code, { query, limit })));
  }
  return found
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.suggestion.name.length - b.suggestion.name.length ||
        (a.suggestion.name < b.suggestion.name ? -1 : 1),
    )
    .slice(0, limit)
    .map(({ suggestion }) => suggestion);
}

const maxSearchMs = 300; // a key waits for it

async function picturesLike(
  root: string,
  query: string,
  pictures: SuggestDeps['pictures'],
): Promise<{ suggestion: Suggestion; score: number }[]> {
  const until = performance.now() + maxSearchMs;
  const found: { suggestion: Suggestion; score: number }[] = [];
  for await (const name of pictures(root)) {
    const score = fitness(name, query);
    if (score !== undefined) found.push({ suggestion: { kind: 'ocr', name, uri: uriWithin(root, name) }, score });
    if (performance.now() > until) break;
  }
  return found;
}

async function paths(
  root: string,
  code: Code,
  { kind, query }: Pick<SuggestQuery, 'kind' | 'query'>,
): Promise<{ suggestion: Suggestion; score: number }[]> {
  const files = (await code.files(root)).map(({ path }) => path);
  const folders = new Set(files.flatMap((path) => foldersOf(path)));
  const uriOf = (path: string): string => uriWithin(root, path);
  const candidates: Suggestion[] = [
    ...(kind === 'folder' ? [] : files.map((name): Suggestion => ({ kind: 'file', name, uri: uriOf(name) }))),
    ...(kind === 'file' ? [] : [...folders].map((name): Suggestion => ({ kind: 'folder', name, uri: uriOf(name) }))),
  ];
  return candidates.flatMap((suggestion) => {
    const score = fitness(suggestion.name, query);
    return score === undefined ? [] : [{ suggestion, score }];
  });
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function symbols(
  root: string,
  code: Code,
  { query, limit }: Pick<SuggestQuery, 'query' | 'limit'>,
): Promise<{ suggestion: Suggestion; score: number }[]> {
  const pieces = await code.namesLike(root, query, limit);
  return pieces.map(({ symbol, uri, startLine, endLine }) => ({
    suggestion: {
      kind: 'symbol' as const,
      name: symbol,
      detail: `${decodeURIComponent(uri.slice(root.length + 1))}:${startLine + 1}`,
      uri,
      range: { start: { line: startLine, character: 0 }, end: { line: endLine, character: 0 } },
    },
    score: fitness(symbol, query) ?? 0,
  }));
}

/**
 * How well a path or name matches what was typed: 4 at the beginning of its last part, 3 anywhere in the last part, 2
 * anywhere, 1 when only the letters occur in their order. Undefined when they do not.
 */
function fitness(name: string, typed: string): number | undefined {
  const [text, wanted] = [name.toLowerCase(), typed.toLowerCase()];
  const last = text.slice(text.lastIndexOf('/') + 1);
  if (last.startsWith(wanted)) return 4;
  if (last.includes(wanted)) return 3;
  if (text.includes(wanted)) return 2;
  let at = -1;
  for (const letter of wanted) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return undefined;
  }
  return 1;
}
