// Search over everything that is kept: chats, findings, code and memories.
import * as z from 'zod';
import { request } from './define.ts';

const Position = z.object({ line: z.number(), character: z.number() });

export const SearchIn = z.enum(['chats', 'code', 'memories', 'findings']);

export const SearchHit = z.object({
  kind: z.enum(['message', 'code', 'memory', 'finding']),
  /** The message's, finding's, … own id. */
  id: z.string(),
  /** The chat a message belongs to. */
  chatId: z.string().optional(),
  title: z.string(),
  /** The part of the text that answers, as plain text on one line. */
  snippet: z.string(),
  /** What was asked for, as UTF-16 offsets in the snippet: from, to. */
  highlights: z.array(z.tuple([z.number(), z.number()])),
  /** From 0 to 1; it compares hits of one search alone. */
  score: z.number(),
  /** Whether it was found by its words, by its meaning, or both. */
  by: z.array(z.enum(['text', 'vector'])),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  /** The other messages of its chat that were found, the best first. */
  places: z
    .array(
      z.object({
        id: z.string(),
        snippet: z.string(),
        highlights: z.array(z.tuple([z.number(), z.number()])),
        by: z.array(z.enum(['text', 'vector'])),
      }),
    )
    .optional(),
  uri: z.string().optional(),
  range: z.object({ start: Position, end: Position }).optional(),
  language: z.string().optional(),
  project: z.string().optional(),
});

export const Search = request(
  'switchyard/search',
  'Searches chats, findings, code and memories, by words and by meaning.',
  {
    params: z.object({
      /** Words, "phrases", prefix*, -exclusions, and filters: kind: lang: path: project: after: before: */
      query: z.string(),
      /** All of them when left out. */
      in: z.array(SearchIn).optional(),
      limit: z.int().min(1).max(100).optional(),
      cursor: z.string().optional(),
      project: z.string().optional(),
      /** Milliseconds since the epoch: not before, and before. */
      since: z.number().optional(),
      until: z.number().optional(),
      language: z.string().optional(),
      /** A part of a path. */
      path: z.string().optional(),
      /**
       * False: by words alone, for a query that is still being typed. True: waits seconds for an embedding model that has to start. Left
       * out: by words alone while it starts, which a note says.
       */
      meaning: z.boolean().optional(),
    }),
    result: z.object({
      hits: z.array(SearchHit),
      /** Leads to the next page. */
      next: z.string().optional(),
      /** What the user should know: how the query was read, and what cannot be found yet. */
      notes: z.array(z.string()),
    }),
  },
);

export type SearchIn = z.infer<typeof SearchIn>;
export type SearchHit = z.infer<typeof SearchHit>;
