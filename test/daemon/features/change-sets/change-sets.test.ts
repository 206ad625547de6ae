// What answers would change in files: by the form of the edit, by where it belongs, and by what the file is.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Folder, fenced, searchBlock } from './kit.ts';

const cart = [
  "import { tax } from './tax.ts';",
  '',
  '/** Of all items. */',
  'export function total(items: number[]): number {',
  '  let sum = 0;',
  '  for (const item of items) sum += item;',
  '  return sum;',
  '}',
  '',
  'export function gross(items: number[]): number {',
  '  return total(items) * tax;',
  '}',
  '',
].join('\n');
const summed = cart.replace('return sum;', 'return Math.round(sum);');
const files = { 'src/cart.ts': cart, 'src/tax.ts': 'export const tax = 1.2;\nexport const rate = 2;\n' };
const replaced = searchBlock('  return sum;', '  return Math.round(sum);');
const newTotal = [
  '/** Of all items, rounded. */',
  'export function total(items: number[]): number {',
  '  return Math.round(items.reduce((sum, item) => sum + item, 0));',
  '}',
];

describe('a change set', () => {
  const forms: [string, string][] = [
    ['search and replace in a block that names its file', fenced('ts src/cart.ts', replaced)],
    ['search and replace under a line with the path', `\`src/cart.ts\`\n\n${fenced('', replaced)}`],
    ['search and replace with the path inside of the fence', fenced('', 'src/cart.ts', replaced)],
    ['search and replace without a fence', `src/cart.ts\n${replaced}\n`],
    [
      'a diff of git',
      fenced(
        'diff',
        '--- a/src/cart.ts',
        '+++ b/src/cart.ts',
        '@@ -6,3 +6,3 @@',
        '   for (const item of items) sum += item;',
        '-  return sum;',
        '+  return Math.round(sum);',
        ' }',
      ),
    ],
    [
      'a diff with wrong numbers',
      fenced(
        'diff',
        '--- src/cart.ts',
        '+++ src/cart.ts',
        '@@ -60,3 +60,3 @@',
        '-  return sum;',
        '+  return Math.round(sum);',
      ),
    ],
    [
      'a diff that is named in the line above',
      `### src/cart.ts\n${fenced('diff', '-  return sum;', '+  return Math.round(sum);')}`,
    ],
    ['the whole file', fenced('ts title="src/cart.ts"', summed.trimEnd())],
    ['the whole file, named before the language', fenced('ts:src/cart.ts', summed.trimEnd())],
    ['one function', `**File: src/cart.ts**\n${fenced('ts', ...summed.split('\n').slice(3, 8))}`],
    [
      'less indentation than the file has',
      fenced('ts src/cart.ts', searchBlock('return sum;', 'return Math.round(sum);')),
    ],
    ['the end of a path', fenced('ts cart.ts', replaced)],
    ['the path with back slashes', fenced('ts src\\cart.ts', replaced)],
  ];
  for (const [name, answer] of forms)
    it(`is read from ${name}`, async () => {
      using folder = new Folder(files);
      const {
        after,
        refused,
        files: changed,
      } = await folder.read(`Here it is:\n\n${answer}`, { shown: ['src/cart.ts'] });
      assert.deepEqual(refused, []);
      assert.deepEqual(after, { 'src/cart.ts': summed });
      assert.deepEqual(changed[0]?.hunks, [
        {
          range: { start: { line: 6, character: 0 }, end: { line: 7, character: 0 } },
          oldText: '  return sum;\n',
          newText: '  return Math.round(sum);\n',
        },
      ]);
    });

  it('covers several files, some of them new, from several blocks', async () => {
    using folder = new Folder(files);
    const {
      after,
      refused,
      files: changed,
    } = await folder.read(
      [
        fenced('ts src/cart.ts', replaced),
        fenced('ts src/tax.ts', 'export const tax = 1.25;', 'export const rate = 2;'),
        fenced('ts src/new.ts', 'export const x = 1;'),
      ].join('\n'),
    );
    assert.deepEqual(refused, []);
    assert.deepEqual(after, {
      'src/cart.ts': summed,
      'src/tax.ts': 'export const tax = 1.25;\nexport const rate = 2;\n',
      'src/new.ts': 'export const x = 1;\n',
    });
    assert.deepEqual(
      changed.map(({ isNew }) => isNew),
      [false, false, true],
    );
  });

  it('covers several files from one diff, a new one among them', async () => {
    using folder = new Folder(files);
    const { after, refused } = await folder.read(
      fenced(
        'diff',
        '--- a/src/tax.ts',
        '+++ b/src/tax.ts',
        '@@ -1 +1 @@',
        '-export const tax = 1.2;',
        '+export const tax = 1.25;',
        '--- /dev/null',
        '+++ b/src/new.ts',
        '@@ -0,0 +1 @@',
        '+export const x = 1;',
      ),
    );
    assert.deepEqual(refused, []);
    assert.deepEqual(after, {
      'src/tax.ts': 'export const tax = 1.25;\nexport const rate = 2;\n',
      'src/new.ts': 'export const x = 1;\n',
    });
  });

  it('has a hunk for each place of a whole file that differs', async () => {
    using folder = new Folder(files);
    const whole = summed.replace('* tax', '* (1 + tax)').trimEnd();
    const { files: changed, after } = await folder.read(fenced('ts src/cart.ts', whole));
    assert.equal(changed[0]?.hunks.length, 2);
    assert.deepEqual(after, { 'src/cart.ts': `${whole}\n` });
  });

  it('replaces a function with the comment above it', async () => {
    using folder = new Folder(files);
    const { after } = await folder.read(fenced('ts src/cart.ts', ...newTotal));
    const lines = cart.split('\n');
    assert.deepEqual(after, { 'src/cart.ts': [...lines.slice(0, 2), ...newTotal, ...lines.slice(8)].join('\n') });
  });

  it('takes a new function along with the one that it stands beside', async () => {
    using folder = new Folder(files);
    const helper = ['', 'function rounded(sum: number): number {', '  return Math.round(sum);', '}'];
    const { after } = await folder.read(fenced('ts src/cart.ts', ...newTotal, ...helper));
    assert.ok(after['src/cart.ts']?.includes([...newTotal, ...helper, '', 'export function gross'].join('\n')));
  });

  it('is of what the editor has, which may not be saved yet', async () => {
    using folder = new Folder(files);
    const open = { 'src/cart.ts': `// mine\n${cart}` };
    const { after, files: changed } = await folder.read(fenced('ts src/cart.ts', replaced), { open });
    assert.deepEqual(after, { 'src/cart.ts': `// mine\n${summed}` });
    assert.equal(changed[0]?.version, 7);
  });

  it('takes the line number of a diff where its lines stand twice', async () => {
    using folder = new Folder({ 'a.ts': 'a();\nb();\na();\n' });
    const { after } = await folder.read(fenced('diff', '--- a.ts', '+++ a.ts', '@@ -3 +3 @@', '-a();', '+c();'));
    assert.deepEqual(after, { 'a.ts': 'a();\nb();\nc();\n' });
  });

  it('leaves answers without edits alone', async () => {
    using folder = new Folder(files);
    for (const answer of [
      'Use `src/cart.ts`.',
      fenced('ts', 'total([1]);'),
      `Run src/cart.ts:\n${fenced('sh', 'node src/cart.ts')}`,
      `It prints, from src/cart.ts:\n${fenced('text', '3')}`,
    ])
      assert.deepEqual(await folder.read(answer), { files: [], refused: [], after: {}, whys: [] });
  });
});

