// Whether two tools report one flaw: at one place, by a rule that both have in their own spelling, or in nearly the same words. Pure.
import type { Range } from './protocol/text.ts';

export interface ReportedFlaw {
  range: Range;
  message: string;
  /** Who reports it, such as `tsc`. */
  source?: string | undefined;
  /** The tool's own name for the rule, such as `TS6133` or `no-unused-vars`. */
  rule?: string | undefined;
}

/** TABLE of what tools call one rule, without their prefixes, dashes and capitals. */
const spellings: readonly (readonly string[])[] = [
  // Unused
  [
    'ts6133',
    'ts6192',
    'ts6196',
    'ts6198',
    'nounusedvars',
    'nounusedvariables',
    'nounusedimports',
    'nounusedfunctionparameters',
    'f401',
    'f841',
    'arg001',
    'w0611',
    'w0612',
    'w0613',
    'unusedimport',
    'unusedvariable',
    'reportunusedvariable',
    'reportunusedimport',
    'unusedvars',
    'sc2034',
  ],
  // Undefined
  [
    'ts2304',
    'ts2552',
    'noundef',
    'noundeclaredvariables',
    'f821',
    'e0602',
    'undefinedvariable',
    'reportundefinedvariable',
  ],
  // Unreachable
  ['ts7027', 'nounreachable', 'w0101', 'reportunreachable'],
  // Declared twice
  ['ts2451', 'ts2300', 'noredeclare', 'f811', 'e0102', 'functionredefined'],
  // A constant assigned
  ['ts2588', 'noconstassign'],
  // One key twice
  ['ts1117', 'nodupekeys', 'noduplicateobjectkeys', 'f601'],
  // Falls through
  ['ts7029', 'nofallthrough', 'nofallthroughswitchclause'],
  ['ts7006', 'ts7031', 'noimplicitanylet', 'noimplicitany'],
  ['eqeqeq', 'nodoubleequals'],
  ['preferconst', 'useconst'],
  ['e711', 'singletoncomparison', 'c0121'],
  ['e722', 'w0702', 'bareexcept'],
];

const byName = new Map(spellings.flatMap((names, rule) => names.map((name) => [name, rule] as const)));
const syntaxRule = /^(?:ts1\d{3}|parse|syntax|parsing|syntaxerror|invalidsyntax|e999|e0001)$/;
const minSharedWords = 0.5; // half of the words of both messages together

export function isSameFlaw(one: ReportedFlaw, other: ReportedFlaw): boolean {
  if (one.source !== undefined && one.source === other.source && one.rule !== other.rule) return false;
  const rules = one.rule !== undefined && other.rule !== undefined && isSameRule(one.rule, other.rule);
  if (rules && isSyntax(one.rule)) return one.range.start.line === other.range.start.line;
  if (!overlaps(one.range, other.range)) return false;
  return rules || sharedWords(one.message, other.message) >= minSharedWords;
}

/** `no-debugger` and `lint/suspicious/noDebugger` are one rule, and so are those that the table says. */
function isSameRule(one: string, other: string): boolean {
  const [a, b] = [nameOf(one), nameOf(other)];
  if (a === b || (syntaxRule.test(a) && syntaxRule.test(b))) return true;
  const rule = byName.get(a);
  return rule !== undefined && rule === byName.get(b);
}

function isSyntax(rule: string | undefined): boolean {
  return rule !== undefined && syntaxRule.test(nameOf(rule));
}

function nameOf(rule: string): string {
  return (rule.split('/').at(-1) ?? rule).replaceAll(/[-_]/g, '').toLowerCase();
}

function overlaps(one: Range, other: Range): boolean {
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function sharedWords(one: string, other: string): number {
  const [words, others] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared / Math.max(1, words.size + others.size - shared);
}

function wordsOf(message: string): string[] {
  return message.toLowerCase().match(/\p{L}+/gu) ?? [];
}
