// What a request is expected to cost, against what providers then bill for such requests: at most three times off, either way.
import assert from 'node:assert/strict';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, it } from 'mocha';
import { estimateOf, reasoningFactor } from '../../../../daemon/models/costs/estimate.ts';
import { costOf, costOfBrokenOff, type Price, usdOf } from '../../../../daemon/models/costs/price.ts';
import { pricedRequest } from '../../../../daemon/models/costs/priced.ts';
import type { Usage } from '../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import type { RequestTask, RouteRequest } from '../../../../daemon/models/router/router.ts';
import { model } from '../router/models.ts';

const asOf = '2026-07-01';
/** The kinds of prices that providers have. */
const prices: Readonly<Record<string, Price>> = {
  'five times as much for output': { input: 3, output: 15, asOf },
  'eight times as much for output': { input: 1.25, output: 10, cacheRead: 0.125, asOf },
  'as much for output as for input': { input: 0.6, output: 0.6, asOf },
  'more for a long prompt': { input: 2, output: 12, longPrompt: { aboveTokens: 10_000, input: 4, output: 18 }, asOf },
};

const system = 'You are a programming assistant. Answer briefly, in Markdown, and name the language of code. '.repeat(
  3,
);
const line =
  'export function total(lines: readonly Line[]): number { return lines.reduce((sum, l) => sum + l.price, 0); }\n';

interface Typical {
  what: string;
  model?: string;
  task?: RequestTask;
  /** Left out where a feature asks without words of the user's. */
  request?: RouteRequest;
  prompt: string;
  /** Tokens that are billed for output: of the answer, and of reasoning. */
  billed: Pick<Usage, 'output' | 'reasoning'>;
}

const asked = (text: string, attached = ''): Pick<Typical, 'request' | 'prompt'> => ({
  request: { text, ...(attached && { attachments: [{ kind: 'code', text: attached, languageId: 'typescript' }] }) },
  prompt: `${system}${attached}${text}`,
});
const answered = (output: number, reasoning = 0): Typical['billed'] => ({ output, reasoning });

const typical: readonly Typical[] = [
  { what: 'a greeting', ...asked('hello'), billed: answered(40) },
  { what: 'a short question', ...asked('What is a closure in JavaScript?'), billed: answered(260) },
  { what: 'code to be written', ...asked('Write a function that reverses a string in Go.'), billed: answered(350) },
  { what: 'a long file to be explained', ...asked('Explain this file.', line.repeat(600)), billed: answered(700) },
  { what: 'an answer in JSON', ...asked('List three HTTP methods. Return only JSON.'), billed: answered(90) },
  { what: 'a question in Chinese', ...asked('请解释一下什么是闭包，并举一个例子。'), billed: answered(380) },
  {
    what: 'a long text in Chinese',
    ...asked(`总结这段话：${'这个函数把购物车里每一行的价格乘以数量，然后把它们加起来。'.repeat(150)}`),
    billed: answered(250),
  },
  { what: 'a review', task: 'review', prompt: `${system}${line.repeat(120)}`, billed: answered(450) },
  { what: 'a fix', task: 'action', prompt: `${system}${line.repeat(20)}`, billed: answered(250) },
  { what: 'a summary', task: 'summary', prompt: `${system}${line.repeat(150)}`, billed: answered(220) },
  {
    what: 'a question to a model that reasons',
    model: 'o3',
    ...asked('Why does this loop never end?', line.repeat(20)),
    billed: answered(450, 1800),
  },
  {
    what: 'a review by a model that reasons',
    model: 'deepseek-r1',
    task: 'review',
    prompt: `${system}${line.repeat(60)}`,
    billed: answered(400, 1500),
  },
];

describe('the estimate of a request', () => {
  for (const [kind, price] of Object.entries(prices))
    for (const { what, model: name = 'large', task = 'chat', request, prompt, billed } of typical)
      it(`is within three times of the bill for ${what}, at ${kind}`, async () => {
        const router = createRouter({ models: async () => [model(`lab/${name}`, { info: { price } })] });
        const selection = await router.select(
          { task, profile: 'default', ...(request && { request }) },
          new AbortController().signal,
        );
        const messages = [{ role: 'user' as const, content: prompt }];
        const estimate = estimateOf(pricedRequest(selection, { messages }, { profile: 'default', task }));
        const bill = usdOf(
          costOf({ ...billed, input: countTokens(prompt), cacheRead: 0, cacheWrite: 0 }, { local: false, price }),
        );
        assert.ok(typeof estimate === 'number' && bill);
        assert.ok(estimate < bill * 3 && bill < estimate * 3, `estimated ${estimate}, billed ${bill}`);
      });

  it('is free on this machine, and unknown without a price', () => {
    const request = { task: 'chat', model: 'x', promptBytes: 4_000_000 };
    assert.equal(estimateOf({ ...request, local: true }), 'free');
    assert.equal(estimateOf({ ...request, local: true, price: { input: 0, output: 0, asOf } }), 'free');
    assert.equal(estimateOf({ ...request, local: false }), 'unknown');
    assert.equal(estimateOf({ ...request, task: 'embedding', local: true, price: { input: 3, output: 15, asOf } }), 3);
  });

  for (const [name, factor] of Object.entries({
    o3: 3,
    'openai/o4-mini': 3,
    'gpt-5-mini': 3,
    'gpt-5-chat-latest': 1,
    'deepseek-r1:14b': 3,
    'deepseek-reasoner': 3,
    'kimi-k2-thinking': 3,
    'grok-4.20-0309-reasoning': 3,
    'grok-4.20-0309-non-reasoning': 1,
    'gemini-2.5-pro': 3,
    'gemini-2.5-flash-lite': 1,
    'gpt-4o': 1,
    'claude-haiku-4-5': 1,
    'llama3.1:8b': 1,
  }))
    it(`counts ${factor === 1 ? 'no reasoning' : 'reasoning'} for ${name}`, () => {
      assert.equal(reasoningFactor(name), factor);
    });

  for (const text of [
    'A long answer in plain English, that was stopped in the middle. ',
    '这个回答在中间被停止了，但是已经生成的部分仍然要付费。',
    line,
  ])
    it(`of an answer that was stopped is within three times of its tokens: ${text.slice(0, 12)}`, () => {
      const price: Price = { input: 0, output: 1_000_000, asOf };
      const outputBytes = Buffer.byteLength(text.repeat(20));
      const usd = usdOf(costOfBrokenOff({ promptBytes: 0, outputBytes }, { local: false, price })) ?? 0;
      const tokens = countTokens(text.repeat(20));
      assert.ok(usd < tokens * 3 && tokens < usd * 3, `estimated ${usd}, ${tokens} tokens`);
    });
});
