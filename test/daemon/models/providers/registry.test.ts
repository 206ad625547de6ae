// The registry over scripted servers: what is offered, in which order, how healthy, and how often anybody is asked.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { Config } from '../../../../daemon/base/config/config.ts';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { UserError } from '../../../../daemon/base/errors.ts';
import { Listing } from '../../../../daemon/models/providers/listing.ts';
import { type ModelInfo, type Provider, ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { createRegistry, type Registry } from '../../../../daemon/models/providers/registry.ts';
import { startAnthropicServer } from '../../../fakes/provider-servers/anthropic.ts';
import { startOllamaServer } from '../../../fakes/provider-servers/ollama.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import { never } from './adapters.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Setup {
  providers?: object;
  keys?: Record<string, string>;
  extra?: Provider[];
  fetch?: Fetch;
  now?: () => number;
}

/** Without a fetch of its own, a registry here reaches what is on loopback, but not an Ollama that may run on the tester's machine. */
function registry({ providers = {}, keys = {}, extra = [], fetch = redirected(), now = () => 0 }: Setup): Registry {
  return createRegistry({
    config: () => Config.parse({ providers }),
    apiKey: async (name) => keys[name],
    keyScope: async (name) => (name in keys ? 'global' : undefined),
    fetchFor: () => fetch,
    wrap: (provider) => provider,
    extra,
    log: silent,
    now,
  });
}

/** fetch, with providers' own addresses led to scripted servers, or nowhere. */
function redirected(to: Record<string, string> = {}): Fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const target = to[url.host];
    if (target) return fetch(new URL(url.pathname + url.search, target), init);
    if (url.host !== '127.0.0.1:11434' && url.hostname === '127.0.0.1') return fetch(input, init);
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
  };
}

function fileProvider(listModels: Provider['listModels'], name = 'local'): Provider {
  return {
    name,
    local: true,
    listModels,
    stream: () => assert.fail('not streamed'),
    embed: () => assert.fail('not embedded'),
  };
}
const tiny: ModelInfo = { name: 'tiny', capabilities: {}, source: 'file' };

const summary = async (from: Registry, options?: Parameters<Registry['models']>[1]) =>
  (await from.models(never, options)).map(({ id, health }) => `${id} ${health.state}`);