describe('the text of a change set', () => {
  const texts: [string, { before: string; answer: string; after: string }][] = [
    [
      'keeps line ends of Windows',
      { before: 'a();\r\nb();\r\n', answer: searchBlock('b();', 'c();\nd();'), after: 'a();\r\nc();\r\nd();\r\n' },
    ],
    ['keeps an open end', { before: 'a();\nb();', answer: searchBlock('b();', 'c();'), after: 'a();\nc();' }],
    [
      'adds behind an open end',
      { before: 'a();\nb();', answer: searchBlock('b();', 'b();\nc();'), after: 'a();\nb();\nc();' },
    ],
    ['removes lines', { before: 'a();\nb();\nc();\n', answer: searchBlock('b();', ''), after: 'a();\nc();\n' }],
    [
      'is without the mark of its byte order',
      { before: '\uFEFFa();\nb();\n', answer: searchBlock('a();', 'c();'), after: 'c();\nb();\n' },
    ],
    [
      'is mixed as it was',
      { before: 'a();\nb();\r\nc();\n', answer: searchBlock('a();', 'd();'), after: 'd();\r\nb();\r\nc();\n' },
    ],
    [
      'has no hidden characters that the file has not',
      { before: 'a();\n', answer: searchBlock('a();', 'b();\u202E // x'), after: 'b(); // x\n' },
    ],
    [
      'keeps hidden characters of lines that stay',
      {
        before: "x('\u200B');\na();\n",
        answer: searchBlock("x('\u200B');\na();", "x('\u200B');\nb();"),
        after: "x('\u200B');\nb();\n",
      },
    ],
  ];
  for (const [name, { before, answer, after }] of texts)
    it(name, async () => {
      using folder = new Folder({ 'a.ts': before });
      assert.deepEqual((await folder.read(fenced('ts a.ts', answer))).after, { 'a.ts': after });
    });
});

