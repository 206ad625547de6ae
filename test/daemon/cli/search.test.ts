// What `switchyard search` prints: found words marked, nothing that could steer a terminal.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { describe as inWords, readIn } from '../../../daemon/cli/search.ts';
import type { SearchHit } from '../../../shared/protocol/search.ts';

const plain = { isTTY: false } as NodeJS.WriteStream;
const hit: SearchHit = {
  kind: 'code',
  id: '1',
  title: 'total\u001b[31mOf',
  snippet: 'sum \u202eof\nthe cart',
  highlights: [[0, 3]],
  score: 1,
  by: ['text'],
  createdAt: Date.UTC(2026, 0, 2),
  uri: 'file:///shop/cart.ts',
  range: { start: { line: 4, character: 0 }, end: { line: 5, character: 0 } },
};

describe('switchyard search', () => {
  it('prints a head and a snippet for each hit, cleaned', () => {
    const [head = '', snippet] = inWords({ hits: [hit], notes: [] }, plain);
    assert.match(head, /^total\[31mOf {2}code · 2026-01-02 · .*shop\/cart\.ts:5$/);
    assert.equal(snippet, '    sum of the cart');
  });

  it('marks the found words on a terminal', () => {
    const before = process.env['NO_COLOR'];
    delete process.env['NO_COLOR'];
    const [, snippet = ''] = inWords({ hits: [hit], notes: [] }, { isTTY: true } as NodeJS.WriteStream);
    if (before !== undefined) process.env['NO_COLOR'] = before;
    assert.ok(process.env['TERM'] === 'dumb' || snippet.includes('\u001b[36msum\u001b[0m'));
  });

  it('says when nothing was found, and how to go on when there is more', () => {
    assert.deepEqual(inWords({ hits: [], notes: [] }, plain), ['No results.']);
    assert.equal(inWords({ hits: [hit], notes: [], next: 'c1' }, plain).at(-1), 'To see more, add `--cursor c1`.');
  });

  it('takes several places to search in, and names the wrong one', () => {
    assert.deepEqual(readIn(['chats,code', 'findings']), ['chats', 'code', 'findings']);
    assert.throws(() => readIn(['chat']), /not "chat"/);
  });
});
