// One answer of a loaded model: the prompt is counted, read in steps that can be cancelled, and continued token by token.
import { basename } from 'node:path';
import type { GbnfJsonSchema, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { throwIfCancelled } from '../../base/errors.ts';
import { toGrammarSchema } from './grammar-schema.ts';
import { type InferenceChat, InferenceError, type InferencePart } from './inference.ts';
import { type LoadedModel, outOfMemory } from './models.ts';
import { firstLine } from './native.ts';
import { renderPrompt } from './prompt.ts';

/** Room that a prompt must leave for its answer; less where less is asked for, or where the whole context is small. */
const answerReserveTokens = 256;
/** Tokens of the prompt between two looks at the signal. */
const promptStepTokens = 256;
const defaultTemperature = 0.7;

export interface AnswerOptions {
  signal: AbortSignal;
  /** Called for each token that was generated, whether its text is streamed or held back. */
  onToken: () => void;
}

/** Streams an answer; the last part is `finish`. Throws InferenceError, or CancelledError. */
export async function* answer(
  loaded: LoadedModel,
  chat: InferenceChat,
  options: AnswerOptions,
): AsyncGenerator<InferencePart> {
  const { signal, onToken } = options;
  const prompt = renderPrompt(loaded, chat.messages);
  const sequence = await sequenceOf(loaded, chat.owner ?? '');
  refuseTooLong(prompt.length, sequence.contextSize, chat);

  const grammar = chat.jsonSchema && (await jsonGrammar(loaded, chat.jsonSchema));
  if (typeof grammar === 'string') yield { kind: 'warning', message: grammar };

  const cachedTokens = await readPrompt(sequence, prompt, signal);
  const text = new AnswerText(loaded.model, typeof grammar === 'object');
  const maxTokens = Math.min(chat.maxOutputTokens ?? Number.POSITIVE_INFINITY, sequence.contextSize - prompt.length);
  let outputTokens = 0;
  let reason: 'stop' | 'length' = 'stop';
  for await (const token of sequence.evaluate(prompt.slice(-1), {
    ...sampling(chat),
    ...(typeof grammar === 'object' && { grammarEvaluationState: grammar }),
    contextShift: { strategy: refuseShift },
  })) {
    onToken();
    throwIfCancelled(signal);
    outputTokens++;
    const piece = text.add(token);
    if (piece !== '') yield { kind: 'text', text: piece };
    if (text.isComplete) break;
    if (outputTokens >= maxTokens) {
      reason = 'length';
      break;
    }
  }
  throwIfCancelled(signal);
  const rest = text.end();
  if (rest !== '') yield { kind: 'text', text: rest };
  yield { kind: 'finish', reason, inputTokens: prompt.length, cachedTokens, outputTokens };
}

async function sequenceOf(loaded: LoadedModel, owner: string): Promise<LlamaContextSequence> {
  try {
    return await loaded.sequence(owner);
  } catch (error) {
    throw outOfMemory(loaded.info.path, error);
  }
}

function refuseTooLong(promptTokens: number, contextTokens: number, chat: InferenceChat): void {
  const reserve = Math.min(
    answerReserveTokens,
    chat.maxOutputTokens ?? answerReserveTokens,
    Math.ceil(contextTokens / 4),
  );
  if (promptTokens + reserve <= contextTokens) return;
  throw new InferenceError(
    'context-too-long',
    `The prompt is ${promptTokens} tokens long, but ${basename(chat.path)} has a context window of ${contextTokens}, with ${reserve} reserved for the answer. Send less, or choose a model with a larger context window.`,
  );
}

/** A grammar's state, or a sentence why there is none. */
async function jsonGrammar({ native, model }: LoadedModel, schema: Record<string, unknown>) {
  try {
    const grammar = await native.llama.createGrammarForJsonSchema<GbnfJsonSchema>(toGrammarSchema(schema));
    return new native.module.LlamaGrammarEvaluationState({ model, grammar });
  } catch (error) {
    return `Couldn't restrict the answer to the JSON schema (${firstLine(error)}).`;
  }
}

/** Reads all but the last token into the context; returns how many were there already. */
async function readPrompt(sequence: LlamaContextSequence, prompt: Token[], signal: AbortSignal): Promise<number> {
  const tokens = prompt.slice(0, -1); // the last one is evaluated when the answer starts
  await sequence.adaptStateToTokens(tokens, false);
  const cachedTokens = sequence.nextTokenIndex;
  for (let start = cachedTokens; start < tokens.length; start += promptStepTokens) {
    throwIfCancelled(signal);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(start, start + promptStepTokens), {
      contextShift: { strategy: refuseShift },
    });
  }
  throwIfCancelled(signal);
  return cachedTokens;
}

/** The bounds above make this impossible; a silent shift would drop the start of the prompt. */
function refuseShift(): never {
  throw new Error('the context is full');
}

function sampling({ temperature = defaultTemperature }: InferenceChat) {
  return temperature > 0 ? { temperature, topK: 40, topP: 0.95, minP: 0.05 } : { temperature: 0 };
}

const maxCharacterTokens = 4; // UTF-8 takes at most four bytes, and so four byte tokens, for a character
const contextForSpacing = 8; // tokenizers decide on spaces by what came before

/** Turns tokens into text that never ends within a character. Lives as long as one answer. */
class AnswerText {
  readonly #model: LlamaModel;
  readonly #isJson: boolean;
  #said: Token[] = [];
  #pending: Token[] = [];
  #heldNewlines = '';

  constructor(model: LlamaModel, isJson: boolean) {
    this.#model = model;
    this.#isJson = isJson;
  }

  /** Our JSON grammars end with empty lines, which no JSON has inside. */
  get isComplete(): boolean {
    return this.#isJson && this.#heldNewlines.length > 1;
  }

  add(token: Token): string {
    this.#pending.push(token);
    const text = this.#model.detokenize(this.#pending, false, this.#said);
    if (text.endsWith('\uFFFD') && this.#pending.length < maxCharacterTokens) return '';
    return this.#say(text);
  }

  /** What was held back and still belongs to the answer. */
  end(): string {
    return this.#pending.length > 0 ? this.#say(this.#model.detokenize(this.#pending, false, this.#said)) : '';
  }

  #say(text: string): string {
    this.#said = [...this.#said, ...this.#pending].slice(-contextForSpacing);
    this.#pending = [];
    if (!this.#isJson) return text;
    const whole = this.#heldNewlines + text;
    const kept = whole.replace(/\n+$/, '');
    this.#heldNewlines = whole.slice(kept.length);
    return kept;
  }
}
