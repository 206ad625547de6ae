// What only some providers need of earlier tool calls: their arguments as an object, and the tool's name of each result.
import type { PromptMessage } from './provider.ts';

/** The arguments as an object. Invalid JSON goes back as the model wrote it, so that it can see its mistake. */
export function argumentsOf(json: string): Record<string, unknown> {
  try {
    const values: unknown = JSON.parse(json || '{}');
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return values as Record<string, unknown>;
  } catch {
    // falls through to the words themselves
  }
  return { invalid: json };
}

/** Of each result, the name of the tool that gave it. Ids may come again in later rounds: the latest call before the result counts. */
export function callNames(messages: readonly PromptMessage[]): Map<PromptMessage, string> {
  const names = new Map<PromptMessage, string>();
  const latest = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const { id, name } of message.toolCalls ?? []) latest.set(id, name);
    if (message.role === 'tool') names.set(message, latest.get(message.toolCallId) ?? '');
  }
  return names;
}
