// Which findings are worth showing: no duplicates, none that were dismissed, no more than people read. Counts what it
// holds back.
import { createHash } from 'node:crypto';
import { isSameFlaw } from '../../../shared/same-flaw.ts';
import type { Findings } from '../../storage/findings.ts';
import { fileNameOf, wholeLines } from './target.ts';
import type { Finding } from './types.ts';

export interface SuppressedCounts {
  unquoted: number;
  dismissed: number;
  duplicate: number;
  overCap: number;
}

/** People stop reading beyond this many model findings per 100 lines. */
const maxPer100Lines = 3;
/** Analysers are right more often, so this only guards against floods. It does not count towards the models' limit. */
const maxAnalyserFindings = 50;

/** How many findings of a model are shown for a number of reviewed lines. */
export function maxModelFindings(lines: number): number {
  return Math.max(maxPer100Lines, Math.ceil((lines / 100) * maxPer100Lines));
}

/** Lives as long as one review. */
export class FindingFilter {
  readonly kept: Finding[] = [];
  readonly suppressed: SuppressedCounts = { unquoted: 0, dismissed: 0, duplicate: 0, overCap: 0 };
  readonly #dismissed: Findings['dismissed'];
  readonly #room: Record<'analyser' | 'model', number>;

  constructor(options: { dismissed: Findings['dismissed']; lines: number }) {
    this.#dismissed = options.dismissed;
    this.#room = { analyser: maxAnalyserFindings, model: maxModelFindings(options.lines) };
  }

  /** The findings to show, in their order. */
  async filter(findings: Finding[], from: 'analyser' | 'model'): Promise<Finding[]> {
    if (findings.length === 0) return [];
    const dismissed = await this.#dismissed(findings.map(fingerprintOf));
    return findings.filter((finding) => {
      const reason = this.#reasonAgainst(finding, from, dismissed);
      if (reason) this.suppressed[reason]++;
      else this.#keep(finding, from);
      return !reason;
    });
  }

  #reasonAgainst(
    finding: Finding,
    from: 'analyser' | 'model',
    dismissed: Set<string>,
  ): keyof SuppressedCounts | undefined {
    if (this.kept.some((other) => isDuplicate(finding, other))) return 'duplicate';
    if (dismissed.has(fingerprintOf(finding))) return 'dismissed';
    return this.#room[from] > 0 ? undefined : 'overCap';
  }

  #keep(finding: Finding, from: 'analyser' | 'model'): void {
    this.#room[from]--;
    this.kept.push(finding);
  }
}

const minSharedWords = 0.5; // half of the words of both messages together

/**
 * On the same lines, with the same rule in any tool's spelling, the same code and category, or mostly the same words.
 */
export function isDuplicate(a: Finding, b: Finding): boolean {
  if (a.uri !== b.uri || !sharesLine(a, b)) return false;
  if (a.rule !== undefined && a.source === b.source) return a.rule === b.rule && startsTogether(a, b);
  if (a.rule !== undefined && b.rule !== undefined && isSameFlaw(a, b)) return true;
  if (a.source === b.source && a.evidence === b.evidence && a.category === b.category) return true;
  return overlap(wordsOf(a.message), wordsOf(b.message)) >= minSharedWords;
}

function startsTogether(a: Finding, b: Finding): boolean {
  return a.range.start.line === b.range.start.line && a.range.start.character === b.range.start.character;
}

function sharesLine(a: Finding, b: Finding): boolean {
  const [one, other] = [wholeLines(a.range), wholeLines(b.range)];
  return one.first <= other.last && other.first <= one.last;
}

function overlap(a: string[], b: string[]): number {
  const words = new Set(a);
  const others = new Set(b);
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared / Math.max(1, words.size + others.size - shared);
}

/**
 * A finding's identity across runs. It stays the same when the code moves within its file or the file between folders.
 * 32 hex digits from the file's name, the rule (or, without one, the message's words) and the code.
 */
export function fingerprintOf(finding: Pick<Finding, 'uri' | 'source' | 'rule' | 'message' | 'evidence'>): string {
  const what = finding.rule === undefined ? wordsOf(finding.message).join(' ') : `${finding.source} ${finding.rule}`;
  const code = finding.evidence.replace(/\s+/g, ' ').trim();
  return createHash('sha256')
    .update(JSON.stringify([fileNameOf(finding.uri), what, code]))
    .digest('hex')
    .slice(0, 32);
}

/** A message's words: lower case, without digits and punctuation, which vary from run to run. */
function wordsOf(message: string): string[] {
  return message.toLowerCase().match(/\p{L}+/gu) ?? [];
}
