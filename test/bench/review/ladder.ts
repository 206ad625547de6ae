// What each step of the panel does to the findings of a scripted model: one reading, several, the vote, refuter and judge, the filter.

import { textIn } from '../../../daemon/base/snippet.ts';
import type { ReviewCase } from '../../../daemon/cli/eval/review-corpus.ts';
import { type ReviewScores, type ScoredReview, scoresOf } from '../../../daemon/cli/eval/review-scores.ts';
import { draftFromClaim } from '../../../daemon/features/pipeline/claim.ts';
import { HunkMemory } from '../../../daemon/features/pipeline/memory/hunk-memory.ts';
import { Ballot } from '../../../daemon/features/pipeline/panel/ballot.ts';
import type { PanelCandidate } from '../../../daemon/features/pipeline/panel/candidate.ts';
import {
  dismissedAlike,
  type FindingVectors,
  type Lesson,
  lessonTexts,
} from '../../../daemon/features/pipeline/panel/learned-filter.ts';
import { ModelNoise } from '../../../daemon/features/pipeline/panel/noise.ts';
import { weigh } from '../../../daemon/features/pipeline/panel/panel.ts';
import { readersOwn } from '../../../daemon/features/pipeline/panel/panel-roles.ts';
import { claimsAbout } from '../../../daemon/features/pipeline/reviewer.ts';
import { type ReviewTarget, targetOf } from '../../../daemon/features/pipeline/target.ts';
import type { Finding } from '../../../daemon/features/pipeline/types.ts';
import { isTrue, type ScriptedPanel } from './noisy-model.ts';

export const rungs = ['one pass', 'all passes', 'vote', 'refuter and judge', 'learned filter'] as const;
export type Rung = (typeof rungs)[number];

export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>;

interface LadderOptions {
  model: ScriptedPanel;
  passes: number;
  /** Texts into vectors of length 1; without it nothing is learned. */
  embed?: Embed;
}

/** With what was learned of the model on the way. */
type Climb = LadderOptions & { noise: ModelNoise };

export interface Ladder {
  scores: Record<Rung, ReviewScores>;
  lessons: number;
}

/** The panel's thresholds were chosen on every other change; these are the others. */
export function heldOut(corpus: readonly ReviewCase[]): ReviewCase[] {
  return corpus.filter((_, index) => index % 2 === 1);
}

const lessonShare = 3; // every third change is one on which the user has decided before

/** The user decides on what every third change shows; the others are measured. */
export async function climb(corpus: readonly ReviewCase[], given: LadderOptions): Promise<Ladder> {
  const options: Climb = { ...given, noise: new ModelNoise() };
  const reviews: Record<Rung, ScoredReview[]> = {
    'one pass': [],
    'all passes': [],
    vote: [],
    'refuter and judge': [],
    'learned filter': [],
  };
  const lessons: Lesson[] = [];
  options.model.wording = 'lesson';
  for (const change of corpus.filter((_, index) => index % lessonShare === 0))
    lessons.push(...(await lessonsFrom(change, options)));
  options.model.wording = 'measured';
  for (const change of corpus.filter((_, index) => index % lessonShare !== 0)) {
    const review = await reviewOf(change, options);
    const add = (rung: Rung, findings: readonly Finding[]): void =>
      void reviews[rung].push({ change, findings, isWhole: true });
    add('one pass', review.first);
    add(
      'all passes',
      review.voted.map(({ finding }) => finding),
    );
    add(
      'vote',
      review.voted.filter(({ support, passes }) => passes === 1 || support > 1).map(({ finding }) => finding),
    );
    add('refuter and judge', review.weighed);
    const vectors = await vectorsOf(review.weighed, options);
    add(
      'learned filter',
      review.weighed.filter((_, index) => !vectors[index] || !dismissedAlike(vectors[index], lessons)),
    );
  }
  const scores = Object.fromEntries(rungs.map((rung) => [rung, scoresOf(reviews[rung])])) as Ladder['scores'];
  return { scores, lessons: lessons.length };
}

/** The user dismisses what is wrong, and applies what is right, of all that a first pass says. */
async function lessonsFrom(change: ReviewCase, options: Climb): Promise<Lesson[]> {
  const { first } = await reviewOf(change, options);
  const vectors = await vectorsOf(first, options);
  return first.flatMap(({ id, message, range }, index) => {
    const own = vectors[index];
    if (!own) return [];
    return { findingId: id, message, isDismissed: !isTrue({ line: range.start.line, message }, change), ...own };
  });
}

/** None without an embedder. */
async function vectorsOf(findings: readonly Finding[], { embed }: LadderOptions): Promise<FindingVectors[]> {
  if (!embed) return [];
  const texts = findings.map(lessonTexts);
  const claims = await embed(texts.map(({ claim }) => claim));
  const codes = await embed(texts.map(({ code }) => code));
  return claims.flatMap((claim, index) => (codes[index] ? [{ claim, code: codes[index] }] : []));
}

interface Steps {
  first: Finding[];
  voted: PanelCandidate[];
  weighed: Finding[];
}

async function reviewOf(change: ReviewCase, { model, passes, noise }: Climb): Promise<Steps> {
  const target = targetOf({
    uri: `file:///${change.fileName}`,
    languageId: change.language,
    version: 1,
    text: change.text,
  });
  const ballot = new Ballot();
  const first: Finding[] = [];
  for (let pass = 0; pass < passes; pass++)
    for (const finding of await readingOf(target, model, pass))
      if (ballot.add(finding, pass) === 'new' && pass === 0) first.push(finding);
  const voted = ballot.count(passes);
  const { ranked } = await weigh(
    { target, candidates: voted, facts: [], isSteering: false },
    {
      model,
      roles: readersOwn(model),
      noise,
      signal: new AbortController().signal,
      onNote() {},
      sentenceFor: (error) => {
        throw error;
      },
    },
  );
  return { first, voted, weighed: ranked.map(({ finding }) => finding) };
}

/** Each review is the first. */
const noMemory = new HunkMemory({
  findings: { hunkClaims: async () => new Map(), keepHunkClaims: async () => {} },
  isFresh: true,
  onFailure() {},
});

let ids = 0;

async function readingOf(target: ReviewTarget, model: ScriptedPanel, pass: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const claims = claimsAbout([target], {
    model,
    known: () => [],
    signal: new AbortController().signal,
    onNote() {},
    onRead() {},
    pass,
    prompts: { left: 16 },
    surroundings: { of: async () => '' },
    rules: { of: async () => '' },
    memory: noMemory,
    onUnread(_target, why) {
      throw new Error(why ?? 'not read');
    },
  });
  for await (const { claim } of claims) {
    const draft = draftFromClaim(claim, target, model.id);
    const { uri, text } = target.snippet;
    if (draft) findings.push({ ...draft, id: `f${++ids}`, uri, evidence: textIn(text, draft.range) });
  }
  return findings;
}
