// A provider that repeats no secret: servers, and what stands before them, like to quote in their refusals what they were sent.
import type { Redactor } from '../../base/log.ts';
import { type Provider, ProviderError, type StreamPart } from '../providers/provider.ts';

/** The provider, with every key and header that the redactor was told of masked in its failures and warnings. */
export function redacted(provider: Provider, redactor: Pick<Redactor, 'redact'>): Provider {
  const clean = (error: unknown): unknown => withoutSecrets(error, redactor);
  const guarded = <T>(work: Promise<T>): Promise<T> => work.catch((error: unknown) => Promise.reject(clean(error)));
  return {
    name: provider.name,
    local: provider.local,
    listModels: (signal) => guarded(provider.listModels(signal)),
    embed: (model, texts, signal) => guarded(provider.embed(model, texts, signal)),
    async *stream(request, signal): AsyncGenerator<StreamPart> {
      try {
        for await (const part of provider.stream(request, signal)) {
          yield part.kind === 'warning' ? { ...part, message: redactor.redact(part.message) } : part;
        }
      } catch (error) {
        throw clean(error);
      }
    },
  };
}

function withoutSecrets(error: unknown, redactor: Pick<Redactor, 'redact'>): unknown {
  if (!(error instanceof ProviderError)) return error;
  const message = redactor.redact(error.message);
  return message === error.message
    ? error
    : new ProviderError(error.code, message, {
        retryAfterMs: error.retryAfterMs,
        turnedAway: error.turnedAway,
        cause: error.cause,
      });
}
