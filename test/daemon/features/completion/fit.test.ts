// An answer between what stands before and after the cursor: it repeats nothing of what follows.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { candidatesOf } from '../../../../daemon/features/completion/answer/fit.ts';
import { spotAt } from './spot.ts';

describe('what fits', () => {
  const rows: [what: string, at: string, answer: string, fitted: string | undefined][] = [
    ['is all of an answer where nothing follows', 'call(|', 'a, b);', 'a, b);'],
    ['ends before a closer that follows', 'call(|)', 'a, b)', 'a, b'],
    ['ends before a closer and what comes after it', 'call(|);', 'a, b);', 'a, b'],
    ['keeps closers of its own', 'call(|)', 'other(a)', 'other(a)'],
    ['ends before a bracket that follows', 'a = [|]', '1, 2]', '1, 2'],
    ['ends before a quote that follows', 'call("|")', 'text")', 'text'],
    ['ends before a separator that follows', 'const a = |;', 'call();', 'call()'],
    ['puts the rest of the line below a block', 'function f() {|}', '\n  return 1;\n}', '\n  return 1;\n'],
    ['ends before a brace below', 'function f() {|\n}', '\n  return 1;\n}', '\n  return 1;'],
    ['is nothing where the next line says it', '|\ncall(a);', 'call(a);', undefined],
    ['is nothing where the next line says it in other letters', '|\n# считаем', '# считаем', undefined],
    ['is nothing where the next line says the whole line', 'const x|\nconst xy = 1;', 'y = 1;', undefined],
    ['ends before the lines that follow', 'if (a) {|\n  second();\n}', '\n  first();\n  second();\n}', '\n  first();'],
    ['ends before several short lines that follow', 'a {|\n x\n }\n}', '\n b\n x\n }\n}', '\n b'],
    ['is nothing but white space', 'call(|', '  \n ', undefined],
    ['has no hidden letters', 'call(|', 'a\u202Eb', 'ab'],
    ['may be a short line that stands below too', '|\n}\n', '};', '};'],
  ];
  for (const [what, at, answer, fitted] of rows)
    it(`${what}: ${JSON.stringify(at)}`, () => assert.equal(candidatesOf(answer, spotAt(at))[0], fitted));

  it('may be the whole answer too: what follows may close something else', () =>
    assert.ok(candidatesOf('\n    b();\n  }', spotAt('class A {\n  f() {|\n}')).includes('\n    b();\n  }')));
  it('may be less lines, where all of them do not parse', () =>
    assert.ok(candidatesOf('\n  b();\n  c(', spotAt('if (a) {|')).includes('\n  b();')));
});
