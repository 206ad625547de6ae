// The whole decision, from a text to a model, as the daemon makes it: its time with 40 models, and how often typos change it.

import { estimateTokens } from '../../../daemon/base/tokens.ts';
import { analyse } from '../../../daemon/models/router/analyse.ts';
import { decide } from '../../../daemon/models/router/decide.ts';
import { finish, fitBlend } from '../../../daemon/models/router/learn/blend.ts';
import { featuresOf, type TextFeatures } from '../../../daemon/models/router/learn/features.ts';
import type { PolicyName } from '../../../daemon/models/router/policies.ts';
import type { Candidate, RouteRequest } from '../../../daemon/models/router/router.ts';
import { quantile } from '../kit/measure.ts';
import type { Prompt } from './data.ts';
import { withTypos } from './typos.ts';

export interface DecisionTimes {
  models: number;
  decisions: number;
  p50Ms: number;
  p99Ms: number;
}

export interface Flips {
  prompts: number;
  /** Percent of prompts whose side of the middle changes with typos, by the learned score alone. */
  learnedPercent: number;
  /** The same through the whole decision between 40 models, asked anew. */
  anewPercent: number;
  /** The same in a chat, where the model that answered before stays unless another is clearly better. */
  inChatPercent: number;
}

const models = 40;
const maxPrompts = 2000;
const warmUps = 500;

/** Two of the 40 have learned heads: the weak and the strong model of the data, trained on the first prompts. */
export function measureDecisions(
  train: readonly Prompt[],
  test: readonly Prompt[],
): { times: DecisionTimes; flips: Flips } {
  const heads = {
    'cloud/model-0': finish(fitBlend(train.map(({ features, weak }) => ({ text: features, target: weak })))),
    'cloud/model-1': finish(fitBlend(train.map(({ features, strong }) => ({ text: features, target: strong })))),
  };
  const expect = (features: TextFeatures) => (model: string) =>
    model in heads ? heads[model as keyof typeof heads].predict(features) : undefined;
  const candidates = Array.from({ length: models }, (_, place) => candidateAt(place));
  const choose = (request: RouteRequest, policy: PolicyName): string => {
    const features = featuresOf(request.text);
    const analysis = analyse(request, { task: 'chat', countTokens: estimateTokens }); // as before every answer
    const outcome = decide(
      { task: 'chat', profile: 'default', request },
      { candidates, analysis, routing: { policy, rules: [] }, state: { expect: expect(features) } },
    );
    return outcome.kind === 'chosen' ? outcome.decision.model : '';
  };
  const asked = test.slice(0, maxPrompts).map(({ text }) => text);
  for (let place = 0; place < warmUps; place++) choose({ text: asked[place % asked.length] ?? '' }, 'cheapest');
  const samples = asked.map((text) => {
    const startedAt = performance.now();
    choose({ text }, 'cheapest');
    return performance.now() - startedAt;
  });
  const gain = (text: string): number =>
    heads['cloud/model-1'].predict(featuresOf(text)) - heads['cloud/model-0'].predict(featuresOf(text));
  return {
    times: { models, decisions: samples.length, p50Ms: quantile(samples, 0.5), p99Ms: quantile(samples, 0.99) },
    flips: countFlips(asked, gain, (request) => choose(request, 'local-first')),
  };
}

function countFlips(
  texts: readonly string[],
  gain: (text: string) => number,
  choose: (request: RouteRequest) => string,
): Flips {
  const mistyped = texts.map((text, place) => withTypos(text, place));
  const middle = quantile(texts.map(gain), 0.5);
  const percent = (flips: (text: string, typed: string) => boolean): number =>
    (100 * texts.filter((text, place) => flips(text, mistyped[place] ?? '')).length) / texts.length;
  return {
    prompts: texts.length,
    learnedPercent: percent((text, typed) => gain(text) > middle !== gain(typed) > middle),
    anewPercent: percent((text, typed) => choose({ text }) !== choose({ text: typed })),
    inChatPercent: percent((text, typed) => choose({ text }) !== choose({ text: typed, previous: choose({ text }) })),
  };
}

/** Models of many sizes and prices, none on this machine: the policy alone tells them apart. */
function candidateAt(place: number): Candidate {
  const unused = (): never => {
    throw new Error('the router asks no provider');
  };
  const quality = 0.3 + (0.6 * ((place * 7) % models)) / models;
  return {
    id: `cloud/model-${place}`,
    provider: { name: 'cloud', local: false, listModels: unused, stream: unused, embed: unused },
    info: {
      name: `model-${place}`,
      contextTokens: 128_000,
      capabilities: { chat: true, tools: true },
      source: 'server',
      quality,
      price: { input: 10 * quality ** 3, output: 30 * quality ** 3 },
    },
    health: { state: 'ok' },
  };
}
