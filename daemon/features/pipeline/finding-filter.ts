// Which findings are worth showing: no duplicates, none that were dismissed, no weak ones, no more than people read. Errors are shown
// whatever their number; of the others the strongest are, when a document has been read. Keeps what it holds back.
import { isSameFlaw } from '../../../shared/same-flaw.ts';
import type { Recognition } from './memory/past-findings.ts';
import { sharesLine } from './target.ts';
import type { Finding, HeldFinding } from './types.ts';
import { flawKind, severities } from './verdict/claim-words.ts';
import { minSharedWords, sharedWords } from './verdict/message-words.ts';

export interface SuppressedCounts {
  unquoted: number;
  dismissed: number;
  duplicate: number;
  overCap: number;
  /** Claims of a model that it hardly believes itself. */
  unsure: number;
}

type FilterReason = Exclude<keyof SuppressedCounts, 'unquoted'>;

export type FindingOrigin = 'analyser' | 'model';

/** People stop reading beyond this many model findings per 100 lines. */
const maxPer100Lines = 3;
/** In one document. Analysers are right more often, so this only guards against floods. It does not count towards the models' limit. */
const maxAnalyserFindings = 50;
/** Below this a model itself expects the author to disagree more than four times out of five. */
const minConfidence = 0.2;

/** How many findings of a model, beside errors, are shown for a number of reviewed lines of a document. */
export function maxModelFindings(lines: number): number {
  return Math.max(maxPer100Lines, Math.ceil((lines / 100) * maxPer100Lines));
}

/** Lives as long as one review. */
export class FindingFilter {
  readonly kept: Finding[] = [];
  readonly suppressed: SuppressedCounts = { unquoted: 0, dismissed: 0, duplicate: 0, overCap: 0, unsure: 0 };
  /** In the order in which it was held back. */
  readonly held: HeldFinding[] = [];
  /** What of an analyser waits for its document to be read. */
  #waiting: Finding[] = [];

  /** The findings of an analyser to show now, in their order. The others wait for `release`. */
  filter(findings: readonly Finding[], known: ReadonlyMap<string, Recognition>): Finding[] {
    const errors: Finding[] = [];
    for (const finding of findings) {
      if (!this.passes(finding, 'analyser', known.get(finding.id))) continue;
      if (finding.severity === 'error') errors.push(finding);
      (finding.severity === 'error' ? this.kept : this.#waiting).push(finding);
    }
    return errors;
  }

  /** Whether nothing speaks against it that is known by now; else it is held back. */
  passes(finding: Finding, from: FindingOrigin, known: Recognition | undefined): boolean {
    const reason = this.#reasonAgainst(finding, from, known);
    if (reason) this.#hold(finding, reason);
    return !reason;
  }

  /** An analyser has read a document: the strongest of what waits there. */
  release(uri: string): Finding[] {
    const here = this.#waiting.filter((finding) => finding.uri === uri);
    this.#waiting = this.#waiting.filter((finding) => finding.uri !== uri);
    return this.#keepStrongest(here.toSorted(strongerFirst), maxAnalyserFindings);
  }

  /** Of what a model found in a document, the strongest first: all errors, and as many others as the lines allow. */
  keep(ranked: readonly Finding[], lines: number): Finding[] {
    return this.#keepStrongest(ranked, maxModelFindings(lines));
  }

  #keepStrongest(ranked: readonly Finding[], room: number): Finding[] {
    let left = room;
    return ranked.filter((finding) => {
      const isError = finding.severity === 'error';
      const reason = this.#isSaidAlready(finding) ? 'duplicate' : isError || left > 0 ? undefined : 'overCap';
      if (reason) this.#hold(finding, reason);
      else this.kept.push(finding);
      if (!reason && !isError) left--;
      return !reason;
    });
  }

  #reasonAgainst(finding: Finding, from: FindingOrigin, known: Recognition | undefined): FilterReason | undefined {
    if (this.#isSaidAlready(finding)) return 'duplicate';
    if (known?.isDismissed) return 'dismissed';
    return from === 'model' && finding.confidence < minConfidence ? 'unsure' : undefined;
  }

  #hold(finding: Finding, reason: FilterReason): void {
    this.suppressed[reason]++;
    // A dismissed one is stored under its id of before, by which the dismissal can be taken back.
    const id = reason === 'dismissed' ? (finding.previousId ?? finding.id) : finding.id;
    this.held.push({ finding: { ...finding, id }, reason: reason === 'overCap' ? 'over-cap' : reason });
  }

  #isSaidAlready(finding: Finding): boolean {
    return this.kept.some((other) => isDuplicate(finding, other));
  }
}

function strongerFirst(a: Finding, b: Finding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.confidence - a.confidence;
}

/**
 * On the same lines, with the same change, the same rule in any tool's spelling, the same code and kind of flaw, or mostly the same
 * words.
 */
export function isDuplicate(a: Finding, b: Finding): boolean {
  if (a.uri !== b.uri || !sharesLine(a.range, b.range)) return false;
  if (a.rule !== undefined && a.source === b.source) return a.rule === b.rule && startsTogether(a, b);
  const change = changeOf(a);
  if (change !== undefined && change === changeOf(b)) return true;
  if (a.rule !== undefined && b.rule !== undefined && isSameFlaw(a, b)) return true;
  if (a.source === b.source && a.evidence === b.evidence && flawKind(a.category) === flawKind(b.category)) return true;
  return sharedWords(a.message, b.message) >= minSharedWords;
}

/** What the finding would change and where, however much of the code around it is quoted. */
function changeOf({ range, evidence, replacement }: Finding): string | undefined {
  if (replacement === undefined || replacement === evidence) return undefined;
  const shorter = Math.min(evidence.length, replacement.length);
  let start = 0;
  while (start < shorter && evidence[start] === replacement[start]) start++;
  let end = 0;
  while (end < shorter - start && evidence.at(-1 - end) === replacement.at(-1 - end)) end++;
  const before = evidence.slice(0, start).split('\n');
  const line = range.start.line + before.length - 1;
  const character = (before.at(-1) ?? '').length + (before.length === 1 ? range.start.character : 0);
  const removed = evidence.slice(start, evidence.length - end);
  return JSON.stringify([line, character, removed, replacement.slice(start, replacement.length - end)]);
}

function startsTogether(a: Finding, b: Finding): boolean {
  return a.range.start.line === b.range.start.line && a.range.start.character === b.range.start.character;
}
