// An answer that was cut off and is continued: what it has, by whom, and what it cost, so that it grows as one message.
import { isCutOff } from '../../../shared/cut-off.ts';
import { UserError } from '../../base/errors.ts';
import type { Usage } from '../../models/providers/provider.ts';
import type { StoredContext, StoredMessage } from '../../storage/messages.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ChatShapes } from './chat.ts';
import { refuseToContinueTask } from './waiting-task.ts';

/** What there is of an answer before it is continued. */
export interface BegunAnswer {
  messageId: string;
  text: string;
  /** `provider/model` that wrote it. */
  model?: string;
  usage: Usage | undefined;
  /** US dollars; undefined when it is unknown. */
  costUsd: number | undefined;
  durationMs: number;
  context: StoredContext | undefined;
}

/** Throws UserErrors `not-cut-off`, where there is nothing to continue, `task-waits` and `task-stopped`. */
export async function begunAnswer(
  { chats, ledger, jobs }: Pick<ReturnType<Storage<ChatShapes>['in']>, 'chats' | 'ledger' | 'jobs'>,
  messageId: string,
): Promise<BegunAnswer> {
  const message = await chats.message(messageId);
  const { text, decision, usage, context, durationMs = 0 } = message;
  if (message.status !== 'streaming') await refuseToContinueTask(jobs, context?.jobId);
  if (!isCutOff(message)) throw new UserError('not-cut-off', whyNotCutOff(message));
  const [spent] = await ledger.sums({ by: 'answer', answers: [messageId] });
  return {
    messageId,
    text,
    ...(decision && { model: decision.model }),
    usage,
    costUsd: spent?.unknown === 0 ? spent.costUsd : undefined,
    durationMs,
    context,
  };
}

function whyNotCutOff({ role, text, status }: Pick<StoredMessage, 'role' | 'text' | 'status'>): string {
  if (role !== 'assistant') return "The last question has no answer, so there's nothing to continue. Ask it again.";
  if (status === 'streaming') return 'That answer is still being written. Wait for its end, or stop it.';
  if (text === '') return "That answer has no text, so there's nothing to continue. Ask its question again.";
  return "That answer isn't cut off, so there's nothing to continue. Ask a new question.";
}

/** One that is unknown adds nothing. */
export function addedUsage(first: Usage | undefined, second: Usage | undefined): Usage | undefined {
  if (!first || !second) return first ?? second;
  const sum = (bucket: keyof Usage): number => first[bucket] + second[bucket];
  return {
    input: sum('input'),
    cacheRead: sum('cacheRead'),
    cacheWrite: sum('cacheWrite'),
    output: sum('output'),
    reasoning: sum('reasoning'),
  };
}
