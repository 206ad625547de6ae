// Servers that fill holes in code, each in its own format: what is asked, what is read, and what a refusal says.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AdapterOptions } from '../../../../daemon/models/providers/connection.ts';
import { createOllamaProvider } from '../../../../daemon/models/providers/ollama.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import {
  type CodePart,
  type CodeRequest,
  type Provider,
  ProviderError,
} from '../../../../daemon/models/providers/provider.ts';
import { startLlamaServer } from '../../../fakes/provider-servers/llama-server.ts';
import { startOllamaServer } from '../../../fakes/provider-servers/ollama.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import type { Script, ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { never } from './adapters.ts';

const request: CodeRequest = {
  model: 'scripted',
  name: 'a.ts',
  others: [{ name: 'b.ts', text: 'export const b = 1;' }],
  prefix: 'const a = b;\n',
  begun: 'return ',
  suffix: '\n}\n',
  isOneLine: true,
  maxOutputTokens: 64,
  place: 'completion 1',
};
const before = 'export const b = 1;\nconst a = b;\nreturn ';

interface CodeServerCase {
  name: string;
  start(reply?: Script): Promise<ScriptedServer>;
  create(options: AdapterOptions): Provider;
  type: AdapterOptions['config']['type'];
  path: string;
  body: object;
  /** What it writes once more, of what stands before the hole. */
  held?: string;
  /** Of 100 tokens read anew, 40 kept, and 20 written. */
  read: CodePart[];
  usage: object;
  /** What it says of a model that fills no holes. */
  refusal: { status: number; body: object };
}

const inserting = { name: 'scripted', capabilities: ['completion', 'insert'] };
const fimModel = { id: 'scripted', capabilities: { completion_fim: true } };
const counts = { input: 100, cacheRead: 40, cacheWrite: 0, output: 20, reasoning: 0 };
const suffixBody = { model: 'scripted', prompt: before, suffix: '\n}\n', max_tokens: 64, temperature: 0, stop: ['\n'] };

const servers: readonly CodeServerCase[] = [
  {
    name: 'llama-server',
    start: (reply) => startLlamaServer({ ...(reply && { reply }) }),
    create: createOpenAiProvider,
    type: 'openai-compatible',
    path: '/infill',
    body: {
      model: 'scripted',
      input_prefix: 'const a = b;\n',
      input_suffix: '\n}\n',
      input_extra: [{ filename: 'b.ts', text: 'export const b = 1;' }],
      prompt: 'return',
      grammar: String.raw`root ::= " " ([^ \t\x00] [^\x00]*)?`,
      n_predict: 64,
      temperature: 0,
      cache_prompt: true,
      return_progress: true,
      stop: ['\n'],
    },
    held: ' ',
    read: [{ kind: 'read', tokens: 140, cached: 40, speed: 1000 }],
    usage: counts,
    refusal: {
      status: 501,
      body: {
        error: {
          code: 501,
          message: 'Infill is not supported by this model: prefix token is missing. suffix token is missing. ',
          type: 'not_supported_error',
        },
      },
    },
  },
  {
    name: 'Ollama',
    start: (reply) => startOllamaServer({ models: [inserting], ...(reply && { reply }) }),
    create: createOllamaProvider,
    type: 'ollama',
    path: '/api/generate',
    body: {
      model: 'scripted',
      prompt: before,
      suffix: '\n}\n',
      options: { num_ctx: 8192, num_predict: 64, temperature: 0 },
    },
    read: [{ kind: 'read', tokens: 140, cached: 0, speed: 1.4e11 }],
    usage: { ...counts, input: 140, cacheRead: 0 },
    refusal: { status: 400, body: { error: 'registry.ollama.ai/library/scripted:latest does not support insert' } },
  },
  {
    name: 'Mistral',
    start: (reply) => startOpenAiServer({ models: [fimModel], ...(reply && { reply }) }),
    create: createOpenAiProvider,
    type: 'openai-compatible',
    path: '/v1/fim/completions',
    body: suffixBody,
    read: [],
    usage: counts,
    refusal: {
      status: 422,
      body: { detail: [{ type: 'extra_forbidden', loc: ['body', 'suffix'], msg: 'Extra inputs are not permitted' }] },
    },
  },
  {
    name: 'completions with a suffix',
    start: (reply) => startOpenAiServer({ ...(reply && { reply }) }),
    create: createOpenAiProvider,
    type: 'openai-compatible',
    path: '/v1/completions',
    body: { ...suffixBody, stream_options: { include_usage: true } },
    read: [],
    usage: counts,
    refusal: {
      status: 400,
      body: { object: 'error', message: 'suffix is not currently supported', type: 'BadRequestError', code: 400 },
    },
  },
];

