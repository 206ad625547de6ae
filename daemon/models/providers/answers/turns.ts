// A conversation as every server takes it: turns that alternate, without empty ones, and without reasoning of earlier answers.
import type { ModelRequest, PromptMessage } from '../provider.ts';
import { withoutReasoning } from './think-tags.ts';

/**
 * A failed or empty answer leaves two questions in a row, which the templates of many models refuse: neighbours of one role become
 * one message. Calls of tools and their results stay as they are.
 */
export function withTurns(request: ModelRequest): ModelRequest {
  const messages: PromptMessage[] = [];
  for (const message of request.messages.map(cleaned)) {
    const previous = messages.at(-1);
    if (isEmpty(message)) continue;
    const joined = previous && joinedMessage(previous, message);
    if (joined) messages[messages.length - 1] = joined;
    else messages.push(message);
  }
  return { ...request, messages };
}

function cleaned(message: PromptMessage): PromptMessage {
  if (message.role !== 'assistant' || !message.content.includes('<')) return message;
  return { ...message, content: withoutReasoning(message.content) };
}

function isEmpty(message: PromptMessage): boolean {
  if (message.content !== '' || message.role === 'tool') return false;
  return message.role === 'assistant' ? !message.toolCalls?.length : message.role !== 'user' || !message.images?.length;
}

function joinedMessage(first: PromptMessage, second: PromptMessage): PromptMessage | undefined {
  const content = [first.content, second.content].filter((text) => text !== '').join('\n\n');
  if (first.role === 'user' && second.role === 'user') {
    const images = [...(first.images ?? []), ...(second.images ?? [])];
    return { role: 'user', content, ...(images.length > 0 && { images }) };
  }
  if (first.role === 'system' && second.role === 'system') return { role: 'system', content };
  const isPlain = first.role === 'assistant' && second.role === 'assistant' && !first.toolCalls?.length;
  return isPlain ? { ...second, content } : undefined;
}

/** The system prompt in front of the first question, for models whose template has no place for it. */
export function withoutSystemRole(messages: readonly PromptMessage[]): PromptMessage[] {
  const system = systemText(messages);
  const others = messages.filter(({ role }) => role !== 'system');
  const [first] = others;
  if (first?.role === 'user') return [{ ...first, content: `${system}\n\n${first.content}` }, ...others.slice(1)];
  return [{ role: 'user', content: system }, ...others];
}

/** All system messages as one text. */
export function systemText(messages: readonly PromptMessage[]): string {
  return messages
    .filter(({ role }) => role === 'system')
    .map(({ content }) => content)
    .join('\n\n');
}
