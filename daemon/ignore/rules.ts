// A .gitignore file as rules, and what they say of a path. Pure; the semantics are git's (gitignore(5)).
import { matchesPart, matchesParts, splitPattern } from './glob.ts';

export interface IgnoreRule {
  /** The line as written, and its number, for the user. */
  written: string;
  line: number;
  isNegated: boolean;
  directoriesOnly: boolean;
  /** Cut at the slashes. A pattern of one part that was not anchored matches a name in any folder below. */
  parts: readonly string[];
  isAnchored: boolean;
}

export function parseRules(text: string): IgnoreRule[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((written, index) => parseLine(written, index + 1) ?? []);
}

function parseLine(written: string, line: number): IgnoreRule | undefined {
  const unpadded = withoutPadding(written);
  if (unpadded === '' || unpadded.startsWith('#')) return undefined;
  const isNegated = unpadded.startsWith('!');
  const pattern = isNegated ? unpadded.slice(1) : unpadded;
  const directoriesOnly = pattern.endsWith('/');
  const body = directoriesOnly ? pattern.slice(0, -1) : pattern;
  if (body === '') return undefined;
  const isAnchored = body.includes('/');
  return {
    written: unpadded,
    line,
    isNegated,
    directoriesOnly,
    isAnchored,
    parts: splitPattern(body.replace(/^\//, '')),
  };
}

/** Without blanks at the end, of which one behind a backslash stays, and then without tabs. A pattern that searches for them would try each. */
function withoutPadding(written: string): string {
  let end = written.length;
  while (written[end - 1] === ' ') end--;
  if (written[end - 1] === '\\' && end < written.length) end++;
  while (written[end - 1] === '\t') end--;
  return written.slice(0, end);
}

export interface RuleSubject {
  /** From the folder of the rules to the path, cut at the slashes. */
  parts: readonly string[];
  isDirectory: boolean;
  /** Where names differ by their case alone, as Windows and macOS see it. */
  ignoresCase: boolean;
}

/** The rule that decides: the last that matches. */
export function decidingRule(rules: readonly IgnoreRule[], subject: RuleSubject): IgnoreRule | undefined {
  return rules.findLast((rule) => matches(rule, subject));
}

function matches(rule: IgnoreRule, { parts, isDirectory, ignoresCase }: RuleSubject): boolean {
  if (rule.directoriesOnly && !isDirectory) return false;
  const fold = (names: readonly string[]): readonly string[] =>
    ignoresCase ? names.map((name) => name.toLowerCase()) : names;
  const [pattern, path] = [fold(rule.parts), fold(parts)];
  if (!rule.isAnchored) return matchesPart(pattern[0] ?? '', path.at(-1) ?? '');
  // `a/**` is everything inside `a`, and not `a` itself.
  if (pattern.at(-1) === '**' && pattern.length > 1) return matchesParts([...pattern.slice(0, -1), '*', '**'], path);
  return matchesParts(pattern, path);
}
