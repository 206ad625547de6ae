// The sentences in which a review tells the user what it did. Pure.

import { counted } from '../../../shared/words/counted.ts';
import type { SuppressedCounts } from './finding-filter.ts';
import { fileNameOf } from './target.ts';
import type { Finding } from './types.ts';
import { severities } from './verdict/claim-words.ts';
import { type CoverageEntry, isLook } from './verdict/coverage.ts';

export interface ReviewOutcome {
  findings: readonly Finding[];
  /** Of earlier reviews. */
  solved?: readonly Finding[];
  /** Lines under review. */
  lines: number;
  coverage: readonly CoverageEntry[];
}

/** How many findings of what weight; who looked; what was not looked at. "No findings" is said only where all that should look did. */
export function reviewSummary({ findings, solved = [], lines, coverage }: ReviewOutcome): string {
  const readers = [...new Set(coverage.filter(({ state }) => state === 'read').map(({ by }) => by))];
  const gaps = gapsText(coverage);
  const sentences = [
    verdictText(findings, {
      lines,
      isRead: coverage.some(isLook),
      isWhole: gaps === '',
      hasTargets: coverage.length > 0,
    }),
    changesText(findings, solved),
    readers.length > 0 ? `Checked by ${listed(readers)}.` : '',
    gaps,
    leftOutText(coverage),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** Against earlier reviews, where they had found anything here. */
function changesText(findings: readonly Finding[], solved: readonly Finding[]): string {
  const fresh = findings.filter(({ state }) => state !== 'still').length;
  const still = findings.length - fresh;
  const parts = [
    ...(fresh > 0 && (still > 0 || solved.length > 0) ? [`${fresh} new`] : []),
    ...(still > 0 ? [`${still} still there`] : []),
    ...(solved.length > 0 ? [`${solved.length} solved`] : []),
  ];
  return parts.length === 0 ? '' : `Since the last review: ${parts.join(', ')}.`;
}

interface VerdictBasis {
  lines: number;
  isRead: boolean;
  isWhole: boolean;
  hasTargets: boolean;
}

function verdictText(findings: readonly Finding[], { lines, isRead, isWhole, hasTargets }: VerdictBasis): string {
  if (findings.length > 0) return `${counted(findings.length, 'finding')} (${bySeverity(findings)}).`;
  if (!hasTargets) return 'Nothing to review: no changed lines.';
  if (!isRead) return 'Not reviewed.';
  return isWhole
    ? `No findings in ${counted(lines, 'line')}.`
    : 'Incomplete: no findings in the part that was checked.';
}

/** `Not checked by ruff (a.py: it timed out).`, the readers in their order. */
function gapsText(coverage: readonly CoverageEntry[]): string {
  const failed = readersText(coverage.filter(({ state }) => state === 'failed' || state === 'untrusted'));
  const partly = readersText(coverage.filter(({ state }) => state === 'partly'));
  return [
    ...(failed === '' ? [] : [`Not checked by ${failed}.`]),
    ...(partly === '' ? [] : [`Only partly checked by ${partly}.`]),
  ].join(' ');
}

function readersText(gaps: readonly CoverageEntry[]): string {
  return [...Map.groupBy(gaps, ({ by }) => by)]
    .map(([by, own]) => {
      const [first] = own;
      const where = own.length === 1 ? fileNameOf(first?.uri ?? '') : counted(own.length, 'file');
      const why = (own.length === 1 ? (first?.why ?? '') : sharedWhy(own)).replace(/[.\s]+$/, '');
      return `${by === 'all' ? 'anyone' : by} (${where}${why === '' ? '' : `: ${shortened(why)}`})`;
    })
    .join(', ');
}

/** Why several files were not looked at: each reason once, without the lines, which are of one file. */
function sharedWhy(gaps: readonly CoverageEntry[]): string {
  const reasons = gaps.flatMap(({ why = '' }) =>
    why.replace(/(^|\. )lines? \d+(?: to \d+)?: /g, '$1').split(/\. (?=it )/),
  );
  return [...new Set(reasons.map((reason) => reason.replace(/[.\s]+$/, '')))].join('. ');
}

const maxWhyChars = 160;

function shortened(text: string): string {
  return text.length <= maxWhyChars ? text : `${text.slice(0, maxWhyChars - 1)}…`;
}

/** Each reason once, with the files that it is about unless these are all. */
function leftOutText(coverage: readonly CoverageEntry[]): string {
  const all = new Set(coverage.map(({ uri }) => uri)).size;
  const reasons = Map.groupBy(
    coverage.filter(({ state }) => state === 'left-out'),
    ({ by, why = 'Left out' }) => (by === 'model' || by === 'all' ? why : `${by} ${why}`),
  );
  return [...reasons]
    .map(([why, own]) => {
      const files = [...new Set(own.map(({ uri }) => uri))].map(fileNameOf);
      const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
      return files.length === all ? `${why}.` : `${why}: ${files.slice(0, 3).join(', ')}${more}.`;
    })
    .join(' ');
}

function listed(names: readonly string[]): string {
  if (names.length < 3) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}`;
}

export function analysersDetail(coverage: readonly CoverageEntry[], missing: readonly string[]): string {
  const ran = [...new Set(coverage.filter(isLook).map(({ by }) => by))];
  const others = coverage.filter(({ by }) => !ran.includes(by));
  const namesIn = (wanted: CoverageEntry['state']): string[] => [
    ...new Set(others.filter(({ state }) => state === wanted).map(({ by }) => by)),
  ];
  const [failed, untrusted] = [namesIn('failed'), namesIn('untrusted')];
  const parts = [
    ran.length === 0 ? 'none ran' : `ran ${ran.join(', ')}`,
    ...(failed.length === 0 ? [] : [`failed: ${failed.join(', ')}`]),
    ...(untrusted.length === 0 ? [] : [`need a trusted folder: ${untrusted.join(', ')}`]),
    ...(missing.length === 0 ? [] : [`not installed: ${missing.join(', ')}`]),
  ];
  return parts.join('; ');
}

/** `passed` of `claimed` findings, and why the others were held back. */
export function checkDetail(
  passed: number,
  { unquoted, dismissed, duplicate, overCap, unsure }: SuppressedCounts,
): string {
  const reasons: [number, string][] = [
    [unquoted, 'not quoting the code'],
    [duplicate, duplicate === 1 ? 'duplicate' : 'duplicates'],
    [dismissed, 'dismissed before'],
    [unsure, 'too uncertain'],
    [overCap, 'over the limit'],
  ];
  const held = reasons.flatMap(([count, reason]) => (count > 0 ? [`${count} ${reason}`] : []));
  return held.length === 0 ? `${passed} kept` : `${passed} kept; left out: ${held.join(', ')}`;
}

function bySeverity(findings: readonly Finding[]): string {
  return severities
    .flatMap((severity) => {
      const count = findings.filter((finding) => finding.severity === severity).length;
      return count > 0 ? [counted(count, severity)] : [];
    })
    .join(', ');
}
