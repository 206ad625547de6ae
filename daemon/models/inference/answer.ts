// One answer of a loaded model: the prompt is counted, read in steps that can be cancelled, and continued token by token.
import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import type {
  EvaluationPriority,
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { LocalSettings } from '../../base/config/local-settings.ts';
import { throwIfCancelled } from '../../base/errors.ts';
import type { Priority } from '../../base/fair-queue.ts';
import { grammarOf } from './fim/held.ts';
import type { HostChat, HostPart } from './host-messages.ts';
import { type InferenceChat, InferenceError, type InferenceRequest } from './inference.ts';
import { type LoadedModel, outOfMemory } from './models.ts';
import { firstLine } from './native.ts';
import { renderPrompt } from './prompt.ts';
import { RepetitionWatch } from './repetition.ts';
import { commonLength } from './saved-states.ts';
import { toJsonGrammar } from './schema/grammar.ts';
import { recommendedSampling, samplingOf } from './settings.ts';
import type { SlotLease, Slots } from './slots.ts';

/** Room that a prompt must leave for its answer; less where less is asked for, or where the whole context is small. */
const answerReserveTokens = 256;
/** The most of an answer whose length was not asked for. */
const mostUnaskedTokens = 4096;
/**
 * Tokens of the prompt between two looks at the signal, and at what others want to change meanwhile. A processor reads no faster in
 * larger steps, and another model's answer may wait for the step.
 */
const promptStepTokens = { gpu: 512, shared: 64 };
/** Shorter beginnings are read again as soon as a state is found. */
const leastPrefixTokens = 64;

export interface AnswerOptions {
  signal: AbortSignal;
  /** The user's, for this model. */
  settings: LocalSettings;
  /** Called for each token that was generated, whether its text is streamed or held back. */
  onToken: () => void;
  /** Called at once when it must wait for others. */
  onWait: (ahead: number) => void;
  /** Called when it has its place. */
  onBegin: () => void;
}

/** Streams an answer; the last part is `finish`. Throws InferenceError, or CancelledError. */
export async function* answer(loaded: LoadedModel, chat: HostChat, options: AnswerOptions): AsyncGenerator<HostPart> {
  const isForced = chat.jsonSchema !== undefined;
  const { tokens: prompt, openedThought } = renderPrompt(loaded, chat.messages, { isForced });
  yield* continueFrom(
    loaded,
    { ...chat, prompt, openedThought, prefixTokens: prefixOf(loaded, chat, prompt) },
    options,
  );
}

/** A prompt as tokens, and how it is to be continued. */
interface Continuation
  extends Omit<InferenceRequest, 'latest' | 'isNamed'>,
    Pick<InferenceChat, 'temperature' | 'jsonSchema'> {
  id: string;
  prompt: Token[];
  /** What the answer begins with, and which is not told. */
  held?: string;
  /** How many of its tokens other prompts of this kind of work begin with. */
  prefixTokens?: number;
  /** What the prompt itself has begun to think. */
  openedThought?: string;
  /** Whether a part tells what was read, before the first text. */
  tellsReading?: boolean;
}

/** As `answer`. */
export async function* continueFrom(
  loaded: LoadedModel,
  request: Continuation,
  options: AnswerOptions,
): AsyncGenerator<HostPart> {
  const { signal, settings } = options;
  const { id, path, owner = '', key, priority = 'interactive', prompt, openedThought = '' } = request;
  const slots = await slotsOf(loaded);
  const maxOutputTokens = request.maxOutputTokens ?? settings.maxOutputTokens;
  const maxTokens = boundOf(prompt.length, slots.contextTokens, { path, maxOutputTokens });
  const grammar = request.jsonSchema && (await jsonGrammar(loaded, request.jsonSchema));
  if (grammar?.warning !== undefined) yield { kind: 'warning', message: grammar.warning };

  using lease = await slots.take({ id, owner, key, priority, prompt, signal, onWait: options.onWait });
  options.onBegin();
  const evaluation = { contextShift: { strategy: refuseShift }, evaluationPriority: evaluationPriorities[priority] };
  const beganMs = performance.now();
  const reading = { slots, lease, prompt, prefix: request.prefixTokens ?? 0 };
  const rest = await readPrompt(reading, evaluation, { owner, signal, isGpu: loaded.native.llama.gpu !== false });

  const { held = '' } = request;
  const begin = { sequence: lease.sequence, begun: rest, opening: await openingOf(loaded, held) };
  const tokens = generate(loaded, begin, {
    ...evaluation,
    ...samplingOf(settings, recommendedSampling(loaded.info), request.temperature),
    seed: randomInt(maxSeed), // else it is the second of the clock, and what is asked twice within it is answered alike
    ...(grammar?.state && { grammarEvaluationState: grammar.state }),
  });
  const read = { inputTokens: prompt.length, cachedTokens: lease.cachedTokens };
  const text = new AnswerText(loaded.model, { isJson: grammar?.state !== undefined, prompt, held });
  const repetition = new RepetitionWatch();
  if (openedThought !== '') yield { kind: 'text', text: openedThought };
  let outputTokens = 0;
  let firstMs = beganMs;
  let reason: 'stop' | 'length' | 'repetition' = 'stop';
  for await (const token of begunAhead(tokens, slots, maxTokens)) {
    loaded.threads?.end();
    options.onToken();
    throwIfCancelled(signal);
    if (outputTokens++ === 0) {
      firstMs = performance.now();
      if (request.tellsReading) yield { kind: 'read', ...read, readMs: firstMs - beganMs };
    }
    const piece = text.add(token);
    if (piece !== '') yield { kind: 'text', text: piece };
    if (text.isComplete) break;
    const isLoop = repetition.add(token);
    if (!isLoop && outputTokens < maxTokens) continue;
    reason = isLoop ? 'repetition' : 'length';
    break;
  }
  throwIfCancelled(signal);
  const heldBack = text.end();
  if (heldBack !== '') yield { kind: 'text', text: heldBack };
  const timing = { readMs: firstMs - beganMs, writeMs: performance.now() - firstMs };
  yield { kind: 'finish', reason, ...read, outputTokens, ...timing };
}

const maxSeed = 2 ** 32 - 1; // llama.cpp's own seed for "any"

const evaluationPriorities: Record<Priority, EvaluationPriority> = {
  completion: 5,
  interactive: 4,
  steady: 3,
  background: 1,
};

/** Throws InferenceError where the model can't be used with its settings, or doesn't fit. */
export async function slotsOf(loaded: LoadedModel): Promise<Slots> {
  try {
    return await loaded.slots();
  } catch (error) {
    const { native, settings, info } = loaded;
    const isSet = Object.keys(settings).length > 0 && !(error instanceof native.module.InsufficientMemoryError);
    if (!isSet) throw outOfMemory(info.path, error);
    throw new InferenceError(
      'bad-model-file',
      `${basename(info.path)} can't be used with its settings (${firstLine(error)}). Change them in "localSettings" of config.json.`,
      error,
    );
  }
}

/** The most tokens of the answer. One whose length nobody asked for leaves as much room again for the next turn. */
function boundOf(
  promptTokens: number,
  contextTokens: number,
  { path, maxOutputTokens }: { path: string; maxOutputTokens: number | undefined },
): number {
  const reserve = Math.min(answerReserveTokens, maxOutputTokens ?? answerReserveTokens, Math.ceil(contextTokens / 4));
  const room = contextTokens - promptTokens;
  if (reserve > room)
    throw new InferenceError(
      'context-too-long',
      `The prompt is ${promptTokens} tokens long, but ${basename(path)} has a context window of ${contextTokens}, with ${reserve} reserved for the answer. Send less, or choose a model with a larger context window.`,
    );
  return Math.min(room, maxOutputTokens ?? Math.max(reserve, Math.min(mostUnaskedTokens, Math.floor(room / 2))));
}

interface AnswerGrammar {
  state?: LlamaGrammarEvaluationState;
  /** What of the schema isn't forced. */
  warning?: string;
}

async function jsonGrammar({ native, model }: LoadedModel, schema: Record<string, unknown>): Promise<AnswerGrammar> {
  try {
    const { text, unforced } = toJsonGrammar(schema);
    const grammar = await native.llama.createGrammar({ grammar: text });
    const state = new native.module.LlamaGrammarEvaluationState({ model, grammar });
    if (unforced.length === 0) return { state };
    return { state, warning: `The answer may not match the whole JSON schema. Not enforced: ${unforced.join(', ')}.` };
  } catch (error) {
    return { warning: `Couldn't restrict the answer to the JSON schema (${firstLine(error)}).` };
  }
}

/** What an answer must begin with. */
interface Opening {
  held: string;
  /** Of a grammar that takes it with whatever follows. */
  state: LlamaGrammarEvaluationState;
}

async function openingOf({ native, model }: LoadedModel, held: string): Promise<Opening | undefined> {
  if (held === '') return undefined;
  const grammar = await native.llama.createGrammar({ grammar: grammarOf(held) });
  return { held, state: new native.module.LlamaGrammarEvaluationState({ model, grammar }) };
}

interface Evaluation {
  contextShift: { strategy: () => never };
  evaluationPriority: EvaluationPriority;
}

/** Tokens that every prompt of this kind of work begins with: its system message. */
function prefixOf(loaded: LoadedModel, { messages: [first] }: InferenceChat, prompt: readonly Token[]): number {
  if (first?.role !== 'system') return 0;
  const other = renderPrompt(loaded, [first, { role: 'user', content: '' }]);
  return commonLength(other.tokens, prompt);
}

interface PromptReading {
  slots: Slots;
  lease: SlotLease;
  prompt: Token[];
  prefix: number;
}

/** Reads all but the last step into the context, and keeps the state of a prefix that was not there. The answer begins with that step. */
async function readPrompt(
  { slots, lease, prompt, prefix }: PromptReading,
  evaluation: Evaluation,
  { owner, signal, isGpu }: { owner: string; signal: AbortSignal; isGpu: boolean },
): Promise<Token[]> {
  const { sequence, cachedTokens } = lease;
  const isNewPrefix = prefix >= leastPrefixTokens && cachedTokens < prefix - leastPrefixTokens;
  let start = cachedTokens;
  for (;;) {
    throwIfCancelled(signal);
    if (slots.pause) await slots.pause;
    const stepTokens = isGpu && slots.load.running === 1 ? promptStepTokens.gpu : promptStepTokens.shared;
    const nextStop = isNewPrefix && start < prefix ? prefix : prompt.length;
    const end = Math.min(start + stepTokens, nextStop);
    if (end === prompt.length) return prompt.slice(start);
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(start, end), evaluation);
    if (isNewPrefix && end === prefix) await slots.keepPrefix(lease, owner);
    start = end;
  }
}

