// What a model is sent of a conversation: fitted to what the model holds, with memories and with what older messages say. Pure.

import { estimateTokens } from '../../base/tokens.ts';
import type { Prompt } from '../../models/ask.ts';
import { type CacheKey, keyOf } from '../../models/cache/key.ts';
import { imagesOf, type PromptMessage } from '../../models/providers/provider.ts';
import type { StoredContext } from '../../storage/messages.ts';
import { type Fact, sectionOf } from '../memories/section.ts';
import type { PromptTurn } from './fit.ts';
import { systemPrompt } from './prompt.ts';
import { type Context, contextFor, type Older } from './window.ts';

/** A conversation as prompts are made from it. */
export interface Conversation {
  turns: readonly PromptTurn[];
  /** How many messages there are before them. */
  earlier: number;
  /** What the mode says to the model. */
  mode?: string | undefined;
  /** What the user wants remembered, for the system part of the prompt. */
  memories?: readonly Fact[] | undefined;
  /** How the answer to the last turn begins: it is continued. */
  begun?: string | undefined;
  /** What older messages say to the question, once it has been looked for. */
  older?: Older | undefined;
}

export interface FittedPrompt {
  prompt: Prompt;
  /** What of the conversation is in it. */
  included: StoredContext;
}

/** `contextTokens`: what the model holds, undefined when unknown. Each further round leaves out more of the oldest turns. */
export function fitPrompt(
  { turns, earlier, mode = '', memories = [], begun = '', older }: Conversation,
  contextTokens: number | undefined,
  round = 0,
): FittedPrompt {
  const section = sectionOf(memories, { contextTokens, estimateTokens });
  const hasCode = turns.some((turn) => turn.hasCode);
  const hasFiles = hasCode || turns.some(({ namesFile }) => namesFile);
  const wantsEdits = hasFiles && turns.some(({ asksForChange }) => asksForChange);
  const hasPictures = turns.some((turn) => turn.hasPictures);
  const system = systemPrompt({ hasCode, wantsEdits, hasPictures, mode }) + section.text;
  const systemTokens = estimateTokens(system) + estimateTokens(begun);
  const context = contextFor(turns, { contextTokens, systemTokens, scale: 2 ** round, earlier, older });
  const messages: PromptMessage[] = [{ role: 'system', content: system }, ...context.turns.map(messageOf)];
  const used = section.memories.length > 0 ? { memories: section.memories } : {};
  if (begun !== '') messages.push({ role: 'assistant', content: begun });
  return { prompt: { messages }, included: { ...context.included, ...used } };
}

function messageOf({ role, content, images }: Context['turns'][number]): PromptMessage {
  return role === 'user' ? { role, content, ...(images && { images }) } : { role, content };
}

/** Where the answer to this prompt by this model is kept. */
export function cacheKeyOf(
  { messages }: Prompt,
  { profile, model, mode }: { profile: string; model: string; mode: string | undefined },
): CacheKey {
  const text = messages.at(-1)?.content ?? '';
  const attachments = imagesOf(messages).map(({ hash, data }) => hash ?? data);
  return keyOf({ profile, model, mode, text, context: messages.slice(0, -1), attachments, tools: [] });
}
