// The sentences in which a review tells the user what it did. Pure.
import type { SuppressedCounts } from './finding-filter.ts';
import type { Finding, Severity } from './types.ts';

export interface ReviewOutcome {
  findings: readonly Finding[];
  /** Lines under review. */
  lines: number;
  /** The model that read them, if one did. */
  model: string | undefined;
  /** Whether all of it is kept from models. */
  isKept: boolean;
  /** Whether any model is configured at all. */
  hasModel: boolean;
  analysers: readonly string[];
}

/** One sentence: how many findings of what weight, and who looked. */
export function reviewSummary({ findings, lines, model, isKept, hasModel, analysers }: ReviewOutcome): string {
  const foundText =
    findings.length === 0
      ? `No findings in ${counted(lines, 'line')}`
      : `${counted(findings.length, 'finding')} (${bySeverity(findings)})`;
  const noAnalyser = analysers.length === 0 ? ' No analyser for this kind of file was found either.' : '';
  if (isKept) return `${foundText}; kept from models, so no model read it: analyser findings only.${noAnalyser}`;
  if (!hasModel) return `${foundText}; no language model configured: analyser findings only.${noAnalyser}`;
  if (model === undefined) return `${foundText}; no language model could be reached: analyser findings only.`;
  return `${foundText}; read by ${[model, ...analysers].join(', ')}.`;
}

export function analysersDetail(ran: readonly string[], missing: readonly string[]): string {
  const done = ran.length === 0 ? 'ran none' : `ran ${ran.join(', ')}`;
  return missing.length === 0 ? done : `${done}; not installed: ${missing.join(', ')}`;
}

/** `passed` of `claimed` findings, and why the others were held back. */
export function checkDetail(passed: number, { unquoted, dismissed, duplicate, overCap }: SuppressedCounts): string {
  const reasons: [number, string][] = [
    [unquoted, 'not quoting the code'],
    [duplicate, 'said already'],
    [dismissed, 'dismissed before'],
    [overCap, 'over the limit'],
  ];
  const held = reasons.flatMap(([count, reason]) => (count > 0 ? [`${count} ${reason}`] : []));
  return held.length === 0 ? `${passed} kept` : `${passed} kept; held back: ${held.join(', ')}`;
}

const order: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

function bySeverity(findings: readonly Finding[]): string {
  return order
    .flatMap((severity) => {
      const count = findings.filter((finding) => finding.severity === severity).length;
      return count > 0 ? [counted(count, severity)] : [];
    })
    .join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
