// What the user has dismissed before keeps its like away: nearest neighbours over embeddings of message and code, among the findings
// that this user dismissed and applied. Nothing is learned from few. Pure.
import type { Finding } from '../types.ts';

/** What a finding says and the code that it quotes, each as a vector of length 1. */
export interface FindingVectors {
  claim: Float32Array;
  code: Float32Array;
}

/** A finding on which the user has decided. */
export interface Lesson extends FindingVectors {
  findingId: string;
  message: string;
  /** Dismissed, or its fix applied. */
  isDismissed: boolean;
}

/** Below this many decisions nothing is held back. */
export const minLessons = 10;
const neighbours = 5;
/** What a finding says weighs more than what code it is about: in one text the code would drown it. */
const claimWeight = 0.8;
/** Measured with the model that ships: one remark in other words has 0.5 and more of its claim, nine of ten other remarks 0.25 and less. */
const minLikeness = 0.48;
const minDismissed = 2;

/** The dismissed finding that speaks most against showing this one; undefined where it is shown. */
export function dismissedAlike(vectors: FindingVectors, lessons: readonly Lesson[]): Lesson | undefined {
  if (lessons.length < minLessons) return undefined;
  const near = lessons
    .map((lesson) => ({ lesson, likeness: likenessOf(vectors, lesson) }))
    .filter(({ likeness }) => likeness >= minLikeness)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, neighbours);
  const dismissed = near.filter(({ lesson }) => lesson.isDismissed);
  const weight = (some: typeof near): number => some.reduce((sum, { likeness }) => sum + likeness, 0);
  if (dismissed.length < minDismissed || weight(dismissed) <= 2 * (weight(near) - weight(dismissed))) return undefined;
  return dismissed[0]?.lesson;
}

function likenessOf(a: FindingVectors, b: FindingVectors): number {
  return claimWeight * dot(a.claim, b.claim) + (1 - claimWeight) * Math.max(0, dot(a.code, b.code));
}

const maxCodeChars = 300;

/** The texts of a finding's vectors. Its file is left out, since the same remark is unwanted elsewhere, too. */
export function lessonTexts({ category, message, evidence }: Pick<Finding, 'category' | 'message' | 'evidence'>): {
  claim: string;
  code: string;
} {
  return { claim: `${category}: ${message}`, code: evidence.slice(0, maxCodeChars) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
