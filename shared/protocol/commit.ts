// The message about commits: what to call what is staged.
import * as z from 'zod';
import { Decision } from './chat.ts';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

export const CommitMessage = request(
  'switchyard/commit/message',
  "Writes a commit message for what is staged, in the repository's style. Nothing is committed.",
  {
    params: z.object({
      /** The repository, or a folder in it; the first folder of the session when left out. */
      root: z.string().optional(),
      model: z.string().optional(),
      partialResultToken: PartialResultToken,
    }),
    /** What the model writes, before it is checked: the result may be another message. */
    part: z.object({ kind: z.literal('text'), text: z.string() }),
    result: z.object({
      message: z.string(),
      /** `rules`: it was made from the paths and kinds of changes; `note` says why. */
      by: z.enum(['model', 'rules']),
      note: z.string().optional(),
      decision: Decision.optional(),
    }),
  },
);
