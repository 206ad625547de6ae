// A prompt and a suffix: Mistral's `fim/completions`, and the `completions` of OpenAI's kind that take a suffix, such as DeepSeek's.

import type { Connection } from '../connection.ts';
import { ChatParser } from '../openai/chat-parser.ts';
import { askWithout, type RefusedSettings } from '../optional-settings.ts';
import type { CodeRequest } from '../provider.ts';
import { headersOf, urlOf } from '../wire.ts';
import { type CodeAnswer, type CodeParser, textBefore } from './code-stream.ts';
import type { CodeServer } from './infill.ts';

/** Mistral refuses fields that it does not know, and counts tokens unasked. */
export async function askFim(connection: Connection, server: CodeServer, request: CodeRequest): Promise<CodeAnswer> {
  const url = urlOf(server.baseUrl, 'fim/completions');
  const body = await connection.post(url, headersOf(connection, server.headers), bodyOf(request));
  return { body, parser: new SuffixParser(), held: '' };
}

export async function askCompletions(
  connection: Connection,
  { baseUrl, headers, refused }: CodeServer & { refused: RefusedSettings },
  request: CodeRequest,
): Promise<CodeAnswer> {
  const url = urlOf(baseUrl, 'completions');
  const { answer } = await askWithout(
    { ...bodyOf(request), stream_options: { include_usage: true } },
    { stream_options: '' },
    refused.of(`completions ${request.model}`),
    (body) => connection.post(url, headersOf(connection, headers), body),
  );
  return { body: answer, parser: new SuffixParser(), held: '' };
}

function bodyOf(request: CodeRequest) {
  const { model, suffix, maxOutputTokens, isOneLine, temperature = 0 } = request;
  return {
    model,
    prompt: textBefore(request),
    ...(suffix !== '' && { suffix }),
    max_tokens: maxOutputTokens,
    temperature,
    stream: true,
    ...(isOneLine && { stop: ['\n'] }),
  };
}

/** Neither API tells how long it took. Lives as long as one answer. */
class SuffixParser extends ChatParser implements CodeParser {
  readonly promptRead = undefined;
  readonly writeSpeed = undefined;
}