/** Of a provider whose server is here. */
const at = (
  baseUrl: string,
  config: Partial<AdapterOptions['config']> & Pick<AdapterOptions['config'], 'type'>,
): AdapterOptions => ({
  name: 'lab',
  local: true,
  fetch: globalThis.fetch,
  apiKey: async () => undefined,
  config: { baseUrl, ...config },
});

for (const { name, start, create, type, path, body, held = '', read, usage, refusal } of servers)
  describe(`code by ${name}`, () => {
    const provide = ({ url }: ScriptedServer, config: Partial<AdapterOptions['config']> = {}): Provider =>
      create(at(url, { type, ...config }));
    const codeOf = (provider: Provider, over: Partial<CodeRequest> = {}, signal = never): AsyncIterable<CodePart> => {
      assert.ok(provider.complete);
      return provider.complete({ ...request, ...over }, signal);
    };
    const failureOf = async (provider: Provider): Promise<ProviderError> => {
      try {
        for await (const _ of codeOf(provider));
      } catch (error) {
        assert.ok(error instanceof ProviderError, String(error));
        return error;
      }
      throw new Error('nothing failed');
    };

    it('is asked as its documentation says, and streams what it writes', async () => {
      await using server = await start({
        text: [`${held}a + `, 'b;'],
        usage: { input: 100, cacheRead: 40, output: 20 },
      });
      const parts: CodePart[] = [];
      for await (const part of codeOf(provide(server))) parts.push(part);
      assert.deepEqual(
        server.chats.map(({ path, body }) => [path, body]),
        [[path, { ...body, stream: true }]],
      );
      assert.equal(parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''), 'a + b;');
      assert.deepEqual(
        parts.filter(({ kind }) => kind === 'read'),
        read,
      );
      const last = parts.at(-1);
      assert.deepEqual(last?.kind === 'finish' && [last.reason, last.usage], ['stop', usage]);
    });

    it('is asked for something else with a temperature', async () => {
      await using server = await start({ text: ['b;'] });
      for await (const _ of codeOf(provide(server), { temperature: 0.8 }));
      assert.match(JSON.stringify(server.chats.map(({ body }) => body)), /"temperature":0\.8\b/);
    });

    it('ends the request when nobody reads on', async () => {
      const go = Promise.withResolvers<void>();
      await using server = await start({ text: [`${held}a + `, 'b;'], hold: { after: 1, until: go.promise } });
      for await (const part of codeOf(provide(server))) if (part.kind === 'text') break;
      await server.closedEarly();
      go.resolve();
    });

    it('ends the request when it is cancelled before the first word', async () => {
      const go = Promise.withResolvers<void>();
      await using server = await start({ hold: { after: 'request', until: go.promise } });
      const abort = new AbortController();
      const ended = (async () => {
        for await (const _ of codeOf(provide(server), {}, abort.signal));
      })();
      await server.asked();
      abort.abort();
      await assert.rejects(ended, { name: 'CancelledError' });
      await server.closedEarly();
      go.resolve();
    });

    it('says what to do where the model fills no holes', async () => {
      await using server = await start(refusal);
      const { code, message } = await failureOf(provide(server));
      assert.equal(code, 'bad-request');
      assert.equal(
        message,
        'scripted can\'t complete code on "lab". Choose a model with fill-in-the-middle tokens for "completion.model".',
      );
    });

    const refusals = [
      [404, 'model-not-found', {}],
      [422, 'bad-request', {}],
      [429, 'rate-limited', { 'retry-after': '7' }],
      [401, 'auth', {}],
      [503, 'unavailable', {}],
    ] as const;
    for (const [status, code, headers] of refusals)
      it(`says what ${status} means`, async () => {
        await using server = await start({ status, headers, body: { error: { message: 'Sorry.' } } });
        const error = await failureOf(provide(server));
        assert.equal(error.code, code);
        assert.match(error.message, /\.$/);
        if (status === 429) assert.equal(error.retryAfterMs, 7000);
      });
  });

describe('what stands before a hole', () => {
  const filled = async (begun: string, text: string[]) => {
    await using server = await startLlamaServer({ reply: { text } });
    const provider = createOpenAiProvider(at(server.url, { type: 'openai-compatible' }));
    const parts: CodePart[] = [];
    for await (const part of provider.complete?.({ ...request, begun }, never) ?? []) parts.push(part);
    const [asked] = server.chats;
    assert.ok(asked);
    const { prompt, grammar } = asked.body as { prompt: string; grammar?: string };
    return { prompt, grammar, text: parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('') };
  };
  const rows: Record<string, { begun: string; text: string[]; told: string; written: string }> = {
    'is a part of a word': { begun: 'return unk', text: [' unknown', ' + 1;'], told: 'return', written: 'nown + 1;' },
    'comes in several pieces': {
      begun: 'return unk',
      text: [' ', 'u', 'nkn', 'own;'],
      told: 'return',
      written: 'nown;',
    },
    'is an indentation': { begun: '\t\t', text: ['\t\treturn;'], told: '', written: 'return;' },
    'is a word with letters of other alphabets': { begun: 'größ', text: ['größe'], told: '', written: 'e' },
    'is no word': { begun: 'call(', text: ['a);'], told: 'call(', written: 'a);' },
    'is cut off in the answer': { begun: 'let unk', text: [' u'], told: 'let', written: '' },
  };
  for (const [what, { begun, text, told, written }] of Object.entries(rows))
    it(what, async () => {
      const asked = await filled(begun, text);
      assert.deepEqual([asked.prompt, asked.text], [told, written]);
      const held = begun.slice(told.length);
      assert.equal(asked.grammar?.startsWith(`root ::= "${held}" `), held === '' ? undefined : true);
    });
});

