// Wire <-> domain for answers of which no chat is kept.
import type { ModelAnswer, ModelTokens, PromptMessage, ToolCall } from '../../shared/protocol/answer.ts';
import { effectivePolicy } from '../features/profiles/model.ts';
import type { Handler } from './handler.ts';

export const handleModelAnswer: Handler<typeof ModelAnswer, 'answers' | 'sessionProfiles', 'own-or-none'> = async (
  { model, policy, messages, ...request },
  { session, services, profile, signal, emit },
) => {
  const modelOf = await services.sessionProfiles.modelRule(session, profile);
  const named = policy === undefined ? modelOf({ message: model }) : {};
  const { costUsd, ...answer } = await services.answers.answer(
    {
      ...request,
      messages: messages.map(fromMessage),
      profile,
      ...named,
      policy: effectivePolicy({ policy, windowPolicy: session.options.policy }),
      workspace: session.roots[0],
    },
    { signal, onPart: emit },
  );
  return { ...answer, ...(costUsd !== undefined && { cost: costUsd }) };
};

function fromMessage(message: PromptMessage) {
  if (message.role === 'user') {
    const { images, ...said } = message;
    return { ...said, ...(images && { images }) };
  }
  if (message.role !== 'assistant') return message;
  const { toolCalls, ...said } = message;
  return { ...said, ...(toolCalls && { toolCalls: toolCalls.map(fromCall) }) };
}

function fromCall({ signature, ...call }: ToolCall) {
  return { ...call, ...(signature !== undefined && { signature }) };
}

export const handleModelTokens: Handler<typeof ModelTokens, 'answers', 'none'> = async ({ text }, { services }) => ({
  tokens: await services.answers.countTokens(text),
});
