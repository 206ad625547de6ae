// Ollama's way to fill a hole: POST /api/generate with a suffix, which its models' templates put their tokens around.
import type { GenerateRequest } from 'ollama';
import { contentPieces, countOf, type Fields } from '../answers/shapes.ts';
import type { CodeRequest, FinishReason, StreamPart, Usage } from '../provider.ts';
import { type CodeParser, readPart, textBefore } from './code-stream.ts';

/**
 * `contextTokens` as for chats: with another size the model would be loaded anew. A template without a suffix is that of a chat, so
 * one is always sent.
 */
export function generateBody(request: CodeRequest, contextTokens: number | undefined): GenerateRequest {
  const { model, suffix, maxOutputTokens, temperature = 0 } = request;
  return {
    model,
    prompt: textBefore(request),
    suffix: suffix === '' ? '\n' : suffix,
    stream: true,
    options: {
      ...(contextTokens && { num_ctx: contextTokens }),
      num_predict: maxOutputTokens,
      temperature,
    },
  };
}

/** Lives as long as one answer. */
export class GenerateParser implements CodeParser {
  isOver = false;
  finish: FinishReason | undefined;
  promptRead: CodeParser['promptRead'];
  writeSpeed: number | undefined;
  #usage: Usage | undefined;

  *read(object: Fields): Generator<StreamPart> {
    const { response, done } = object;
    yield* contentPieces(response);
    if (done === true) this.#end(object);
  }

  *last(): Generator<StreamPart> {
    if (this.#usage) yield { kind: 'usage', usage: this.#usage };
  }

  /** Durations are nanoseconds. Ollama does not tell what of a prompt it had read before. */
  #end({ done_reason, prompt_eval_count, prompt_eval_duration, eval_count, eval_duration }: Fields): void {
    const [input, output] = [countOf(prompt_eval_count), countOf(eval_count)];
    const [readNs, writeNs] = [countOf(prompt_eval_duration), countOf(eval_duration)];
    if (input !== undefined) this.promptRead = readPart({ tokens: input, cached: 0, ms: readNs && readNs / 1e6 });
    if (input !== undefined && output !== undefined)
      this.#usage = { input, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 };
    if (output && writeNs) this.writeSpeed = (output / writeNs) * 1e9;
    this.finish = done_reason === 'length' ? 'length' : 'stop';
    this.isOver = true;
  }
}
