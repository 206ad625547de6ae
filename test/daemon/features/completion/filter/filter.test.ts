// The filter on simulated users, whose habits are rules and moods rather than weights: what it saves and what it loses on rows that it has not
// seen, and when there is none.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isWorthAsking, learnFilter } from '../../../../../daemon/features/completion/filter/filter.ts';
import { fitRegression, probabilityOf } from '../../../../../daemon/features/completion/filter/regression.ts';
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';
import type { StoredSuggestion } from '../../../../../daemon/storage/written.ts';

type Row = Pick<StoredSuggestion, 'features' | 'language' | 'accepted' | 'keptAfterMs'>;
interface Place {
  features: Record<string, number>;
  language: string;
  /** Of which nothing is stored. */
  isThinking: boolean;
}

const pause = async (): Promise<void> => {};

function placesOf(count: number, random: () => number): Place[] {
  let isThinking = false;
  let last = 0;
  return Array.from({ length: count }, () => {
    if (random() < 0.1) isThinking = !isThinking;
    if (random() < 0.3) last = random() < 0.3 ? 1 : -1;
    const inComment = Number(random() < 0.2);
    return {
      isThinking,
      language: random() < 0.25 ? 'markdown' : random() < 0.5 ? 'python' : 'typescript',
      features: {
        ...{ invoked: 0, inComment, lastOutcome: last, position: random(), indent: 4 * Math.floor(random() * 4) },
        msSinceChange: Math.round((isThinking ? 900 : 120) * (0.5 + random())),
        lineLength: Math.floor(random() * 60),
        restLength: random() < 0.2 ? 1 + Math.floor(random() * 4) : 0,
        afterWord: Number(random() < 0.5),
        afterDot: Number(random() < 0.15),
      },
    };
  });
}

/** TABLE of users: how likely they are to accept at a place. */
const users: Record<string, (place: Place) => number> = {
  'wants help when thinking, and never in prose': ({ isThinking, language, features }) =>
    language === 'markdown' || features['inComment'] === 1 ? 0.005 : isThinking ? 0.6 : 0.12,
  'knows short lines by heart': ({ features }) => ((features['lineLength'] ?? 0) < 30 ? 0.005 : 0.4),
  'takes members, and is put off by a wrong one': ({ features }) =>
    features['afterDot'] === 1 ? 0.7 : features['lastOutcome'] === -1 ? 0.004 : 0.35,
};

function rowsOf(user: (place: Place) => number, { count, seed }: { count: number; seed: number }): Row[] {
  const random = createRandom(seed);
  return placesOf(count, random).map((place) => {
    const accepted = random() < user(place);
    return { features: place.features, language: place.language, accepted, ...(accepted && { keptAfterMs: 30_000 }) };
  });
}

describe('the filter', () => {
  for (const [name, user] of Object.entries(users))
    it(`saves at least 30 % of the calls, and loses at most 5 % of what is kept, of one who ${name}`, async () => {
      const rows = rowsOf(user, { count: 4000, seed: 5 });
      const { filter } = await learnFilter(rows.slice(0, 2000), pause);
      assert.ok(filter);
      const unseen = rows.slice(2000);
      const held = unseen.filter((row) => !isWorthAsking(filter, row));
      const [lost, kept] = [held, unseen].map((some) => some.filter(({ accepted }) => accepted).length);
      assert.ok(held.length >= 0.3 * unseen.length, `${held.length} of ${unseen.length} saved`);
      assert.ok((lost ?? 0) <= 0.05 * (kept ?? 0), `${lost} of ${kept} lost`);
    });

  const rows = rowsOf(({ features }) => ((features['lineLength'] ?? 0) < 30 ? 0.01 : 0.6), { count: 600, seed: 7 });
  const none: [what: string, rows: Row[]][] = [
    ['there are fewer than 200 suggestions', rows.slice(0, 199)],
    ['nothing was accepted', rows.map((row) => ({ ...row, accepted: false }))],
    ['everything was accepted', rows.map((row) => ({ ...row, accepted: true }))],
    ['nothing that was accepted stayed', rows.map((row) => ({ ...row, keptAfterMs: 0 }))],
    ['all of them were asked for', rows.map((row) => ({ ...row, features: { ...row.features, invoked: 1 } }))],
    ['acceptance follows chance', rowsOf(() => 0.4, { count: 600, seed: 9 })],
  ];
  for (const [what, given] of none)
    it(`is none where ${what}`, async () => assert.equal((await learnFilter(given, pause)).filter, undefined));

  it('is the same for the same rows', async () => {
    assert.ok((await learnFilter(rows, pause)).filter);
    assert.deepEqual(await learnFilter(rows, pause), await learnFilter(rows, pause));
  });

  it('finds the weights that rows were made by', () => {
    const random = createRandom(1);
    const made = Array.from({ length: 4000 }, () => {
      const [a, b] = [Number(random() < 0.5), Number(random() < 0.5)];
      return { values: { a, b, constant: 3 }, label: random() < 1 / (1 + Math.exp(1 - 2 * a)) };
    });
    const fitted = fitRegression(made);
    assert.deepEqual(
      fitted.terms.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.ok(Math.abs(probabilityOf(fitted, { a: 1, b: 0 }) - 0.731) < 0.04);
    assert.ok(Math.abs(probabilityOf(fitted, { a: 0, b: 1 }) - 0.269) < 0.04);
  });
});
