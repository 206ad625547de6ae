// The filters of profiles: what they hold back, what they try all the same, and that they forget.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CompletionFilters } from '../../../../../daemon/features/completion/filter/filters.ts';
import type { StoredSuggestion } from '../../../../../daemon/storage/written.ts';

const place = (inComment: number) => ({ features: { invoked: 0, inComment }, language: 'go' });
/** Every other one in a comment, where nothing is accepted. */
const rows = Array.from(
  { length: 400 },
  (_, i): StoredSuggestion => ({
    ...place(i % 2),
    ...{ id: `${i}`, model: 'local/tiny', latencyMs: 1, characters: 1, lines: 1, shownAt: i, accepted: i % 4 === 0 },
  }),
);

function open(idleMs?: number) {
  const listed = Promise.withResolvers<void>();
  let stored = rows;
  const list = async (): Promise<StoredSuggestion[]> => {
    listed.resolve();
    return stored;
  };
  const clear = (): void => {
    stored = [];
  };
  const filters = new CompletionFilters({
    storage: { in: (profile) => ({ completions: { list: profile === 'mine' ? list : async () => [] } as never }) },
    log: { debug() {} } as never,
    ...(idleMs !== undefined && { idleMs }),
  });
  return { filters, listed: listed.promise, clear };
}

/** How many of 40 places in comments are asked about. */
const asked = (filters: CompletionFilters, profile: string): number =>
  Array.from({ length: 40 }, () => filters.allows(profile, place(1))).filter(Boolean).length;

describe('filters of profiles', () => {
  it('hold nothing back before they are learned', () => {
    using filters = open().filters;
    assert.equal(asked(filters, 'mine'), 40);
  });

  it('hold back where nothing is kept, but try one of twenty all the same', async () => {
    using filters = open().filters;
    const { filter, rows: count, kept } = await filters.learn('mine');
    assert.ok(filter);
    assert.deepEqual([count, kept], [400, 100]);
    assert.equal(asked(filters, 'mine'), 2);
    assert.equal(filters.allows('mine', place(0)), true);
    assert.equal((await filters.learn('mine')).held, 40);
  });

  it('are each of one profile', async () => {
    using filters = open().filters;
    for (const profile of ['mine', 'other']) await filters.learn(profile);
    assert.deepEqual([asked(filters, 'mine'), asked(filters, 'other')], [2, 40]);
  });

  it('are learned in an idle moment after a suggestion was asked for', async () => {
    const { filters, listed } = open(0);
    using _ = filters;
    filters.allows('mine', place(1));
    await listed;
  });

  it('are forgotten', async () => {
    const { filters, clear } = open();
    using _ = filters;
    await filters.learn('mine');
    clear();
    filters.forget('mine');
    assert.equal(asked(filters, 'mine'), 40);
    assert.deepEqual(await filters.learn('mine'), { rows: 0, kept: 0, held: 0 });
  });
});
