// The gate of edits: what of models' answers becomes an edit, by form, by place and by syntax.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { offsetAt, type Range } from '../../../../../daemon/base/snippet.ts';
import { EditGate } from '../../../../../daemon/features/pipeline/edits/gate.ts';
import { lineAt, targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import { editGate, snippetOf } from '../parts.ts';

const { signal } = new AbortController();
const gateWithoutParsers = new EditGate({ syntax: { faults: async () => undefined } });

interface Place {
  text: string;
  languageId?: string;
  /** Whole lines, both included, or the part of a line that is quoted. */
  at: readonly [first: number, last: number] | string;
  gate?: EditGate;
}

/** The document after the edit, or why there was none. */
async function after(answer: string, { text, languageId = 'typescript', at, gate = editGate }: Place) {
  const target = targetOf(snippetOf(text, { languageId, uri: 'untitled:a' }));
  const range = typeof at === 'string' ? quoted(text, at) : linesOf(target, at);
  const verdict = await gate.admit({ target, range, answer, signal });
  if ('why' in verdict) return verdict;
  const { edit } = verdict;
  return text.slice(0, offsetAt(text, edit.range.start)) + edit.newText + text.slice(offsetAt(text, edit.range.end));
}

function linesOf(target: ReturnType<typeof targetOf>, [first, last]: readonly [number, number]): Range {
  return { start: { line: first, character: 0 }, end: { line: last, character: lineAt(target, last).length } };
}

function quoted(text: string, quote: string): Range {
  const before = text.slice(0, text.indexOf(quote)).split('\n');
  const start = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { start, end: { line: start.line, character: start.character + quote.length } };
}

const loop: Place = {
  text: 'class A {\n    run(xs: number[]) {\n        for (let i = 0; i <= xs.length; i++) {\n            use(xs[i]);\n        }\n    }\n}\n',
  at: [2, 4],
};
const fixed = 'for (const x of xs) {\n    use(x);\n}';
const python: Place = {
  text: 'import os\n\ndef total(items):\n    n = 0\n    for item in items:\n        n += item\n    return n\n',
  languageId: 'python',
  at: [3, 6],
};

describe('an answer that is asked for as code', () => {
  const accepted: [string, string, Place, RegExp][] = [
    [
      'in one fence',
      `Here you go:\n\`\`\`ts\n${fixed}\n\`\`\`\nIt loops over values.`,
      loop,
      /for \(const x of xs\) \{\n {12}use\(x\);/,
    ],
    ['without a fence', fixed, loop, /for \(const x of xs\)/],
    ['with comments in sentences', `// The loop ends with the last item.\n${fixed}`, loop, /The loop ends/],
    ['with a comment about what it leaves as it is', `// Other items are kept as they came.\n${fixed}`, loop, /kept/],
    ['with a rest parameter', 'for (const [x, ...rest] of [xs]) {\n    use(x, rest);\n}', loop, /\.\.\.rest/],
    ['with a negative number at the start of a line', 'const n =\n-1;\nuse(n);', loop, /\n {8}-1;/],
    [
      'that documents in sentences',
      '"""Adds up what is in it.\n\nOther values are ignored.\n"""\nn = sum(items)\nreturn n',
      python,
      /Adds up/,
    ],
    ['for JSON', '{ "a": 2 }', { text: '{ "a": 1 }\n', languageId: 'json', at: [0, 0] }, /2/],
    [
      'for prose in a README',
      'It works now, and well.',
      { text: '# A\nIt work now.\n', languageId: 'markdown', at: [1, 1] },
      /now, and/,
    ],
    [
      'for a list in YAML',
      '- a: 1\n- b: 2',
      { text: 'x:\n- a: 0\n- b: 2\n', languageId: 'yaml', at: [1, 1] },
      /- b: 2/,
    ],
    ['for a document that did not parse before', 'use(2);', { text: 'f( {\nuse(1);\n', at: [1, 1] }, /use\(2\)/],
  ];
  for (const [what, answer, place, expected] of accepted)
    it(`is an edit ${what}`, async () => assert.match(String(await after(answer, place)), expected));

  const diff = '-        for (let i = 0; i <= xs.length; i++) {\n+        for (let i = 0; i < xs.length; i++) {';
  const refused: [string, string, RegExp, Place?][] = [
    ['a diff in a fence of its name', `\`\`\`diff\n${diff}\n\`\`\``, /diff/],
    ['a diff in another fence', `\`\`\`ts\n${diff}\n\`\`\``, /diff/],
    ['a diff without a fence', `@@ -3,1 +3,1 @@\n${diff}`, /diff/],
    ['a patch of files', `--- a/x.ts\n+++ b/x.ts\n${diff}`, /diff/],
    ['a patch in a model’s own form', `*** Begin Patch\n*** Update File: a.ts\n${diff}\n*** End Patch`, /diff/],
    ['conflict markers', `<<<<<<< SEARCH\n${fixed}\n=======\n${fixed}\n>>>>>>> REPLACE`, /diff/],
    ['added lines alone', '+for (const x of xs) use(x);', /diff/],
    ['the whole file', `class A {\n    run(xs: number[]) {\n        ${fixed}\n    }\n}`, /repeats/],
    ['the line above with it', `run(xs: number[]) {\n    ${fixed}`, /repeats/],
    [
      'the line below with it',
      'n = sum(items)\nreturn n\n\ndef other():\n    pass',
      /repeats/,
      { ...python, text: `${python.text}\ndef other():\n    pass\n`, at: [3, 6] },
    ],
    ['a sentence', 'Looks good.', /sentences/],
    ['a word', 'Done!', /sentences/],
    ['a sentence in a fence', '```\nNo changes needed.\n```', /sentences/],
    ['a sentence in Chinese', '看起来不错。', /sentences/],
    ['a sentence in German', 'Der Code ist so in Ordnung.', /sentences/],
    ['a sentence before bare code', `Sure, this is better:\n${fixed}`, /sentences/],
    ['a sentence behind bare code', `${fixed}\nThis loops over the values.`, /sentences/],
    ['an excuse', "I'm sorry, but no.", /sentences/],
    ['JSON around code', JSON.stringify({ code: fixed }), /JSON/],
    ['a list of JSON', JSON.stringify([{ line: 3, replacement: fixed }]), /JSON/],
    ['tags around code', `<code>\n${fixed}\n</code>`, /tags/],
    ['a fence within a fence', `\`\`\`\`\n\`\`\`ts\n${fixed}\n\`\`\`\n\`\`\`\``, /fences/],
    ['line numbers with bars', '  3| for (const x of xs) {\n  4|     use(x);\n  5| }', /line numbers/],
    ['line numbers with colons', '3: for (const x of xs) {\n4:     use(x);\n5: }', /line numbers/],
    ['a comment for the rest', 'for (const x of xs) {\n    // ... existing code ...\n}', /placeholder/],
    ['another comment for the rest', 'for (const x of xs) {\n    // rest of the code unchanged\n}', /placeholder/],
    ['a comment that says unchanged', 'for (const x of xs) {\n    /* body remains the same */\n}', /placeholder/],
    ['a comment that says omitted', 'for (const x of xs) {\n    // omitted for brevity\n}', /placeholder/],
    ['dots for the rest', 'n = 0\n...\nreturn n', /placeholder/, python],
    ['a hash comment for the rest', 'n = 0\n# ... rest of the function ...\nreturn n', /placeholder/, python],
    ['several pieces', '```\na();\n```\nor\n```\nb();\n```', /several/],
    ['an empty fence', '```ts\n```', /no code/],
    ['code that does not parse', 'for (const x of xs {\n    use(x;', /doesn't parse/],
    ['code with a bracket too many', `${fixed}\n}`, /doesn't parse/],
    ['code with a string that does not end', 'use("x);', /doesn't parse/],
    ['a word for nothing', 'null', /no code/],
    ['a string of code', JSON.stringify(fixed), /JSON/],
    ['what it says of itself', 'Ok, done', /sentences/],
    ['a short verdict', 'No issues found', /sentences/],
    ['another version of the class around', 'class A {\n    go() {}\n}', /repeats/],
    ['a comment for the rest within a line', 'for (const x of xs) { /* ... */ }', /placeholder/],
    [
      'a comment that leaves the work to others',
      'for (const x of xs) {\n    // TODO: implement this\n}',
      /placeholder/,
    ],
    ['Python with a stray indent', 'n = 0\n    return n', /doesn't parse/, python],
    ['Python with a stray dedent', 'n = 0\nif items:\n        n = 1\n    n = 2\nreturn n', /doesn't parse/, python],
  ];
  for (const [what, answer, why, place = loop] of refused) {
    it(`is no edit when it is ${what}`, async () => {
      const verdict = await after(answer, place);
      assert.match(typeof verdict === 'string' ? `applied: ${verdict}` : verdict.why, why);
    });
  }
});

describe('a suggestion for a part of a line', () => {
  const cart = (line: string): string => `function f() {\n  ${line}\n}\n`;
  const cases: [string, string, string, string, string][] = [
    ['the part', 'for (let i = 0; i <= n; i++) {}', 'i <= n', 'i < n', 'for (let i = 0; i < n; i++) {}'],
    [
      'the whole line',
      'for (let i = 0; i <= n; i++) {}',
      'i <= n',
      'for (let i = 0; i < n; i++) {}',
      'for (let i = 0; i < n; i++) {}',
    ],
    ['the whole line, indented', 'const x = g(a - b);', 'a - b', '  const x = g(a + b);', 'const x = g(a + b);'],
    ['the whole line, changed elsewhere too', 'let i = g(a - b);', 'a - b', 'let j = g(a + b);', 'let j = g(a + b);'],
    ['what follows too', 'if (a == b) { run(a); }', 'a == b', 'a === b) { run(a); }', 'if (a === b) { run(a); }'],
    ['what comes before too', 'return run(a) - b;', 'b', 'return run(a) - c', 'return run(a) - c;'],
    ['in ticks', 'const x = g(a - b);', 'a - b', '`a + b`', 'const x = g(a + b);'],
    ['a mark too many', 'const x = a - b;', 'a - b', 'a + b;', 'const x = a + b;'],
    ['a bracket of its own', 'g(x);', 'x', 'h(x)', 'g(h(x));'],
    ['a call of what stands around it', 'g(g(1));', 'g(1)', 'g(2)', 'g(g(2));'],
  ];
  for (const [what, line, quote, answer, expected] of cases)
    it(`is fitted when it is ${what}`, async () =>
      assert.equal(await after(answer, { text: cart(line), at: quote }), cart(expected)));

  it('is fitted where the language has no parser', async () =>
    assert.equal(
      await after('for i = 1, n do', {
        text: 'for i = 0, n do\n',
        languageId: 'lua',
        at: '0, n',
        gate: gateWithoutParsers,
      }),
      'for i = 1, n do\n',
    ));

  for (const answer of ['i < n }}}} (((', 'i < n; i++', '"i < n', 'Use i < n instead.'])
    it(`is none when it is ${answer}`, async () =>
      assert.equal(
        typeof (await after(answer, { text: cart('for (let i = 0; i <= n; i++) {}'), at: 'i <= n' })),
        'object',
      ));
});
