// What a user types, as a query: words, "phrases", prefix*, -exclusions, and filters such as kind:code or after:2026-01-01.
// Any text at all is a query: what is no syntax is words.
import type { SearchKind } from '../../../search.ts';
import { folded } from './fold.ts';
import { humpsOf, isSpaceless, numberIn, pairsOf, runsOf, signedName, termsOf, versionIn } from './tokens.ts';

export type Clause = (
  | { is: 'word'; term: string /** Its parts, which help where too little has the whole. */; parts: string[] }
  | { is: 'prefix'; term: string }
  | { is: 'phrase'; words: string[] }
) & {
  /** Stood within quotation marks: what does not have it is not found. */
  isRequired?: true;
};

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
  /** What was typed, without filters, exclusions and quotation marks. */
  said: string;
  /** The same where no word is in it, such as an operator. */
  signs?: string;
  /** What the user should know of how the query was read. */
  notes: string[];
}

export const maxQueryLength = 2000;
export const maxClauses = 32;

const piece = /(-?)(?:(kind|lang|path|project|after|before):)?(?:"([^"]*)(?:"|$)|(\S+))/giu;

/** A word to leave out, as opposed to a flag that was pasted: `-redis`, and not `-rf`, `-Wall`, `-O2`, `--save-dev`, `-x=y`. */
const exclusion = /^[\p{Ll}\p{Lo}][\p{L}\p{N}_.]{2,}\*?$/u;
/** What git prints of a commit is its beginning. */
const shortHash = /^(?:[\da-f]{7,40}|(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{5,6})$/;

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
  const query: Query = { wanted: [], unwanted: [], filters: {}, said: '', notes: [] };
  const text = folded(given.slice(0, maxQueryLength).toWellFormed().replaceAll('\0', ' '));
  if (given.length > maxQueryLength)
    query.notes.push(`Only the first ${maxQueryLength} characters of the query were used.`);
  const said: string[] = [];
  for (const [whole, minus = '', filter, quoted, bare = ''] of text.matchAll(piece)) {
    if (filter && applyFilter(query, filter.toLowerCase(), quoted ?? bare)) continue;
    const isExcluded = minus !== '' && (quoted !== undefined || exclusion.test(filter ? whole.slice(1) : bare));
    if (isExcluded)
      query.unwanted.push(...(quoted === undefined ? clausesOf(filter ? whole : bare) : quotedClauses(quoted)));
    else if (quoted !== undefined && !filter) query.wanted.push(...quotedClauses(quoted).map(required));
    else query.wanted.push(...clausesOf(filter ? whole : bare));
    if (!isExcluded) said.push(quoted !== undefined && !filter ? quoted : whole);
  }
  query.said = said.join(' ').trim();
  if (query.wanted.length === 0 && query.said !== '') query.signs = query.said;
  if (query.wanted.length === 0 && query.said === '' && query.unwanted.length > 0) {
    query.wanted = query.unwanted.splice(0);
    query.notes.push("A search can't only exclude words, so these were searched for instead.");
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
    if (!kind) return unread(notes, `There's no kind "${value.slice(0, 40)}". Use chats, findings, code, or memories.`);
    filters.kinds = [...(filters.kinds ?? []), kind];
  } else {
    const at = date();
    if (at === undefined) return unread(notes, `"${value.slice(0, 40)}" isn't a date. Write it as 2026-01-31.`);
    filters[name === 'after' ? 'since' : 'until'] = at;
  }
  return true;
}

function unread(notes: string[], note: string): false {
  notes.push(note);
  return false;
}

/** What stands within quotation marks has to be there, in this order. */
function quotedClauses(quoted: string): Clause[] {
  const runs = runsOf(quoted);
  const { words } = termsOf(quoted);
  if (runs.length === 1 || words.some(isSpaceless)) return runs.flatMap(runClauses);
  return [...phrase(words), ...runs.filter(isSpecial).flatMap(runClauses)];
}

function required(clause: Clause): Clause {
  return { ...clause, isRequired: true };
}

function clausesOf(bare: string): Clause[] {
  const prefix = /[\p{L}\p{N}]\*+$/u.test(bare);
  const whole = bare.replace(/\*+$/, '');
  const { words } = termsOf(whole);
  const runs = runsOf(whole);
  const last = words.at(-1);
  const version = versionIn(whole);
  if (prefix && last !== undefined && !words.some(isSpaceless))
    return [...(version ? [] : phrase(words.slice(0, -1))), { is: 'prefix', term: version ?? last }];
  if (runs.length === 1 || runs.some(isSpecial)) return runs.flatMap(runClauses);
  return phrase(words);
}

/** Whether a run is more than a sequence of words. */
function isSpecial(found: string): boolean {
  return (
    signedName(found) !== undefined ||
    versionIn(found) !== undefined ||
    pairsOf(found).length > 0 ||
    termsOf(found).words.length === 0
  );
}

function runClauses(found: string): Clause[] {
  const { words } = termsOf(found);
  const [only] = words;
  if (only === undefined) return termsOf(found).extra.map((term) => word(term)); // a picture
  const version = versionIn(found);
  if (version !== undefined) return [word(version)];
  const signed = signedName(found);
  if (signed !== undefined) return words.length > 1 ? [...phrase(words), word(signed)] : [word(signed, [only])];
  if (words.some((one) => isSpaceless(one))) return words.flatMap(spacelessClauses);
  if (words.length > 1) return phrase(words);
  if (shortHash.test(only)) return [{ is: 'prefix', term: only }];
  return [word(only, [...humpsOf(found), ...numberIn(only)])];
}

/** Text without spaces is one word to the index: what is asked stands somewhere within it. */
function spacelessClauses(one: string): Clause[] {
  if (!isSpaceless(one)) return [word(one)];
  return [...one].length === 1
    ? [{ is: 'prefix', term: one }]
    : pairsOf(one)
        .slice(0, -1)
        .map((term) => word(term));
}

function word(term: string, parts: string[] = []): Clause {
  return { is: 'word', term, parts };
}

function phrase(words: string[]): Clause[] {
  if (words.length > 1) return [{ is: 'phrase', words: words.slice(0, maxClauses) }];
  return words.map((term) => word(term));
}

function distinct(clauses: Clause[]): Clause[] {
  return [...new Map(clauses.map((clause) => [JSON.stringify(clause), clause])).values()];
}
