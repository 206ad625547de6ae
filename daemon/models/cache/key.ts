// What makes two questions the same: everything that the answer depends on. Pure.
import { createHash } from 'node:crypto';
import type { PromptMessage, Tool } from '../providers/provider.ts';

export interface CacheQuestion {
  profile: string;
  /** `provider/model`, after routing: another model answers differently. */
  model: string;
  mode?: string | undefined;
  text: string;
  /** What the model is told before the text: the system prompt and the turns before this one. */
  context: readonly PromptMessage[];
  attachments: readonly unknown[];
  tools: readonly Tool[];
}

/** Says where an answer is kept, for whom, and for how long. */
export interface CacheKey {
  readonly hash: string;
  readonly profile: string;
  readonly lifeMs: number;
}

/** How long an answer is kept: less long in a conversation, where the meaning of a question changes sooner. */
const lifeMs = { alone: 60 * 60_000, inConversation: 30 * 60_000 };

export function keyOf({ profile, model, mode = '', text, context, attachments, tools }: CacheQuestion): CacheKey {
  const whole = [
    profile,
    model,
    mode,
    normalise(text),
    context.map(({ role, content }) => [role, content]),
    attachments,
    tools,
  ];
  const hash = createHash('sha256').update(JSON.stringify(whole)).digest('base64url');
  const hasHistory = context.some(({ role }) => role !== 'system');
  return { hash, profile, lifeMs: hasHistory ? lifeMs.inConversation : lifeMs.alone };
}

/** Drops differences without a meaning: kinds of line ends, blanks at the ends of lines, blank lines around. Keeps case and indentation. */
function normalise(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  const says = (line: string): boolean => line !== '';
  return lines.slice(Math.max(0, lines.findIndex(says)), lines.findLastIndex(says) + 1).join('\n');
}
