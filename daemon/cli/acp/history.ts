// A stored chat as a client is shown it again: what was said, of runs their calls, and what a run waits for.
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { AgentApproval, AgentPart } from '../../../shared/protocol/agent.ts';
import { ChatMessages, type Message } from '../../../shared/protocol/chat.ts';
import type { AnyRequest, ParamsInput, Result } from '../../../shared/protocol/define.ts';
import { JobsGet, type WholeJob } from '../../../shared/protocol/jobs.ts';
import { textAfterSteps } from '../../../shared/steps-text.ts';
import { UserError } from '../../base/errors.ts';
import { noted, RunUpdates, said, shown } from './updates.ts';

export type Call = <M extends AnyRequest>(message: M, params: ParamsInput<M>) => Promise<Result<M>>;

/** A run that the chat holds. */
export interface KnownRun {
  updates: RunUpdates;
  /** What it has said. */
  text: string;
  job: WholeJob;
}

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

export async function shownAgain(
  call: Call,
  message: Message,
): Promise<{ updates: SessionUpdate[]; run: KnownRun | undefined }> {
  const { role, text, reasoning, jobId, notes = [] } = message;
  if (role === 'user') return { updates: [said('user_message_chunk', text)], run: undefined };
  const job = jobId === undefined ? undefined : await jobOf(call, jobId);
  const run = job && { updates: new RunUpdates(job.id), text, job };
  const parts = job?.parts ?? [];
  const below = textAfterSteps(
    text,
    parts.filter((part) => part.kind === 'call'),
  );
  const updates = [
    ...(reasoning ? [said('agent_thought_chunk', reasoning)] : []),
    ...(run ? stepsAgain(parts, { updates: run.updates, isSaid: below !== text }) : []),
    ...notes.map(noted),
    ...(below === '' ? [] : [said('agent_message_chunk', below)]),
  ];
  return { updates, run };
}

/** Steps of a run, where `isSaid` with what was said before them. */
function stepsAgain(
  parts: readonly AgentPart[],
  { updates, isSaid }: { updates: RunUpdates; isSaid: boolean },
): SessionUpdate[] {
  return parts.flatMap((part) => [
    ...(isSaid && part.kind === 'call' && part.said !== undefined && part.within === undefined
      ? [said('agent_message_chunk', `${part.said}\n\n`)]
      : []),
    ...updates.of(part),
  ]);
}

/** What the last run of a chat asks, if it does. */
export function askedBy({ job }: KnownRun): AgentApproval | undefined {
  const part = job.state === 'waiting' ? job.parts?.findLast(({ kind }) => kind === 'approval') : undefined;
  return part?.kind === 'approval' ? part.approval : undefined;
}

/** A sentence about a run that isn't over; undefined where it is. */
export function unfinished({ job }: KnownRun): string | undefined {
  if (job.state === 'waiting')
    return `The last task waits for you: ${shown(job.question?.text ?? '')} To see it and decide, send \`/continue\`.`;
  if (job.state === 'stopped' && job.canResume)
    return 'The last task was stopped before its end. To go on with it, send `/continue`.';
  return undefined;
}

/** Undefined where it was deleted. */
async function jobOf(call: Call, jobId: string): Promise<WholeJob | undefined> {
  try {
    return (await call(JobsGet, { jobId })).job;
  } catch (error) {
    if (error instanceof UserError && error.code !== 'daemon-lost') return undefined;
    throw error;
  }
}
