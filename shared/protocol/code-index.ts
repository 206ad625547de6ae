// Messages about the index of code.
import * as z from 'zod';
import { request } from './define.ts';

export const IndexStatusResult = z.object({
  state: z.enum(['off', 'waiting', 'scanning', 'paused', 'ready', 'failed']),
  files: z.number().int(),
  chunks: z.number().int(),
  /** Of the scan under way: files looked at, and files there are. */
  done: z.number().int(),
  total: z.number().int(),
  /** Why it is paused or has failed. */
  error: z.string().optional(),
  notes: z.array(z.string()),
  /** What is not in the index and why, the largest groups first; of the last scan of the whole folder. */
  leftOut: z.array(
    z.object({
      why: z.string(),
      /** Files, or folders where a whole one is left out. */
      count: z.number().int(),
      /** The first of them, from the folder. */
      examples: z.array(z.string()),
    }),
  ),
});

const Root = z.object({ root: z.string().describe('A folder of this session, as a URI.') });

export const IndexStatus = request('switchyard/index/status', 'How far the code of a folder is indexed.', {
  params: Root,
  result: IndexStatusResult,
});
export const IndexRefresh = request(
  'switchyard/index/refresh',
  'Brings the index of a folder up to date, and resolves when it is.',
  { params: Root, result: IndexStatusResult },
);

export type IndexStatusResult = z.infer<typeof IndexStatusResult>;
