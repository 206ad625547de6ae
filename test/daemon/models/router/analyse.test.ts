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
