// Wire <-> domain for what a question can name.
import type { ContextSuggest } from '../../shared/protocol/context.ts';
import type { Handler } from './handler.ts';

const fewSuggestions = 20;

export const handleContextSuggest: Handler<typeof ContextSuggest> = async (
  { kind, query, limit = fewSuggestions },
  { session, services },
) => {
  const asker = { asker: session, profile: await services.sessionProfiles.profileOf(session) };
  const [items, note] = await Promise.all([
    services.contexts.suggest({ kind, query, limit }, asker),
    services.contexts.note(asker),
  ]);
  return { items, ...(note && { note }) };
};
