// Messages into tokens, as llama.cpp's own server makes them: by the chat template that the model's own file holds.
import { basename } from 'node:path';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { type ThoughtMarks, thoughtLeftOpen } from '../providers/answers/think-tags.ts';
import { InferenceError, type InferenceMessage } from './inference.ts';
import type { LoadedModel } from './models.ts';
import { type ChatTemplate, firstLine, newChatTemplate } from './native.ts';

export interface RenderedPrompt {
  tokens: Token[];
  /** With what the template itself has begun to think; the answer ends that thought. Empty in most templates. */
  openedThought: string;
}

/**
 * Texts of messages never become special tokens. The answer goes on from a last message of the assistant. An answer in a forced form has
 * no thought before it. Throws InferenceError (`no-chat-template`).
 */
export function renderPrompt(
  loaded: LoadedModel,
  messages: readonly InferenceMessage[],
  { isForced = false }: { isForced?: boolean } = {},
): RenderedPrompt {
  const { info, model } = loaded;
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  if (info.embeddingOnly) throw refusal(info.path, "is an embedding model and can't chat");
  if (!template?.trim()) throw refusal(info.path, "has no chat template, so it can't chat");
  try {
    loaded.chatTemplate ??= newChatTemplate(loaded.native, template);
    const mask = new SpecialTextMask(model, messages);
    const last = mask.messages.at(-1);
    const begun = last?.role === 'assistant' ? last.content : '';
    const asked = last?.role === 'assistant' ? mask.messages.slice(0, -1) : mask.messages;
    const text = renderText(loaded.chatTemplate, model, asked);
    const thought = openedThought(text, asked);
    const isThoughtOver = isForced || begun !== '';
    const whole = (thought && isThoughtOver ? `${text.trimEnd()}\n\n${thought.closing}\n\n` : text) + begun;
    return {
      tokens: withStart(model, mask.tokenize(whole)),
      openedThought: thought && !isThoughtOver ? thought.opening : '',
    };
  } catch (error) {
    throw refusal(info.path, `has a chat template that doesn't accept these messages (${firstLine(error)})`, error);
  }
}

function refusal(path: string, what: string, cause?: unknown): InferenceError {
  return new InferenceError('no-chat-template', `${basename(path)} ${what}. Choose an instruct or chat model.`, cause);
}

function renderText(template: ChatTemplate, model: LlamaModel, messages: readonly InferenceMessage[]): string {
  let failure: unknown;
  for (const variant of variantsOf(messages)) {
    try {
      const text = template.render({
        messages: variant,
        add_generation_prompt: true,
        bos_token: model.tokens.bosString ?? '',
        eos_token: model.tokens.eosString ?? '',
        enable_thinking: false, // the answer itself is what is streamed
      });
      if (variant.every(({ role, content }) => role === 'assistant' || text.includes(content.trim()))) return text;
      failure ??= new Error('it leaves messages out');
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** A template without a mark for the answer ends with the last message, which may itself speak of thoughts. */
function openedThought(text: string, messages: readonly InferenceMessage[]): ThoughtMarks | undefined {
  const last = messages.at(-1)?.content.trim();
  return last && text.trimEnd().endsWith(last) ? undefined : thoughtLeftOpen(text);
}

/** Some templates know no system message, and some no two messages of the same role in a row. */
function variantsOf(messages: readonly InferenceMessage[]): (readonly InferenceMessage[])[] {
  const asUser = joined(
    messages.map((message) => (message.role === 'system' ? { ...message, role: 'user' } : message)),
  );
  return [messages, joined(messages), asUser];
}

function joined(messages: readonly InferenceMessage[]): InferenceMessage[] {
  const result: InferenceMessage[] = [];
  for (const { role, content } of messages) {
    const before = result.at(-1);
    if (before?.role === role) result[result.length - 1] = { role, content: `${before.content}\n\n${content}` };
    else result.push({ role, content });
  }
  return result;
}

/** llama.cpp begins a prompt with the token that the model was trained to begin with, unless the template did. */
function withStart({ tokens: { bos, shouldPrependBosToken } }: LlamaModel, tokens: Token[]): Token[] {
  return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

/** Messages whose special texts (`<|im_end|>`) stand behind placeholders while the template is filled. Lives as long as one prompt. */
class SpecialTextMask {
  readonly messages: readonly InferenceMessage[];
  readonly #model: LlamaModel;
  readonly #texts: string[] = [];
  readonly #name: string;

  constructor(model: LlamaModel, messages: readonly InferenceMessage[]) {
    this.#model = model;
    let name = 'special';
    while (messages.some(({ content }) => content.includes(name))) name += 'x';
    this.#name = name;
    this.messages = messages.map(({ role, content }) => ({ role, content: this.#mask(content) }));
  }

  /** Between the placeholders all is tokenized as one text: how a message begins may belong to a token of the template. */
  tokenize(text: string): Token[] {
    const pieces = text.split(new RegExp(`${this.#name}(\\d+);`));
    return pieces.flatMap((piece, i) => {
      if (i % 2 === 1) return this.#model.tokenize(this.#texts[Number(piece)] ?? '', false, 'trimLeadingSpace');
      return this.#model.tokenize(piece, true, i > 0 ? 'trimLeadingSpace' : undefined);
    });
  }

  #mask(content: string): string {
    const special = this.#model.tokenize(content, true).filter((token) => this.#model.isSpecialToken(token));
    const texts = [...new Set(special.map((token) => this.#model.detokenize([token], true)))]
      .filter((text) => text.trim() !== '' && content.includes(text))
      .toSorted((a, b) => b.length - a.length);
    const masked = (rest: string, text: string): string =>
      rest.replaceAll(text, () => `${this.#name}${this.#texts.push(text) - 1};`);
    return texts.reduce(masked, content);
  }
}
