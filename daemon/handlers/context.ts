// Wire <-> domain for what a question can name.
import type { ContextSuggest } from '../../shared/protocol/context.ts';
import type { Handler } from './handler.ts';

const defaultSuggestions = 20;

export const handleContextSuggest: Handler<typeof ContextSuggest, 'contexts'> = async (
  { kind, query, limit = defaultSuggestions },
  { session, services, profile },
) => {
  const options = { session, profile };
  const [items, note] = await Promise.all([
    services.contexts.suggest({ kind, query, limit }, options),
    services.contexts.note(options),
  ]);
  return { items, ...(note && { note }) };
};
