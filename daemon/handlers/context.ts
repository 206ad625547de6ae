// Wire <-> domain for what a question can name.
import type { ContextSuggest } from '../../shared/protocol/context.ts';
import type { Handler } from './handler.ts';

const fewSuggestions = 20;

export const handleContextSuggest: Handler<typeof ContextSuggest> = async (
  { kind, query, limit = fewSuggestions },
  { session, services },
) => {
  const options = { session, profile: await services.sessionProfiles.profileOf(session) };
  const [items, note] = await Promise.all([
    services.contexts.suggest({ kind, query, limit }, options),
    services.contexts.note(options),
  ]);
  return { items, ...(note && { note }) };
};
