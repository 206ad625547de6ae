// The vote: what several passes say of one document is joined by place and kind of flaw. Pure.
import { isDuplicate } from '../finding-filter.ts';
import { sharesLine, wholeLines } from '../target.ts';
import type { Finding } from '../types.ts';
import { flawKind } from '../verdict/claim-words.ts';
import { messageWords } from '../verdict/message-words.ts';
import type { PanelCandidate } from './candidate.ts';

interface Vote {
  finding: Finding;
  pass: number;
}

/** Lives as long as the passes over one document. */
export class Ballot {
  readonly #groups: Vote[][] = [];

  /** `repeated`: this pass has said it already. */
  add(finding: Finding, pass: number): 'new' | 'vote' | 'repeated' {
    const repeated = this.#groups.some((votes) =>
      votes.some((vote) => vote.pass === pass && isDuplicate(finding, vote.finding)),
    );
    if (repeated) return 'repeated';
    const group = this.#groupOf(finding, pass);
    if (group) group.push({ finding, pass });
    else this.#groups.push([{ finding, pass }]);
    return group ? 'vote' : 'new';
  }

  /** In the order in which they were made first. */
  count(passes: number): (PanelCandidate & { firstPass: number })[] {
    return this.#groups.map((votes) => ({
      finding: joined(votes.map(({ finding }) => finding)),
      support: new Set(votes.map(({ pass }) => pass)).size,
      passes,
      firstPass: Math.min(...votes.map(({ pass }) => pass)),
    }));
  }

  /** One pass that names two flaws of a kind in the same lines means two. */
  #groupOf(finding: Finding, pass: number): Vote[] | undefined {
    return this.#groups
      .filter((votes) => votes.every((vote) => vote.pass !== pass))
      .filter(([first]) => first && isSameFlaw(finding, first.finding))
      .toSorted((a, b) => distance(finding, a[0]?.finding) - distance(finding, b[0]?.finding))[0];
  }
}

/** In the same lines, of one kind; what has no kind of its own must say something in common, too. */
function isSameFlaw(a: Finding, b: Finding): boolean {
  if (a.uri !== b.uri || !sharesLine(a.range, b.range) || flawKind(a.category) !== flawKind(b.category)) return false;
  return a.category === b.category || !broadKinds.has(flawKind(a.category)) || sharesWord(a.message, b.message);
}

/** Kinds that hold remarks of every sort. */
const broadKinds: ReadonlySet<string> = new Set(['correctness', 'style']);
const minWordLetters = 5; // shorter ones are in every sentence
/** Of words in which any remark can be put. */
const commonStems: ReadonlySet<string> = new Set(
  'consid should could would might before after there these those which where functi method variab value values return called because instea'.split(
    ' ',
  ),
);
const stemLetters = 6; // `divides` and `division` are one word

function sharesWord(a: string, b: string): boolean {
  const words = stemsIn(b);
  return stemsIn(a).some((word) => words.includes(word));
}

function stemsIn(message: string): string[] {
  const stems = messageWords(message)
    .filter((word) => word.length >= minWordLetters)
    .map((word) => word.slice(0, stemLetters));
  return stems.filter((stem) => !commonStems.has(stem));
}

/** How differently two findings are cut, in lines. */
function distance(a: Finding, b: Finding | undefined): number {
  if (!b) return Number.POSITIVE_INFINITY;
  const [one, other] = [wholeLines(a.range), wholeLines(b.range)];
  return Math.abs(one.first - other.first) + Math.abs(one.last - other.last);
}

/** The first one as it was shown, with the mean of the confidences. */
function joined(findings: readonly Finding[]): Finding {
  const [first] = findings;
  if (!first) throw new Error('a vote without a finding');
  return { ...first, confidence: findings.reduce((sum, { confidence }) => sum + confidence, 0) / findings.length };
}
