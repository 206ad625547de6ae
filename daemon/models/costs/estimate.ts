// What a request will probably cost, before it is made. Pure. It is meant to be within three times of the bill, either way.
import { type Price, type PriceTerms, promptUsd } from './price.ts';

export interface EstimatedRequest extends PriceTerms {
  task: string;
  model: string;
  /** What it costs whatever is said. */
  flatUsd?: number | undefined;
  /** The router's estimate, where it read the request. */
  estimateUsd?: number | undefined;
  promptBytes: number;
}

/** US dollars. */
export type Estimate = number | 'free' | 'unknown';

/** Tokens of an answer where nobody has read what is asked. An embedding has none. */
const outputTokens: Readonly<Record<string, number>> = {
  chat: 400,
  review: 600,
  action: 500,
  summary: 300,
  completion: 32,
};

/** The router doesn't see all of a prompt, such as the system's part of it: the prompt that is sent is the least that is paid for. */
export function estimateOf({
  task,
  model,
  estimateUsd,
  flatUsd,
  promptBytes,
  local,
  price,
}: EstimatedRequest): Estimate {
  if (flatUsd !== undefined) return flatUsd;
  if (price ? price.input === 0 && price.output === 0 : local) return 'free';
  if (!price) return 'unknown';
  const prompt = promptUsd(promptBytes, price);
  return estimateUsd === undefined ? prompt + outputUsd(task, model, price) : Math.max(prompt, estimateUsd);
}

function outputUsd(task: string, model: string, price: Price): number {
  const tokens = Object.hasOwn(outputTokens, task) ? (outputTokens[task] ?? 0) : 0;
  return (tokens * reasoningFactor(model) * price.output) / 1e6;
}

const reasons =
  /(?:^|[^a-z0-9])(?:o[1-9]|gpt-[5-9]|r[1-9]|qwq|magistral|grok-4|gemini-(?:2\.5|[3-9])[\w.-]*pro)(?![a-z0-9])|reason|think/i;
const reasonsNot = /non-reasoning|no-?think|gpt-[5-9][\w.-]*chat/i;

/** How much longer an answer is by what its model says to itself, which is billed as output. By the model's name. */
export function reasoningFactor(model: string): number {
  return reasons.test(model) && !reasonsNot.test(model) ? 3 : 1;
}
