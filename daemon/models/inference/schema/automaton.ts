// Sets of texts as expressions with "and" and "not", and the automata that recognize them (by Brzozowski's derivatives). Pure.

/** Inclusive, sorted, apart from each other. */
export type CodeRanges = readonly (readonly [first: number, last: number])[];

/** `size` counts the sets within it and itself. */
export type TextSet = { readonly key: string; readonly size: number; readonly acceptsEmpty: boolean } & (
  | { readonly kind: 'nothing' | 'empty' }
  | { readonly kind: 'one'; readonly ranges: CodeRanges }
  | { readonly kind: 'sequence'; readonly first: TextSet; readonly rest: TextSet }
  | { readonly kind: 'either' | 'both'; readonly sets: readonly TextSet[] }
  | { readonly kind: 'repeat'; readonly body: TextSet; readonly min: number; readonly max: number }
  | { readonly kind: 'not'; readonly body: TextSet }
  | { readonly kind: 'multiple'; readonly of: number; readonly remainder: number }
);

/** What a JSON string can hold and a grammar can write: no halves of pairs, and of the control characters those with a short escape. */
const alphabet: CodeRanges = [
  [0x08, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x7e],
  [0x80, 0xd7ff],
  [0xe000, 0x10ffff],
];

const nothing: TextSet = { kind: 'nothing', key: '0', size: 1, acceptsEmpty: false };
export const empty: TextSet = { kind: 'empty', key: 'e', size: 1, acceptsEmpty: true };

export function oneOf(ranges: CodeRanges): TextSet {
  if (ranges.length === 0) return nothing;
  const key = `[${ranges.map(([first, last]) => `${first.toString(36)}-${last.toString(36)}`).join()}]`;
  return { kind: 'one', ranges, key, size: 1, acceptsEmpty: false };
}

export const anyText: TextSet = repeat(oneOf(alphabet), 0, Number.POSITIVE_INFINITY);

export function literalText(text: string): TextSet {
  return sequence(...[...text].map((character) => oneOf([[codeOf(character), codeOf(character)]])));
}

export function sequence(...sets: TextSet[]): TextSet {
  return sets.reduceRight((rest, first) => {
    if (first.kind === 'nothing' || rest.kind === 'nothing') return nothing;
    if (first.kind === 'empty') return rest;
    if (rest.kind === 'empty') return first;
    if (first.kind === 'sequence') return sequence(first.first, sequence(first.rest, rest));
    const key = `(${first.key} ${rest.key})`;
    const size = first.size + rest.size + 1;
    return { kind: 'sequence', first, rest, key, size, acceptsEmpty: first.acceptsEmpty && rest.acceptsEmpty };
  }, empty);
}

export function either(...sets: TextSet[]): TextSet {
  const members = distinct('either', sets).filter(({ kind }) => kind !== 'nothing');
  if (members.some(({ key }) => key === anyText.key)) return anyText;
  return combine('either', members, nothing);
}

export function both(...sets: TextSet[]): TextSet {
  const members = distinct('both', sets).filter(({ key }) => key !== anyText.key);
  if (members.some(({ kind }) => kind === 'nothing')) return nothing;
  return combine('both', members, anyText);
}

