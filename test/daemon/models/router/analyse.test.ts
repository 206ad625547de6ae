// What is read from a request, as a table, and that the reading is steady and quick.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import { type Analysis, analyse } from '../../../../daemon/models/router/analyse.ts';
import type { RouteRequest } from '../../../../daemon/models/router/router.ts';
import { loadTokenCounter } from '../../../../daemon/models/router/tokens.ts';
import { withTypos } from '../../../bench/router/typos.ts';

const read = (request: RouteRequest | string): Analysis =>
  analyse(typeof request === 'string' ? { text: request } : request, { task: 'chat', countTokens: estimateTokens });

describe('the analysis of a request', () => {
  const tasks: [text: string, task: string][] = [
    ['Hello there!', 'chat'],
    ['Please review this pull request', 'review'],
    ['Why does this crash with a TypeError? Fix the bug.', 'debug'],
    ['Write unit tests for the parser', 'test'],
    ['Refactor this into smaller functions', 'refactor'],
    ['Explain what this regular expression does', 'explain'],
    ['Implement a function that merges two sorted lists in TypeScript', 'code'],
    ['Draft an email to my landlord', 'writing'],
    ['Translate this into Finnish', 'translation'],
    ['Solve the equation x^2 - 4 = 0', 'math'],
    ['Search the web for the opening hours', 'search'],
  ];
  for (const [text, task] of tasks)
    it(`sees the task "${task}" in "${text}"`, () => assert.equal(read(text).task, task));

  it('sees an image as a need for a model that sees', () => {
    const { task, needs } = read({ text: 'What is this?', attachments: [{ kind: 'image' }] });
    assert.deepEqual([task, needs.vision], ['vision', true]);
  });

  it('calls a greeting trivial, and a distributed design with proof hard', () => {
    assert.equal(read('hi').complexity, 'trivial');
    const hard = read(
      `Design a lock-free distributed queue, prove that it has no race condition, and compare it with others.\n${'The requirements are these. '.repeat(300)}`,
    );
    assert.ok(['complex', 'expert'].includes(hard.complexity), hard.complexity);
  });

  it('counts attachments and history, and leaves room for the answer', () => {
    const { tokens, needs } = read({
      text: 'Explain this',
      attachments: [{ kind: 'file', text: 'x = 1\n'.repeat(1000) }],
      historyTokens: 5000,
    });
    assert.ok(tokens > 6000, String(tokens));
    assert.ok(needs.contextTokens > tokens);
  });

  it('sees a need for JSON where the answer is to be JSON, and not in a question about it', () => {
    for (const text of [
      'List the planets as JSON',
      'Return only valid JSON with the keys a and b',
      'Antworte als JSON',
      '以 JSON 格式返回结果',
      '結果をJSON形式で返して',
    ])
      assert.equal(read(text).needs.json, true, text);
    for (const text of ['Why does JSON.parse throw here?', 'Write a JSON parser in Rust', 'Explain JSON schema', 'hi'])
      assert.equal(read(text).needs.json, false, text);
  });

  it('tells a small edit from work on much code', () => {
    for (const small of [
      'Rename a variable',
      '把变量 a 重命名为 b',
      'この変数をリネームして',
      'Fix the typo in this comment',
    ])
      assert.ok(['trivial', 'simple'].includes(read(small).complexity), small);
    for (const large of [
      'Split this 800-line class into modules',
      '把这个 1200 行的类拆分成几个模块',
      'この900行のクラスを分割して',
      'Refactor the monolith across the whole codebase',
    ])
      assert.ok(['moderate', 'complex', 'expert'].includes(read(large).complexity), large);
    const both = ['Rename a variable', 'Split this 800-line class into modules'].map((text) => read(text).difficulty);
    assert.ok((both[1] ?? 0) - (both[0] ?? 0) > 0.2, String(both));
  });

  it('says what led to it', () => {
    assert.match(read('Prove that this is optimal').signals.join('; '), /asks for reasons or proof/);
  });

  it('keeps the task and nearly the difficulty when a letter is mistyped', () => {
    const text =
      'Implement a function in TypeScript that reads a file line by line, counts the words and prints the ten most frequent ones.';
    const typed = Array.from({ length: 40 }, (_, seed) => read(withTypos(text, seed)));
    assert.ok(typed.filter(({ task }) => task === 'code').length >= 38);
    assert.ok(typed.every(({ difficulty }) => Math.abs(difficulty - read(text).difficulty) < 0.1));
  });
});

describe('token counts', () => {
  it('are those of the o200k vocabulary for short texts, special tokens included', async () => {
    const count = await loadTokenCounter();
    assert.equal(count('Hello, world!'), 4);
    assert.ok(count('<|endoftext|>') > 0);
  });

  it('of long texts are close to the whole count, although only a part is counted', async () => {
    const count = await loadTokenCounter();
    const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
    const text = Array.from(
      { length: 400 },
      (_, line) => `const value${line} = compute(${line * 17}, "some words about it"); // line ${line}`,
    ).join('\n');
    assert.ok(Math.abs(count(text) / countTokens(text) - 1) < 0.1);
  });
});
