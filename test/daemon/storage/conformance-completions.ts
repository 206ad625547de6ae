// What every storage engine has to do about suggestions of code, and what became of them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxSuggestions, type ShownSuggestion } from '../../../daemon/storage/written.ts';
import type { OpenEmpty } from './open-storage.ts';

export function describeCompletions(open: OpenEmpty): void {
  describe('suggestions of code', () => {
    const shown = (id: string, shownAt = 1): ShownSuggestion => ({
      id,
      model: 'local/tiny',
      language: 'go',
      latencyMs: 12.5,
      characters: 10,
      lines: 1,
      features: { indent: 4, afterDot: 0.5 },
      shownAt,
    });

    it('are listed with what became of them, the newest first', async () => {
      await using storage = open();
      await storage.completions.add(shown('a', 1));
      await storage.completions.add(shown('b', 2));
      await storage.completions.settle('a', { accepted: true });
      await storage.completions.settle('a', { keptAfterMs: 30_000 });
      await storage.completions.settle('none', { accepted: true });
      await storage.completions.settle('b', {});
      assert.deepEqual(await storage.completions.list(10), [
        shown('b', 2),
        { ...shown('a', 1), accepted: true, keptAfterMs: 30_000 },
      ]);
      assert.equal((await storage.completions.list(1)).length, 1);
    });

    it('belong to one profile, and go with it', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).completions.add(shown('a'));
      await storage.completions.settle('a', { accepted: true });
      assert.deepEqual(await storage.in(id).completions.list(10), [shown('a')]);
      assert.deepEqual(await storage.completions.list(10), []);
      await storage.profiles.delete(id);
      await storage.completions.add(shown('a')); // the id is free again
    });

    it('are kept up to a number, the newest of them', async () => {
      await using storage = open();
      const many = Array.from({ length: maxSuggestions + 2 }, (_, i) => shown(`n${i}`, i));
      await Promise.all(many.map((each) => storage.completions.add(each)));
      const kept = await storage.completions.list(maxSuggestions * 2);
      assert.deepEqual([kept.length, kept.at(-1)?.id], [maxSuggestions, 'n2']);
    });
  });
}