describe('a llama-server that takes no notice of a grammar', () => {
  const typed = { ...request, begun: 'let unk' };
  const textOf = async (provider: Provider, asked: typeof request): Promise<string> => {
    let all = '';
    for await (const part of provider.complete?.(asked, never) ?? []) if (part.kind === 'text') all += part.text;
    return all;
  };

  it('is asked once more, after all that is typed, and from then on at once', async () => {
    await using server = await startLlamaServer({
      reply: ({ body }) => ((body as { prompt: string }).prompt === 'let' ? ' won;' : 'nown = 1;'),
    });
    const provider = createOpenAiProvider(at(server.url, { type: 'openai-compatible' }));
    assert.deepEqual([await textOf(provider, typed), await textOf(provider, typed)], ['nown = 1;', 'nown = 1;']);
    assert.deepEqual(
      server.chats
        .map(({ body }) => body as { prompt: string; grammar?: string })
        .map(({ prompt, grammar }) => [prompt, !!grammar]),
      [
        ['let', true],
        ['let unk', false],
        ['let unk', false],
      ],
    );
  });

  it('is asked once where it writes by itself what is typed', async () => {
    await using server = await startLlamaServer({ reply: ' unknown;' });
    const provider = createOpenAiProvider(at(server.url, { type: 'openai-compatible' }));
    assert.equal(await textOf(provider, typed), 'nown;');
    assert.equal(server.chats.length, 1);
  });
});

describe('which servers fill holes', () => {
  const provide = (url: string, config: Partial<AdapterOptions['config']> = {}): Provider =>
    createOpenAiProvider(at(url, { type: 'openai-compatible', ...config }));

  const configured = [
    ['infill', '/infill'],
    ['fim', '/v1/fim/completions'],
    ['completions', '/v1/completions'],
  ] as const;
  for (const [completionApi, path] of configured)
    it(`asks ${path} where the configuration says ${completionApi}, and no list`, async () => {
      await using server = await startOpenAiServer({ models: [fimModel] });
      const asked = provide(server.url, { completionApi }).complete?.(request, never);
      assert.ok(asked);
      await (async () => {
        for await (const _ of asked);
      })().catch(() => {}); // this server has no /infill
      assert.deepEqual([...new Set(server.requests.map(({ path }) => path))], [path]);
    });

  it('asks a server once what it is', async () => {
    await using server = await startLlamaServer();
    const provider = provide(server.url);
    for (let i = 0; i < 3; i++) for await (const _ of provider.complete?.(request, never) ?? []);
    assert.equal(server.requests.filter(({ path }) => path === '/v1/models').length, 1);
  });

  it('says so of models that their list says it of', async () => {
    await using mistral = await startOpenAiServer({ models: [fimModel, { id: 'other', capabilities: {} }] });
    await using ollama = await startOllamaServer({
      models: [inserting, { name: 'other', capabilities: ['completion'] }],
    });
    const ofOllama = createOllamaProvider(at(ollama.url, { type: 'ollama' }));
    for (const provider of [provide(mistral.url), ofOllama])
      assert.deepEqual(
        (await provider.listModels(never)).map(({ completion }) => completion),
        ['also', undefined],
      );
  });

  it('asks Ollama for no code of a model whose template has no suffix', async () => {
    await using server = await startOllamaServer({ models: [{ name: 'scripted', capabilities: ['completion'] }] });
    const provider = createOllamaProvider(at(server.url, { type: 'ollama' }));
    await assert.rejects(async () => {
      for await (const _ of provider.complete?.(request, never) ?? []);
    }, /can't complete code/);
    assert.equal(server.chats.length, 0);
  });

  it('sends Ollama a suffix at the end of a file too: without one, its template is that of a chat', async () => {
    await using server = await startOllamaServer({ models: [inserting] });
    const provider = createOllamaProvider(at(server.url, { type: 'ollama' }));
    for await (const _ of provider.complete?.({ ...request, suffix: '' }, never) ?? []);
    assert.deepEqual(
      server.chats.map(({ body }) => (body as { suffix: string }).suffix),
      ['\n'],
    );
  });
});
