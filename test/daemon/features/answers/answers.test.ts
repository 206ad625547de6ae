// Answers of which no chat is kept: what the model is sent, what comes back, and what is refused instead of being left out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { type AnswerPart, type AnswerRequest, createAnswers } from '../../../../daemon/features/answers/answers.ts';
import type { ModelInfo, PromptMessage, StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import type { Router, SelectRequest } from '../../../../daemon/models/router/router.ts';
import { modelsOf, routerTo, type Script, ScriptedProvider } from '../pipeline/parts.ts';

const tools = [{ name: 'read', description: 'Reads a file.', parameters: { type: 'object' } }];
const image = { mediaType: 'image/png', data: 'aW1hZ2U=' };
const hello: PromptMessage[] = [{ role: 'user', content: 'Hello' }];

interface Asked {
  script?: Script;
  capabilities?: ModelInfo['capabilities'];
  request?: Partial<AnswerRequest>;
  signal?: AbortSignal;
}

function ask({ script = ['Hi.'], capabilities = {}, request = {}, signal = new AbortController().signal }: Asked) {
  const provider = new ScriptedProvider(script);
  const wanted: SelectRequest[] = [];
  const only = routerTo(provider);
  const router: Router = {
    async select(asked, life) {
      wanted.push(asked);
      const selection = await only.select(asked, life);
      const { candidate } = selection;
      return { ...selection, candidate: { ...candidate, info: { ...candidate.info, capabilities } } };
    },
  };
  const parts: AnswerPart[] = [];
  const answers = createAnswers({ models: modelsOf(router) });
  const result = answers.answer(
    { profile: 'default', messages: hello, ...request },
    { signal, onPart: (part) => parts.push(part) },
  );
  return { provider, wanted, parts, result };
}

describe('an answer of which no chat is kept', () => {
  it('streams text, tells who gives it and why, and ends with all of it', async () => {
    const { parts, result } = ask({ script: ['Hi', ' there.'] });
    const { text, decision, finishReason } = await result;
    assert.deepEqual([text, decision.model, finishReason], ['Hi there.', 'lab/tiny', 'stop']);
    assert.deepEqual(
      parts.map((part) => (part.kind === 'text' ? part.text : part.kind)),
      ['decision', 'Hi', ' there.'],
    );
  });

  it('carries tools, calls and results both ways', async () => {
    const call = { id: 'a', name: 'read', arguments: '{}', signature: 's' };
    const messages: PromptMessage[] = [
      ...hello,
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: 'const a = 1;', toolCallId: 'a' },
    ];
    const script: Script = [
      { kind: 'tool-call', ...call, id: 'b' },
      { kind: 'finish', reason: 'tool-calls' },
    ];
    const { provider, parts, wanted, result } = ask({ script, request: { messages, tools, mustCallTool: true } });
    const { toolCalls, finishReason } = await result;
    assert.deepEqual([toolCalls, finishReason], [[{ ...call, id: 'b' }], 'tool-calls']);
    assert.deepEqual(parts.at(-1), { kind: 'tool', ...call, id: 'b' });
    const [sent] = provider.requests;
    assert.deepEqual([sent?.messages, sent?.tools, sent?.mustCallTool], [messages, tools, true]);
    assert.equal(wanted[0]?.request?.needs?.tools, true);
  });

  it('asks for a model that reads images where there is one', async () => {
    const { wanted, result } = ask({ request: { messages: [{ role: 'user', content: 'What?', images: [image] }] } });
    await result;
    assert.deepEqual(wanted[0]?.request?.attachments, [{ kind: 'image', tokens: 1600 }]);
  });

  const refused: [what: string, asked: Asked, code: string][] = [
    ['tools, by a model without', { capabilities: { tools: false }, request: { tools } }, 'no-tools'],
    [
      'an image, by a model without vision',
      { capabilities: { vision: false }, request: { messages: [{ role: 'user', content: '', images: [image] }] } },
      'no-vision',
    ],
    [
      'an image of an earlier message',
      {
        capabilities: { vision: false },
        request: { messages: [{ role: 'user', content: '', images: [image] }, ...hello] },
      },
      'no-vision',
    ],
    ['a call that has to be, by a model that only talks', { request: { tools, mustCallTool: true } }, 'no-tool-call'],
  ];
  for (const [what, asked, code] of refused) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(ask(asked).result, { name: 'UserError', code });
    });
  }

  it('sends tools and images to a model of which it is not known whether it takes them', async () => {
    const { provider, result } = ask({
      request: { tools, messages: [{ role: 'user', content: '', images: [image] }] },
    });
    await result;
    assert.deepEqual(provider.requests[0]?.tools, tools);
  });

  it('tells what the model says beside its answer as notes, and waiting as such', async () => {
    const waiting: StreamPart = { kind: 'waiting', message: 'It is busy.', answer: { id: 'x', behind: [] } };
    const { parts, result } = ask({ script: [{ kind: 'warning', message: 'Cut.' }, waiting, 'Hi.'] });
    await result;
    assert.deepEqual(
      parts.filter(({ kind }) => kind === 'note'),
      [
        { kind: 'note', text: 'Cut.' },
        { kind: 'note', text: 'It is busy.', waiting: true },
      ],
    );
  });

  it('takes back what turns out to be reasoning', async () => {
    const { result } = ask({ script: ['Hm.', { kind: 'thought' }, 'Yes.'] });
    assert.equal((await result).text, 'Yes.');
  });

  it('reaches the model when it is cancelled', async () => {
    const life = new AbortController();
    const { provider, parts, result } = ask({ script: ['Hi', 'hang'], signal: life.signal });
    while (parts.length < 2) await new Promise((resolve) => setImmediate(resolve));
    life.abort();
    await assert.rejects(result, CancelledError);
    assert.equal(provider.open, 0);
  });

  it('fails with the sentence of its provider', async () => {
    const { result } = ask({ script: [new ProviderError('auth', 'The key of "lab" was rejected.')] });
    await assert.rejects(result, { code: 'auth', message: 'The key of "lab" was rejected.' });
  });

  it('counts tokens by the vocabulary, and not by letters', async () => {
    const answers = createAnswers({ models: modelsOf(routerTo(undefined)) });
    assert.equal(await answers.countTokens(''), 0);
    assert.equal(await answers.countTokens('hello world'), 2);
  });
});
