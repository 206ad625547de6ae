// Markdown as blocks of HTML: what a growing text renders again, and what can never come out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findDefinitions, noBlocks, renderBlock, splitBlocks } from '../../../webview/markdown/markdown.ts';
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
    assert.match(renderBlock('The [end][link].', findDefinitions(answer)), /data-url="https:\/\/example\.com\/end"/);
  });
  it('highlight code by classes, and show unknown languages as they are', () => {
    assert.match(renderBlock('```ts\nconst a = 1;\n```'), /<span class="hljs-keyword">const<\/span>/);
    assert.match(renderBlock('```nonsense\na < b\n```'), /<code>a &#60; b<\/code>/);
  });
  it('align columns without inline styles', () => {
    assert.match(renderBlock('| a |\n|--:|\n| 1 |'), /<td class="align-right">1<\/td>/);
  });
  it('take the direction of their own first letter, and code is left to right', () => {
    const directions = {
      'שלום `code`': '<p dir="auto">',
      '# مرحبا': '<h1 dir="auto">',
      '- שלום\n- two': '<ul dir="auto">',
      '1. سلام': '<ol dir="auto">',
      '> שלום': '<blockquote dir="auto">',
      '| שלום |\n|---|\n| 1 |': '<table dir="auto">',
      '```ts\nconst a = 1;\n```': '<div class="code" dir="ltr">',
      'a `b`': '<code dir="ltr">b</code>',
    };
    for (const [source, tag] of Object.entries(directions)) assert.ok(renderBlock(source).includes(tag), source);
    assert.equal(renderBlock('> a\n>\n> b').match(/dir="auto"/g)?.length, 1, 'what is inside follows');
  });
  it('show tasks as boxes, in lists alone', () => {
    const html = renderBlock('- [ ] write\n- [x] read\n- [X] sleep\n- [y] none\n- []() none');
    assert.deepEqual(html.match(/title="(To do|Done)"/g), ['title="To do"', 'title="Done"', 'title="Done"']);
    assert.match(renderBlock('1. [x] **done**'), /☑<\/span> <strong>/);
    assert.doesNotMatch(renderBlock('[x] no list'), /task/);
    assert.doesNotMatch(renderBlock('- text\n\n  [x] second paragraph'), /task/);
  });
  it('lead from the mark of a footnote to its note, where there is one', () => {
    const text = 'So it is[^1], really[^note], or not[^none].\n\n[^1]: Because\nof **that**.\n[^note]: See <b>.';
    const definitions = findDefinitions(text);
    const html = [...splitBlocks(text).stable, ...splitBlocks(text).open]
      .map((block) => renderBlock(block, definitions))
      .join('');
    assert.match(
      html,
      /<a class="link footnote-mark"[^>]* title="Because\nof \*\*that\*\*."[^>]* data-note="1">1<\/a>/,
    );
    assert.match(html, /<div class="footnote" data-note="1" dir="auto">.*Because\nof <strong>that<\/strong>/);
    assert.match(html, /<div class="footnote" data-note="note".*See &lt;b&gt;/);
    assert.match(html, /or not\[\^none\]/);
    assert.match(renderBlock('[^constructor] [^toString]'), /\[\^constructor\] \[\^toString\]/);
  });
  for (const [name, source] of Object.entries(hostileMarkdown)) {
    it(`hold no address to load, no style and no script: ${name}`, () => {
      const html = renderBlock(source, findDefinitions(source));
      assert.doesNotMatch(html, /<(img|script|iframe|svg|style|link|object|embed|form|input|video|audio|meta|base)\b/i);
      assert.doesNotMatch(html, /<[^>]*\s(href|src|style|on\w+|srcset)=/i);
      assert.doesNotMatch(html, /data-url="(?!https?:)/i);
    });
  }
});
