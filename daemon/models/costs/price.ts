// What a request cost: the provider's own token counts under a dated price. Pure. What is unknown never counts as free.
import type { Price, Usage } from '../providers/provider.ts';

export type { Price };

export type Cost =
  | {
      kind: 'known';
      usd: number;
      /** The price's day; left out where the server itself named the price. */
      asOf?: string | undefined;
    }
  /** Of an answer that was stopped or broke off: it is billed, and nobody says how much. */
  | { kind: 'estimated'; usd: number; asOf?: string | undefined }
  | { kind: 'free'; why: string }
  | { kind: 'unknown'; why: string };

export interface PriceTerms {
  /** Whether the model runs on this machine. It is free then, unless it has a price: a server on loopback may be a way to a cloud. */
  local: boolean;
  price?: Price | undefined;
}

/** The cost of a request that used this much; `usage` is left out when the provider did not say. */
export function costOf(usage: Usage | undefined, { local, price }: PriceTerms): Cost {
  if (local && !price) return { kind: 'free', why: 'it ran on this machine' };
  if (!price) return { kind: 'unknown', why: 'the price of this model is unknown' };
  if (!usage || isEmpty(usage)) return { kind: 'unknown', why: "the provider didn't report token counts" };
  if (!isPlausible(usage)) return { kind: 'unknown', why: 'the provider reported impossible token counts' };
  let usd = 0;
  for (const { name, tokens, rate } of bucketsOf(usage, ratesFor(promptOf(usage), price))) {
    if (tokens === 0) continue;
    if (rate === undefined) return { kind: 'unknown', why: `the price of ${name} is unknown` };
    usd += (tokens * rate) / 1e6;
  }
  return { kind: 'known', usd, asOf: price.asOf };
}

/** Bytes of UTF-8: English prose, code and Chinese come to nearly the same, where a character of Chinese is most of a token. */
export const defaultBytesPerToken = 4;

/** The texts of a request, in bytes of UTF-8. */
export interface TextSizes {
  promptBytes: number;
  /** Of the answer, and of what the model said to itself, which is billed as well. */
  outputBytes: number;
}

/** What a prompt of this size costs. */
export function promptUsd(promptBytes: number, price: Price): number {
  const input = promptBytes / defaultBytesPerToken;
  return (input * ratesFor(input, price).input) / 1e6;
}

/** How long an answer to a prompt of this size so many US dollars pay for. Below 0 where not even the prompt is paid. */
export function tokensFor(usd: number, promptBytes: number, price: Price): number {
  const { output } = ratesFor(promptBytes / defaultBytesPerToken, price);
  const left = usd - promptUsd(promptBytes, price);
  if (output === 0) return left < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Math.floor((left * 1e6) / output);
}

/** The cost of a request of which only the texts are known; 0 without a price. */
export function estimatedUsd({ promptBytes, outputBytes }: TextSizes, price: Price | undefined): number {
  if (!price) return 0;
  const output = outputBytes / defaultBytesPerToken;
  return promptUsd(promptBytes, price) + (output * ratesFor(promptBytes / defaultBytesPerToken, price).output) / 1e6;
}

const maxTokens = 1e9; // a thousand times what the largest model holds

/** A server may report anything. A count below zero would give back what other requests have spent. */
export function isPlausible(usage: Usage): boolean {
  return Object.values(usage).every((tokens) => Number.isSafeInteger(tokens) && tokens >= 0 && tokens <= maxTokens);
}

/** A cost as the number that is stored and sent; undefined when it is unknown. */
export function usdOf(cost: Cost): number | undefined {
  if (cost.kind === 'unknown') return undefined;
  return cost.kind === 'free' ? 0 : cost.usd;
}

/** What the texts of a request that was stopped or broke off come to, where the provider has said nothing. */
export function costOfBrokenOff(texts: TextSizes, { local, price }: PriceTerms): Cost {
  if (!price) return costOf(undefined, { local, price });
  return { kind: 'estimated', usd: estimatedUsd(texts, price), asOf: price.asOf };
}

/** No request uses nothing: all zeros mean that nothing was reported. */
export function isEmpty(usage: Usage): boolean {
  return Object.values(usage).every((tokens) => tokens === 0);
}

/** Some prices rise for every token once the prompt is long. */
function ratesFor(prompt: number, price: Price): Price {
  return price.longPrompt && prompt > price.longPrompt.aboveTokens ? { ...price, ...price.longPrompt } : price;
}

function promptOf({ input, cacheRead, cacheWrite }: Usage): number {
  return input + cacheRead + cacheWrite;
}

/** Every provider today bills reasoning as output. */
function bucketsOf(usage: Usage, price: Price): { name: string; tokens: number; rate: number | undefined }[] {
  return [
    { name: 'input', tokens: usage.input, rate: price.input },
    { name: 'cached input', tokens: usage.cacheRead, rate: price.cacheRead },
    { name: "writing to the provider's cache", tokens: usage.cacheWrite, rate: price.cacheWrite },
    { name: 'output', tokens: usage.output + usage.reasoning, rate: price.output },
  ];
}