function distinct(kind: 'either' | 'both', sets: readonly TextSet[]): TextSet[] {
  const flat = sets.flatMap((set) => (set.kind === kind ? set.sets : [set]));
  return [...new Map(flat.map((set) => [set.key, set])).values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function combine(kind: 'either' | 'both', sets: readonly TextSet[], none: TextSet): TextSet {
  const [only, ...others] = sets;
  if (!only) return none;
  if (others.length === 0) return only;
  const acceptsEmpty = kind === 'either' ? sets.some((set) => set.acceptsEmpty) : sets.every((set) => set.acceptsEmpty);
  const key = `(${sets.map((set) => set.key).join(kind === 'either' ? '|' : '&')})`;
  return { kind, sets, key, size: sets.reduce((sum, { size }) => sum + size, 1), acceptsEmpty };
}

export function not(body: TextSet): TextSet {
  if (body.kind === 'not') return body.body;
  if (body.kind === 'nothing') return anyText;
  return body.key === anyText.key
    ? nothing
    : { kind: 'not', body, key: `!${body.key}`, size: body.size + 1, acceptsEmpty: !body.acceptsEmpty };
}

export function repeat(body: TextSet, min: number, max: number): TextSet {
  if (max === 0 || body.kind === 'empty') return empty;
  if (body.kind === 'nothing') return min === 0 ? empty : nothing;
  if (min === 1 && max === 1) return body;
  const key = `${body.key}{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}`;
  return { kind: 'repeat', body, min, max, key, size: body.size + 1, acceptsEmpty: min === 0 || body.acceptsEmpty };
}

/** Digits, with any signs and points among them, that are a multiple when read as one number. */
export function multipleOf(of: number, remainder = 0): TextSet {
  return { kind: 'multiple', of, remainder, key: `%${of},${remainder}`, size: 1, acceptsEmpty: remainder === 0 };
}

export interface AutomatonState {
  readonly isEnd: boolean;
  readonly edges: readonly { readonly ranges: CodeRanges; readonly target: number }[];
}

/** In the sizes of the sets of each step. */
interface Work {
  left: number;
}

const maxStates = 2000;
/** Of one automaton, and of all of a schema: a few tenths of a second, and about two seconds. */
const maxWork = { one: 1_000_000, all: 3_000_000 };

export function newWork(): Work {
  return { left: maxWork.all };
}

/**
 * The automaton, its start first; every state leads to an end. Undefined where no text is in the set. Throws where it gets too large, or
 * too much to compute: with counts within counts, sets grow with each step.
 */
export function toAutomaton(set: TextSet, work = newWork()): AutomatonState[] | undefined {
  const own = { left: Math.min(maxWork.one, work.left) };
  const ids = new Map([[set.key, 0]]);
  const sets = [set];
  const states: AutomatonState[] = [];
  for (let current = sets[0]; current; current = sets[states.length]) {
    const ranges = new Map<number, [number, number][]>();
    for (const [first, last] of split(current)) {
      const next = derive(current, first);
      const cost = current.size + next.size;
      work.left -= cost;
      own.left -= cost;
      if (own.left < 0) throw new Error('it is too much to compute');
      if (next.kind === 'nothing') continue;
      const id = ids.get(next.key) ?? ids.size;
      if (id === sets.length) {
        if (id >= maxStates) throw new Error('too many states');
        ids.set(next.key, id);
        sets.push(next);
      }
      const known = ranges.get(id) ?? [];
      const before = known.at(-1);
      if (before?.[1] === first - 1) before[1] = last;
      else known.push([first, last]);
      ranges.set(id, known);
    }
    states.push({
      isEnd: current.acceptsEmpty,
      edges: [...ranges].map(([target, edge]) => ({ ranges: edge, target })),
    });
  }
  return withoutDeadEnds(states);
}

/** A larger set, for one that is too much to compute: what may come several times may come any number of times. */
export function withoutCounts(set: TextSet): TextSet {
  switch (set.kind) {
    case 'sequence':
      return sequence(withoutCounts(set.first), withoutCounts(set.rest));
    case 'either':
      return either(...set.sets.map(withoutCounts));
    case 'both':
      return both(...set.sets.map(withoutCounts));
    case 'repeat':
      return repeat(withoutCounts(set.body), Math.min(set.min, 1), set.max > 1 ? Number.POSITIVE_INFINITY : 1);
    default:
      return set;
  }
}

/** Throws where it is too much to compute. */
export function matches(set: TextSet, text: string): boolean {
  let [rest, left] = [set, maxWork.one];
  for (const character of text) {
    rest = derive(rest, codeOf(character));
    left -= rest.size;
    if (left < 0) throw new Error('it is too much to compute');
  }
  return rest.acceptsEmpty;
}

/** The alphabet in ranges, within each of which all characters lead to the same state. */
function split(set: TextSet): [number, number][] {
  const starts = new Set<number>();
  collectStarts(set, starts);
  const sorted = [...starts].toSorted((a, b) => a - b);
  return alphabet.flatMap(([first, last]) => {
    const cuts = [first, ...sorted.filter((start) => start > first && start <= last)];
    return cuts.map((cut, i): [number, number] => [cut, (cuts[i + 1] ?? last + 1) - 1]);
  });
}

function collectStarts(set: TextSet, into: Set<number>): void {
  if (set.kind === 'one') for (const [first, last] of set.ranges) into.add(first).add(last + 1);
  if (set.kind === 'multiple') for (let digit = 0x30; digit <= 0x3a; digit++) into.add(digit);
  if (set.kind === 'repeat' || set.kind === 'not') collectStarts(set.body, into);
  if (set.kind === 'either' || set.kind === 'both') for (const part of set.sets) collectStarts(part, into);
  if (set.kind !== 'sequence') return;
  collectStarts(set.first, into);
  if (set.first.acceptsEmpty) collectStarts(set.rest, into);
}

/** What may follow the character. */
function derive(set: TextSet, code: number): TextSet {
  switch (set.kind) {
    case 'nothing':
    case 'empty':
      return nothing;
    case 'one':
      return set.ranges.some(([first, last]) => first <= code && code <= last) ? empty : nothing;
    case 'sequence': {
      const first = sequence(derive(set.first, code), set.rest);
      return set.first.acceptsEmpty ? either(first, derive(set.rest, code)) : first;
    }
    case 'either':
      return either(...set.sets.map((part) => derive(part, code)));
    case 'both':
      return both(...set.sets.map((part) => derive(part, code)));
    case 'repeat':
      return sequence(derive(set.body, code), repeat(set.body, Math.max(0, set.min - 1), set.max - 1));
    case 'not':
      return not(derive(set.body, code));
    case 'multiple': {
      const digit = code - 0x30;
      return digit >= 0 && digit <= 9 ? multipleOf(set.of, (set.remainder * 10 + digit) % set.of) : set;
    }
  }
}

function withoutDeadEnds(states: readonly AutomatonState[]): AutomatonState[] | undefined {
  const alive = new Set(states.flatMap(({ isEnd }, id) => (isEnd ? [id] : [])));
  for (let before = -1; before !== alive.size; ) {
    before = alive.size;
    for (const [id, { edges }] of states.entries()) if (edges.some(({ target }) => alive.has(target))) alive.add(id);
  }
  if (!alive.has(0)) return undefined;
  const ids = new Map([...alive].toSorted((a, b) => a - b).map((id, index) => [id, index]));
  return states.flatMap(({ isEnd, edges }, id) => {
    if (!alive.has(id)) return [];
    const kept = edges.flatMap(({ ranges, target }) => {
      const renamed = ids.get(target);
      return renamed === undefined ? [] : [{ ranges, target: renamed }];
    });
    return [{ isEnd, edges: kept }];
  });
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
