// A search of the web with the engine that the user has: their SearXNG, else Brave or Tavily by key, else none.
import type { WebConfig } from '../../../base/config/web.ts';
import type { Fetch } from '../../../base/egress.ts';
import { errnoCode, throwIfCancelled, UserError } from '../../../base/errors.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import { refuseSecrets } from '../addresses.ts';
import { bodyWithin } from '../body.ts';
import { type Engine, engines, type FoundPage, keyedEngines, tidied } from './engines.ts';

export interface WebSearchDeps {
  config(): WebConfig;
  keys: { get(engine: string): Promise<string | undefined>; has(engine: string): Promise<boolean> };
  fetch: Fetch;
  /** What a request would be refused with before it is sent. */
  refusalFor(url: URL): UserError | undefined;
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
      const response = await this.#deps.fetch(url.href, { ...init, redirect: 'manual', signal: limit.signal });
      if (!response.ok) {
        await response.body?.cancel();
        throw new UserError(
          'search-refused',
          engine.refusals[response.status] ?? `${engine.name} answered ${response.status}.`,
        );
      }
      const body = await bodyWithin(response, maxBytes);
      return tidied(read(engine, body));
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

function read(engine: Engine, body: Uint8Array | undefined): FoundPage[] {
  try {
    return engine.read(JSON.parse(new TextDecoder().decode(body)));
  } catch (error) {
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
