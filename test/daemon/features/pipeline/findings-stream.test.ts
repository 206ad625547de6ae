// The incremental parser: what it finds does not depend on how the answer is cut, and nothing makes it throw.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createFindingsParser } from '../../../../daemon/features/pipeline/findings-stream.ts';

const two = [
  {
    line: 3,
    quote: 'if (a) { b["}"] }',
    severity: 'error',
    category: 'x',
    message: 'a "quoted" \\ message\nwith é😀 and {braces}',
    confidence: 0.5,
    replacement: null,
  },
  { line: 9, quote: 'c', message: 'second', tags: ['a', '}', ']'] },
];
const plain = JSON.stringify({ findings: two });
const golden: [name: string, answer: string, expected: unknown[]][] = [
  ['an object', plain, two],
  ['an object over many lines', JSON.stringify({ findings: two }, null, 2), two],
  ['a bare list', JSON.stringify(two), two],
  [
    'a fence with prose around it',
    `Here's what I "found" in {your} code:\n\n\`\`\`json\n${plain}\n\`\`\`\nHope that {helps}!`,
    two,
  ],
  ['prose that opens a brace and a quote', `The block {" is odd. { "x" is too. ${plain}`, two],
  ['a list that breaks off', plain.slice(0, -20), two.slice(0, 1)],
  ['a trailing comma', '{"findings":[{"quote":"q","message":"m",},]}', [{ quote: 'q', message: 'm' }]],
  [
    'raw line breaks and wrong escapes in strings',
    '{"findings":[{"quote":"a\nb\\d\\\'","message":"m"}]}',
    [{ quote: "a\nb\\d\\'", message: 'm' }],
  ],
  [
    'a broken finding between good ones',
    '[{"quote":"1","message":"m"},{"quote":"x"y","message":{},{"quote":"2","message":"m"}]',
    [
      { quote: '1', message: 'm' },
      { quote: '2', message: 'm' },
    ],
  ],
];

function parse(pieces: readonly string[]): unknown[] {
  const parser = createFindingsParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe('the stream of findings', () => {
  for (const [name, answer, expected] of golden) {
    it(`reads ${name}`, () => assert.deepEqual(parse([answer]), expected));
    it(`reads ${name} the same wherever it is cut`, () => {
      for (let cut = 1; cut < answer.length; cut++)
        assert.deepEqual(parse([answer.slice(0, cut), answer.slice(cut)]), expected, `cut at ${cut}`);
      assert.deepEqual(parse(answer.split('')), expected);
    });
  }

  it('yields a finding as soon as its brace is closed', () => {
    const parser = createFindingsParser();
    const end = plain.indexOf('},{') + 1;
    assert.deepEqual(parser.push(plain.slice(0, end - 1)), []);
    assert.deepEqual(parser.push('}'), two.slice(0, 1));
  });

  it('tells an empty list from an answer without any', () => {
    const [empty, prose] = [createFindingsParser(), createFindingsParser()];
    empty.push('{"findings": []}');
    prose.push('Looks good to me!');
    assert.deepEqual([empty.answered, prose.answered], [true, false]);
  });

  it('lets go of an object that never ends, and reads on', () => {
    const parser = createFindingsParser();
    parser.push(`{"quote":"${'x'.repeat(200_000)}`);
    assert.equal(parser.push('","message":"m"} {"quote":"q","message":"m"}').length, 1);
  });

  it('survives 5,000 mutations of good answers', () => {
    const random = seeded(7);
    const noise = [
      '{',
      '}',
      '"',
      '\\',
      '[',
      ']',
      ',',
      ':',
      '\u0000',
      '\ud800',
      '```',
      '__proto__',
      '\\u',
      'null',
      '\n',
    ];
    for (let round = 0; round < 5000; round++) {
      let answer = golden[Math.floor(random() * golden.length)]?.[1] ?? '';
      for (let change = 0; change < 4; change++) {
        const at = Math.floor(random() * answer.length);
        answer =
          answer.slice(0, at) +
          noise[Math.floor(random() * noise.length)] +
          answer.slice(at + Math.floor(random() * 5));
      }
      for (const found of parse([answer.slice(0, 40), answer.slice(40)])) {
        assert.equal(typeof (found as { quote: unknown }).quote, 'string');
        assert.equal(typeof (found as { message: unknown }).message, 'string');
      }
    }
  });
});

/** A small repeatable source of numbers in 0..1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
