// What a tool for other agents is. Tools read and never write. What they return goes to a model that isn't ours.
import type * as z from 'zod';
import type { ReportedReview } from '../../../shared/review-markdown.ts';
import type { ModelChoice } from '../../models/router/router.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { WantedChange } from '../pipeline/changes/git-change.ts';
import type { ToolText } from './result.ts';

/** What is to be reviewed: a file of the session's folders, or changes below one of them (a path). */
export type ToolReview = { uri: string; text: string } | { change: WantedChange; folder: string };

/** Lives as long as a call. */
export interface ToolCall {
  session: SessionView;
  /** The id of the session's profile. */
  profile: string;
  /** The routing policy that the session set. */
  policy: ModelChoice['policy'];
  signal: AbortSignal;
  /** Says what is being done, in a sentence for people. */
  report(sentence: string): void;
  review(subject: ToolReview): Promise<Required<ReportedReview> & { notes: readonly string[] }>;
}

export interface Tool<Arguments extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  description: string;
  /** What of the user's it reads, as a clause. */
  reads: string;
  asksModels: boolean;
  arguments: Arguments;
  /** Throws UserError, and CancelledError. */
  run(given: z.infer<Arguments>, call: ToolCall): Promise<ToolText[]>;
}
