// How a repository writes its subjects, learned from the last ones. Pure.
import { languageOf, type SubjectLanguage } from './language.ts';

export interface CommitStyle {
  /** `fix(parser): …`, `daemon/models: …`, or neither. */
  form: 'conventional' | 'area' | 'plain';
  /** What stood before the colon: the areas, or the scopes of conventional ones. The most frequent first. */
  areas: string[];
  /** Whether most conventional subjects have a scope. */
  hasScopes: boolean;
  /** Whether the first word after the prefix is in lower case. */
  isLowerCase: boolean;
  language: SubjectLanguage;
}

interface SubjectPrefix {
  form: 'conventional' | 'area';
  /** The scope of a conventional one. */
  area?: string;
  rest: string;
}

const types = 'build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test';
const conventional = new RegExp(`^(?:${types})(?:\\(([^()]*)\\))?!?:\\s+(.+)$`, 'is');
const areaPrefix = /^([\p{L}\p{N}._/*{}@+-]+(?:, ?[\p{L}\p{N}._/*{}@+-]+)*)!?:\s+(.+)$/su;
const ticket = /^#?[A-Z][A-Z0-9]*-?\d+$/; // says nothing of the next commit

export function prefixOf(subject: string): SubjectPrefix | undefined {
  const [, scope, text] = conventional.exec(subject) ?? [];
  if (text !== undefined) return { form: 'conventional', ...(scope && { area: scope }), rest: text };
  const [, area, rest] = areaPrefix.exec(subject) ?? [];
  return area === undefined || rest === undefined || ticket.test(area) ? undefined : { form: 'area', area, rest };
}

export function styleOf(subjects: readonly string[]): CommitStyle {
  const prefixes = subjects.flatMap((subject) => prefixOf(subject) ?? []);
  const form = (['conventional', 'area'] as const).find(
    (each) => prefixes.filter((prefix) => prefix.form === each).length * 2 > subjects.length,
  );
  const alike = prefixes.filter((prefix) => prefix.form === form);
  const areas = alike.flatMap(({ area }) => area ?? []);
  const texts = form === undefined ? subjects : alike.map(({ rest }) => rest);
  return {
    form: form ?? 'plain',
    areas: byFrequency(areas),
    hasScopes: form === 'conventional' && areas.length * 2 > alike.length,
    isLowerCase: texts.filter((text) => /^\p{Ll}/u.test(text)).length * 2 > texts.length,
    language: languageOf(texts),
  };
}

/** The first letter as the style has it, unless the first word is a name of code. */
export function cased(text: string, { isLowerCase }: Pick<CommitStyle, 'isLowerCase'>): string {
  const [first = ''] = /^\S*/.exec(text) ?? [];
  if (/[\p{N}_./()`]/u.test(first) || /^.\S*\p{Lu}/u.test(first)) return text;
  const letter = text.charAt(0);
  return (isLowerCase ? letter.toLowerCase() : letter.toUpperCase()) + text.slice(1);
}

function byFrequency(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
