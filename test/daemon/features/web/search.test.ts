// Searches of the web: each engine's request and answer as its documentation has them, and what is said where none answers.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { WebSearch } from '../../../../daemon/features/web/engines/web-search.ts';
import { webSearchTool } from '../../../../daemon/features/web/tools/search-tool.ts';
import { egressWith, refusal } from '../../egress/kit.ts';
import { serve } from '../../egress/servers.ts';
import { never } from '../../models/providers/adapters.ts';
import { toolRun } from './kit.ts';

interface SentRequest {
  url: string;
  init: RequestInit;
}

const keyOf = (id: string) => `key-of-${id}`;

/** A search whose engine answers with this. */
function searchWith(
  answer: unknown,
  { status = 200, headers = {}, keys = [] as string[], searxng = undefined as string | undefined } = {},
): { search: WebSearch; sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  const fetch: Fetch = async (url, init = {}) => {
    sent.push({ url: String(url), init });
    return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status, headers });
  };
  const search = new WebSearch({
    config: () => (searxng === undefined ? {} : { searxng }),
    keys: { get: async (id) => (keys.includes(id) ? keyOf(id) : undefined), has: async (id) => keys.includes(id) },
    fetch,
    refusalFor: () => undefined,
  });
  return { search, sent };
}

const searxngAnswer = {
  query: 'tea & cake',
  number_of_results: 0,
  results: [
    {
      url: 'https://tea.example/',
      title: 'Tea',
      content: 'Leaves.',
      engine: 'duckduckgo',
      score: 1.5,
      category: 'general',
    },
    { url: 'https://cake.example/a', title: 'Cake', content: null, engine: 'bing', positions: [2] },
  ],
  answers: [],
  corrections: [],
  infoboxes: [],
  suggestions: ['tea cake'],
  unresponsive_engines: [['google', 'timeout']],
};
const braveAnswer = {
  type: 'search',
  query: { original: 'tea & cake', more_results_available: true },
  mixed: { type: 'mixed', main: [] },
  web: {
    type: 'search',
    results: [
      {
        title: 'Tea',
        url: 'https://tea.example/',
        description: '<strong>Leaves</strong> &amp; water.',
        language: 'en',
      },
      { title: 'Cake', url: 'https://cake.example/a', is_source_local: false },
    ],
  },
};
const tavilyAnswer = {
  query: 'tea & cake',
  answer: null,
  images: [],
  results: [
    { title: 'Tea', url: 'https://tea.example/', content: 'Leaves.', score: 0.98, raw_content: null },
    { title: 'Cake', url: 'https://cake.example/a', content: 'Flour.', score: 0.5 },
  ],
  response_time: 1.2,
};

