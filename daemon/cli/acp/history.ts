// A stored chat as a client is shown it again: what was said, and of runs their calls.
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { ChatMessages, type Message } from '../../../shared/protocol/chat.ts';
import type { AnyRequest, ParamsInput, Result } from '../../../shared/protocol/define.ts';
import { JobsGet } from '../../../shared/protocol/jobs.ts';
import { UserError } from '../../base/errors.ts';
import { noted, RunUpdates, said } from './updates.ts';

export type Call = <M extends AnyRequest>(message: M, params: ParamsInput<M>) => Promise<Result<M>>;

/** In reading order. Throws UserError `chat-not-found`. */
export async function messagesOf(call: Call, chatId: string): Promise<Message[]> {
  const messages: Message[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(ChatMessages, { chatId, limit: 200, ...(cursor !== undefined && { cursor }) });
    messages.unshift(...page.messages);
    cursor = page.next;
  } while (cursor !== undefined);
  return messages;
}

export async function shownAgain(call: Call, message: Message): Promise<SessionUpdate[]> {
  const { role, text, reasoning, jobId, notes = [] } = message;
  if (role === 'user') return [said('user_message_chunk', text)];
  return [
    ...(reasoning ? [said('agent_thought_chunk', reasoning)] : []),
    ...(jobId === undefined ? [] : await callsOf(call, jobId)),
    ...notes.map(noted),
    ...(text === '' ? [] : [said('agent_message_chunk', text)]),
  ];
}

/** Nothing where the job was deleted. */
async function callsOf(call: Call, jobId: string): Promise<SessionUpdate[]> {
  try {
    const { job } = await call(JobsGet, { jobId });
    const updates = new RunUpdates(jobId);
    return (job.parts ?? []).flatMap((part) => updates.of(part));
  } catch (error) {
    if (error instanceof UserError && error.code !== 'daemon-lost') return [];
    throw error;
  }
}
