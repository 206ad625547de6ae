// What a request cost: every bucket under its own price, and never a guess.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { costOf, defaultBytesPerToken, type Price, tokensFor, usdOf } from '../../../../daemon/models/costs/price.ts';
import { formatUsd } from '../../../../shared/usd.ts';

const price: Price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, asOf: '2026-07-01' };
const usage = { input: 1000, cacheRead: 10_000, cacheWrite: 2000, output: 500, reasoning: 100 };
const only = (bucket: Partial<typeof usage>) => ({
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  ...bucket,
});

describe('the cost of a request', () => {
  it('is the sum of disjoint buckets, each at its own price, with the day of the price', () => {
    // 1000*3 + 10000*0.3 + 2000*3.75 + 600*15 = 22500 dollars per million
    assert.deepEqual(costOf(usage, { local: false, price }), { kind: 'known', usd: 0.0225, asOf: '2026-07-01' });
  });

  for (const [bucket, usd] of [
    ['input', 3],
    ['output', 15],
    ['cacheRead', 0.3],
    ['cacheWrite', 3.75],
    ['reasoning', 15],
  ] as const) {
    it(`a million tokens of ${bucket} cost $${usd}`, () => {
      assert.deepEqual(costOf(only({ [bucket]: 1_000_000 }), { local: false, price }), {
        kind: 'known',
        usd,
        asOf: price.asOf,
      });
    });
  }

  it('is unknown without a price, never nothing', () => {
    const cost = costOf(usage, { local: false });
    assert.equal(cost.kind, 'unknown');
    assert.equal(usdOf(cost), undefined);
  });

  it('is unknown when a bucket was used whose price is unknown, and known when that bucket stayed empty', () => {
    const { cacheRead, cacheWrite, ...plain } = price;
    assert.equal(costOf(only({ input: 1, cacheRead: 1 }), { local: false, price: plain }).kind, 'unknown');
    assert.equal(costOf(only({ input: 1, cacheWrite: 1 }), { local: false, price: plain }).kind, 'unknown');
    assert.equal(costOf(only({ input: 1, output: 1 }), { local: false, price: plain }).kind, 'known');
  });

  it('is unknown when the provider did not say what was used', () => {
    assert.equal(costOf(undefined, { local: false, price }).kind, 'unknown');
    assert.equal(costOf(only({}), { local: false, price }).kind, 'unknown');
  });

  it('is nothing on this machine, and says so', () => {
    const cost = costOf(usage, { local: true });
    assert.deepEqual(cost, { kind: 'free', why: 'it ran on this machine' });
    assert.equal(usdOf(cost), 0);
  });

  it('is its price also on this machine, where it has one: a server on loopback may pass everything on to a cloud', () => {
    assert.deepEqual(costOf(usage, { local: true, price }), { kind: 'known', usd: 0.0225, asOf: '2026-07-01' });
  });
});

describe('an amount of money', () => {
  for (const [usd, text] of [
    [0, '$0'],
    [0.00001, '<$0.0001'],
    [0.000424, '$0.00042'],
    [0.0421, '$0.042'],
    [0.1, '$0.10'],
    [12.345, '$12.35'],
    [1200, '$1200.00'],
  ] as const) {
    it(`${usd} reads ${text}`, () => assert.equal(formatUsd(usd), text));
  }
});

describe('how long an answer some dollars pay for', () => {
  const free: Price = { input: 0, output: 0, asOf: '2026-07-01' };
  const halfFree: Price = { ...free, input: 3 };
  for (const [how, usd, ofWhat, expected] of [
    ['is what is left after the prompt', 0.003 + 0.015, price, 1000],
    ['is below nothing where not even the prompt is paid', 0.0015, price, -100],
    ['is without end where answers are free', 1, halfFree, Number.POSITIVE_INFINITY],
    ['is without end where nothing costs anything, though nothing is left', 0, free, Number.POSITIVE_INFINITY],
    ['is below nothing where only answers are free', 0, halfFree, Number.NEGATIVE_INFINITY],
  ] as const)
    it(how, () => assert.equal(tokensFor(usd, 1000 * defaultBytesPerToken, ofWhat), expected));
});
