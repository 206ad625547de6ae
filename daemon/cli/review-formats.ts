// What a review found as one document: SARIF for other tools, Markdown for people. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { Finding, ReviewCoverage, ReviewRun } from '../../shared/protocol/review.ts';
import { isIncompleteReview, isOpenFinding } from '../../shared/protocol/review.ts';

type ReviewResult = Result<typeof ReviewRun>;

const levels: Readonly<Record<Finding['severity'], 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
};
const baselineStates = { new: 'new', still: 'unchanged', solved: 'absent' } as const;

/** A SARIF 2.1.0 log, with a run for each review. Files below `root`, a folder's URI, are named from it. */
export function sarifLog(results: readonly ReviewResult[], { root, version }: { root: string; version: string }) {
  const base = root.endsWith('/') ? root : `${root}/`;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: results.map(({ findings, held, coverage, notes }) => {
      const dismissed = held.filter(({ reason }) => reason === 'dismissed').map(({ finding }) => finding);
      const ids = [...new Set([...findings, ...dismissed].map(ruleIdOf))];
      return {
        tool: { driver: { name: 'Switchyard', version, rules: ids.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { uri: base } },
        invocations: [
          {
            executionSuccessful: !isIncompleteReview(coverage),
            toolExecutionNotifications: [...gapsOf(coverage), ...notes].map((text) => ({
              level: 'warning',
              message: { text },
            })),
          },
        ],
        results: [
          ...findings.map((finding) => sarifResult(finding, { ids, base })),
          ...dismissed.map((finding) => ({
            ...sarifResult(finding, { ids, base }),
            suppressions: [{ kind: 'external' }],
          })),
        ],
      };
    }),
  };
}

function sarifResult(finding: Finding, { ids, base }: { ids: readonly string[]; base: string }) {
  const { uri, range, severity, message, evidence, source, confidence, state, replacement } = finding;
  const artifactLocation = uri.startsWith(base)
    ? { uri: uri.slice(base.length), uriBaseId: 'ROOT' }
    : { uri: uri.startsWith('file:') ? uri : 'stdin' };
  const region = {
    startLine: range.start.line + 1,
    startColumn: range.start.character + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
  };
  const replacements = [{ deletedRegion: region, insertedContent: { text: replacement } }];
  return {
    ruleId: ruleIdOf(finding),
    ruleIndex: ids.indexOf(ruleIdOf(finding)),
    level: levels[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation, region: { ...region, snippet: { text: evidence } } } }],
    ...(state !== undefined && { baselineState: baselineStates[state] }),
    ...(replacement !== undefined && {
      fixes: [{ description: { text: message }, artifactChanges: [{ artifactLocation, replacements }] }],
    }),
    properties: { source, confidence },
  };
}

function ruleIdOf({ source, rule, category }: Finding): string {
  return rule === undefined ? category : `${source}/${rule}`;
}

/** Sections by file, then what is solved and what was not checked. `nameOf` says how a file is called. */
export function markdownReport(results: readonly ReviewResult[], nameOf: (uri: string) => string): string {
  const findings = results.flatMap((result) => result.findings);
  const open = Map.groupBy(findings.filter(isOpenFinding), ({ uri }) => uri);
  const solved = findings.filter((finding) => !isOpenFinding(finding));
  const gaps = results.flatMap(({ coverage }) => gapsOf(coverage));
  const lines = [
    '# Review',
    '',
    ...results.flatMap(({ summary }) => [escaped(summary), '']),
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

function markdownFinding(finding: Finding): string[] {
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
function gapsOf(coverage: readonly ReviewCoverage[]): string[] {
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
