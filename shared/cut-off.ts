import type { Message } from './protocol/chat.ts';

/** Whether a message is an answer with a beginning that can be continued. */
export function isCutOff({
  role,
  text,
  status,
  finishReason,
}: Pick<Message, 'role' | 'text' | 'status' | 'finishReason'>): boolean {
  if (role !== 'assistant' || text === '') return false;
  return status === 'partial' || status === 'cancelled' || (status === 'complete' && finishReason === 'length');
}
