// TABLE of the engines that the web can be searched with: each one's request and answer as its documentation has them. None of them is a
// search page made for people: those refuse programs after a few queries.
import * as z from 'zod';
import { cleanMessage } from '../../../base/clean-text.ts';
import { UserError } from '../../../base/errors.ts';

export interface FoundPage {
  title: string;
  url: string;
  /** A piece of the page, or what the engine says of it. */
  text: string;
}

interface SearchCall {
  url: URL;
  init: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };
}

export interface Engine {
  id: 'searxng' | 'brave' | 'tavily';
  /** For people. */
  name: string;
  request(query: string, at: { key: string; address: string | undefined }): SearchCall;
  /** Throws a UserError where it couldn't search, and anything else where the answer isn't one of its own. */
  read(answer: unknown): FoundPage[];
  /** What a refusal means, by the code in its body or else by its status. */
  refusals: Readonly<Record<string, string>>;
  /** The code of a refusal that ends by itself, and when: its plans allow so many searches a second. */
  pause?: { code: string; ms: number };
}

const maxResults = 8;
const noKey = (name: string, id: string): string =>
  `${name} rejected the API key. Set it again with \`switchyard keys set ${id}\`.`;
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');

const SearxngAnswer = z.object({
  // Tables and answers of its engines have no address.
  results: z.array(z.object({ url: text, title: text, content: text })),
  unresponsive_engines: z.array(z.array(text)).catch([]),
});
const BraveAnswer = z.object({
  // Absent where nothing was found.
  web: z.object({ results: z.array(z.object({ url: z.string(), title: text, description: text })) }).optional(),
});
const TavilyAnswer = z.object({ results: z.array(z.object({ url: z.string(), title: text, content: text })) });

export const engines = {
  searxng: {
    id: 'searxng',
    name: 'SearXNG',
    request(query, { address = '' }) {
      const url = new URL('search', address.endsWith('/') ? address : `${address}/`);
      url.search = new URLSearchParams({ q: query, format: 'json' }).toString();
      return { url, init: { method: 'GET', headers: { accept: 'application/json, */*;q=0.1' } } };
    },
    read(answer) {
      const { results, unresponsive_engines: silent } = SearxngAnswer.parse(answer);
      const pages = results.filter(({ url }) => url !== '');
      if (pages.length === 0 && silent.length > 0) throw noneAnswered(silent);
      return pages.map(({ url, title, content }) => ({ url, title, text: content }));
    },
    refusals: {
      401: 'SearXNG is behind a password, and Switchyard has none for it. Let this machine reach it without one.',
      403: 'SearXNG doesn\'t answer in JSON. Add "json" to "search.formats" in its settings.yml.',
      404: 'There\'s no SearXNG at this address. Correct "web.searxng" in config.json.',
      429: 'SearXNG\'s limiter refuses programs. Turn "server.limiter" off in its settings.yml, or add this machine to "pass_ip" in its limiter.toml.',
    },
  },
  brave: {
    id: 'brave',
    name: 'Brave',
    request(query, { key }) {
      const url = new URL('https://api.search.brave.com/res/v1/web/search');
      url.search = new URLSearchParams({ q: query, count: String(maxResults), text_decorations: 'false' }).toString();
      return { url, init: { method: 'GET', headers: { accept: 'application/json', 'x-subscription-token': key } } };
    },
    read: (answer) =>
      (BraveAnswer.parse(answer).web?.results ?? []).map(({ url, title, description }) => ({
        url,
        title,
        text: description,
      })),
    refusals: {
      401: noKey('Brave', 'brave'),
      403: noKey('Brave', 'brave'),
      SUBSCRIPTION_TOKEN_INVALID: noKey('Brave', 'brave'),
      SUBSCRIPTION_NOT_FOUND: "Brave's API key has no plan. Choose one at https://api-dashboard.search.brave.com.",
      VALIDATION: 'Brave rejected the search. Use at most 400 characters and 50 words.',
      422: 'Brave rejected the API key or the search. Check the key, and use at most 400 characters and 50 words.',
      QUOTA_LIMITED: "Your Brave plan's searches are used up.",
      429: 'Brave allows no more searches now. Try again later.',
    },
    pause: { code: 'RATE_LIMITED', ms: 1100 },
  },
  tavily: {
    id: 'tavily',
    name: 'Tavily',
    request: (query, { key }) => ({
      url: new URL('https://api.tavily.com/search'),
      init: {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query, max_results: maxResults, search_depth: 'basic' }),
      },
    }),
    read: (answer) =>
      TavilyAnswer.parse(answer).results.map(({ url, title, content }) => ({ url, title, text: content })),
    refusals: {
      400: 'Tavily rejected the search. Use at most 400 characters.',
      401: noKey('Tavily', 'tavily'),
      429: 'Tavily allows no more searches now. Try again later.',
      432: "Your Tavily plan's searches are used up.",
      433: "Your Tavily account's limit for paid searches is reached.",
    },
  },
} as const satisfies Record<Engine['id'], Engine>;

function noneAnswered(silent: readonly (readonly string[])[]): UserError {
  const named = silent.slice(0, 5).map(([name = '', why]) => `${name}${why ? ` (${why})` : ''}`);
  return new UserError(
    'search-failed',
    `SearXNG found no page, and these of its engines failed: ${cleanMessage(named.join(', '), 200)}. Try again later, or turn on others in its settings.`,
    { retryable: true },
  );
}

const Refusal = z.object({ code: z.string() });
const RefusalBody = z
  .object({ error: Refusal.optional().catch(undefined), errors: z.array(Refusal).optional().catch(undefined) })
  .catch({});

/** What a refusal's body names as its reason. Brave documents a list and sends one object. */
export function refusalCode(body: unknown): string {
  const { error, errors } = RefusalBody.parse(body);
  return error?.code ?? errors?.[0]?.code ?? '';
}

/** Engines that have a key, in the order in which they are taken. */
export const keyedEngines: readonly Engine[] = [engines.brave, engines.tavily];

/** Whether a key of this name is an engine's. */
export function isSearchEngine(key: string): boolean {
  return keyedEngines.some(({ id }) => id === key);
}

const maxTitle = 200;
const maxText = 500;

/** As a model may be shown them: of the web, without markup, each once. */
export function tidied(found: readonly FoundPage[]): FoundPage[] {
  const pages = new Map<string, FoundPage>();
  for (const { url: written, title, text: said } of found) {
    const url = URL.parse(written);
    if (!url || !/^https?:$/.test(url.protocol) || pages.has(url.href)) continue;
    pages.set(url.href, { url: url.href, title: plain(title, maxTitle) || url.host, text: plain(said, maxText) });
    if (pages.size === maxResults) break;
  }
  return [...pages.values()];
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#39': "'",
  nbsp: ' ',
};

function plain(markup: string, maxChars: number): string {
  return markup
    .slice(0, maxChars * 4)
    .replace(/<\/?[a-z][^<>]{0,100}>/gi, '')
    .replace(/&([a-z]{2,5}|#x?[\da-f]{2,4});/gi, (whole, name: string) => entities[name.toLowerCase()] ?? whole)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxChars)
    .toWellFormed();
}
