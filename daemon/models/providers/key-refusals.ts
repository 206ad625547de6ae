// Which keys were refused when they were last used: by a list of models, or by a request.
import type { ListResult } from './listing.ts';
import { ProviderError } from './provider.ts';

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
