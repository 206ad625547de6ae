// Answers for clients that keep their chats themselves: messages and tools go in, and a stream of parts comes out. Nothing is stored
// but the decision and the cost. A model that can't do what is asked is an error: no tool and no image is left out in silence.
import { UserError } from '../../base/errors.ts';
import { estimatePictureTokens, estimateTokens } from '../../base/tokens.ts';
import type { Attempt, Models, Prompt } from '../../models/ask.ts';
import {
  type FinishReason,
  imagesOf,
  noUsage,
  type PromptMessage,
  type StreamPart,
  type Tool,
  type ToolCall,
  type Usage,
} from '../../models/providers/provider.ts';
import { type Decision, type ModelChoice, type RouteRequest, requestFor } from '../../models/router/router.ts';
import { loadTokenCounter } from '../../models/router/tokens.ts';

export interface AnswerRequest extends ModelChoice {
  messages: readonly PromptMessage[];
  tools?: readonly Tool[] | undefined;
  maxOutputTokens?: number | undefined;
  temperature?: number | undefined;
  /** The answer must call one of the tools. */
  mustCallTool?: boolean | undefined;
  /** The folder that asks, as a URI: rules may name it, and the ledger counts by it. */
  workspace?: string | undefined;
}

export type AnswerPart =
  | Extract<StreamPart, { kind: 'text' | 'reasoning' | 'thought' }>
  | { kind: 'decision'; decision: Decision }
  | ({ kind: 'tool' } & ToolCall)
  /** A sentence for the user; `waiting` where it only says that the answer's turn comes. */
  | { kind: 'note'; text: string; waiting?: boolean };

interface UnstoredAnswer {
  text: string;
  toolCalls: ToolCall[];
  decision: Decision;
  usage: Usage;
  /** US dollars; undefined when it is unknown. */
  costUsd: number | undefined;
  finishReason: FinishReason;
}

interface AnswerOptions {
  signal: AbortSignal;
  onPart(part: AnswerPart): void;
}

/** Lives as long as the daemon. */
export interface Answers {
  /** Throws UserError `no-tools`, `no-vision`, `no-tool-call`, and what `Models.ask` throws. */
  answer(request: AnswerRequest, options: AnswerOptions): Promise<UnstoredAnswer>;
  countTokens(text: string): Promise<number>;
}

export function createAnswers({ models }: { models: Models }): Answers {
  let counter: ReturnType<typeof loadTokenCounter> | undefined;
  return {
    answer: (request, options) =>
      models.ask(
        {
          wanted: { ...requestFor('chat', request), request: routeRequest(request) },
          workspace: request.workspace,
          signal: options.signal,
        },
        (attempt) => answerWith(attempt, request, options),
      ),
    async countTokens(text) {
      counter ??= loadTokenCounter();
      return (await counter)(text);
    },
  };
}

/** The last thing that the user said is what is asked; the rest counts by its length. */
function routeRequest({ messages, tools, workspace }: AnswerRequest): RouteRequest {
  const question = messages.findLast(({ role }) => role === 'user');
  const others = messages.filter((message) => message !== question);
  const told = [...others.map(textOf), ...(tools ?? []).map((tool) => JSON.stringify(tool))];
  return {
    text: question?.content ?? '',
    attachments: imagesOf(messages).map((image) => ({ kind: 'image', tokens: estimatePictureTokens(image) })),
    historyTokens: told.reduce((sum, text) => sum + estimateTokens(text), 0),
    needs: { tools: (tools?.length ?? 0) > 0, json: false },
    ...(workspace && { workspace }),
  };
}

function textOf(message: PromptMessage): string {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return [message.content, ...calls.map((call) => call.arguments)].join('\n');
}

async function answerWith(
  attempt: Attempt,
  { messages, tools, maxOutputTokens, temperature, mustCallTool }: AnswerRequest,
  { onPart }: AnswerOptions,
): Promise<UnstoredAnswer> {
  refuseWithoutTools(attempt, tools);
  onPart({ kind: 'decision', decision: attempt.decision });
  for (const text of attempt.notes.slice(-1)) onPart({ kind: 'note', text }); // earlier attempts have told the others
  const said: Said = { text: '', toolCalls: [], usage: noUsage, finishReason: 'stop' };
  const prompt: Prompt = {
    messages,
    ...(tools?.length && { tools }),
    ...(mustCallTool && { mustCallTool }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
  };
  for await (const part of attempt.stream(prompt)) {
    const shown = hear(part, said);
    if (!shown) continue;
    attempt.isShown ||= shown.kind !== 'note';
    onPart(shown);
  }
  if (mustCallTool && said.toolCalls.length === 0 && said.finishReason !== 'content-filter')
    throw new UserError(
      'no-tool-call',
      `${attempt.id} answered without using a tool, which this request requires. Try again, or choose another model.`,
      { retryable: true },
    );
  return { ...said, decision: attempt.decision, costUsd: attempt.costUsd };
}

/** Unknown is not "no": the server decides then. */
function refuseWithoutTools({ id, info }: Attempt, tools: AnswerRequest['tools']): void {
  if (tools?.length && info.capabilities.tools === false)
    throw new UserError('no-tools', `${id} can't use tools. Choose a model that can, or ask without tools.`);
}

type Said = Pick<UnstoredAnswer, 'text' | 'toolCalls' | 'usage' | 'finishReason'>;

/** Adds a part to what was said, and gives what is shown of it. */
function hear(part: StreamPart, said: Said): AnswerPart | undefined {
  switch (part.kind) {
    case 'text':
      said.text += part.text;
      return part;
    case 'thought':
      said.text = '';
      return part;
    case 'reasoning':
      return part;
    case 'tool-call': {
      const { kind: _, ...call } = part;
      said.toolCalls.push(call);
      return { kind: 'tool', ...call };
    }
    case 'warning':
      return { kind: 'note', text: part.message };
    case 'waiting':
      return { kind: 'note', text: part.message, waiting: true };
    case 'begins':
      return undefined;
    case 'usage':
      said.usage = part.usage;
      return undefined;
    case 'finish':
      said.finishReason = part.reason;
      return undefined;
  }
}
