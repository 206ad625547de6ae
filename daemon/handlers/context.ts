// Wire <-> domain for what a question can name.
import type { ContextSuggest } from '../../shared/protocol/context.ts';
import type { Handler } from './handler.ts';

const defaultSuggestions = 20;

export const handleContextSuggest: Handler<typeof ContextSuggest, 'contexts'> = async (
  { kind, query, limit = defaultSuggestions },
  { session, services, profile },
) => {
  const asker = { asker: session, profile };
  const [items, note] = await Promise.all([
    services.contexts.suggest({ kind, query, limit }, asker),
    services.contexts.note(asker),
  ]);
  return { items, ...(note && { note }) };
};