describe('a search of the web', () => {
  it("asks the user's SearXNG for JSON, at its path", async () => {
    for (const searxng of ['http://10.0.0.5:8888', 'https://search.example/sx/']) {
      const { search, sent } = searchWith(searxngAnswer, { searxng, keys: ['brave'] });
      const found = await search.search('tea & cake', never);
      assert.equal(sent[0]?.url, `${searxng.replace(/\/$/, '')}/search?q=tea+%26+cake&format=json`);
      assert.deepEqual(found, [
        { url: 'https://tea.example/', title: 'Tea', text: 'Leaves.' },
        { url: 'https://cake.example/a', title: 'Cake', text: '' },
      ]);
    }
  });

  it('asks Brave with its key', async () => {
    const { search, sent } = searchWith(braveAnswer, { keys: ['tavily', 'brave'] });
    const found = await search.search('tea & cake', never);
    const url = new URL(sent[0]?.url ?? '');
    assert.deepEqual(
      [url.origin + url.pathname, url.searchParams.get('q')],
      ['https://api.search.brave.com/res/v1/web/search', 'tea & cake'],
    );
    assert.equal(new Headers(sent[0]?.init.headers).get('x-subscription-token'), keyOf('brave'));
    assert.deepEqual(
      found.map(({ text }) => text),
      ['Leaves & water.', ''],
    );
  });

  it('asks Tavily with its key', async () => {
    const { search, sent } = searchWith(tavilyAnswer, { keys: ['tavily'] });
    const found = await search.search('tea & cake', never);
    assert.deepEqual([sent[0]?.url, sent[0]?.init.method], ['https://api.tavily.com/search', 'POST']);
    assert.equal(new Headers(sent[0]?.init.headers).get('authorization'), `Bearer ${keyOf('tavily')}`);
    assert.deepEqual(JSON.parse(String(sent[0]?.init.body)), {
      query: 'tea & cake',
      max_results: 8,
      search_depth: 'basic',
    });
    assert.deepEqual(
      found.map(({ title, text }) => [title, text]),
      [
        ['Tea', 'Leaves.'],
        ['Cake', 'Flour.'],
      ],
    );
  });

  it('without an engine names the three, and says why pages for people are not read', async () => {
    const { search, sent } = searchWith({});
    for (const error of [await refusal(search.engine()), await refusal(search.search('tea', never))]) {
      assert.equal(error.code, 'no-search-engine');
      for (const word of ['web.searxng', 'keys set brave', 'keys set tavily', 'refuse programs'])
        assert.ok(error.message.includes(word), word);
    }
    assert.deepEqual(sent, []);
  });

  for (const [what, options, status, sentence] of [
    ['SearXNG without JSON', { searxng: 'http://s.example' }, 403, /Add "json" to "search\.formats"/],
    ['SearXNG that limits', { searxng: 'http://s.example' }, 429, /"server\.limiter"/],
    ['SearXNG behind a password', { searxng: 'http://s.example' }, 401, /password/],
    ['SearXNG that is elsewhere', { searxng: 'http://s.example' }, 301, /^SearXNG answered 301\.$/],
    ['a wrong key of Brave', { keys: ['brave'] }, 422, /^Brave rejected/],
    ['a search that is too long for Tavily', { keys: ['tavily'] }, 400, /400 characters/],
    ['too many searches with Brave', { keys: ['brave'] }, 429, /^Brave allows no more searches now/],
    ['a wrong key of Tavily', { keys: ['tavily'] }, 401, /keys set tavily/],
    ['a plan of Tavily that is used up', { keys: ['tavily'] }, 432, /plan's searches are used up/],
    ['an engine that fails', { keys: ['tavily'] }, 500, /^Tavily answered 500/],
  ] as const)
    it(`says what helps: ${what}`, async () => {
      const { search } = searchWith({}, { ...options, keys: 'keys' in options ? [...options.keys] : [], status });
      assert.match((await refusal(search.search('tea', never))).message, sentence);
    });

  const searxngPage =
    '<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>\n<p>You don&#39;t have the permission.</p>\n';
  /** As Brave documents a refusal, and as it sends one. */
  const listed = (code: string) => ({ type: 'ErrorResponse', errors: [{ id: 'x', code, detail: 'd', status: 422 }] });
  const single = (code: string) => ({
    type: 'ErrorResponse',
    error: { id: 'x', code, detail: 'd', meta: {} },
    time: 1,
  });
  for (const [what, answer, options, sentence] of [
    ['a page for people', searxngPage, { searxng: 'http://s.example', status: 403 }, /"search\.formats"/],
    [
      'a redirect',
      '',
      { searxng: 'http://s.example', status: 302, headers: { location: 'https://x.example/\u0007' } },
      /^SearXNG answered 302\. It leads to https:\/\/x\.example\/\.$/,
    ],
    ['a wrong key', single('SUBSCRIPTION_TOKEN_INVALID'), { keys: ['brave'], status: 422 }, /keys set brave/],
    [
      'a wrong key, as documented',
      listed('SUBSCRIPTION_TOKEN_INVALID'),
      { keys: ['brave'], status: 422 },
      /keys set brave/,
    ],
    ['no plan', listed('SUBSCRIPTION_NOT_FOUND'), { keys: ['brave'], status: 404 }, /has no plan/],
    ['a search with too many words', single('VALIDATION'), { keys: ['brave'], status: 422 }, /50 words/],
    ['a used-up plan', single('QUOTA_LIMITED'), { keys: ['brave'], status: 429 }, /are used up/],
    ['an unknown code', single('toString'), { keys: ['brave'], status: 429 }, /^Brave allows no more/],
    [
      'a used-up plan of Tavily',
      { detail: { error: "This request exceeds your plan's set usage limit." } },
      { keys: ['tavily'], status: 432 },
      /are used up/,
    ],
    [
      'engines that all fail',
      {
        query: 'tea',
        results: [],
        unresponsive_engines: [
          ['google', 'timeout'],
          ['brave\n', 'too many requests'],
        ],
      },
      { searxng: 'http://s.example' },
      /engines failed: google \(timeout\), brave \(too many requests\)\./,
    ],
  ] as const)
    it(`reads what an engine says of ${what}`, async () => {
      const { search } = searchWith(answer, { ...options, keys: 'keys' in options ? [...options.keys] : [] });
      assert.match((await refusal(search.search('tea', never))).message, sentence);
    });

  it('waits a second where Brave allows one search each, and asks once more', async () => {
    const answers = [Response.json({ error: { code: 'RATE_LIMITED' } }, { status: 429 }), Response.json(braveAnswer)];
    const waits: unknown[] = [];
    const search = new WebSearch({
      config: () => ({}),
      keys: { get: async () => 'key', has: async () => true },
      fetch: async () => answers.shift() ?? assert.fail('asked again'),
      refusalFor: () => undefined,
      pause: async (ms) => void waits.push(ms) as never,
    });
    assert.equal((await search.search('tea', never)).length, 2);
    assert.deepEqual(waits, [1100]);
  });

  it('takes what has an address, whatever else SearXNG found', async () => {
    const table = { url: null, caption: 'A table', kvmap: { a: 'b' }, template: 'keyvalue.html', engine: 'demo' };
    const { search } = searchWith(
      {
        results: [table, { ...table, url: undefined }, ...searxngAnswer.results],
        unresponsive_engines: [['x', 'timeout']],
      },
      { searxng: 'http://s.example' },
    );
    assert.equal((await search.search('tea', never)).length, 2);
  });

  for (const answer of ['<html>', '{}', '{"results":[{"title":1}]}', 'null'])
    it(`takes no other answer for one of an engine: ${answer}`, async () => {
      const { search } = searchWith(answer, { searxng: 'http://s.example' });
      assert.match((await refusal(search.search('tea', never))).message, /isn't one of its own/);
    });

  it('shows pages of the web alone, each once, and no markup', async () => {
    const hostile = [
      { url: 'javascript:alert(1)', title: 'a', content: '' },
      { url: 'file:///etc/passwd', title: 'b', content: '' },
      { url: 'no address', title: 'c', content: '' },
      { url: 'https://a.example/', title: '<script>x</script>T', content: 'y'.repeat(5000) },
      { url: 'https://a.example/', title: 'again', content: '' },
    ];
    const { search } = searchWith({ results: hostile }, { searxng: 'http://s.example' });
    const found = await search.search('tea', never);
    assert.deepEqual(
      found.map(({ url, title, text }) => [url, title, text.length]),
      [['https://a.example/', 'xT', 500]],
    );
  });

  it('sends nothing where only this machine may be asked, but to a SearXNG there', async () => {
    await using server = await serve((_request, response) => response.end(JSON.stringify(searxngAnswer)));
    await using egress = egressWith({ localOnly: () => true });
    const at = (searxng: string | undefined): WebSearch =>
      new WebSearch({
        config: () => (searxng === undefined ? {} : { searxng }),
        keys: { get: async (id) => keyOf(id), has: async () => true },
        fetch: egress.fetch,
        refusalFor: (url) => egress.refusalFor(url),
      });
    for (const searxng of ['https://search.example', undefined]) {
      assert.equal((await refusal(webSearchTool(at(searxng)).prepare({ query: 'tea' }, toolRun()))).code, 'local-only');
      assert.equal((await refusal(at(searxng).search('tea', never))).code, 'local-only');
    }
    assert.equal((await at(`http://127.0.0.1:${server.port}`).search('tea', never)).length, 2);
  });

  it('can be stopped', async () => {
    await using server = await serve(() => {});
    await using egress = egressWith();
    const search = new WebSearch({
      config: () => ({ searxng: `http://127.0.0.1:${server.port}` }),
      keys: { get: async () => undefined, has: async () => false },
      fetch: egress.fetch,
      refusalFor: () => undefined,
    });
    const stop = new AbortController();
    const call = search.search('tea', stop.signal);
    stop.abort();
    await assert.rejects(call, CancelledError);
  });
});
