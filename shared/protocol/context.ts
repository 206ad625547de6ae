// The message behind the `@` of a composer: what a question can name.
import * as z from 'zod';
import { request } from './define.ts';
import { Range } from './text.ts';

export const SuggestionKind = z.enum(['file', 'folder', 'symbol', 'ocr']);

export const Suggestion = z.object({
  kind: SuggestionKind,
  /** As it stands in a mention: a path from the root with `/` (of a picture for `ocr`), or a symbol's name. */
  name: z.string(),
  /** Where it is, or what it is, in a few words. */
  detail: z.string().optional(),
  uri: z.string().optional(),
  range: Range.optional(),
});

export const ContextSuggest = request(
  'switchyard/context/suggest',
  'Files, folders and symbols whose names match what was typed after `@`, the best first.',
  {
    params: z.object({
      /** Without it, all kinds but pictures. */
      kind: SuggestionKind.optional(),
      query: z.string().max(500),
      limit: z.number().int().min(1).max(50).optional(),
    }),
    result: z.object({
      items: z.array(Suggestion),
      /** What limits the list, such as an index that is still being made. */
      note: z.string().optional(),
    }),
  },
);

export type SuggestionKind = z.infer<typeof SuggestionKind>;
export type Suggestion = z.infer<typeof Suggestion>;
