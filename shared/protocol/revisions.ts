// Messages about what of a repository can be reviewed: its commits, branches and tags, and how much a review of one would look at.
import * as z from 'zod';
import { request } from './define.ts';

const Branch = z.object({
  name: z.string(),
  /** Of its last commit. */
  subject: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  isCurrent: z.boolean(),
});

export const ReviewRevisions = request(
  'switchyard/review/revisions',
  "Lists a repository's last commits, its branches, and its tags, for a review of one or since one.",
  {
    params: z.object({ /** The repository, or a folder in it. */ root: z.string() }),
    result: z.object({
      /** Of the current branch, the newest first. */
      commits: z.array(
        z.object({
          /** Its hash, as short as it is unique. */
          id: z.string(),
          subject: z.string(),
          author: z.string(),
          /** Milliseconds since the epoch. */
          at: z.number(),
        }),
      ),
      /** Those of remotes too. The likeliest that a branch was made from comes first, the current one last. */
      branches: z.array(Branch),
      /** The newest first. */
      tags: z.array(Branch.omit({ isCurrent: true })),
    }),
  },
);

export const ReviewScope = request(
  'switchyard/review/scope',
  'How much a review of changes would look at. Asks no model and runs no linter.',
  {
    params: z.object({
      diff: z.enum(['staged', 'unstaged']).optional(),
      commit: z.string().min(1).optional(),
      base: z.string().min(1).optional(),
      root: z.string(),
    }),
    result: z.object({
      files: z.number().int(),
      /** Lines that were added or changed. */
      lines: z.number().int(),
      /** Changed files that nobody can read, or that are beyond the limits of a review. */
      leftOut: z.number().int(),
    }),
  },
);

export type RepositoryRevisions = z.infer<typeof ReviewRevisions.result>;
