// One whole answer of a model, for what cannot be used in parts: code to put in place, a text to read.
import { throwIfCancelled, UserError } from '../../../base/errors.ts';
import type { Attempt } from '../../../models/ask.ts';
import type { PromptMessage } from '../../../models/providers/provider.ts';

export interface Question {
  model: Pick<Attempt, 'id' | 'stream'>;
  messages: readonly PromptMessage[];
  maxOutputTokens: number;
  signal: AbortSignal;
  onText?(text: string): void;
}

export interface Answer {
  text: string;
  /** What the provider warned of. */
  warnings: string[];
}

/** Throws UserError `answer-cut-off` when the model did not come to its end: half of an answer is never used as a whole one. */
export async function answerTo({ model, messages, maxOutputTokens, signal, onText }: Question): Promise<Answer> {
  const answer: Answer = { text: '', warnings: [] };
  let isWhole = false;
  for await (const part of model.stream({ messages, maxOutputTokens, temperature: 0 })) {
    throwIfCancelled(signal);
    if (part.kind === 'warning') answer.warnings.push(`${model.id}: ${part.message}`);
    if (part.kind === 'finish') isWhole = part.reason === 'stop';
    if (part.kind !== 'text') continue;
    answer.text += part.text;
    onText?.(part.text);
  }
  throwIfCancelled(signal);
  if (!isWhole)
    throw new UserError(
      'answer-cut-off',
      `${model.id} did not finish its answer. Select less code, or choose a model that writes longer answers.`,
      { retryable: true },
    );
  return answer;
}
