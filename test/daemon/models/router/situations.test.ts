// What is chosen while nothing has been learned yet, in thirty situations as people are in them: the first local model, one key, a
// few of each, no network, a long conversation. Names, sizes and prices are those of the models' makers.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { whyUnavailable } from '../../../../daemon/models/router/availability.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import type { PolicyName, RoutingRule } from '../../../../daemon/models/router/policies.ts';
import type { Candidate, SelectRequest } from '../../../../daemon/models/router/router.ts';
import { model } from './models.ts';

const cloud = (id: string, [input, output]: [number, number], info: Partial<Candidate['info']> = {}): Candidate =>
  model(id, {
    info: {
      price: { input, output },
      contextTokens: 200_000,
      capabilities: { chat: true, tools: true, vision: true, jsonSchema: true },
      ...info,
    },
  });
const here = (
  id: string,
  info: Partial<Candidate['info']> = {},
  state: Candidate['health']['state'] = 'ok',
): Candidate =>
  model(id, {
    local: true,
    state,
    ...(state === 'down' && { detail: 'Nothing answers.' }),
    info: { contextTokens: 8192, capabilities: { chat: true, vision: false, tools: false }, ...info },
  });

const opus = cloud('anthropic/claude-opus-4', [15, 75]);
const sonnet = cloud('anthropic/claude-sonnet-4', [3, 15]);
const haiku = cloud('anthropic/claude-haiku-4', [1, 5]);
const gpt = cloud('openai/gpt-5', [1.25, 10], { contextTokens: 400_000 });
const mini = cloud('openai/gpt-5-mini', [0.25, 2], { contextTokens: 400_000 });
const nano = cloud('openai/gpt-5-nano', [0.05, 0.4], { contextTokens: 400_000 });
const unpriced = model('lab/unknown-model', { info: { capabilities: { chat: true } } });
const tiny = here('local/qwen2.5-coder-0.5b');
const seven = here('ollama/qwen2.5-coder:7b');
const big = here('ollama/llama3.3:70b', { contextTokens: 131_072 });
const seeing = here('ollama/llava:7b', { capabilities: { chat: true, vision: true } });
const vectors = here('ollama/nomic-embed-text', { capabilities: { chat: false, embeddings: true } });
const stopped = here('ollama/qwen2.5-coder:14b', {}, 'down');
const keyless = model('openai/gpt-5', { state: 'absent', detail: 'No key is stored.' });
const offline = [opus, gpt].map(
  (candidate): Candidate => ({ ...candidate, health: { state: 'down', detail: "The network can't be reached." } }),
);

const everyday = 'Write a function that reverses a string in Python';
const hard =
  'Design a lock-free distributed queue across all modules, prove that it has no race condition, and compare the trade-offs.';
const image = [{ kind: 'image' }];
const long = 100_000; // tokens of earlier turns

interface Situation {
  what: string;
  models: Candidate[];
  text?: string;
  asks?: Partial<NonNullable<SelectRequest['request']>>;
  wanted?: Partial<SelectRequest>;
  policy?: PolicyName;
  rules?: RoutingRule[];
  chosen?: string;
  says: RegExp;
}

