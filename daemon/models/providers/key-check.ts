// What is known of a key: whether its server takes it, and whether it was refused when it was last used.
import { throwIfCancelled } from '../../base/errors.ts';
import { type AdapterOptions, callOver } from './connection.ts';
import type { ListResult } from './listing.ts';
import { type Provider, ProviderError, type ProviderErrorCode } from './provider.ts';
import { headersOf } from './wire.ts';

/** By host, what a key is needed for, from its own documents of its API. The key goes to nobody but its issuer. */
const keyEndpoints: Readonly<Record<string, string>> = {
  'openrouter.ai': 'https://openrouter.ai/api/v1/key',
  'router.huggingface.co': 'https://huggingface.co/api/whoami-v2',
  'api.deepinfra.com': 'https://api.deepinfra.com/v1/me',
  'ai-gateway.vercel.sh': 'https://ai-gateway.vercel.sh/v1/credits',
};

const wrongKey = 'switchyard-asks-whether-keys-are-looked-at';

export interface KeyCheckDeps {
  options: AdapterOptions;
  baseUrl: string;
  create(options: AdapterOptions): Pick<Provider, 'listModels'>;
}

const limitMs = 5000;

/**
 * Whether the key with which the models were listed is proved good. A list that anybody gets proves nothing: the key is shown to what
 * needs one, where we know such a place, else a wrong key must be refused the list. Throws ProviderError `auth` where the key is
 * refused after all, and CancelledError; whatever else goes wrong proves nothing.
 */
export async function isKeyProved({ options, baseUrl, create }: KeyCheckDeps, signal: AbortSignal): Promise<boolean> {
  const endpoint = keyEndpoints[new URL(baseUrl).host];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    if (endpoint === undefined) {
      await create({ ...options, apiKey: async () => wrongKey }).listModels(limited);
      return false;
    }
    await callOver({ ...options, baseUrl: endpoint }, limited, (connection) =>
      connection.fetch(endpoint, { headers: headersOf(connection, options.config.headers) }),
    );
    return true;
  } catch (error) {
    throwIfCancelled(signal);
    const code = error instanceof ProviderError ? error.code : undefined;
    if (endpoint === undefined) return code !== undefined && refusals.has(code);
    if (code === 'auth') throw error;
    return false;
  }
}

/** What a wrong key can be answered with. A server that is away or busy says nothing of it. */
const refusals: ReadonlySet<ProviderErrorCode> = new Set(['auth', 'bad-request', 'refused', 'model-not-found']);

/** Lives as long as the registry. A key is named by its provider and its scope, never by itself. */
export class KeyRefusals {
  readonly #sentences = new Map<string, string>();

  /** A list that was given says nothing of the key, since some servers give it to anybody. */
  listed(key: string, listed: Pick<ListResult, 'isKeyRefused' | 'problem'> | undefined): void {
    if (listed?.isKeyRefused && listed.problem !== undefined) this.#sentences.set(key, listed.problem);
  }

  failed(key: string, error: unknown): void {
    if (error instanceof ProviderError && error.code === 'auth') this.#sentences.set(key, error.message);
  }

  succeeded(key: string): void {
    this.#sentences.delete(key);
  }

  of(key: string): string | undefined {
    return this.#sentences.get(key);
  }

  clear(): void {
    this.#sentences.clear();
  }
}
