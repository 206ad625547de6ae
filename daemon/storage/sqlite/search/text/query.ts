// What a user types, as a query: words, "phrases", prefix*, -exclusions, and filters such as kind:code or after:2026-01-01.
// Any text at all is a query: what is no syntax is words.
import type { SearchKind } from '../../../search.ts';
import { humpsOf, pairsOf, termsOf, withoutMarks } from './tokens.ts';

export type Clause =
  | { is: 'word'; term: string /** Its parts, which help where too little has the whole. */; parts: string[] }
  | { is: 'prefix'; term: string }
  | { is: 'phrase'; words: string[] };

export interface Filters {
  kinds?: SearchKind[];
  language?: string;
  /** Part of a path or uri. */
  path?: string;
  project?: string;
  /** A chat's id; never typed. */
  chat?: string;
  /** Milliseconds since the epoch: not before, and before. */
  since?: number;
  until?: number;
}

export interface Query {
  wanted: Clause[];
  unwanted: Clause[];
  filters: Filters;
  /** What the user should know of how the query was read. */
  notes: string[];
}

export const maxQueryLength = 2000;
export const maxClauses = 32;

const piece = /(-?)(?:(kind|lang|path|project|after|before):)?(?:"([^"]*)(?:"|$)|(\S+))/giu;

const kinds: Readonly<Record<string, SearchKind>> = {
  message: 'message',
  messages: 'message',
  chat: 'message',
  chats: 'message',
  finding: 'finding',
  findings: 'finding',
  code: 'code',
  memory: 'memory',
  memories: 'memory',
};

export function parseQuery(given: string): Query {
  const query: Query = { wanted: [], unwanted: [], filters: {}, notes: [] };
  const text = withoutMarks(given.slice(0, maxQueryLength).toWellFormed().replaceAll('\0', ' '));
  if (given.length > maxQueryLength)
    query.notes.push(`Only the first ${maxQueryLength} characters of the query were used.`);
  for (const [whole, minus, filter, quoted, bare] of text.matchAll(piece)) {
    if (filter && applyFilter(query, filter.toLowerCase(), quoted ?? bare ?? '')) continue;
    const clauses = filter ? clausesOf(undefined, whole) : clausesOf(quoted, bare ?? '');
    (minus ? query.unwanted : query.wanted).push(...clauses);
  }
  const wanted = distinct(query.wanted);
  if (wanted.length > maxClauses) query.notes.push(`Only the first ${maxClauses} words of the query were used.`);
  query.wanted = wanted.slice(0, maxClauses);
  query.unwanted = distinct(query.unwanted).slice(0, maxClauses);
  return query;
}

/** Returns whether the value was one for the filter; if not, the text is only words, and a note says so. */
function applyFilter({ filters, notes }: Query, name: string, value: string): boolean {
  const date = (): number | undefined =>
    /^\d{4}(-\d{2}){0,2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? Date.parse(value) : undefined;
  if (value === '') return true;
  if (name === 'lang') filters.language = value.toLowerCase();
  else if (name === 'path') filters.path = value;
  else if (name === 'project') filters.project = value;
  else if (name === 'kind') {
    const kind = Object.hasOwn(kinds, value.toLowerCase()) ? kinds[value.toLowerCase()] : undefined;
    if (!kind)
      return unread(notes, `There is no kind "${value.slice(0, 40)}"; there are chats, findings, code and memories.`);
    filters.kinds = [...(filters.kinds ?? []), kind];
  } else {
    const at = date();
    if (at === undefined) return unread(notes, `"${value.slice(0, 40)}" is no date; write one as 2026-01-31.`);
    filters[name === 'after' ? 'since' : 'until'] = at;
  }
  return true;
}

function unread(notes: string[], note: string): false {
  notes.push(note);
  return false;
}

function clausesOf(quoted: string | undefined, bare: string): Clause[] {
  if (quoted !== undefined) return phrase(termsOf(quoted).words);
  const prefix = /[\p{L}\p{N}]\*+$/u.test(bare);
  const whole = bare.replace(/\*+$/, '');
  const { words } = termsOf(whole);
  if (prefix) return [{ is: 'prefix', term: words.length === 1 ? (words[0] ?? '') : trimmed(whole) }];
  const [only] = words;
  if (only === undefined || words.length > 1) return phrase(words);
  const pairs = pairsOf(only);
  // Text without spaces is one word to the index: what is asked stands somewhere within it.
  if (pairs.length > 0) return pairs.map((term) => ({ is: 'word', term, parts: [] }));
  return [{ is: 'word', term: only, parts: humpsOf(bare.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')) }];
}

function phrase(words: string[]): Clause[] {
  if (words.length > 1) return [{ is: 'phrase', words: words.slice(0, maxClauses) }];
  return words.map((term) => ({ is: 'word', term, parts: [] }));
}

/** A path or an identifier as the index keeps it whole. */
function trimmed(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/^[^\p{L}\p{N}_]+/u, '');
}

function distinct(clauses: Clause[]): Clause[] {
  return [...new Map(clauses.map((clause) => [JSON.stringify(clause), clause])).values()];
}
