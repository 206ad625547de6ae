// Messages for clients that keep their chats themselves, such as VS Code's own chat: an answer to messages, and how long a text is.
import * as z from 'zod';
import { Decision, FinishReason, PolicyName, Usage } from './chat.ts';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

const maxChars = 4_000_000;
const Text = z.string().max(maxChars);

const Image = z.object({
  /** Such as `image/png`. */
  mediaType: z.string().regex(/^image\/[a-z0-9.+-]{1,40}$/),
  /** Base64, without a `data:` prefix. */
  data: z.string().max(30_000_000),
});

const ToolCall = z.object({
  id: z.string(),
  name: z.string(),
  /** JSON as the model wrote it: not checked. */
  arguments: Text,
  /** What the provider wants back with the call, unread. */
  signature: z.string().optional(),
});

const PromptMessage = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: Text }),
  z.object({ role: z.literal('user'), content: Text, images: z.array(Image).max(100).optional() }),
  z.object({ role: z.literal('assistant'), content: Text, toolCalls: z.array(ToolCall).max(1000).optional() }),
  /** The result of a call that an earlier message of the assistant made. */
  z.object({ role: z.literal('tool'), content: Text, toolCallId: z.string() }),
]);

export const ModelAnswer = request(
  'switchyard/model/answer',
  'Answers messages that the client keeps: of the chat, nothing is stored but which model answered, why, and the cost.',
  {
    params: z.object({
      messages: z.array(PromptMessage).min(1).max(10_000),
      tools: z
        .array(z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) }))
        .max(1000)
        .optional(),
      /** The answer must call one of the tools. */
      mustCallTool: z.boolean().optional(),
      /** `provider/model`; left out, the policy decides, or what the profile or the workspace names. */
      model: z.string().optional(),
      /** Decides for this answer in place of the session's. It can't lift "local only". */
      policy: PolicyName.optional(),
      maxOutputTokens: z.number().int().min(1).optional(),
      temperature: z.number().min(0).max(2).optional(),
      partialResultToken: PartialResultToken,
    }),
    part: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('decision'), decision: Decision }),
      z.object({ kind: z.literal('text'), text: z.string() }),
      z.object({ kind: z.literal('reasoning'), text: z.string() }),
      /** All text so far was reasoning. */
      z.object({ kind: z.literal('thought') }),
      ToolCall.extend({ kind: z.literal('tool') }),
      z.object({
        kind: z.literal('note'),
        text: z.string(),
        /** Whether it only says that the answer waits for a model on this machine. */
        waiting: z.boolean().optional(),
      }),
    ]),
    result: z.object({
      text: z.string(),
      toolCalls: z.array(ToolCall),
      decision: Decision,
      usage: Usage,
      /** US dollars; absent when it is unknown. */
      cost: z.number().optional(),
      finishReason: FinishReason,
    }),
  },
);

export const ModelTokens = request(
  'switchyard/model/tokens',
  'How many tokens a text takes; of a long text a part is counted, and the rest in proportion.',
  {
    params: z.object({ text: Text }),
    result: z.object({ tokens: z.number().int() }),
  },
);

export type ToolCall = z.infer<typeof ToolCall>;
export type PromptMessage = z.infer<typeof PromptMessage>;
