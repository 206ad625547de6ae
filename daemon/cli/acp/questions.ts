// What the model asks in words: as a form, where the client has forms, else as a text that the next prompt answers. Pure.
import type { CreateElicitationResponse } from '@agentclientprotocol/sdk';
import type { AgentApproval, AgentApprove } from '../../../shared/protocol/agent.ts';
import type { Params } from '../../../shared/protocol/define.ts';
import type { Form } from './client.ts';
import { shown } from './updates.ts';

export type Decision = Pick<Params<typeof AgentApprove>, 'decision' | 'reply'>;

const maxReply = 10_000;

export function formFor({ text, taint, choices = [] }: AgentApproval): Form {
  const message = [text, taint].flatMap((sentence) => (sentence === undefined ? [] : shown(sentence))).join('\n\n');
  const answer = {
    type: 'string' as const,
    title: choices.length > 0 ? 'Other answer' : 'Your answer',
    maxLength: maxReply,
  };
  if (choices.length === 0)
    return { message, requestedSchema: { type: 'object', properties: { answer }, required: ['answer'] } };
  const options = choices.map((choice, index) => ({ const: String(index), title: shown(choice) }));
  return {
    message,
    requestedSchema: {
      type: 'object',
      properties: {
        choice: { type: 'string', title: 'Your answer', oneOf: options },
        answer: { ...answer, _meta: { _askUserQuestionCustomAnswer: { questionId: 'choice' } } }, // a mark that several clients know
      },
    },
  };
}

export function answerOfForm(response: CreateElicitationResponse, { choices = [] }: AgentApproval): Decision {
  if (response.action !== 'accept') return { decision: 'deny' };
  const { choice, answer } = (response as { content?: Record<string, unknown> | null }).content ?? {};
  const typed = typeof answer === 'string' ? answer.trim() : '';
  const reply = typed || (typeof choice === 'string' ? choices[Number(choice)] : undefined);
  return reply === undefined ? { decision: 'once' } : { decision: 'once', reply: reply.slice(0, maxReply) };
}

/** For the chat. The next prompt is the answer. */
export function askedInWords({ text, taint, choices = [] }: AgentApproval): string {
  const listed = choices.map((choice, index) => `${index + 1}. ${shown(choice)}`).join('\n');
  return [shown(text), listed, taint === undefined ? '' : shown(taint)].filter((part) => part !== '').join('\n\n');
}

/** What the user wrote to a question: a number chooses one of its answers. */
export function answerInWords(said: string, { choices = [] }: AgentApproval): string {
  const number = /^\s*(\d)[.)]?\s*$/.exec(said)?.[1];
  return (number === undefined ? undefined : choices[Number(number) - 1]) ?? said.slice(0, maxReply);
}
