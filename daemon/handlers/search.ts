// Wire <-> domain for search.
import type { Search, SearchHit, SearchIn } from '../../shared/protocol/search.ts';
import type { SearchHit as Hit } from '../storage/search.ts';
import type { Handler } from './handler.ts';

const kinds: Record<SearchIn, Hit['kind']> = {
  chats: 'message',
  code: 'code',
  memories: 'memory',
  findings: 'finding',
};

export const handleSearch: Handler<typeof Search, 'find'> = async (
  { query, in: within, limit, cursor, project, since, until, language, path, meaning },
  { services, profile, signal },
) => {
  const { hits, next, notes } = await services.find(
    {
      profile,
      query,
      ...(within && { kinds: within.map((one) => kinds[one]) }),
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
      ...(project !== undefined && { project }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(language !== undefined && { language }),
      ...(path !== undefined && { path }),
      ...(meaning === false && { meaning }),
      ...(meaning === true && { start: 'for-this' as const }),
    },
    signal,
  );
  return { hits: hits.map(toHit), notes, ...(next && { next }) };
};

function toHit({
  kind,
  id,
  parent,
  title,
  snippet,
  score,
  by,
  createdAt,
  uri,
  range,
  language,
  project,
  places,
}: Hit): SearchHit {
  return {
    kind,
    id,
    title,
    score,
    by,
    createdAt,
    snippet: snippet.text,
    highlights: snippet.highlights,
    ...(kind === 'message' && parent !== undefined && { chatId: parent }),
    ...(places && {
      places: places.map(({ id: place, snippet: { text, highlights }, by: how }) => ({
        id: place,
        snippet: text,
        highlights,
        by: how,
      })),
    }),
    ...(uri !== undefined && { uri }),
    ...(range !== undefined && { range }),
    ...(language !== undefined && { language }),
    ...(project !== undefined && { project }),
  };
}
