// Pictures made by providers, in the exact words of each API, with their price checked before and counted after.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ProviderConfig, ProviderType } from '../../../daemon/base/config/config.ts';
import type { Fetch } from '../../../daemon/base/egress.ts';
import { CancelledError, UserError } from '../../../daemon/base/errors.ts';
import type { Costs, PricedRequest, RequestEnd } from '../../../daemon/models/costs/costs.ts';
import { createPictureMaker, type PictureOrder } from '../../../daemon/models/make-pictures.ts';
import type { AdapterOptions } from '../../../daemon/models/providers/connection.ts';
import { createGoogleProvider } from '../../../daemon/models/providers/google.ts';
import { createOllamaProvider } from '../../../daemon/models/providers/ollama.ts';
import { createOpenAiProvider } from '../../../daemon/models/providers/openai.ts';
import type { Provider } from '../../../daemon/models/providers/provider.ts';

const png = Buffer.from('\x89PNG\r\n\x1a\n and the rest', 'latin1').toString('base64');
const jpeg = Buffer.from('\xff\xd8\xff\xe0 and the rest', 'latin1').toString('base64');

interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** One JSON answer to everything, by its format. */
class ImageServer {
  readonly asked: Asked[] = [];
  answer: object = {};
  status = 200;
  readonly arrived = Promise.withResolvers<void>();
  isSilent = false;
  readonly #http: Server;

  constructor() {
    this.#http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
        this.asked.push({ path: request.url ?? '', headers: request.headers, body });
        this.arrived.resolve();
        if (this.isSilent) return;
        response.writeHead(this.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(this.answer));
      });
    });
  }

  async start(): Promise<void> {
    await once(this.#http.listen(0, '127.0.0.1'), 'listening');
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }

  /** What asks the provider's own address comes here, so that its own prices hold. */
  readonly fetch: Fetch = (input, init) => {
    const url = new URL(String(input));
    return fetch(`http://127.0.0.1:${(this.#http.address() as AddressInfo).port}${url.pathname}${url.search}`, init);
  };
}

interface Format {
  type: ProviderType;
  /** The first of the models that are known, where one is. */
  model: string;
  path: string;
  key: [header: string, value: string];
  sent: object;
  answer: object;
  mediaType: string;
  usd: number | undefined;
}

const prompt = 'A lighthouse at dusk';
const formats: readonly Format[] = [
  {
    type: 'openai',
    model: 'gpt-image-1.5',
    path: '/v1/images/generations',
    key: ['authorization', 'Bearer sk-test'],
    sent: { model: 'gpt-image-1.5', prompt, n: 1, size: '1536x1024', quality: 'medium' },
    answer: {
      created: 1,
      data: [{ b64_json: png }],
      usage: { total_tokens: 1600, input_tokens: 20, output_tokens: 1580 },
    },
    mediaType: 'image/png',
    usd: 0.05,
  },
  {
    type: 'google',
    model: 'gemini-3.1-flash-image',
    path: '/v1beta/models/gemini-3.1-flash-image:generateContent',
    key: ['x-goog-api-key', 'sk-test'],
    sent: {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '3:2' } },
    },
    answer: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [{ text: 'Here it is.' }, { inlineData: { mimeType: 'image/png', data: png } }],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 1120 },
    },
    mediaType: 'image/png',
    usd: 0.067,
  },
  {
    type: 'xai',
    model: 'grok-imagine-image',
    path: '/v1/images/generations',
    key: ['authorization', 'Bearer sk-test'],
    sent: { model: 'grok-imagine-image', prompt, n: 1, aspect_ratio: '3:2', response_format: 'b64_json' },
    answer: { data: [{ b64_json: jpeg, mime_type: 'image/jpeg' }], usage: { cost_in_usd_ticks: 200_000_000 } },
    mediaType: 'image/jpeg',
    usd: 0.02,
  },
];

