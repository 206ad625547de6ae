// What is worth showing: not twice, not what was dismissed, not more than people read. Counts what it holds back.
import type { Findings } from '../../storage/findings.ts';
import { fingerprintOf, wordsOf } from './fingerprint.ts';
import { wholeLines } from './target.ts';
import type { Finding } from './types.ts';

export interface Suppressed {
  unquoted: number;
  dismissed: number;
  duplicate: number;
  overCap: number;
}

/** More model findings than this per 100 lines, and people stop reading. */
const maxPer100Lines = 3;
/** Analysers are right more often and are limited only against floods; they leave the models' share alone. */
const maxAnalyserFindings = 50;

/** How many findings of a model are shown for so many lines. */
export function maxModelFindings(lines: number): number {
  return Math.max(maxPer100Lines, Math.ceil((lines / 100) * maxPer100Lines));
}

/** Lives as long as one review. */
export class FindingFilter {
  readonly kept: Finding[] = [];
  readonly suppressed: Suppressed = { unquoted: 0, dismissed: 0, duplicate: 0, overCap: 0 };
  readonly #dismissed: Findings['dismissed'];
  readonly #room: Record<'analyser' | 'model', number>;

  constructor(options: { dismissed: Findings['dismissed']; lines: number }) {
    this.#dismissed = options.dismissed;
    this.#room = { analyser: maxAnalyserFindings, model: maxModelFindings(options.lines) };
  }

  /** Which of these findings are to be shown, in their order. */
  async sift(findings: Finding[], from: 'analyser' | 'model'): Promise<Finding[]> {
    if (findings.length === 0) return [];
    const dismissed = await this.#dismissed(findings.map(fingerprintOf));
    return findings.filter((finding) => {
      const reason = this.#reasonAgainst(finding, from, dismissed);
      if (reason) this.suppressed[reason]++;
      else this.#keep(finding, from);
      return !reason;
    });
  }

  #reasonAgainst(finding: Finding, from: 'analyser' | 'model', dismissed: Set<string>): keyof Suppressed | undefined {
    if (this.kept.some((other) => saysTheSame(finding, other))) return 'duplicate';
    if (dismissed.has(fingerprintOf(finding))) return 'dismissed';
    return this.#room[from] > 0 ? undefined : 'overCap';
  }

  #keep(finding: Finding, from: 'analyser' | 'model'): void {
    this.#room[from]--;
    this.kept.push(finding);
  }
}

const sharedWordsToBeTheSame = 0.5; // half of the words of both messages together

/** The same lines, and: the same rule under any tool's spelling, or the same code and category, or much the same words. */
export function saysTheSame(a: Finding, b: Finding): boolean {
  if (a.uri !== b.uri || !sharesLine(a, b)) return false;
  if (a.rule !== undefined && a.source === b.source) return a.rule === b.rule && startsTogether(a, b);
  if (a.rule !== undefined && b.rule !== undefined && ruleName(a.rule) === ruleName(b.rule)) return true;
  if (a.source === b.source && a.evidence === b.evidence && a.category === b.category) return true;
  return overlap(wordsOf(a.message), wordsOf(b.message)) >= sharedWordsToBeTheSame;
}

function startsTogether(a: Finding, b: Finding): boolean {
  return a.range.start.line === b.range.start.line && a.range.start.character === b.range.start.character;
}

function sharesLine(a: Finding, b: Finding): boolean {
  const [one, other] = [wholeLines(a.range), wholeLines(b.range)];
  return one.first <= other.last && other.first <= one.last;
}

/** `no-debugger` and `lint/suspicious/noDebugger` are one rule. */
function ruleName(rule: string): string {
  return (rule.split('/').at(-1) ?? rule).replaceAll('-', '').toLowerCase();
}

function overlap(a: string[], b: string[]): number {
  const words = new Set(a);
  const others = new Set(b);
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared / Math.max(1, words.size + others.size - shared);
}
