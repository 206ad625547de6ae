// Asks the model of one role for one whole answer, and notes what it took. How an answer ended is part of it: a cut one is never taken
// for a whole one.
import { throwIfCancelled } from '../../../base/errors.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { type FinishReason, type PromptMessage, tokensOfUsage } from '../../../models/providers/provider.ts';
import type { Decision, Selection, SelectRequest } from '../../../models/router/router.ts';
import type { EditFormat } from '../edits/formats.ts';

export interface RoleAnswer {
  text: string;
  /** Of a coder: in which form it was asked to answer. */
  format?: EditFormat;
  reason: FinishReason;
  /** `provider/model` */
  model: string;
  decision: Decision;
  tokens: { input: number; output: number };
  /** US dollars; `null` when they are unknown. */
  costUsd: number | null;
  /** As it was sent. */
  prompt: string;
  /** Such as that another model stepped in. */
  notes: string[];
}

/** The chosen model, as far as a prompt depends on it. */
export type AskedModel = Pick<Attempt, 'id' | 'info'>;

export interface RoleQuestion {
  wanted: SelectRequest;
  /** Where it was selected before. */
  first?: Selection | undefined;
  /** What the chosen model is asked, by what it can read. */
  messages(model: AskedModel): Promise<{ messages: PromptMessage[]; maxOutputTokens: number }>;
  jsonSchema?: { name: string; schema: Record<string, unknown> };
  signal: AbortSignal;
  onText?(text: string): void;
}

/** Throws what `Models.ask` throws, and what `messages` throws. */
export async function askRole(
  models: Models,
  { wanted, first, messages, jsonSchema, signal, onText }: RoleQuestion,
): Promise<RoleAnswer> {
  return models.ask({ wanted, first, signal }, async (attempt) => {
    const asked = await messages(attempt);
    const answer = { text: '', reason: 'error' as FinishReason, tokens: { input: 0, output: 0 } };
    const prompt = { ...asked, temperature: 0, ...(jsonSchema && { jsonSchema }) };
    for await (const part of attempt.stream(prompt)) {
      throwIfCancelled(signal);
      if (part.kind === 'finish') answer.reason = part.reason;
      else if (part.kind === 'thought') answer.text = '';
      else if (part.kind === 'usage') answer.tokens = tokensOfUsage(part.usage);
      else if (part.kind === 'text') {
        answer.text += part.text;
        onText?.(part.text);
      }
    }
    throwIfCancelled(signal);
    return {
      ...answer,
      model: attempt.id,
      decision: attempt.decision,
      costUsd: attempt.costUsd ?? null,
      prompt: asked.messages.map(({ role, content }) => `${role}: ${content}`).join('\n\n'),
      notes: [...attempt.notes],
    };
  });
}
