// llama-server's own way to fill a hole: POST /infill, beside its OpenAI-compatible paths. It puts the model's tokens around the parts
// itself, and keeps what it has read for the next key.
import { grammarOf, splitHeld } from '../../inference/fim/held.ts';
import { contentPieces, countOf, type Fields, fieldsOf } from '../answers/shapes.ts';
import type { Connection } from '../connection.ts';
import type { CodeRequest, FinishReason, StreamPart, Usage } from '../provider.ts';
import { headersOf, urlOf } from '../wire.ts';
import { type CodeAnswer, type CodeParser, readPart } from './code-stream.ts';

export interface CodeServer {
  /** Where its API begins. */
  baseUrl: string;
  /** What the configuration adds to each request. */
  headers: Readonly<Record<string, string>> | undefined;
}

/** Without `takesGrammar`, the answer goes on after all that is typed: within a word, in tokens that seldom fit, but that is all there is. */
export async function askInfill(
  connection: Connection,
  { baseUrl, headers, takesGrammar }: CodeServer & { takesGrammar: boolean },
  request: CodeRequest,
): Promise<CodeAnswer> {
  const split = takesGrammar ? splitHeld(request.begun) : { told: request.begun, held: '' };
  const url = urlOf(baseUrl.replace(/\/v1\/*$/, ''), 'infill');
  const body = await connection.post(url, headersOf(connection, headers), bodyOf(request, split));
  return { body, parser: new InfillParser(), held: split.held };
}

/** `prompt` stands after the words for the middle: what the hole's text begins with. What is left of that is written anew, by a grammar. */
function bodyOf(request: CodeRequest, { told, held }: ReturnType<typeof splitHeld>) {
  const { model, others, prefix, suffix, maxOutputTokens, isOneLine, temperature = 0 } = request;
  return {
    model,
    input_prefix: prefix,
    input_suffix: suffix,
    input_extra: others.map(({ name, text }) => ({ filename: name, text })),
    prompt: told,
    ...(held !== '' && { grammar: grammarOf(held) }),
    n_predict: maxOutputTokens,
    temperature,
    cache_prompt: true,
    stream: true,
    return_progress: true,
    ...(isOneLine && { stop: ['\n'] }),
  };
}

/** Lives as long as one answer. */
class InfillParser implements CodeParser {
  isOver = false;
  finish: FinishReason | undefined;
  promptRead: CodeParser['promptRead'];
  writeSpeed: number | undefined;
  #usage: Usage | undefined;

  *read(object: Fields): Generator<StreamPart> {
    const { content, stop, prompt_progress } = object;
    const { total, cache, processed, time_ms } = fieldsOf(prompt_progress);
    const tokens = countOf(total);
    if (tokens !== undefined && countOf(processed) === tokens)
      this.promptRead = readPart({ tokens, cached: countOf(cache) ?? 0, ms: countOf(time_ms) });
    yield* contentPieces(content);
    if (stop === true) this.#end(object);
  }

  *last(): Generator<StreamPart> {
    if (this.#usage) yield { kind: 'usage', usage: this.#usage };
  }

  #end({ stop_type, stopped_limit, timings, tokens_predicted }: Fields): void {
    const { prompt_n, cache_n, prompt_ms, predicted_n, predicted_per_second } = fieldsOf(timings);
    const [input, cacheRead] = [countOf(prompt_n), countOf(cache_n) ?? 0];
    const output = countOf(predicted_n, tokens_predicted);
    if (input !== undefined && output !== undefined) {
      this.#usage = { input, cacheRead, cacheWrite: 0, output, reasoning: 0 };
      this.promptRead ??= readPart({ tokens: input + cacheRead, cached: cacheRead, ms: countOf(prompt_ms) });
    }
    this.writeSpeed = countOf(predicted_per_second);
    this.finish = stop_type === 'limit' || stopped_limit === true ? 'length' : 'stop';
    this.isOver = true;
  }
}