interface Generation {
  sequence: LlamaContextSequence;
  /** The last tokens of the prompt. */
  begun: Token[];
  opening: Opening | undefined;
}

/**
 * The answer's tokens. The first ones are looked at closely: damaged weights give numbers that are none, and they may have to begin with
 * a text. Throws InferenceError.
 */
async function* generate(
  { info, model }: LoadedModel,
  { sequence, begun, opening }: Generation,
  options: NonNullable<Parameters<LlamaContextSequence['evaluate']>[1]>,
): AsyncGenerator<Token> {
  const first: Token[] = [];
  const firstOptions = { ...options, ...(opening && { grammarEvaluationState: opening.state }) };
  for await (const { token, confidence } of sequence.evaluateWithMetadata(begun, { confidence: true }, firstOptions)) {
    if (!Number.isFinite(confidence))
      throw new InferenceError(
        'bad-model-file',
        `${basename(info.path)} is damaged: it computes values that are not numbers. Download it again, or choose another file.`,
      );
    first.push(token);
    if (!opening || isPast(opening.held, first, model.detokenize(first, false, begun))) break;
  }
  const last = first.at(-1);
  if (last === undefined) return;
  yield* first;
  yield* sequence.evaluate([last], options);
}

/** Whether an answer has gone past what it has to begin with. A token has a byte at least, unless it is one without any text. */
function isPast(held: string, tokens: readonly Token[], text: string): boolean {
  return text.length > held.length || tokens.length > Buffer.byteLength(held);
}

