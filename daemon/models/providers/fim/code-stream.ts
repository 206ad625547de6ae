// Code that a server writes into a hole, in the words of completion: the same stream as an answer's, and one sentence for a server or
// a model that fills no holes.
import { AfterHeld } from '../../inference/fim/held.ts';
import type { AnswerParser } from '../answers/decoder.ts';
import { answerOver, type CallOptions, type Connection } from '../connection.ts';
import { type CodePart, type CodeRequest, noUsage, ProviderError } from '../provider.ts';

export interface CodeParser extends AnswerParser {
  /** Of the prompt, as soon as the server has said it. */
  readonly promptRead: Extract<CodePart, { kind: 'read' }> | undefined;
  /** Tokens per second, at the end. */
  readonly writeSpeed: number | undefined;
}

/** Code that has begun to come. */
export interface CodeAnswer {
  body: AsyncIterable<Uint8Array>;
  parser: CodeParser;
  /** What the answer begins with, of what stands before the hole. */
  held: string;
  /** Called where it begins with something else, since its server takes no grammar: it's asked once more without one. */
  onOtherBeginning?(): void;
}

interface CodeCall {
  call: CallOptions;
  request: CodeRequest;
  signal: AbortSignal;
}

/** Nobody waits for ghost text as long as for an answer; a server of this machine may load its model first. */
const silenceMs = { local: 60_000, cloud: 15_000 };

/** Streams code: `ask` resolves when it begins. Ends and throws as `answerOver` does. */
export async function* codeOver(
  call: CodeCall,
  ask: (connection: Connection) => Promise<CodeAnswer>,
): AsyncGenerator<CodePart> {
  if (yield* codeOfAnswer(call, ask)) yield* codeOfAnswer(call, ask);
}

/** Returns whether it is to be asked once more. Nothing but what was read of the prompt was told then. */
async function* codeOfAnswer(
  { call, request, signal }: CodeCall,
  ask: (connection: Connection) => Promise<CodeAnswer>,
): AsyncGenerator<CodePart, boolean> {
  const options = { ...call, model: request.model, silenceMs: silenceMs[call.local ? 'local' : 'cloud'] };
  let parser: CodeParser | undefined;
  let begun: CodeAnswer | undefined;
  let afterHeld: AfterHeld | undefined;
  let isReadTold = false;
  let usage = noUsage;
  const answer = answerOver(options, signal, async (connection) => {
    begun = await ask(connection);
    parser = begun.parser;
    afterHeld = new AfterHeld(begun.held);
    return { ...begun, warnings: [] };
  });
  try {
    for await (const part of answer) {
      const read = parser?.promptRead;
      if (read && !isReadTold) yield read;
      isReadTold = read !== undefined;
      if (part.kind === 'text') {
        const text = afterHeld?.add(part.text);
        if (text === undefined) return isAskedAgain(begun);
        if (text !== '') yield { kind: 'text', text };
      } else if (part.kind === 'usage') usage = part.usage;
      else if (part.kind === 'finish') {
        const writeSpeed = parser?.writeSpeed;
        yield { kind: 'finish', reason: part.reason, usage, ...(writeSpeed !== undefined && { writeSpeed }) };
      }
    }
  } catch (error) {
    throw fillsNone(error) ? cannotFill(request.model, { provider: call.name, cause: error }) : error;
  }
  return false;
}

/** It goes on from something else than what is typed. */
function isAskedAgain(answer: CodeAnswer | undefined): boolean {
  answer?.onOtherBeginning?.();
  return answer?.onOtherBeginning !== undefined;
}

/** What only completion asks for: Ollama's `insert`, llama-server's `infill`, the `suffix` of the others. */
const fillWords = /\b(insert|infill|suffix|fim|fill-in-the-middle)\b/i;
const refusalWords = /\b(not|unsupported|unrecognized|unknown|extra)\b/i;

function fillsNone(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  const { code, message } = error;
  const isRefusal = code === 'bad-request' || code === 'unavailable'; // llama-server says 501
  return isRefusal && fillWords.test(message) && refusalWords.test(message);
}

export function cannotFill(model: string, { provider, cause }: { provider: string; cause?: unknown }): ProviderError {
  return new ProviderError(
    'bad-request',
    `${model} can't complete code on "${provider}". Choose a model with fill-in-the-middle tokens for "completion.model".`,
    { cause },
  );
}

const minTimedTokens = 64; // fewer are mostly overhead

/** What was read of a prompt, with the speed where enough of it was. */
export function readPart(counts: { tokens: number; cached: number; ms: number | undefined }): CodeParser['promptRead'] {
  const { tokens, cached, ms = 0 } = counts;
  const anew = tokens - cached;
  return { kind: 'read', tokens, cached, ...(anew >= minTimedTokens && ms > 0 && { speed: (anew / ms) * 1000 }) };
}

/** For servers that take two texts alone: all that stands before the cursor, pieces of other files first. */
export function textBefore({ others, prefix, begun }: CodeRequest): string {
  return [...others.map(({ text }) => `${text}\n`), prefix, begun].join('');
}
