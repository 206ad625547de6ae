// What a review found as SARIF, for other tools. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import { type Finding, isIncompleteReview, type ReviewRun } from '../../shared/protocol/review.ts';
import { gapsOf } from '../../shared/review-markdown.ts';

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
