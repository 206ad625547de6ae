// A search of the web with the engine that the user has: their SearXNG, else Brave or Tavily by key, else none.
import { setTimeout as delay } from 'node:timers/promises';
import { cleanMessage } from '../../../base/clean-text.ts';
import type { WebConfig } from '../../../base/config/web.ts';
import type { Fetch } from '../../../base/egress.ts';
import { errnoCode, throwIfCancelled, UserError } from '../../../base/errors.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import { refuseSecrets } from '../addresses.ts';
import { bodyWithin } from '../body.ts';
import { type Engine, engines, type FoundPage, keyedEngines, refusalCode, tidied } from './engines.ts';

export interface WebSearchDeps {
  config(): WebConfig;
  keys: { get(engine: string): Promise<string | undefined>; has(engine: string): Promise<boolean> };
  fetch: Fetch;
  /** What a request would be refused with before it is sent. */
  refusalFor(url: URL): UserError | undefined;
  pause?: typeof delay;
}

/** Which engine is asked, and where. */
export interface ChosenEngine {
  id: string;
  /** For people. */
  name: string;
  host: string;
}

const maxMs = 20_000;
const maxBytes = 2 * 1024 * 1024;
const maxRefusalBytes = 64 * 1024;

/** Lives as long as the daemon. */
export class WebSearch {
  readonly #deps: WebSearchDeps;

  constructor(deps: WebSearchDeps) {
    this.#deps = deps;
  }

  /** Asks nobody. Throws UserErrors `no-search-engine`, and what the way out would refuse it with. */
  async engine(): Promise<ChosenEngine> {
    const { engine, address } = await this.#chosen();
    const { url } = engine.request('', { key: '', address });
    const refusal = this.#deps.refusalFor(url);
    if (refusal) throw refusal;
    return { id: engine.id, name: engine.name, host: url.host };
  }

  /** Throws UserErrors, and CancelledError. */
  async search(query: string, signal: AbortSignal): Promise<FoundPage[]> {
    const { engine, address } = await this.#chosen();
    const key = address === undefined ? await this.#deps.keys.get(engine.id) : '';
    if (key === undefined) throw noEngine();
    const { url, init } = engine.request(query, { key, address });
    refuseSecrets(query, url.host);
    using limit = new LinkedAbort([signal], maxMs);
    try {
      const ask = (): Promise<Response> =>
        this.#deps.fetch(url.href, { ...init, redirect: 'manual', signal: limit.signal });
      let response = await ask();
      let code = await codeOf(response);
      if (engine.pause !== undefined && engine.pause.code === code) {
        const { pause = delay } = this.#deps;
        await pause(engine.pause.ms, undefined, { signal: limit.signal });
        response = await ask();
        code = await codeOf(response);
      }
      if (!response.ok) throw refusedBy(engine, response, code);
      return tidied(read(engine, await bodyWithin(response, maxBytes)));
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof UserError) throw error;
      const code = errnoCode((error as Error).cause);
      const why = limit.signal.aborted ? 'took too long to answer' : `can't be reached${code ? ` (${code})` : ''}`;
      throw new UserError('search-failed', `${engine.name} at ${url.host} ${why}.`, { retryable: true, cause: error });
    }
  }

  async #chosen(): Promise<{ engine: Engine; address?: string }> {
    const { searxng } = this.#deps.config();
    if (searxng !== undefined) return { engine: engines.searxng, address: searxng };
    for (const engine of keyedEngines) if (await this.#deps.keys.has(engine.id)) return { engine };
    throw noEngine();
  }
}

/** Of a refusal; its body is read. */
async function codeOf(response: Response): Promise<string> {
  if (response.ok) return '';
  try {
    return refusalCode(JSON.parse(new TextDecoder().decode(await bodyWithin(response, maxRefusalBytes))));
  } catch {
    return ''; // a page for people, or nothing
  }
}

function refusedBy({ name, refusals }: Engine, { status, headers }: Response, code: string): UserError {
  const location = headers.get('location');
  const moved = location === null ? '' : ` It leads to ${cleanMessage(location, 200)}.`;
  const known = [code, String(status)].find((each) => Object.hasOwn(refusals, each)) ?? '';
  return new UserError('search-refused', refusals[known] ?? `${name} answered ${status}.${moved}`);
}

function read(engine: Engine, body: Uint8Array | undefined): FoundPage[] {
  try {
    return engine.read(JSON.parse(new TextDecoder().decode(body)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      'search-refused',
      `${engine.name} sent an answer that isn't one of its own. Check its address.`,
      { cause: error },
    );
  }
}

function noEngine(): UserError {
  return new UserError(
    'no-search-engine',
    'No search engine is set up. Set "web.searxng" in config.json to the address of your SearXNG, or save an API key with `switchyard keys set brave` or `switchyard keys set tavily`. Search pages made for people refuse programs after a few queries, so Switchyard doesn\'t read them.',
  );
}
