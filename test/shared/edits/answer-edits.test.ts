// Which answers have something to review, and which files they name.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { editsIn, hasEdits } from '../../../shared/edits/answer-edits.ts';

const block = (header: string, code = 'a();'): string => `\`\`\`${header}\n${code}\n\`\`\`\n`;

describe('an answer', () => {
  const named: [string, string][] = [
    [block('ts src/a.ts'), 'src/a.ts'],
    [block('src/a.ts'), 'src/a.ts'],
    [block('ts:src/a.ts'), 'src/a.ts'],
    [block('ts title="my folder/a.ts"'), 'my folder/a.ts'],
    [block('ts {file=src/a.ts}'), 'src/a.ts'],
    [block('ts src/a.ts:10-20'), 'src/a.ts'],
    [block('sh bin/run'), 'bin/run'],
    [`src/a.ts\n${block('ts')}`, 'src/a.ts'],
    [`**src/a.ts**\n\n${block('ts')}`, 'src/a.ts'],
    [`#### \`src/a.ts\`\n${block('ts')}`, 'src/a.ts'],
    [`1. File: src/a.ts\n${block('ts')}`, 'src/a.ts'],
    [`Now update src/a.ts:\n${block('ts')}`, 'src/a.ts'],
    [`In \`src/a.ts\`, replace \`cart.total()\`:\n${block('ts')}`, 'src/a.ts'],
    [`把 \`src/a.ts\` 改成：\n${block('ts')}`, 'src/a.ts'],
    [`Dockerfile:\n${block('dockerfile')}`, 'Dockerfile'],
  ];
  for (const [answer, path] of named)
    it(`names ${path} in ${JSON.stringify(answer.split('\n')[0])}`, () => {
      assert.deepEqual(editsIn(answer).edits, [{ path, kind: 'code', code: 'a();' }]);
      assert.equal(hasEdits(answer), true);
    });

  const plain: [string, string][] = [
    ['code that names no file', block('ts')],
    ['a file in a sentence far above', `See \`src/a.ts\`.\n\nSomething else.\n${block('ts')}`],
    ['two files in one line', `Move it from \`src/a.ts\` to \`src/b.ts\`:\n${block('ts')}`],
    ['a member of an object', `Call \`cart.total\`:\n${block('ts')}`],
    ['an address', `See https://example.org/a.ts:\n${block('ts')}`],
    ['a command about a file', `Run src/a.ts:\n${block('bash', 'node src/a.ts')}`],
    ['what a file prints', `src/a.ts prints:\n${block('text', '3')}`],
    ['the line above another block', `src/a.ts\n${block('ts')}${block('ts')}`.replace('src/a.ts\n', '')],
    ['no code at all', 'Use src/a.ts and `src/b.ts`.'],
  ];
  for (const [name, answer] of plain)
    it(`has nothing to review in ${name}`, () => {
      assert.deepEqual(editsIn(answer), { edits: [], unusable: [] });
      assert.equal(hasEdits(answer), false);
    });

  it('may have fences inside of a search-and-replace block', () => {
    const search = ['<<<<<<< SEARCH', '```sh', 'npm i', '```', '=======', '```sh', 'npm ci', '```', '>>>>>>> REPLACE'];
    assert.deepEqual(editsIn(block('md README.md', search.join('\n'))).edits, [
      { path: 'README.md', kind: 'lines', old: ['```sh', 'npm i', '```'], new: ['```sh', 'npm ci', '```'] },
    ]);
  });

  const markers: [opening: string, closing: string][] = [
    ['<<<<<<< SEARCH', '>>>>>>> REPLACE'],
    ['<<<<<<< ORIGINAL', '>>>>>>> UPDATED'],
    ['<<<<< old', '>>>>> new'],
    ['<<<<<<< SEARCH src/b.ts', '>>>>>>> REPLACE src/b.ts'],
  ];
  for (const [open, close] of markers)
    it(`has a search-and-replace block between ${open} and ${close}`, () => {
      const path = open.includes('src/b.ts') ? 'src/b.ts' : 'src/a.ts';
      const { edits } = editsIn(block('ts src/a.ts', [open, 'a();', '=======', 'b();', close].join('\n')));
      assert.deepEqual(edits, [{ path, kind: 'lines', old: ['a();'], new: ['b();'] }]);
    });

  it("shows git's conflict markers as the code that they are", () => {
    const code = ['<<<<<<< HEAD', 'a();', '=======', 'b();', '>>>>>>> main'].join('\n');
    assert.deepEqual(editsIn(block('ts src/a.ts', code)).edits, [{ path: 'src/a.ts', kind: 'code', code }]);
    assert.equal(editsIn(`${code}\n${block('ts src/a.ts')}`).edits.length, 1);
  });

  it('is no edit where a code block inside of a file has ended it', () => {
    const readme = ['# Cart', '```sh', 'npm i', '```', 'More.'].join('\n');
    const { edits, unusable } = editsIn(block('md README.md', readme));
    assert.deepEqual(edits, []);
    assert.match(unusable[0]?.why ?? '', /has a code block inside/);
    const longer = `\`\`\`\`md README.md\n${readme}\n\`\`\`\`\n`;
    assert.deepEqual(editsIn(longer).edits, [{ path: 'README.md', kind: 'code', code: readme }]);
  });

  it('says the same change once', () => {
    assert.equal(editsIn(block('ts src/a.ts') + block('ts src/a.ts')).edits.length, 1);
  });

  it('is read in a moment, however long its lines are', () => {
    for (const line of [
      ':'.repeat(1_000_000),
      '`'.repeat(1_000_000),
      `${"'".repeat(1_000_000)}x`,
      'a/'.repeat(500_000),
    ])
      for (const answer of [`${line}x\n${block('ts')}`, block(`ts ${line}x`), block('', `${line}x\n<<<<<<< SEARCH`)])
        assert.deepEqual(editsIn(answer).edits, []);
  });
});
