// The lists brought up to date where they stand, when somebody has changed chats or reviews: nothing that is read moves away. Pure.
import type { ListPage, Of } from './messages.ts';
import type { Source, State } from './state.ts';

/** What is held of both lists, as it is now. */
export function refreshedLists(state: State, { chats, runs }: Of<'refreshed'>): State {
  return {
    ...state,
    chats: refreshed(state.chats, chats, { at: ({ updatedAt }) => updatedAt, id: ({ id }) => id }),
    runs: refreshed(state.runs, runs, { at: ({ createdAt }) => createdAt, id: ({ runId }) => runId }),
  };
}

/** A page replaces what is as new as its oldest item: what is missing there was deleted. What is older stays as it was loaded. */
function refreshed<T>(
  source: Source<T>,
  { items, next }: ListPage<T>,
  { at, id }: { at(item: T): number; id(item: T): string },
): Source<T> {
  const last = items.at(-1);
  if (!source.isLoaded || (last === undefined && next !== undefined)) return source;
  const known = new Set(items.map(id));
  const older =
    last === undefined || next === undefined
      ? []
      : source.items.filter((item) => at(item) < at(last) && !known.has(id(item)));
  return { ...source, items: [...items, ...older], next: older.length > 0 ? source.next : next };
}
