// Formulas: which texts are some, and what they become. A `$` is also money and a shell's variable.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { noBlocks, renderBlock, splitBlocks } from '../../../webview/markdown/markdown.ts';
import { texToMathml } from '../../../webview/markdown/tex.ts';

const formulas: Record<string, string[]> = {
  'The area is $\\pi r^2$.': ['\\pi r^2'],
  'From $a$ to $b$, and $c_1 * d * e$.': ['a', 'b', 'c_1 * d * e'],
  'Inline \\(x^2 + y_1\\) and \\[z\\].': ['x^2 + y_1', 'z'],
  '$$\\int_0^1 x\\,dx$$': ['\\int_0^1 x\\,dx'],
  '$$\na = b\n- c\n$$': ['a = b\n- c'],
  'Text\n\\[\n\\frac{a}{b}\n\\]\nmore': ['\\frac{a}{b}'],
  '- one\n\n  $$\n  x < y\n  $$': ['x < y'],
  'a ($5 \\$ x$)': ['5 \\$ x'],
};
const others = [
  'It costs $5 and $10.',
  'US$5/month or US$10',
  'From $1k-$2k',
  'echo $HOME and $PATH',
  '`$a$` and `\\(b\\)`',
  '```sh\necho $$\n$$x$$\n```',
  'kill $$\n\nwait $$',
  '\\$a\\$',
  '$ a $',
  '$$\n\n$$',
];
const texts = (html: string): string[] =>
  [...html.matchAll(/<span class="math(?: display)?">([^<]*)<\/span>/g)].map(([, tex = '']) =>
    tex.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  );

describe('Formulas', () => {
  for (const [source, found] of Object.entries(formulas))
    it(`are found in ${JSON.stringify(source)}`, () => {
      const blocks = splitBlocks(source);
      const html = [...blocks.stable, ...blocks.open].map((block) => renderBlock(block)).join('');
      assert.deepEqual(texts(html), found);
    });
  for (const source of others)
    it(`are not found in ${JSON.stringify(source)}`, () => assert.deepEqual(texts(renderBlock(source)), []));
  it('are the same blocks whether the text came at once or character by character', () => {
    const text = 'So:\n\n$$\na\n= b\n$$\n\nand\n\\[\nc\n\\]\nthen $d$.\n\nEnd.';
    let growing = noBlocks;
    for (let length = 1; length <= text.length; length++) growing = splitBlocks(text.slice(0, length), growing);
    assert.deepEqual([...growing.stable, ...growing.open], whole(text));
  });
  it('become MathML that names no style, no link and no class', () => {
    for (const tex of [
      '\\frac{a}{b}',
      '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}',
      '\\color{red}{x}',
      '\\boxed{x}',
      '\\tag{1}x',
    ])
      assert.doesNotMatch(texToMathml(tex, true) ?? assert.fail(tex), /\s(style|class|href|id)=|annotation/, tex);
  });
  it('stay text where they are no TeX, or would do something', () => {
    const hostile = ['\\frac{', '\\nosuchmacro', '\\def\\a{\\a\\a}\\a', 'x'.repeat(6000)];
    for (const tex of hostile) assert.equal(texToMathml(tex, false), undefined, tex.slice(0, 30));
    for (const tex of [
      '\\href{javascript:window.owned=1}{x}',
      '\\url{https://evil.example}',
      '\\includegraphics{https://evil.example/a.png}',
      '\\htmlStyle{background:url(https://evil.example)}{x}',
      '\\htmlData{a=b}{x}',
      '\\text{<img src=x onerror=window.owned=1>}',
      '\\text{" style="x" onload="window.owned=1}',
    ])
      assert.doesNotMatch(texToMathml(tex, false) ?? '', /<(img|a)\b|<[^>]*\s(href|src|style|on\w+|data-\w+)=/i, tex);
  });
});

function whole(text: string): string[] {
  const { stable, open } = splitBlocks(text);
  return [...stable, ...open];
}
