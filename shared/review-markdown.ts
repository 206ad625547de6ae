// What a review found as Markdown, for people. Nothing in a finding is taken as markup. Pure.
import {
  type AppliedRules,
  type Finding,
  isIncompleteReview,
  isOpenFinding,
  type ReviewCoverage,
} from './protocol/review.ts';
import { ruleLines } from './review-words.ts';

/** What of a review goes into its report. */
export interface ReportedReview {
  findings: readonly Finding[];
  coverage: readonly ReviewCoverage[];
  /** Absent where they aren't to be named. */
  rules?: readonly Pick<AppliedRules, 'name' | 'isCut'>[];
  summary: string;
}

/** Sections by file, then what is solved and what was not checked. `nameOf` says how a file is called. */
export function markdownReport(results: readonly ReportedReview[], nameOf: (uri: string) => string): string {
  const findings = results.flatMap(({ findings: own }) => own);
  const open = Map.groupBy(findings.filter(isOpenFinding), ({ uri }) => uri);
  const solved = findings.filter((finding) => !isOpenFinding(finding));
  const gaps = results.flatMap(({ coverage }) => gapsOf(coverage));
  const lines = [
    '# Review',
    '',
    ...results.flatMap(({ summary, rules = [] }) => [escaped([summary, ...ruleLines(rules)].join(' ')), '']),
    ...[...open].flatMap(([uri, own]) => [`## ${escaped(nameOf(uri))}`, '', ...own.flatMap(markdownFinding)]),
    ...section(
      'Solved',
      solved.map((finding) => `- ${escaped(`${placeOf(finding, nameOf)}: ${finding.message}`)}`),
    ),
    ...section(
      'Not checked',
      gaps.map((gap) => `- ${escaped(gap)}`),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** An item of a list. */
export function markdownFinding(finding: Finding): string[] {
  const { range, severity, message, source, rule, evidence, state } = finding;
  const by = rule === undefined ? source : `${source} ${rule}`;
  const marks = [by, ...(state === undefined ? [] : [state === 'still' ? 'still there' : state])];
  const fence = '`'.repeat(Math.max(3, ...(evidence.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return [
    `- **${severity}**, line ${range.start.line + 1}: ${escaped(message)} (${escaped(marks.join(', '))})`,
    '',
    ...[fence, ...evidence.split('\n'), fence].map((line) => `  ${line}`),
    '',
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function placeOf({ uri, range }: Finding, nameOf: (uri: string) => string): string {
  return `${nameOf(uri)}:${range.start.line + 1}`;
}

/** What should have looked and did not. */
export function gapsOf(coverage: readonly ReviewCoverage[]): string[] {
  return coverage
    .filter((entry) => isIncompleteReview([entry, { ...entry, state: 'read' }]))
    .map(({ uri, by, state, why }) => {
      const part = state === 'partly' ? 'Only partly checked' : 'Not checked';
      return `${part} by ${by === 'all' ? 'anyone' : by}: ${uri.split('/').at(-1) ?? uri}${why === undefined ? '' : ` (${why})`}`;
    });
}

/** A model's text is no markup, and no line of its own. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!~]/g, '\\$&');
}
