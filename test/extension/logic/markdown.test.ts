// Text of strangers as Markdown: checked with a real Markdown renderer that, as VS Code's, shows HTML as text.
import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import { describe, it } from 'mocha';
import { codeBlock, escapeMarkdown, findingMarkdown, withoutImages } from '../../../extension/logic/markdown.ts';

import type { Finding } from '../../../shared/protocol/review.ts';

const markdown = new MarkdownIt({ html: false, linkify: true });
const hostile = [
  '![x](https://evil.example/a.png)',
  '![x][ref]\n\n[ref]: https://evil.example/a.png',
  '[![x](https://evil.example/a)](https://evil.example)',
  '<img src="https://evil.example/a">',
  '[go](command:evil)',
  'https://evil.example',
  '<https://evil.example>',
  '```\n# x',
  '# heading',
  '- item',
  '&lt;b&gt;',
];

describe('a finding as Markdown', () => {
  it('shows hostile messages as written, and formats, links and fetches nothing', () => {
    for (const text of hostile) {
      const html = markdown.render(escapeMarkdown(text));
      assert.doesNotMatch(html, /<(?!\/?p>|br>)/, text);
    }
    assert.equal(markdown.renderInline(escapeMarkdown('a_b* [c](d)')), 'a_b* [c](d)');
  });
  it('keeps evidence inside its block, whatever the evidence holds', () => {
    for (const code of ['```\n![x](https://evil.example)', '````', '~~~', 'a\n\nb']) {
      const tokens = markdown.parse(codeBlock(code), {});
      assert.deepEqual(
        tokens.map((token) => [token.type, token.content]),
        [['fence', `${code}\n`]],
      );
    }
  });
  it('shows the proposal as what goes and what comes, whatever it holds', () => {
    const made = { message: 'm', evidence: 'a\nb', source: 's', confidence: 1, replacement: '```\nc' } as Finding;
    const fence = markdown.parse(findingMarkdown(made), {}).find(({ type }) => type === 'fence');
    assert.deepEqual([fence?.info, fence?.content], ['diff', '- a\n- b\n+ ```\n+ c\n']);
    assert.match(findingMarkdown({ ...made, replacement: '' }), /^```diff\n- a\n- b\n```$/m);
  });
  it('says what, where the proof is, who and how sure', () => {
    const text = findingMarkdown({
      id: 'f',
      uri: 'file:///a.ts',
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } },
      severity: 'error',
      category: 'type',
      message: 'Subtracts instead of adding',
      evidence: 'a - b',
      source: 'tsc',
      rule: 'TS1',
      confidence: 0.87,
    });
    assert.equal(text, 'Subtracts instead of adding\n\n```\na - b\n```\n\ntsc TS1 · 87% sure');
  });
});

describe("a model's explanation", () => {
  it('keeps its formatting and loses every image', () => {
    for (const text of hostile) assert.doesNotMatch(markdown.render(withoutImages(text)), /<img/, text);
    assert.match(markdown.render(withoutImages('**bold** `code` [link](https://a.example)')), /<strong>.*<code>.*<a /);
  });
});