describe('the registry offers', () => {
  it('what is loaded now, by asking those of this machine anew that tell it, and nobody else', async () => {
    const asked: string[] = [];
    let loaded = false;
    const provider = (name: string, local: boolean, tells: boolean): Provider => ({
      ...fileProvider(async () => {
        asked.push(name);
        return [{ ...tiny, ...(tells && { loaded }) }];
      }, name),
      local,
    });
    const models = registry({
      extra: [provider('files', true, true), provider('silent', true, false), provider('cloud', false, true)],
    });
    await models.models(never);
    loaded = true;
    asked.length = 0;
    const offers = await models.models(never, { refresh: 'local' });
    assert.deepEqual(asked, ['files']);
    assert.equal(offers.find(({ id }) => id === 'files/tiny')?.info.loaded, true);
  });

  it('what is configured in its order, then files, then what it found by itself', async () => {
    await using lab = await startOpenAiServer({ models: ['b', 'a'] });
    await using claude = await startAnthropicServer({ models: ['haiku'] });
    await using ollama = await startOllamaServer({ models: [{ name: 'coder' }] });
    const offers = await registry({
      providers: {
        claude: { type: 'anthropic', baseUrl: claude.url },
        lab: { type: 'openai-compatible', baseUrl: lab.url },
      },
      extra: [fileProvider(async () => [tiny])],
      fetch: redirected({ '127.0.0.1:11434': ollama.url }),
    }).models(never);
    assert.deepEqual(
      offers.map(({ id }) => id),
      ['claude/haiku', 'lab/b', 'lab/a', 'local/tiny', 'ollama/coder'],
    );
    assert.ok(offers.every(({ provider, health }) => provider.local && health.state === 'ok'));
  });

  it('models of a cloud as soon as its key is stored, and none before', async () => {
    await using openai = await startOpenAiServer({ models: ['gpt'] });
    const keys: Record<string, string> = {};
    const one = registry({ keys, fetch: redirected({ 'api.openai.com': openai.url }) });
    assert.deepEqual(await summary(one), []);
    assert.deepEqual(one.notes(), []);
    keys['openai'] = 'sk-1';
    assert.deepEqual(await summary(one), ['openai/gpt ok']);
    assert.equal(openai.requests[0]?.headers.authorization, 'Bearer sk-1');
    assert.equal(one.provider('openai')?.local, false);
  });

  it('a gateway on loopback as elsewhere, as soon as it lists a model that runs in a cloud', async () => {
    await using lab = await startOpenAiServer({ models: ['qwen3', 'claude-sonnet-4'] });
    const config = { type: 'openai-compatible', baseUrl: lab.url };
    const isLocal = async (more: object) =>
      (await registry({ providers: { lab: { ...config, ...more } } }).models(never)).map(
        ({ provider }) => provider.local,
      );
    assert.deepEqual(await isLocal({}), [false, false]);
    assert.deepEqual(await isLocal({ local: false }), [false, false]);
    assert.deepEqual(await isLocal({ local: true }), [true, true]);
  });

  it('a model that the user names though its provider could not list it, and no other provider does', async () => {
    await using lab = await startOpenAiServer();
    const away = { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1' };
    const one = registry({ providers: { away, lab: { type: 'openai-compatible', baseUrl: lab.url } } });
    const ids = async (named?: string) =>
      (await one.models(never, { named })).map(({ id, health }) => `${id} ${health.state}`);
    assert.deepEqual(await ids(), ['lab/scripted ok']);
    assert.deepEqual(await ids('away/org/m'), ['away/org/m unknown', 'lab/scripted ok']);
    assert.deepEqual(await ids('lab/typo'), ['lab/scripted ok'], 'a list that is there is believed');
    assert.match(one.notes().join(), /127\.0\.0\.1:9/);
  });

  const answers: [what: string, reply: object | undefined, seen: { ok: boolean; detail: RegExp }][] = [
    ['lists models', undefined, { ok: true, detail: /"lab" responds and lists 2 models/ }],
    [
      'refuses the key',
      { status: 401, body: { error: { message: 'Incorrect API key provided' } } },
      { ok: false, detail: /rejected the API key \(401\): Incorrect API key/ },
    ],
    ['has no list', { status: 200, body: { hello: 'there' } }, { ok: false, detail: /no list|without models/ }],
    ['has an empty list', { status: 200, body: { data: [] } }, { ok: false, detail: /lists no models/ }],
    [
      'answers with a page',
      { status: 200, body: '<html>Sign in</html>', type: 'text/html' },
      { ok: false, detail: /web page/ },
    ],
  ];
  for (const [what, reply, { ok, detail }] of answers)
    it(`what a check of a provider saw, where it ${what}`, async () => {
      const {
        status = 200,
        body = ['a', 'b'],
        type = 'application/json',
      } = (reply ?? {}) as { status?: number; body?: unknown; type?: string };
      const fetch: Fetch = async () =>
        new Response(typeof body === 'string' ? body : JSON.stringify(body), {
          status,
          headers: { 'content-type': type },
        });
      const providers = { lab: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1' } };
      const seen = await registry({ providers, keys: { lab: 'sk-1' }, fetch }).check('lab', never);
      assert.equal(seen.ok, ok);
      assert.match(seen.detail, detail);
    });

  /** Lists its models for whom `takes` takes at `/models`; other addresses answer what they are said to. */
  const guarded =
    (takes: (key: string | null) => boolean, elsewhere: Record<string, number> = {}): Fetch =>
    async (input, init) => {
      const url = String(input);
      const key = new Headers(init?.headers).get('authorization');
      const status = elsewhere[url] ?? (takes(key) ? 200 : 401);
      return Response.json(status === 200 ? { data: [{ id: 'a' }] } : { error: { message: 'Who?' } }, { status });
    };
  const right = (key: string | null): boolean => key === 'Bearer sk-1';
  const openRouter = 'https://openrouter.ai/api/v1';
  const huggingFace = 'https://router.huggingface.co/v1';
  const proofs: [what: string, address: string, fetch: Fetch, seen: { ok: boolean; detail: RegExp }][] = [
    ['lists for that key alone', 'http://127.0.0.1:9/v1', guarded(right), { ok: true, detail: /accepts the key/ }],
    ['lists for anybody', 'http://127.0.0.1:9/v1', guarded(() => true), { ok: true, detail: /doesn't check keys/ }],
    [
      'lists for any key',
      'http://127.0.0.1:9/v1',
      guarded((key) => key !== null),
      { ok: true, detail: /doesn't check keys/ },
    ],
    [
      'is away when a wrong key is tried',
      'http://127.0.0.1:9/v1',
      async (input, init) => {
        if (!right(new Headers(init?.headers).get('authorization'))) throw new TypeError('fetch failed');
        return guarded(right)(input, init);
      },
      { ok: true, detail: /doesn't check keys/ },
    ],
    [
      'lists for anybody, and takes the key elsewhere',
      openRouter,
      guarded(() => true, { [`${openRouter}/key`]: 200 }),
      { ok: true, detail: /accepts the key/ },
    ],
    [
      'lists for anybody, and refuses the key elsewhere',
      openRouter,
      guarded(() => true, { [`${openRouter}/key`]: 401 }),
      { ok: false, detail: /rejected the API key \(401\)/ },
    ],
    [
      'lists for anybody, and refuses the key at its issuer',
      huggingFace,
      guarded(() => true, { 'https://huggingface.co/api/whoami-v2': 401 }),
      { ok: false, detail: /rejected the API key/ },
    ],
    [
      'lists for anybody, and fails elsewhere',
      huggingFace,
      guarded(() => true, { 'https://huggingface.co/api/whoami-v2': 500 }),
      { ok: true, detail: /doesn't check keys/ },
    ],
  ];
  for (const [what, baseUrl, fetch, { ok, detail }] of proofs)
    it(`what a check of a key proved, where its server ${what}`, async () => {
      const providers = { lab: { type: 'openai-compatible', baseUrl } };
      const models = registry({ providers, keys: { lab: 'sk-1' }, fetch });
      const seen = await models.check('lab', never);
      assert.deepEqual([seen.ok, detail.test(seen.detail)], [ok, true], seen.detail);
      assert.equal(await models.keyRefusal('lab'), ok ? undefined : seen.detail);
    });

  it('what a provider said when it refused its key, until another key or an answer comes', async () => {
    const refusal = Response.json({ error: { message: 'Incorrect API key provided' } }, { status: 401 });
    const providers = { lab: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1' } };
    const models = registry({ providers, keys: { lab: 'sk-wrong' }, fetch: async () => refusal.clone() as Response });
    assert.equal(await models.keyRefusal('lab'), undefined, 'nobody was asked');
    await models.models(never);
    assert.match((await models.keyRefusal('lab')) ?? '', /rejected the API key/);
    models.reset();
    assert.equal(await models.keyRefusal('lab'), undefined);
    models.reportFailure('lab/tiny', new ProviderError('auth', 'no longer valid'));
    models.reportFailure('lab/tiny', new ProviderError('network', 'away'));
    await setImmediate();
    assert.equal(await models.keyRefusal('lab'), 'no longer valid');
    models.reportSuccess('lab/tiny');
    await setImmediate();
    assert.equal(await models.keyRefusal('lab'), undefined);
  });
  it('of a check by a name that nobody has, that nothing uses its key', async () => {
    const { ok, detail } = await registry({}).check('opena', never);
    assert.equal(ok, false);
    assert.match(detail, /no provider "opena"/);
  });

  it('configured models first, also those that the server does not list', async () => {
    await using lab = await startOpenAiServer({ models: ['x', 'y'] });
    const offers = await registry({
      providers: { lab: { type: 'openai-compatible', baseUrl: lab.url, models: ['y', 'hidden'], contextTokens: 512 } },
    }).models(never);
    assert.deepEqual(
      offers.map(({ info, health }) => [info.name, info.source, info.contextTokens, health.state]),
      [
        ['y', 'server', 512, 'ok'],
        ['hidden', 'config', 512, 'unknown'],
        ['x', 'server', 512, 'ok'],
      ],
    );
  });

  it('what the user knows of a model before what its server says, with its source', async () => {
    await using lab = await startOpenAiServer({
      models: [
        { id: 'x', max_model_len: 4096 },
        { id: 'y', max_model_len: 4096 },
      ],
    });
    const models = [{ name: 'x', contextTokens: 1024, capabilities: { vision: true }, price: { input: 1, output: 2 } }];
    const [x, y] = await registry({
      providers: { lab: { type: 'openai-compatible', baseUrl: lab.url, models } },
    }).models(never);
    assert.deepEqual(
      [x?.info.contextTokens, x?.info.sources?.contextTokens, x?.info.capabilities.vision, x?.info.price?.output],
      [1024, 'config', true, 2],
    );
    assert.deepEqual(
      [y?.info.contextTokens, y?.info.sources?.contextTokens, y?.info.price],
      [4096, 'server', undefined],
    );
  });

  it("a price of the catalogue, with its day, for models at the provider's own address", async () => {
    await using openai = await startOpenAiServer({ models: ['gpt-4.1'] });
    const [offer] = await registry({
      keys: { openai: 'sk-1' },
      fetch: redirected({ 'api.openai.com': openai.url }),
    }).models(never);
    assert.match(offer?.info.price?.asOf ?? '', /^\d{4}-\d{2}-\d{2}$/);
    assert.equal(offer?.info.sources?.price, 'catalogue');
  });

  it('configured models of a server that cannot list, as unknown rather than down', async () => {
    await using ollama = await startOllamaServer(); // answers 404 to /models
    const one = registry({
      providers: { lab: { type: 'openai-compatible', baseUrl: `${ollama.url}/v1`, models: ['m'] } },
    });
    assert.deepEqual(await summary(one), ['lab/m unknown']);
  });

  it('configured models of a server that is away, as down and with the reason', async () => {
    const lab = await startOpenAiServer({ models: ['listed'] });
    let now = 0;
    const one = registry({
      providers: { lab: { type: 'openai-compatible', baseUrl: lab.url, models: ['m'] } },
      now: () => now,
    });
    assert.deepEqual(await summary(one), ['lab/m unknown', 'lab/listed ok']);
    await lab.close();
    now = 120_000;
    assert.deepEqual(await summary(one), ['lab/m down', 'lab/listed down']);
    assert.match(one.notes().join(), /Nothing responds at/);
  });

  it('configured models without their key as absent, and asks nobody', async () => {
    const one = registry({
      providers: { claude: { type: 'anthropic', models: ['opus'] } },
      fetch: () => assert.fail('no request may leave'),
    });
    const offers = (await one.models(never)).filter(({ id }) => id.startsWith('claude/'));
    assert.deepEqual(
      offers.map(({ id, health }) => `${id} ${health.state}`),
      ['claude/opus absent'],
    );
    assert.match(one.notes().join(), /No API key for "claude".*`switchyard keys set claude`\./);
  });

  it('nothing from an Ollama that is not there, without a word', async () => {
    const one = registry({});
    assert.deepEqual(await summary(one), []);
    assert.deepEqual(one.notes(), []);
  });

  it('a sentence for a provider without an address', async () => {
    const one = registry({ providers: { lab: { type: 'openai-compatible' } } });
    assert.deepEqual(await summary(one), []);
    assert.match(one.notes().join(), /"lab" has no baseUrl/);
  });

  it('the others when one of them fails in an unforeseen way', async () => {
    const broken = fileProvider(async () => {
      throw new Error('bug');
    }, 'broken');
    const one = registry({ extra: [broken, fileProvider(async () => [tiny])] });
    assert.deepEqual(await summary(one), ['local/tiny ok']);
    assert.deepEqual(one.notes(), ['"broken" couldn\'t list its models.']);
  });
});

describe('the registry asks', () => {
  it('once for all who wait, and again only when it is stale or told to', async () => {
    await using lab = await startOpenAiServer();
    let now = 0;
    const one = registry({ providers: { lab: { type: 'openai-compatible', baseUrl: lab.url } }, now: () => now });
    await Promise.all([summary(one), summary(one)]);
    await summary(one);
    assert.equal(lab.requests.length, 1);
    await summary(one, { refresh: true });
    assert.equal(lab.requests.length, 2);
    now = 61_000;
    await summary(one);
    assert.equal(lab.requests.length, 3);
  });

  it('a failed server again sooner than a good one', async () => {
    let asked = 0;
    let now = 0;
    const one = registry({
      extra: [
        fileProvider(async () => {
          asked++;
          throw new UserError('x', 'no');
        }),
      ],
      now: () => now,
    });
    await summary(one);
    await summary(one);
    now = 11_000;
    await summary(one);
    assert.equal(asked, 2);
  });

  it('nobody any more once the last who waited is gone', async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const hanging = fileProvider((signal) => {
      asked.resolve(signal);
      return new Promise(() => {});
    });
    const one = registry({ extra: [hanging] });
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [first, second].map(({ signal }) => assert.rejects(one.models(signal), { name: 'CancelledError' }));
    const signal = await asked.promise;
    first.abort();
    await waits[0];
    assert.equal(signal.aborted, false);
    second.abort();
    await waits[1];
    assert.equal(signal.aborted, true);
  });

  it('no longer than a named time, and says who was too slow', async () => {
    const provider = fileProvider(() => new Promise(() => {}), 'slow');
    const listed = await new Listing({ provider, configured: ['m'], now: () => 0, limitMs: 20 }).get(never);
    assert.match(listed.problem ?? '', /"slow" didn't list its models within 0\.02 s/);
    assert.deepEqual(
      listed.models.map(({ health }) => health.state),
      ['down'],
    );
  });

  it('anew after a reset, by the configuration of then', async () => {
    await using lab = await startOpenAiServer({ models: ['m'] });
    const providers: Record<string, object> = {};
    const one = registry({ providers });
    assert.deepEqual(await summary(one), []);
    providers['lab'] = { type: 'openai-compatible', baseUrl: lab.url };
    assert.deepEqual(await summary(one), []);
    one.reset();
    assert.deepEqual(await summary(one), ['lab/m ok']);
    assert.equal(one.provider('lab')?.name, 'lab');
    assert.equal(one.provider('nobody'), undefined);
  });
});

describe('the health of a model', () => {
  let now = 0;
  const one = registry({ extra: [fileProvider(async () => [tiny, { ...tiny, name: 'other' }])], now: () => now });
  const states = async () => (await summary(one)).join(', ');

  it('is down after a failed request, for that model alone', async () => {
    one.reportFailure('local/tiny', new ProviderError('unavailable', 'It broke.'));
    assert.equal(await states(), 'local/tiny down, local/other ok');
    assert.equal((await one.models(never))[0]?.health.detail, 'It broke.');
  });
  it('is healed by a success at once', async () => {
    one.reportSuccess('local/tiny');
    assert.equal(await states(), 'local/tiny ok, local/other ok');
  });
  it('is healed by time', async () => {
    one.reportFailure('local/tiny', new ProviderError('network', 'It broke.'));
    now += 31_000;
    assert.equal(await states(), 'local/tiny ok, local/other ok');
  });
  it('is down for as long as the provider asked to be left alone', async () => {
    one.reportFailure('local/tiny', new ProviderError('rate-limited', 'Too many.', { retryAfterMs: 45_000 }));
    now += 44_000;
    assert.match(await states(), /tiny down/);
    now += 2_000;
    assert.match(await states(), /tiny ok/);
  });
  it('does not suffer from requests that were themselves at fault', async () => {
    for (const code of ['context-too-long', 'bad-request'] as const)
      one.reportFailure('local/tiny', new ProviderError(code, 'Your fault.'));
    one.reportFailure('local/tiny', new Error('our bug'));
    assert.equal(await states(), 'local/tiny ok, local/other ok');
  });
});
