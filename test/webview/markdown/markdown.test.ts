// Markdown as blocks of HTML: what a growing text renders again, and what can never come out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findReferences, noBlocks, renderBlock, splitBlocks } from '../../../webview/markdown/markdown.ts';
import { hostileMarkdown } from '../hostile-markdown.ts';

const answer = [
  '# Title',
  'A paragraph\nof two lines.',
  '- one\n- two\n\n  ```ts\n  const a = 1;\n  ```\n- three',
  '```py\ndef f():\n\n    return 1\n```',
  '| a | b |\n|--:|---|\n| 1 | 2 |',
  '> quoted\n> text',
  'Setext\n======',
  '1. first\n\n   more\n2. second',
  'The [end][link].',
  '[link]: https://example.com/end',
].join('\n\n');

describe('Markdown blocks', () => {
  it('are the same whether the text came at once or character by character', () => {
    let growing = noBlocks;
    for (let length = 1; length <= answer.length; length++) growing = splitBlocks(answer.slice(0, length), growing);
    const whole = splitBlocks(answer);
    assert.deepEqual([...growing.stable, ...growing.open], [...whole.stable, ...whole.open]);
    assert.equal([...whole.stable, ...whole.open].join(''), answer);
  });
  it('never change once they are stable', () => {
    let before = noBlocks;
    for (let length = 1; length <= answer.length; length++) {
      const now = splitBlocks(answer.slice(0, length), before);
      assert.deepEqual(now.stable.slice(0, before.stable.length), before.stable);
      before = now;
    }
    assert.ok(before.stable.length >= 6, 'most of a long text is stable');
  });
  it('find the addresses that are defined elsewhere in the text', () => {
    assert.match(renderBlock('The [end][link].', findReferences(answer)), /data-url="https:\/\/example\.com\/end"/);
  });
  it('highlight code by classes, and show unknown languages as they are', () => {
    assert.match(renderBlock('```ts\nconst a = 1;\n```'), /<span class="hljs-keyword">const<\/span>/);
    assert.match(renderBlock('```nonsense\na < b\n```'), /<code>a &#60; b<\/code>/);
  });
  it('align columns without inline styles', () => {
    assert.match(renderBlock('| a |\n|--:|\n| 1 |'), /<td class="align-right">1<\/td>/);
  });
  for (const [name, source] of Object.entries(hostileMarkdown)) {
    it(`hold no address to load, no style and no script: ${name}`, () => {
      const html = renderBlock(source, findReferences(source));
      assert.doesNotMatch(html, /<(img|script|iframe|svg|style|link|object|embed|form|input|video|audio|meta|base)\b/i);
      assert.doesNotMatch(html, /<[^>]*\s(href|src|style|on\w+|srcset)=/i);
      assert.doesNotMatch(html, /data-url="(?!https?:)/i);
    });
  }
});
