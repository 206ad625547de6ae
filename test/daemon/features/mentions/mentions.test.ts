import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mentionsOf, withoutMentions } from '../../../../daemon/features/mentions/mentions.ts';

const namesIn = (text: string): string[] => mentionsOf(text).map(({ kind, name }) => (name ? `${kind}:${name}` : kind));

describe('mentions', () => {
  const cases: [string, string[]][] = [
    ['@codebase where is the cart?', ['codebase']],
    ['where is it, @codebase?', ['codebase']],
    ['(@diff) and @problems.', ['diff', 'problems']],
    ['look at @file:src/cart.ts, please', ['file:src/cart.ts']],
    ['@folder:"my docs" @folder:src/', ['folder:my docs', 'folder:src/']],
    ['@symbol:Router.select!', ['symbol:Router.select']],
    ['@terminal @terminal', ['terminal']],
    ['@ocr:shots/error.png, what is wrong?', ['ocr:shots/error.png']],
    ['@ocr @ocr: @ocrs:x', []],
    ['mail me@codebase.org or a@diff', []],
    ['@codebase.org @differ @diff-tool @file @file:', []],
    ['`@codebase` and\n```ts\n@file:a\nclass A {}\n```\n@diff', ['diff']],
    ['```\n@diff unclosed', []],
    ['@@diff //@diff', []],
    ['', []],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.deepEqual(namesIn(text), expected));

  it('are bounded, and take a time that grows with the text', () => {
    assert.equal(mentionsOf(Array.from({ length: 100 }, (_, i) => `@file:f${i}`).join(' ')).length, 20);
    assert.deepEqual(mentionsOf('@'.repeat(200_000)), []);
    assert.deepEqual(mentionsOf('@file:"'.repeat(50_000)).slice(1), []);
    assert.deepEqual(mentionsOf(`@file:${'.'.repeat(2_000_000)}x`), [], 'no path is so long');
  });

  it('are no words to search for', () =>
    assert.equal(withoutMentions('@codebase where is\nthe cart? @file:a.ts'), 'where is the cart?'));
});
