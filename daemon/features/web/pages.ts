// Pages of the internet, fetched by their address and read. Nothing is fetched from this machine or a private network, whatever a name or a
// redirect leads to: the way out checks each address that it connects to.
import { STATUS_CODES } from 'node:http';
import { cleanMessage } from '../../base/clean-text.ts';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, errnoCode, throwIfCancelled, UserError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import { isSameSite, pageAddress } from './addresses.ts';
import { bodyWithin } from './body.ts';
import { decoded } from './reading/decode.ts';
import type { PageReader } from './reading/reader.ts';

export interface FetchedPage {
  /** After redirects. */
  url: string;
  title: string;
  /** Of a page, Markdown. */
  text: string;
  languageId: string;
}

export interface PagesDeps {
  /** The way out that reaches public addresses alone. */
  fetch: Fetch;
  reader: Pick<PageReader, 'read'>;
  maxMs?: number;
}

interface FetchOptions {
  signal: AbortSignal;
  /** Whether a redirect may lead to another site: not where the user was asked about this one. */
  mayLeaveSite?: boolean;
}

const maxRedirects = 5;
const maxBytes = 2 * 1024 * 1024;
const defaultMaxMs = 20_000;
const headers = {
  accept: 'text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8, application/json;q=0.8, */*;q=0.1',
  'user-agent': 'Mozilla/5.0 (compatible; Switchyard)',
};

/** Lives as long as the daemon. Keeps nothing. */
export class Pages {
  readonly #deps: PagesDeps;

  constructor(deps: PagesDeps) {
    this.#deps = deps;
  }

  /** Throws UserErrors that say what was wrong with the page, those of the way out, and CancelledError. */
  async fetch(address: URL, { signal, mayLeaveSite = false }: FetchOptions): Promise<FetchedPage> {
    const { maxMs = defaultMaxMs } = this.#deps;
    using limit = new LinkedAbort([signal], maxMs);
    let response: Response;
    let body: Uint8Array | undefined;
    let url = address;
    try {
      ({ response, url } = await this.#follow(address, mayLeaveSite, limit.signal));
      body = await bodyWithin(response, maxBytes);
    } catch (error) {
      throwIfCancelled(signal);
      if (limit.signal.aborted) throw new UserError('page-too-slow', `${url.host} took too long to answer.`);
      throw failureOf(error, url);
    }
    if (!body)
      throw new UserError('page-too-large', `This page of ${url.host} is larger than 2 MB, so it wasn't read.`);
    return await this.#read(body, { url, type: typeOf(response, body) }, signal);
  }

  async #follow(address: URL, mayLeaveSite: boolean, signal: AbortSignal): Promise<{ response: Response; url: URL }> {
    let url = address;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.#deps.fetch(url.href, { headers, redirect: 'manual', signal });
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status >= 400) {
        if (response.ok) return { response, url };
        await response.body?.cancel();
        throw refusedBy(url, response.status);
      }
      await response.body?.cancel();
      const to = pageAddress(location, url);
      if (!mayLeaveSite && !isSameSite(url, to))
        throw new UserError(
          'other-site',
          `${url.host} redirects to ${to.href}, which is another site. Fetch that address if you need it.`,
        );
      url = to;
    }
    throw new UserError('too-many-redirects', `${url.host} redirects more than ${maxRedirects} times.`);
  }

  async #read(
    bytes: Uint8Array,
    { url, type }: { url: URL; type: ContentType },
    signal: AbortSignal,
  ): Promise<FetchedPage> {
    const { kind, name, charset } = type;
    if (kind === 'other')
      throw new UserError('no-text', `This is ${name} and no text. Only web pages, plain text, and JSON can be read.`);
    const page = { url: url.href, title: '', languageId: kind };
    if (kind !== 'markdown') return { ...page, text: decoded(bytes, charset) };
    const { title, markdown } = await this.#deps.reader.read({ bytes, url: url.href, charset }, signal);
    if (markdown.trim() === '')
      throw new UserError(
        'no-text',
        `${url.host} sent a page without text. It may need a browser that runs its scripts.`,
      );
    return { ...page, title, text: markdown };
  }
}

interface ContentType {
  kind: 'markdown' | 'json' | 'text' | 'other';
  name: string;
  charset: string | undefined;
}

function typeOf(response: Response, body: Uint8Array): ContentType {
  const header = response.headers.get('content-type') ?? '';
  const name = header.split(';')[0]?.trim().toLowerCase() ?? '';
  const charset = /charset\s*=\s*"?([\w-]{1,40})/i.exec(header)?.[1];
  return { kind: kindOf(name, body), name: cleanMessage(name, 60), charset };
}

function kindOf(name: string, body: Uint8Array): ContentType['kind'] {
  if (name === 'text/html' || name === 'application/xhtml+xml') return 'markdown';
  if (/^application\/([\w.-]+\+)?json$/.test(name)) return 'json';
  if (name.startsWith('text/') || /^application\/([\w.-]+\+xml|xml|javascript|yaml|x-yaml|toml)$/.test(name))
    return 'text';
  if (name !== '') return 'other';
  const head = Buffer.from(body.subarray(0, 200)).toString('latin1').trimStart();
  if (/^<(!doctype html|html)/i.test(head)) return 'markdown';
  return body.subarray(0, 1000).includes(0) ? 'other' : 'text';
}

function refusedBy({ host }: URL, status: number): UserError {
  const words = STATUS_CODES[status];
  return new UserError('page-refused', `${host} answered ${status}${words ? ` (${words})` : ''}.`);
}

/** The way out fails in words of its own, or with the system's code. */
function failureOf(error: unknown, { host }: URL): Error {
  if (error instanceof UserError || error instanceof CancelledError) return error;
  if (!(error instanceof TypeError)) return error as Error;
  const code = errnoCode(error.cause);
  const why = code === 'ENOTFOUND' ? "There's no such host" : `It can't be reached${code ? ` (${code})` : ''}`;
  return new UserError('page-unreachable', `${why}: ${host}.`);
}
