// TABLE of the engines that the web can be searched with: each one's request and answer as its documentation has them. None of them is a
// search page made for people: those refuse programs after a few queries.
import * as z from 'zod';

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
  /** Throws where the answer isn't one of its own. */
  read(answer: unknown): FoundPage[];
  /** What a refusal means, by its status. */
  refusals: Readonly<Record<number, string>>;
}

const maxResults = 8;
const noKey = (name: string, id: string): string =>
  `${name} rejected the API key. Set it again with \`switchyard keys set ${id}\`.`;
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');

const SearxngAnswer = z.object({ results: z.array(z.object({ url: z.string(), title: text, content: text })) });
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
      return { url, init: { method: 'GET', headers: { accept: 'application/json' } } };
    },
    read: (answer) =>
      SearxngAnswer.parse(answer).results.map(({ url, title, content }) => ({ url, title, text: content })),
    refusals: {
      403: 'SearXNG doesn\'t answer in JSON. Add "json" to "search.formats" in its settings.yml.',
      404: 'There\'s no SearXNG at this address. Correct "web.searxng" in config.json.',
      429: 'SearXNG allows no more searches now. Try again later, or turn off its limiter.',
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
      422: 'Brave rejected the API key or the query. Check the key, and search for less than 400 characters.',
      429: 'Brave allows no more searches now. Try again later.',
    },
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
      401: noKey('Tavily', 'tavily'),
      429: 'Tavily allows no more searches now. Try again later.',
      432: "Your Tavily plan's searches are used up.",
      433: "Your Tavily account's limit for paid searches is reached.",
    },
  },
} as const satisfies Record<Engine['id'], Engine>;

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
