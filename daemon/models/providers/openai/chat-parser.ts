// What comes back from chat completions, from OpenAI's own to the many servers that have their own idea of it.
import type { AnswerParser } from '../answers/decoder.ts';
import {
  argumentsText,
  contentPieces,
  countOf,
  type Fields,
  fieldsOf,
  listOf,
  lookUp,
  reasoningText,
  stringOf,
} from '../answers/shapes.ts';
import type { FinishReason, StreamPart, Usage } from '../provider.ts';

/**
 * The model's own finish_reason is what tells an answer that ended from one that broke off: some servers send no `[DONE]`, others
 * nothing else. The token counts come after it.
 */
export class ChatParser implements AnswerParser {
  /** Only the end marker says that nothing follows. */
  readonly isOver = false;
  readonly #calls = new ToolCalls();
  #finish: FinishReason | undefined;
  #usage: Extract<StreamPart, { kind: 'usage' }> | undefined;
  #refused = false;
  #hasDeltas = false;

  get finish(): FinishReason | undefined {
    return this.#refused && this.#finish === 'stop' ? 'content-filter' : this.#finish;
  }

  *read(chunk: Fields): Generator<StreamPart> {
    const choice = fieldsOf(listOf(chunk['choices'])[0] ?? chunk['choice']);
    // Groq has its counts in `x_groq`, Moonshot in the choice.
    const counts = [chunk['usage'], fieldsOf(chunk['x_groq'])['usage'], choice['usage']].map(fieldsOf);
    for (const sent of counts) this.#usage = usageOf(sent) ?? this.#usage;
    yield* this.#said(this.#messageIn(choice));
    const reason = choice['finish_reason'] ?? choice['finishReason'];
    if (typeof reason === 'string' && reason !== '' && reason !== 'null')
      this.#finish = lookUp(finishReasons, reason) ?? 'stop';
    else if (chunk['object'] === 'chat.completion' && choice['message']) this.#finish ??= 'stop'; // all of it in one object
  }

  *last(): Generator<StreamPart> {
    yield* this.#calls.parts();
    if (this.#usage) yield this.#usage;
  }

  /** A piece of a stream is in `delta`; a whole answer, and each piece of some streams, in `message`; of old completions in `text`. */
  #messageIn(choice: Fields): Fields {
    const { delta, message, text } = choice;
    if (typeof delta === 'object' && delta !== null) {
      this.#hasDeltas = true;
      return fieldsOf(delta);
    }
    if (this.#hasDeltas) return {}; // the whole once more, at the end
    if (message === undefined && typeof text === 'string') return { content: text };
    return fieldsOf(message);
  }

  *#said(message: Fields): Generator<StreamPart> {
    const { reasoning_content, reasoning, thinking, reasoning_details, content, refusal, tool_calls, function_call } =
      message;
    // The first name is DeepSeek's and xAI's, the second OpenRouter's and Groq's.
    const thought = [reasoning_content, reasoning, thinking, reasoning_details].map(reasoningText).find(Boolean);
    if (thought) yield { kind: 'reasoning', text: thought };
    yield* contentPieces(content);
    for (const piece of contentPieces(refusal)) {
      this.#refused = true;
      yield piece;
    }
    this.#calls.add(listOf(tool_calls));
    if (typeof function_call === 'object' && function_call !== null)
      this.#calls.add([{ index: 0, function: function_call }]);
  }
}

const finishReasons: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
};

/** Puts tool calls together from their fragments. Lives as long as one answer. */
class ToolCalls {
  readonly #calls = new Map<number, { id: string; name: string; arguments: string }>();

  add(fragments: readonly unknown[]): void {
    for (const fragment of fragments) {
      const { index, id, function: called } = fieldsOf(fragment);
      const { name, arguments: values } = fieldsOf(called);
      // Servers that send whole calls leave the index out: each id is then a call of its own.
      const at = countOf(index) ?? (id ? this.#calls.size : Math.max(0, this.#calls.size - 1));
      const call = this.#calls.get(at) ?? { id: stringOf(id) || `call_${at}`, name: '', arguments: '' };
      if (name !== call.name) call.name += stringOf(name) ?? ''; // some send the whole name with each fragment
      call.arguments += argumentsText(values);
      this.#calls.set(at, call);
    }
  }

  *parts(): Generator<StreamPart> {
    for (const call of this.#calls.values()) yield { kind: 'tool-call', ...call };
  }
}

/** Undefined where the prompt was not counted: what is unknown is never 0. */
function usageOf(usage: Fields): Extract<StreamPart, { kind: 'usage' }> | undefined {
  const prompt = countOf(usage['prompt_tokens'], usage['input_tokens']);
  const completion = countOf(usage['completion_tokens'], usage['output_tokens']);
  if (prompt === undefined || completion === undefined) return undefined;
  const costUsd = costOf(usage);
  return { kind: 'usage', usage: bucketsOf(usage, prompt, completion), ...(costUsd !== undefined && { costUsd }) };
}

/** OpenAI counts cached tokens within the prompt and reasoning within the completion; xAI counts reasoning beside it. */
function bucketsOf(usage: Fields, prompt: number, completion: number): Usage {
  const ofPrompt = fieldsOf(usage['prompt_tokens_details'] ?? usage['input_tokens_details']);
  const ofCompletion = fieldsOf(usage['completion_tokens_details'] ?? usage['output_tokens_details']);
  // Beside the prompt: DeepSeek's name, Moonshot's, and Anthropic's through gateways.
  const cacheRead =
    countOf(
      ofPrompt['cached_tokens'],
      usage['prompt_cache_hit_tokens'],
      usage['cached_tokens'],
      usage['cache_read_input_tokens'],
    ) ?? 0;
  const cacheWrite = countOf(ofPrompt['cache_write_tokens'], usage['cache_creation_input_tokens']) ?? 0;
  const reasoning = countOf(ofCompletion['reasoning_tokens'], usage['reasoning_tokens']) ?? 0;
  const isBeside = countOf(usage['total_tokens']) === prompt + completion + reasoning;
  return {
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: Math.max(0, isBeside ? completion : completion - reasoning),
    reasoning,
  };
}

/**
 * What the provider itself says that the request costs: OpenRouter's dollars, with what the user's own key is charged upstream;
 * Perplexity's sum. A cost of 0 may mean that none is known, and is left to the price.
 */
function costOf({ cost, cost_details }: Fields): number | undefined {
  const own = typeof cost === 'number' ? cost : fieldsOf(cost)['total_cost'];
  const upstream = fieldsOf(cost_details)['upstream_inference_cost'];
  const sum = [own, upstream].reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
  return Number.isFinite(sum) && sum > 0 ? sum : undefined;
}
