// OpenAI's chat completions: what is sent, and what comes back, in the words of the provider interface.
import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { withoutSystemRole } from '../answers/turns.ts';
import type { Connection, ModelAnswer } from '../connection.ts';
import {
  askWithout,
  isSystemRefusal,
  isUnknownSetting,
  type OptionalSetting,
  type RefusedSettings,
  schemaIsNotForced,
} from '../optional-settings.ts';
import type { ModelRequest, PromptMessage } from '../provider.ts';
import { dataUrl, headersOf, isStrict, urlOf } from '../wire.ts';
import { ChatParser } from './chat-parser.ts';

/** How a server calls the limit of an answer: OpenAI's reasoning models refuse the old name, other servers may not know the new one. */
export type LimitName = 'max_tokens' | 'max_completion_tokens';

export interface ChatServer {
  /** Where its API begins. */
  baseUrl: string;
  /** What the configuration adds to each request. */
  headers: Readonly<Record<string, string>> | undefined;
  limitName: LimitName;
  refused: RefusedSettings;
}

/** Asks without the package: making its client and its request takes longer than a server near by takes to answer. */
export async function askChat(
  connection: Connection,
  { baseUrl, headers, limitName, refused }: ChatServer,
  request: ModelRequest,
): Promise<ModelAnswer> {
  const url = urlOf(baseUrl, 'chat/completions');
  const { answer, warnings } = await askWithout(
    chatBody(request, limitName),
    {
      temperature: "This model doesn't accept a temperature, so its default was used.",
      response_format: schemaIsNotForced,
      stream_options: "This server doesn't report token counts.",
      limit: limitByTheOtherName(limitName),
      system: systemInTheQuestion(request),
    },
    refused.of(request.model),
    (body) => connection.post(url, headersOf(connection, headers), body),
  );
  return { warnings, body: answer, parser: new ChatParser() };
}

function limitByTheOtherName(name: LimitName): OptionalSetting<ChatCompletionCreateParamsStreaming> {
  const other = name === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  return {
    isRefused: (words) => isUnknownSetting(words, name),
    without({ [name]: limit, ...others }) {
      return limit === undefined || limit === null ? undefined : { ...others, [other]: limit };
    },
  };
}

function systemInTheQuestion({ messages }: ModelRequest): OptionalSetting<ChatCompletionCreateParamsStreaming> {
  return {
    isRefused: isSystemRefusal,
    without: (body) =>
      messages.some(({ role }) => role === 'system')
        ? { ...body, messages: withoutSystemRole(messages).map(messageOf) }
        : undefined,
  };
}

/** A request in the words of chat completions. */
export function chatBody(request: ModelRequest, limitName: LimitName): ChatCompletionCreateParamsStreaming {
  const { model, messages, maxOutputTokens, temperature, jsonSchema, tools, mustCallTool } = request;
  return {
    model,
    messages: messages.map(messageOf),
    stream: true,
    stream_options: { include_usage: true },
    ...(maxOutputTokens !== undefined && { [limitName]: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema && {
      response_format: {
        type: 'json_schema',
        json_schema: { name: jsonSchema.name, schema: jsonSchema.schema, strict: isStrict(jsonSchema.schema) },
      },
    }),
    ...(tools?.length && { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
    ...(mustCallTool && { tool_choice: 'required' as const }),
  };
}

function messageOf(message: PromptMessage): ChatCompletionMessageParam {
  const { content } = message;
  switch (message.role) {
    case 'system':
      return { role: 'system', content };
    case 'user':
      return { role: 'user', content: message.images?.length ? userParts(message) : content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content };
    case 'assistant': {
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: values }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: values },
      }));
      return calls.length > 0
        ? { role: 'assistant', content: content || null, tool_calls: calls }
        : { role: 'assistant', content };
    }
  }
}

function userParts({ content, images = [] }: Extract<PromptMessage, { role: 'user' }>): ChatCompletionContentPart[] {
  const pictures = images.map((image) => ({ type: 'image_url' as const, image_url: { url: dataUrl(image) } }));
  return content ? [{ type: 'text', text: content }, ...pictures] : pictures;
}
