// Lists that come in pages.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { limitNamed, listFirst } from '../../../daemon/cli/kit/pages.ts';

describe('a list in pages', () => {
  const all = Array.from({ length: 450 }, (_, index) => index);
  const pageOf = async ({ limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    const end = Number(cursor) + limit;
    return { items: all.slice(Number(cursor), end), ...(end < all.length && { next: String(end) }) };
  };

  for (const [limit, hasMore] of [
    [20, true],
    [200, true],
    [201, true],
    [449, true],
    [450, false],
    [1000, false],
  ] as const)
    it(`shows the first ${limit}, and knows whether there are more`, async () => {
      assert.deepEqual(await listFirst(limit, pageOf), { items: all.slice(0, limit), hasMore });
    });

  it('is short unless it is asked for more', () => {
    assert.equal(limitNamed(undefined), 20);
    assert.equal(limitNamed('300'), 300);
  });

  for (const written of ['0', '-1', '1.5', 'all', '', '10001'])
    it(`refuses ${JSON.stringify(written)} as its length`, () => {
      assert.throws(() => limitNamed(written), /whole number from 1 to 10000/);
    });
});
