// VS Code's chat messages as the daemon takes them. What no model is sent is an error, and never left out in silence. Parts are told
// apart by what they have, as VS Code makes some of classes that it does not export. Pure.
import type { LanguageModelChatRequestMessage } from 'vscode';
import type { PromptMessage } from '../../shared/protocol/answer.ts';

type Image = NonNullable<Extract<PromptMessage, { role: 'user' }>['images']>[number];
type ToolCall = NonNullable<Extract<PromptMessage, { role: 'assistant' }>['toolCalls']>[number];

const assistantRole = 2; // LanguageModelChatMessageRole.Assistant
const systemRole = 3; // VS Code's own chat sends it, though extensions are not told of it

/** What the parts of one message hold. */
interface MessageParts {
  texts: string[];
  images: Image[];
  calls: ToolCall[];
  results: { toolCallId: string; content: string }[];
}

/** `signatureOf` has what a provider wants back with a call. Throws Error with a sentence for the user. */
export function toPromptMessages(
  messages: readonly Pick<LanguageModelChatRequestMessage, 'role' | 'content'>[],
  signatureOf: (callId: string) => string | undefined,
): PromptMessage[] {
  return messages.flatMap(({ role, content }): PromptMessage[] => {
    const { texts, images, calls, results } = partsOf(content);
    const text = texts.join('\n');
    if (Number(role) === systemRole) return [{ role: 'system', content: text }];
    if (Number(role) === assistantRole) {
      const toolCalls = calls.map((call) => withSignature(call, signatureOf(call.id)));
      const said = texts.join(''); // an answer comes in pieces, which some extensions send back as they came
      return [{ role: 'assistant', content: said, ...(toolCalls.length > 0 && { toolCalls }) }];
    }
    const said: PromptMessage = { role: 'user', content: text, ...(images.length > 0 && { images }) };
    return [
      ...results.map((result): PromptMessage => ({ role: 'tool', ...result })),
      ...(text !== '' || images.length > 0 || results.length === 0 ? [said] : []),
    ];
  });
}

/** The text of a message, and how many images it has. */
export function measure(content: readonly unknown[]): { text: string; images: number } {
  const { texts, images, calls, results } = partsOf(content);
  const called = calls.map((call) => `${call.name} ${call.arguments}`);
  return {
    text: [...texts, ...called, ...results.map((result) => result.content)].join('\n'),
    images: images.length,
  };
}

function withSignature(call: ToolCall, signature: string | undefined): ToolCall {
  return { ...call, ...(signature !== undefined && { signature }) };
}

function partsOf(content: readonly unknown[]): MessageParts {
  const parts: MessageParts = { texts: [], images: [], calls: [], results: [] };
  for (const part of content) add(part, parts);
  return parts;
}

function add(part: unknown, parts: MessageParts): void {
  const { value, callId, name, input, content, mimeType, data } = (part ?? {}) as Record<string, unknown>;
  if (typeof callId === 'string' && Array.isArray(content)) return addResult(callId, content, parts);
  if (typeof callId === 'string' && typeof name === 'string') {
    parts.calls.push({ id: callId, name, arguments: JSON.stringify(input ?? {}) });
  } else if (typeof mimeType === 'string' && data instanceof Uint8Array) addData({ mimeType, data }, parts);
  else if (typeof value === 'string') {
    if (!isThinking(part)) parts.texts.push(value);
  } else if (Array.isArray(value) && isThinking(part)) return;
  else if (typeof value === 'object' && value !== null) parts.texts.push(textOfElement(value));
  else throw new Error("Switchyard can't send this kind of content to a model. Remove the attachment and try again.");
}

/** Images in a result go along as the user's: no API takes them elsewhere. */
function addResult(toolCallId: string, content: readonly unknown[], parts: MessageParts): void {
  const { texts, images } = partsOf(content);
  parts.results.push({ toolCallId, content: texts.join('\n') });
  parts.images.push(...images);
}

/** A model's own reasoning is not sent back. */
function isThinking(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'metadata' in part;
}

const textTypes = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/;

function addData({ mimeType, data }: { mimeType: string; data: Uint8Array }, parts: MessageParts): void {
  if (!mimeType.includes('/')) return; // VS Code's own marks, such as `cache_control`: nothing in them is said
  if (/^image\/[a-z0-9.+-]+$/.test(mimeType))
    parts.images.push({ mediaType: mimeType, data: Buffer.from(data).toString('base64') });
  else if (textTypes.test(mimeType)) parts.texts.push(new TextDecoder().decode(data));
  else
    throw new Error(`Switchyard can't send ${mimeType.slice(0, 100)} to a model. Remove the attachment and try again.`);
}

/** The text in what prompt-tsx makes of a tool's result: nodes within nodes, with texts at the ends. */
function textOfElement(node: object): string {
  const { text, children, node: inner } = node as { text?: unknown; children?: unknown; node?: unknown };
  const own = typeof text === 'string' ? text : '';
  const others = [...(Array.isArray(children) ? children : []), ...(inner ? [inner] : [])];
  return own + others.map((child) => (typeof child === 'object' && child ? textOfElement(child) : '')).join('');
}
