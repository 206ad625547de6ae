// Stands between a prompt and its provider. What leaves for another machine is scanned: secrets are replaced, or the prompt is
// refused, and the user is told which kinds and how many, never the secrets. What comes back is masked: servers, and the proxies
// before them, like to quote in a refusal what they were sent. Models on this machine see prompts as they are.
import { UserError } from '../../base/errors.ts';
import type { Redactor } from '../../base/log.ts';
import {
  type CodePart,
  type CodeRequest,
  type Provider,
  ProviderError,
  type StreamPart,
} from '../providers/provider.ts';
import { redact } from './scanner.ts';

export type GuardMode = 'redact' | 'refuse';

/** Messages, or texts to embed, fit to be sent. Throws UserError (`secrets-in-prompt`) where secrets are refused. */
export type PromptGuard = <M>(
  messages: readonly M[],
  provider: Pick<Provider, 'name' | 'local'>,
) => { messages: M[]; notes: string[] };

/** Masks the keys and headers that it was told of, and nothing else. */
type Masker = Pick<Redactor, 'redact'>;

export interface GuardDeps {
  promptGuard: PromptGuard;
  redactor: Masker;
}

/**
 * The provider behind the guard, which is one generator for each answer. What the user is told of secrets in the prompt comes as
 * a warning before the answer.
 */
export function guarded(provider: Provider, { promptGuard, redactor }: GuardDeps): Provider {
  const masked = (error: unknown): unknown => withoutSecrets(error, redactor);
  /** All of a request that is sent: what tools and schemas say of themselves too. */
  const cleaned = <R extends { model: string; workspace?: string }>(request: R): { request: R; notes: string[] } => {
    const { model, workspace, ...told } = request;
    const { messages, notes } = promptGuard([told], provider);
    return { request: { ...request, ...messages[0] }, notes };
  };
  /** Nobody is told at each key what was masked. */
  async function* completed(request: CodeRequest, signal: AbortSignal): AsyncGenerator<CodePart> {
    const { request: sent } = cleaned(request);
    if (!provider.local && hasSecretAtCursor(sent)) throw secretAtCursor(provider.name);
    try {
      if (provider.complete) yield* provider.complete(sent, signal);
    } catch (error) {
      throw masked(error);
    }
  }
  const makePicture: Provider['makePicture'] = async (request, signal) => {
    const { request: sent, notes } = cleaned(request);
    try {
      if (!provider.makePicture) throw new TypeError(`${provider.name} makes no pictures`);
      const picture = await provider.makePicture(sent, signal);
      return { ...picture, notes: [...notes, ...(picture.notes ?? [])] };
    } catch (error) {
      throw masked(error);
    }
  };
  return {
    name: provider.name,
    get local() {
      return provider.local; // known only when its models were listed, for a gateway
    },
    async listModels(signal) {
      try {
        return await provider.listModels(signal);
      } catch (error) {
        throw masked(error);
      }
    },
    async *stream(request, signal): AsyncGenerator<StreamPart> {
      const { request: sent, notes } = cleaned(request);
      for (const message of notes) yield { kind: 'warning', message };
      try {
        for await (const part of provider.stream(sent, signal))
          yield part.kind === 'warning' ? { ...part, message: redactor.redact(part.message) } : part;
      } catch (error) {
        throw masked(error);
      }
    },
    ...(provider.complete && { complete: completed }),
    ...(provider.makePicture && { makePicture }),
    async embed(model, texts, signal) {
      const { messages } = promptGuard(texts, provider);
      try {
        return await provider.embed(model, messages, signal);
      } catch (error) {
        throw masked(error);
      }
    },
  };
}

/** Parts of a secret that none of the texts holds as a whole. */
function hasSecretAtCursor({ prefix, begun, suffix }: CodeRequest): boolean {
  return redact(prefix + begun + suffix).secrets.length > 0;
}

function secretAtCursor(provider: string): UserError {
  return new UserError(
    'secrets-in-prompt',
    `Nothing was sent to "${provider}" because a secret stands at the cursor. Choose a model on this machine for "completion.model" to get suggestions here.`,
  );
}

function withoutSecrets(error: unknown, redactor: Masker): unknown {
  if (!(error instanceof ProviderError)) return error;
  const message = redactor.redact(error.message);
  if (message === error.message) return error;
  const { code, retryAfterMs, turnedAway, cause } = error;
  return new ProviderError(code, message, { retryAfterMs, turnedAway, cause });
}

/** `mode` is asked at every prompt, so that a change of configuration holds at once. */
export function createPromptGuard({ mode }: { mode(): GuardMode }): PromptGuard {
  return (messages, provider) => {
    if (provider.local) return { messages: [...messages], notes: [] };
    const counts = new Map<string, number>();
    const clean = messages.map((message) => redactIn(message, counts));
    if (counts.size === 0) return { messages: clean, notes: [] };
    const found = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
    if (mode() === 'refuse') {
      throw new UserError(
        'secrets-in-prompt',
        `Nothing was sent to "${provider.name}" because it contains secrets: ${found}. Remove them, choose a model on this machine, or set "network.secrets" to "redact" in config.json.`,
      );
    }
    return {
      messages: clean,
      notes: [`Not sent to "${provider.name}": ${found}. The model saw only the kind of each.`],
    };
  };
}

/** Fields of a message that hold no text: a picture's bytes, and what a provider gave to be handed back unchanged. */
const untouched: ReadonlySet<string> = new Set(['role', 'images', 'signature', 'id', 'toolCallId']);

/** The same shape with every text in it redacted. */
function redactIn<T>(value: T, counts: Map<string, number>): T {
  if (typeof value === 'string') {
    const { text, secrets } = redact(value);
    for (const { kind } of secrets) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return text as T;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => redactIn(item, counts)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]: [string, unknown]) => {
      const isKept = untouched.has(key) && (typeof field === 'string' || Array.isArray(field)); // an object is a schema's
      return [key, isKept ? field : redactIn(field, counts)];
    }),
  ) as T;
}
