// Stands between a prompt and a provider on another machine: secrets are replaced or the prompt is refused, and the user is told
// which kinds and how many, never the secrets. Models on this machine see prompts as they are.
import { UserError } from '../../base/errors.ts';
import type { Provider } from '../providers/provider.ts';
import { redact } from './scanner.ts';

export type GuardMode = 'redact' | 'refuse';

/** Messages, or texts to embed, fit to be sent. Throws UserError (`secrets-in-prompt`) where secrets are refused. */
export type PromptGuard = <M>(
  messages: readonly M[],
  provider: Pick<Provider, 'name' | 'local'>,
) => { messages: M[]; notes: string[] };

/** The mode is asked for at every prompt, so that a change of configuration holds at once. */
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
        `Nothing was sent to "${provider.name}", since secrets were found: ${found}. Remove them, choose a model on this machine, or set "network.secrets" to "redact" in config.json.`,
      );
    }
    return {
      messages: clean,
      notes: [`Not sent to "${provider.name}": ${found}. The model was shown the kind in place of each.`],
    };
  };
}

/** The provider behind the guard. What is to be told to the user comes as a warning before the answer. */
export function guarded(provider: Provider, guard: PromptGuard): Provider {
  if (provider.local) return provider;
  return {
    name: provider.name,
    local: false,
    listModels: (signal) => provider.listModels(signal),
    async *stream(request, signal) {
      const { messages, notes } = guard(request.messages, provider);
      for (const message of notes) yield { kind: 'warning', message };
      yield* provider.stream({ ...request, messages }, signal);
    },
    async embed(model, texts, signal) {
      return provider.embed(model, guard(texts, provider).messages, signal);
    },
  };
}

/** Fields of a message that are no text: a picture's bytes, and what a provider gave to be handed back unchanged. */
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
    Object.entries(value).map(([key, field]) => [key, untouched.has(key) ? field : redactIn(field as unknown, counts)]),
  ) as T;
}
