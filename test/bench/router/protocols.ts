// How training and test prompts are kept apart: five folds at random, five folds of whole subjects, or two files.
import { createRandom, shuffled } from '../../../daemon/models/router/learn/random.ts';
import type { Prompt } from './data.ts';
import { type Measures, measure } from './measures.ts';
import { type RouterName, routers } from './routers.ts';

export interface Comparison {
  protocol: '5-fold' | 'leave-subjects-out' | 'transfer';
  /** Over all test prompts together, each scored by a model that never saw it. */
  routers: Record<RouterName, Measures>;
  /** The learned router's APGR in each fold by itself, where a fold has a gap to recover. */
  learnedInFolds: number[];
}

const folds = 5;
const seed = 1;

export function crossValidate(prompts: readonly Prompt[]): Comparison {
  const fold = new Map(shuffled(prompts.length, createRandom(seed)).map((place, order) => [place, order % folds]));
  return compareFolds('5-fold', prompts, (place) => fold.get(place) ?? 0);
}

/** Nothing where there are fewer subjects than folds. */
export function leaveSubjectsOut(prompts: readonly Prompt[]): Comparison | undefined {
  const subjects = [...new Set(prompts.map(({ subject }) => subject))].filter(
    (subject) => subject !== undefined && subject !== '',
  );
  if (subjects.length < folds) return undefined;
  const fold = new Map(
    shuffled(subjects.length, createRandom(seed)).map((place, order) => [subjects[place], order % folds]),
  );
  return compareFolds('leave-subjects-out', prompts, (place) => fold.get(prompts[place]?.subject) ?? 0);
}

export function transfer(train: readonly Prompt[], test: readonly Prompt[]): Comparison {
  const scored = eachRouter((name) => test.map(routers[name](train)));
  return {
    protocol: 'transfer',
    routers: eachRouter((name) => measure(test, scored[name])),
    learnedInFolds: [measure(test, scored.learned).apgr].filter((apgr) => apgr !== undefined),
  };
}

function compareFolds(
  protocol: Comparison['protocol'],
  prompts: readonly Prompt[],
  foldOf: (place: number) => number,
): Comparison {
  const scores = eachRouter(() => new Float64Array(prompts.length));
  const places = Array.from({ length: folds }, (_, fold) =>
    Array.from(prompts.keys()).filter((place) => foldOf(place) === fold),
  );
  for (const tested of places) {
    const held = new Set(tested);
    const train = prompts.filter((_, place) => !held.has(place));
    for (const name of Object.keys(routers) as RouterName[]) {
      const score = routers[name](train);
      for (const place of tested) scores[name][place] = score(prompts[place] as Prompt);
    }
  }
  const inFold = (tested: readonly number[]): number | undefined =>
    measure(
      tested.map((place) => prompts[place] as Prompt),
      tested.map((place) => scores.learned[place] ?? 0),
    ).apgr;
  return {
    protocol,
    routers: eachRouter((name) => measure(prompts, scores[name])),
    learnedInFolds: places.map(inFold).filter((apgr) => apgr !== undefined),
  };
}

function eachRouter<T>(make: (name: RouterName) => T): Record<RouterName, T> {
  return Object.fromEntries((Object.keys(routers) as RouterName[]).map((name) => [name, make(name)])) as Record<
    RouterName,
    T
  >;
}
