// What requests have shown about single models: a failure marks a model as down for a while, a success clears that at once.
import { UserError } from '../../base/errors.ts';
import type { OfferHealth } from './listing.ts';
import { ProviderError } from './provider.ts';

const avoidedMs = 30_000; // then the model may be tried again

/** Failures that say something about the request, not about the model. */
const requestsOwnFault = new Set([
  'context-too-long',
  'bad-request',
  'no-chat-template',
  'budget-reached',
  'secrets-in-prompt',
]);

/** Lives as long as the registry. */
export class ModelHealth {
  readonly #failures = new Map<string, { detail: string; until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a failed request; cancellations, our own bugs and unusable requests are not held against the model. */
  failed(id: string, error: unknown): void {
    if (!(error instanceof UserError) || requestsOwnFault.has(error.code)) return;
    const waitMs = (error instanceof ProviderError ? error.retryAfterMs : undefined) ?? avoidedMs;
    this.#failures.set(id, { detail: error.message, until: this.#now() + waitMs });
  }

  succeeded(id: string): void {
    this.#failures.delete(id);
  }

  /** The model's health, where its provider's is `otherwise`. */
  of(id: string, otherwise: OfferHealth): OfferHealth {
    const failure = this.#failures.get(id);
    if (!failure) return otherwise;
    if (this.#now() < failure.until) return { state: 'down', detail: failure.detail };
    this.#failures.delete(id);
    return otherwise;
  }

  clear(): void {
    this.#failures.clear();
  }
}