describe('an edit is refused', () => {
  const source = 'a();\nbefore(1);\nb();\na();\n';
  const refusals: [string, RegExp, string][] = [
    ['of lines that stand twice', /fits 2 places in the file/, searchBlock('a();', 'c();')],
    ['of lines that are not there', /doesn't match the file as it is now/, searchBlock('z();', 'c();')],
    ['of no lines', /doesn't say which lines it replaces/, searchBlock('', 'c();')],
    ['of blank lines', /doesn't say which lines it replaces/, '<<<<<<< SEARCH\n\n=======\nc();\n>>>>>>> REPLACE'],
    ['that changes nothing', /is already in the file/, searchBlock('b();', 'b();')],
    ['that does not parse', /would leave code that doesn't parse/, searchBlock('b();', 'b(;')],
    [
      'with a placeholder for code',
      /placeholder such as "the rest"/,
      searchBlock('b();', 'c();\n// ... rest of the code'),
    ],
    [
      'with a placeholder for a secret',
      /placeholder in place of a secret/,
      searchBlock('b();', "c('[redacted: key]');"),
    ],
    ['that says its surroundings twice', /repeats code from around/, searchBlock('b();', 'before(1);\nc();')],
    ['with two dividers', /2 lines of =======/, '<<<<<<< SEARCH\nb();\n=======\nc();\n=======\nd();\n>>>>>>> REPLACE'],
    ['that breaks off', /breaks off before its end/, '<<<<<<< SEARCH\nb();\n=======\nc();'],
    ['of code that is neither the file nor a function', /doesn't say where it belongs/, 'z();'],
  ];
  for (const [name, why, code] of refusals)
    it(name, async () => {
      using folder = new Folder({ 'a.ts': source });
      const { files: changed, whys, refused } = await folder.read(fenced('ts a.ts', code));
      assert.deepEqual(changed, []);
      assert.equal(refused.length, 1);
      assert.match(whys[0] ?? '', why);
      assert.match(whys[0] ?? '', /^The edit .*\.$/);
      assert.equal(refused[0]?.path, 'a.ts');
    });

  const diffs: [string, RegExp, string[]][] = [
    ['that deletes a file', /deletes the file/, ['--- a/a.ts', '+++ /dev/null', '@@ -1 +0,0 @@', '-a();']],
    ['that renames a file', /renames a\.ts/, ['--- a/a.ts', '+++ b/b.ts', '@@ -2 +2 @@', '-b();', '+c();']],
    ['without a path', /doesn't say which file/, ['@@ -2 +2 @@', '-b();', '+c();']],
    [
      'of a file that is not there',
      /doesn't match the file/,
      ['--- a/z.ts', '+++ b/z.ts', '@@ -1 +1 @@', '-b();', '+c();'],
    ],
  ];
  for (const [name, why, lines] of diffs)
    it(`of a diff ${name}`, async () => {
      using folder = new Folder({ 'a.ts': source });
      const { files: changed, whys } = await folder.read(fenced('diff', ...lines));
      assert.deepEqual(changed, []);
      assert.match(whys[0] ?? '', why);
    });

  it('alone: the others are kept', async () => {
    using folder = new Folder({ 'a.ts': 'a();\nb();\nc();\n' });
    const { after, whys } = await folder.read(
      fenced('ts a.ts', searchBlock('a();', 'a1();'), searchBlock('b();', 'b(;'), searchBlock('z();', 'y();')),
    );
    assert.deepEqual(after, { 'a.ts': 'a1();\nb();\nc();\n' });
    assert.equal(whys.length, 2);
  });

  it('where another one changes the same lines, which is kept', async () => {
    using folder = new Folder({ 'a.ts': 'a();\nb();\n' });
    const { after, whys } = await folder.read(
      fenced('ts a.ts', searchBlock('a();\nb();', 'a();\nc();'), searchBlock('b();', 'd();')),
    );
    assert.deepEqual(after, { 'a.ts': 'a();\nc();\n' });
    assert.match(whys[0] ?? '', /same lines as another one/);
  });

  it('of a function that the file has twice', async () => {
    using folder = new Folder({
      'a.py': 'def f():\n    x = 1\n    return x\n\nxx = 1\n\ndef f():\n    y = 2\n    return y\n\nyy = 1\n',
    });
    const { whys } = await folder.read(fenced('python a.py', 'def f():', '    z = 3', '    return z'));
    assert.match(whys[0] ?? '', /has f, which the file has 2 times/);
  });

  it('of a name that fits several files', async () => {
    using folder = new Folder({ 'a/x.ts': 'a();\n', 'b/x.ts': 'a();\n' });
    const { whys } = await folder.read(fenced('ts x.ts', searchBlock('a();', 'b();')), { shown: ['a/x.ts', 'b/x.ts'] });
    assert.match(whys[0] ?? '', /fits several files: a\/x\.ts, b\/x\.ts/);
  });

  it('in an answer that was cut off', async () => {
    using folder = new Folder({ 'a.ts': source });
    const { files: changed, whys } = await folder.read('```ts a.ts\na();\nb();\n');
    assert.deepEqual(changed, []);
    assert.match(whys[0] ?? '', /breaks off/);
  });

  it('behind the five hundredth, and ten thousand are read in a moment', async () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `call${i}();`);
    using folder = new Folder({ 'a.ts': `${lines.join('\n')}\n` });
    const { files: changed, whys } = await folder.read(
      fenced('ts a.ts', ...lines.map((line) => searchBlock(line, `new${line}`))),
    );
    assert.deepEqual(changed.length, 1);
    assert.match(whys[0] ?? '', /9500 more than the 500/);
  });
});
