// A search with the query's meaning, without it, and with a model that fails; and the loop that gives documents their vectors.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { EmbeddingLoop } from '../../../../daemon/features/search/embedding-loop.ts';
import { createFind } from '../../../../daemon/features/search/search.ts';
import type { Embedder } from '../../../../daemon/models/embedding/embedder.ts';
import { indexed, vectorOf } from '../../storage/indexed.ts';
import {
  openTestStorage,
  silentLog,
  type TestFolder,
  type TestStorage,
  testFolder,
} from '../../storage/open-storage.ts';

const synonyms: Record<string, string> = { automobile: 'car', feline: 'cat' };

/** Knows that some words mean the same. */
function embedderOf(model = 'synonyms', dimensions = 64): Embedder & { calls: number } {
  return {
    model,
    dimensions,
    calls: 0,
    async embed(texts) {
      this.calls++;
      return texts.map((text) =>
        vectorOf(
          text.toLowerCase().replace(/\w+/g, (word) => synonyms[word] ?? word),
          dimensions,
        ),
      );
    },
  };
}

describe('a search by meaning', () => {
  let folder: TestFolder;
  let memory: TestStorage;
  const never = new AbortController().signal;
  beforeEach(async () => {
    folder = testFolder();
    memory = openTestStorage(folder.database);
    await memory.search.put([
      { kind: 'memory', reference: 'car', title: '', text: 'the car is red' },
      { kind: 'memory', reference: 'cat', title: '', text: 'a cat sleeps' },
    ]);
    await indexed(memory);
  });
  afterEach(async () => {
    await memory[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('finds what says the same in other words, and says how it was found', async () => {
    const embedder = embedderOf();
    using loop = new EmbeddingLoop({ index: memory.searchIndex, embedder, log: silentLog });
    await loop.fill();
    const { hits } = await createFind({ searchOf: () => memory.search, embedder, log: silentLog })(
      { profile: 'default', query: 'automobile' },
      never,
    );
    assert.deepEqual([hits[0]?.id, hits[0]?.by], ['car', ['vector']]);
    assert.equal((await memory.searchIndex.status()).pending, 0);
  });

  it('documents get vectors of the new model when the model changes', async () => {
    using first = new EmbeddingLoop({ index: memory.searchIndex, embedder: embedderOf(), log: silentLog });
    await first.fill();
    const embedder = embedderOf('other', 32);
    using second = new EmbeddingLoop({ index: memory.searchIndex, embedder, log: silentLog });
    await second.fill();
    const { model, pending, vectors } = await memory.searchIndex.status();
    assert.deepEqual([model, pending, vectors], [{ name: 'other', dimensions: 32 }, 0, 2]);
    const { hits } = await createFind({ searchOf: () => memory.search, embedder, log: silentLog })(
      { profile: 'default', query: 'feline' },
      never,
    );
    assert.equal(hits[0]?.id, 'cat');
  });

  it('goes by words alone where there is no model, and says so where it fails', async () => {
    assert.deepEqual(
      (await createFind({ searchOf: () => memory.search, log: silentLog })({ profile: 'default', query: 'red' }, never))
        .notes,
      [],
    );
    const failing: Embedder = { model: 'x', dimensions: 64, embed: () => Promise.reject(new Error('no memory')) };
    const { hits, notes } = await createFind({ searchOf: () => memory.search, embedder: failing, log: silentLog })(
      { profile: 'default', query: 'red' },
      never,
    );
    assert.equal(hits[0]?.id, 'car');
    assert.match(notes.join(), /match words only/);
  });

  for (const [title, start, startsModel, note] of [
    ['starts it for the next search', undefined, true, /is still starting/],
    ['starts nothing for what belongs to a turn', 'never', false, /^$/],
  ] as const) {
    it(`waits for no model that has no process yet, and ${title}`, async () => {
      const asked: string[] = [];
      const cold: Embedder = {
        model: 'x',
        dimensions: 64,
        ready: false,
        embed: (texts) => {
          asked.push(...texts);
          return new Promise(() => {}); // it never comes
        },
      };
      const { hits, notes } = await createFind({ searchOf: () => memory.search, embedder: cold, log: silentLog })(
        { profile: 'default', query: 'red', ...(start && { start }) },
        never,
      );
      assert.equal(hits[0]?.id, 'car');
      assert.deepEqual(asked, startsModel ? ['red'] : []);
      assert.match(notes.join(), note);
    });
  }

  it('waits for a model that has to start where that is asked for', async () => {
    const embedder = { ...embedderOf(), ready: false };
    using loop = new EmbeddingLoop({ index: memory.searchIndex, embedder, log: silentLog });
    await loop.fill();
    const { hits } = await createFind({ searchOf: () => memory.search, embedder, log: silentLog })(
      { profile: 'default', query: 'automobile', start: 'for-this' },
      never,
    );
    assert.deepEqual(hits[0]?.by, ['vector']);
  });

  it('finds nothing that only has nothing to do with the query', async () => {
    const embedder = embedderOf();
    using loop = new EmbeddingLoop({ index: memory.searchIndex, embedder, log: silentLog });
    await loop.fill();
    const { hits } = await createFind({ searchOf: () => memory.search, embedder, log: silentLog })(
      { profile: 'default', query: 'quarterly taxes' },
      never,
    );
    assert.deepEqual(hits, []);
  });

  it('documents are embedded one at a time beside work, and many at a time without a rest where there is none', async () => {
    await memory.search.put(
      Array.from(
        { length: 30 },
        (_, i) => ({ kind: 'memory', reference: `m${i}`, title: '', text: `fact ${i}` }) as const,
      ),
    );
    await indexed(memory);
    const sizes: number[] = [];
    const embedder = embedderOf();
    const counting: Embedder = {
      ...embedder,
      embed: (texts, options) => {
        sizes.push(texts.length);
        return embedder.embed(texts, options);
      },
    };
    const load = { mayWork: async () => true, isBusy: () => sizes.length < 3, atRest: async () => {} };
    using loop = new EmbeddingLoop({ index: memory.searchIndex, embedder: counting, log: silentLog, load });
    await loop.fill();
    assert.deepEqual(sizes.slice(0, 3), [1, 1, 1]);
    assert.ok(
      sizes.slice(3).some((size) => size > 8),
      sizes.join(),
    );
    assert.equal((await memory.searchIndex.status()).pending, 0);
  });

  it('no process is started before the user has rested, and none at all where nothing lacks a vector', async () => {
    const order: string[] = [];
    const embedder = embedderOf();
    const cold: Embedder = {
      ...embedder,
      get ready() {
        return order.includes('embedded');
      },
      embed: (texts, options) => {
        order.push('embedded');
        return embedder.embed(texts, options);
      },
    };
    const load = { mayWork: async () => true, isBusy: () => false, atRest: async () => void order.push('rested') };
    using loop = new EmbeddingLoop({ index: memory.searchIndex, embedder: cold, log: silentLog, load });
    await loop.fill();
    assert.deepEqual(order, ['rested', 'embedded']);
    await loop.fill();
    assert.deepEqual(order, ['rested', 'embedded']);
  });

  it('is cancelled while the model thinks', async () => {
    const controller = new AbortController();
    const slow: Embedder = {
      model: 'x',
      dimensions: 64,
      embed: (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    const found = createFind({ searchOf: () => memory.search, embedder: slow, log: silentLog })(
      { profile: 'default', query: 'red' },
      controller.signal,
    );
    controller.abort();
    await assert.rejects(found, CancelledError);
  });
});