/**
 * At most so many tokens; each is begun before the last one is handled, so that llama.cpp computes while we tell. It is begun only when
 * nobody wants the context for itself.
 */
async function* begunAhead(tokens: AsyncGenerator<Token>, slots: Slots, most: number): AsyncGenerator<Token> {
  let next = tokens.next();
  try {
    for (let count = 1; ; count++) {
      const { value, done } = await next;
      if (done) return;
      if (count < most) {
        if (slots.pause) await slots.pause;
        next = tokens.next();
        next.catch(() => {}); // seen by whoever awaits it; nobody does where the answer ends before
      }
      yield value;
      if (count === most) return;
    }
  } finally {
    await tokens.return(undefined);
  }
}

/** The bounds above make this impossible; a silent shift would drop the start of the prompt. */
function refuseShift(): never {
  throw new Error('the context is full');
}

const maxCharacterTokens = 4; // UTF-8 takes at most four bytes, and so four byte tokens, for a character
const contextForSpacing = 8; // tokenizers decide on spaces by what came before

/** Turns tokens into text that never ends within a character. Lives as long as one answer. */
class AnswerText {
  readonly #model: LlamaModel;
  readonly #isJson: boolean;
  /** The tokens before those that are pending. */
  #said: Token[];
  #pending: Token[] = [];
  #heldNewlines = '';
  /** What is still to come, and isn't told. */
  #untold: string;

  constructor(model: LlamaModel, { isJson, prompt, held }: { isJson: boolean; prompt: Token[]; held: string }) {
    this.#model = model;
    this.#isJson = isJson;
    this.#said = held === '' ? [] : prompt.slice(-contextForSpacing);
    this.#untold = held;
  }

  /** Our JSON grammars may end with an empty line, which no JSON has inside. */
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
    this.#said.push(...this.#pending);
    this.#said.splice(0, this.#said.length - contextForSpacing);
    this.#pending = [];
    if (this.#untold !== '') {
      const length = Math.min(this.#untold.length, text.length);
      this.#untold = this.#untold.slice(length);
      return text.slice(length);
    }
    if (!this.#isJson) return text;
    const whole = this.#heldNewlines + text;
    const kept = whole.replace(/\n+$/, '');
    this.#heldNewlines = whole.slice(kept.length);
    return kept;
  }
}