const situations: Situation[] = [
  { what: 'nothing is set up', models: [], says: /No model is set up yet\. Add an API key/ },
  { what: 'only an embedding model is there', models: [vectors], says: /No model is set up yet/ },
  { what: 'one small model is there', models: [tiny], chosen: tiny.id, says: /only configured model/ },
  {
    what: 'one small model is there, and the request is hard',
    models: [tiny],
    text: hard,
    chosen: tiny.id,
    says: /only configured model/,
  },
  { what: 'one key is there', models: [gpt], chosen: gpt.id, says: /only configured model/ },
  {
    what: 'a local model and a key are there',
    models: [gpt, seven],
    chosen: seven.id,
    says: /only model on this machine/,
  },
  {
    what: 'the same, and the request is hard: nothing leaves unasked',
    models: [gpt, seven],
    text: hard,
    chosen: seven.id,
    says: /only model on this machine/,
  },
  {
    what: 'two local models are there, and the request is everyday',
    models: [tiny, seven],
    chosen: seven.id,
    says: /best match on this machine/,
  },
  {
    what: 'two local models are there, and it is a greeting: the first is enough',
    models: [tiny, seven],
    text: 'hi',
    chosen: tiny.id,
    says: /^best match on this machine for a trivial chat request/,
  },
  {
    what: 'three local models are there, and the request is hard',
    models: [tiny, seven, big],
    text: hard,
    chosen: big.id,
    says: /best match on this machine/,
  },
  {
    what: 'one of two equal ones is loaded',
    models: [here('ollama/a:7b'), here('ollama/b:7b', { loaded: true })],
    chosen: 'ollama/b:7b',
    says: /best match on this machine/,
  },
  {
    what: 'Ollama is stopped, and a key is there',
    models: [stopped, sonnet],
    chosen: sonnet.id,
    says: /ollama\/qwen2\.5-coder:14b can't answer \(Nothing answers\)/,
  },
  {
    what: 'Ollama is stopped, and nothing else is there',
    models: [stopped],
    says: /No model can answer right now\. .*Nothing answers\. Fix/,
  },
  { what: 'a provider is there without its key', models: [keyless], says: /openai\/gpt-5: No key is stored\. Fix/ },
  {
    what: 'the network is gone, and a local model is there',
    models: [...offline, seven],
    chosen: seven.id,
    says: /only model on this machine/,
  },
  {
    what: 'the network is gone, and no local model is there',
    models: offline,
    says: /No model can answer right now\. .*The network can't be reached\. Fix/,
  },
  {
    what: 'an image is asked about, and the local model is blind',
    models: [seven, gpt],
    asks: { attachments: image },
    chosen: gpt.id,
    says: /vision request; ollama\/qwen2\.5-coder:7b can't see pictures/,
  },
  {
    what: 'an image is asked about, and a local model sees',
    models: [seven, seeing, gpt],
    asks: { attachments: image },
    chosen: seeing.id,
    says: /only model on this machine/,
  },
  {
    what: 'an image is asked about, nothing sees, and nothing may leave',
    models: [seven, gpt],
    policy: 'local-only',
    asks: { attachments: image },
    says: /^No model here can see pictures\. .*it can't see pictures.*only local models are allowed.*@ocr/,
  },
  {
    what: 'a long conversation is beyond the local model',
    models: [seven, sonnet],
    asks: { historyTokens: long },
    chosen: sonnet.id,
    says: /ollama\/qwen2\.5-coder:7b's context window is 8,192 tokens, and this needs about 10\d,\d{3}/,
  },
  {
    what: 'a long conversation fits one local model',
    models: [seven, big, sonnet],
    asks: { historyTokens: long },
    chosen: big.id,
    says: /on this machine/,
  },
  {
    what: 'a long conversation fits none',
    models: [seven, tiny],
    asks: { historyTokens: long },
    says: /its context window is 8,192 tokens, and this needs about 10\d,\d{3}/,
  },
  {
    what: 'tools are needed, and the local model has none',
    models: [seven, mini],
    asks: { needs: { tools: true } },
    chosen: mini.id,
    says: /ollama\/qwen2\.5-coder:7b can't use tools/,
  },
  {
    what: 'local only is on',
    models: [opus, gpt, seven],
    policy: 'local-only',
    text: hard,
    chosen: seven.id,
    says: /only model on this machine/,
  },
  {
    what: 'a file that is ignored may not leave',
    models: [opus, tiny],
    wanted: { localOnly: true },
    chosen: tiny.id,
    says: /only model on this machine/,
  },
  {
    what: 'the policy is "cheapest", without a local model',
    models: [opus, gpt, nano],
    policy: 'cheapest',
    chosen: nano.id,
    says: /cheapest model/,
  },
  {
    what: 'the policy is "cheapest", and one price is unknown',
    models: [unpriced, mini],
    policy: 'cheapest',
    chosen: mini.id,
    says: /cheapest model/,
  },
  {
    what: 'the policy is "best", also before a local model',
    models: [seven, haiku, opus],
    policy: 'best',
    chosen: opus.id,
    says: /strongest model/,
  },
  {
    what: 'the policy is "fastest"',
    models: [opus, sonnet, nano],
    policy: 'fastest',
    chosen: nano.id,
    says: /fastest model/,
  },
  {
    what: 'a rule sends reviews elsewhere',
    models: [seven, opus],
    rules: [{ when: { task: 'review' }, use: opus.id }],
    wanted: { task: 'review' },
    chosen: opus.id,
    says: /your rule for the task "review"/,
  },
  {
    what: 'a rule names a model that is not there',
    models: [seven],
    rules: [{ when: {}, use: 'openai/gone' }],
    chosen: seven.id,
    says: /only configured model/,
  },
  {
    what: 'a rule for one language',
    models: [seven, gpt],
    rules: [{ when: { language: 'rust' }, use: gpt.id }],
    asks: { language: 'rust' },
    chosen: gpt.id,
    says: /your rule for the language "rust"/,
  },
  {
    what: 'the user names a model that is down',
    models: [stopped, gpt],
    wanted: { explicit: stopped.id },
    chosen: stopped.id,
    says: /you chose it, although it may not answer \(Nothing answers\)/,
  },
  {
    what: 'the user names a model that does not exist',
    models: [seven, gpt],
    wanted: { explicit: 'openai/gpt-9' },
    says: /There's no model "openai\/gpt-9"\. Choose one of ollama\/qwen2\.5-coder:7b, openai\/gpt-5\./,
  },
];

describe('without anything learned, the choice', () => {
  for (const {
    what,
    models,
    text = everyday,
    asks,
    wanted,
    policy = 'local-first',
    rules = [],
    chosen,
    says,
  } of situations) {
    it(`is sensible when ${what}`, async () => {
      const router = createRouter({ models: async () => models, routing: () => ({ policy, rules }) });
      const choice = router.select(
        { task: 'chat', profile: 'default', ...wanted, request: { text, ...asks } },
        new AbortController().signal,
      );
      const { id, words } = await choice.then(
        ({ decision }) => ({ id: decision.model, words: decision.reason }),
        (error: Error) => ({ id: undefined, words: error.message }),
      );
      assert.equal(id, chosen, words);
      assert.match(words, says);
    });
  }

  it('is told beside each model when the budget is spent: the free ones stay', () => {
    const spent = { localOnly: false, usedUp: "Today's budget" };
    assert.deepEqual(
      [opus, mini, seven].map((candidate) => whyUnavailable(candidate, spent)),
      ["Today's budget is used up.", "Today's budget is used up.", undefined],
    );
  });
});