describe('a picture that is made', () => {
  let server: ImageServer;
  beforeEach(async () => {
    server = new ImageServer();
    await server.start();
  });
  afterEach(() => server.close());

  const order: PictureOrder = { profile: 'default', prompt, shape: 'landscape' };
  const never = new AbortController().signal;

  function providerOf(type: ProviderType, config: Partial<ProviderConfig> = {}): Provider {
    const options: AdapterOptions = {
      name: type,
      local: false,
      fetch: server.fetch,
      apiKey: async () => 'sk-test',
      config: { type, ...config },
    };
    if (type === 'google') return createGoogleProvider(options);
    return type === 'ollama' ? createOllamaProvider(options) : createOpenAiProvider(options);
  }

  function setUp(
    types: readonly ProviderType[],
    { isSpent = false, configs = {} as Record<string, ProviderConfig>, vision = {} as { pictureModel?: string } } = {},
  ) {
    const begun: PricedRequest[] = [];
    const ends: RequestEnd[] = [];
    const costs: Pick<Costs, 'begin' | 'countShared'> = {
      async begin(request) {
        begun.push(request);
        if (isSpent) throw new UserError('budget-reached', 'Not sent.');
        return {
          notes: [],
          end(end) {
            ends.push(end);
            return end.billedUsd === undefined
              ? { kind: 'unknown', why: 'nobody knows' }
              : { kind: 'known', usd: end.billedUsd };
          },
        };
      },
      countShared: () => ({ kind: 'free', why: '' }),
    };
    const providers = new Map(types.map((type) => [type as string, providerOf(type, configs[type])]));
    const maker = createPictureMaker({
      registry: {
        provider: (name) => providers.get(name),
        servers: () =>
          types.map((name) => ({ name, baseUrl: '', local: false, needsKey: name !== 'ollama', implicit: true })),
      },
      costs,
      config: { config: { providers: configs, vision } },
      keys: { has: async () => true },
      requestContext: { workspace: undefined },
    });
    return { maker, begun, ends };
  }

  for (const { type, model, path, key, sent, answer, mediaType, usd } of formats) {
    it(`is asked of ${type} in its own words, and counted at its price`, async () => {
      const { maker, begun, ends } = setUp([type]);
      server.answer = answer;
      const made = await maker.make(order, never);
      assert.deepEqual(
        server.asked.map(({ path, headers, body }) => [path, headers[key[0]], body]),
        [[path, key[1], sent]],
      );
      assert.deepEqual(
        [made.model, made.mediaType, made.prompt, made.costUsd],
        [`${type}/${model}`, mediaType, prompt, usd],
      );
      assert.deepEqual([begun[0]?.flatUsd, begun[0]?.task, ends[0]?.billedUsd], [usd, 'picture', usd]);
    });
  }

  it('is asked of a compatible server for the model that was named, at an unknown price', async () => {
    const configs = { 'openai-compatible': { type: 'openai-compatible', baseUrl: 'http://lab/v1' } } as const;
    const { maker, begun } = setUp(['openai-compatible'], { configs });
    server.answer = { data: [{ b64_json: png }] };
    const made = await maker.make({ ...order, shape: 'square', model: 'openai-compatible/sd/turbo' }, never);
    assert.deepEqual(server.asked[0]?.body, {
      model: 'sd/turbo',
      prompt,
      n: 1,
      size: '1024x1024',
      response_format: 'b64_json',
    });
    assert.deepEqual(
      [made.model, made.costUsd, begun[0]?.flatUsd],
      ['openai-compatible/sd/turbo', undefined, undefined],
    );
  });

  it('is asked of the configured model where none was named', async () => {
    const configs = { 'openai-compatible': { type: 'openai-compatible', baseUrl: 'http://lab/v1' } } as const;
    const pictureModel = 'openai-compatible/sd/turbo';
    const { maker } = setUp(['openai', 'openai-compatible'], { configs, vision: { pictureModel } });
    server.answer = { data: [{ b64_json: png }] };
    assert.equal((await maker.make(order, never)).model, pictureModel);
    assert.equal((await maker.make({ ...order, model: 'openai/gpt-image-1.5' }, never)).model, 'openai/gpt-image-1.5');
  });

  it('is not asked for where a budget is used up', async () => {
    const { maker } = setUp(['openai'], { isSpent: true });
    await assert.rejects(maker.make(order, never), { code: 'budget-reached' });
    assert.equal(server.asked.length, 0);
  });

  const problems: readonly { name: string; answer: object; status?: number; code: string }[] = [
    {
      name: 'a refusal by status',
      status: 400,
      answer: { error: { message: 'Your request was rejected', code: 'moderation_blocked' } },
      code: 'refused',
    },
    { name: 'no picture', answer: { data: [] }, code: 'refused' },
    {
      name: 'an address in place of a picture',
      answer: { data: [{ url: 'https://elsewhere/x.png' }] },
      code: 'refused',
    },
    { name: 'bytes that are no picture', answer: { data: [{ b64_json: 'PGh0bWw+' }] }, code: 'unavailable' },
  ];
  for (const { name, answer, status = 200, code } of problems)
    it(`ends in a sentence: ${name}`, async () => {
      const { maker, ends } = setUp(['openai']);
      server.answer = answer;
      server.status = status;
      await assert.rejects(maker.make(order, never), (error) => error instanceof UserError && error.code === code);
      assert.equal(server.asked.length, 1, 'it is not asked for again');
      assert.equal(ends[0]?.status, 'failed');
    });

  it('ends when it is cancelled, and counts as one that may be billed', async () => {
    const { maker, ends } = setUp(['openai']);
    server.isSilent = true;
    const stop = new AbortController();
    const making = maker.make(order, stop.signal);
    await server.arrived.promise;
    stop.abort();
    await assert.rejects(making, CancelledError);
    assert.equal(ends[0]?.status, 'cancelled');
  });

  for (const [what, model] of [
    ['a provider without such models', 'ollama/llava'],
    ['a provider that is not there', 'nobody/x'],
    ['no provider at all', 'gpt-image-1.5'],
  ] as const)
    it(`is refused for a model of ${what}`, async () => {
      const { maker } = setUp(['ollama']);
      await assert.rejects(maker.make({ ...order, model }, never), { code: 'no-picture-model' });
    });

  it('says what to set up where no model is', async () => {
    const { maker } = setUp(['ollama']);
    await assert.rejects(maker.make(order, never), /Add an API key for OpenAI, Gemini, or xAI/);
  });

  it('says whose models make videos', async () => {
    assert.match(await setUp(['openai', 'google']).maker.aboutVideos(), /openai \(Sora\) and google \(Veo\) can/);
    assert.match(await setUp(['ollama']).maker.aboutVideos(), /no provider that could is set up/);
  });
});
