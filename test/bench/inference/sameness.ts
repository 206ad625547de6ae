// Whether llama-server makes the same tokens of the same messages, and the same greedy answers of the same prompts.
import { createInference } from '../../../daemon/models/inference/client.ts';
import { readGgufHeader } from '../../../daemon/models/inference/gguf/header.ts';
import type { InferenceMessage } from '../../../daemon/models/inference/inference.ts';
import { LoadedModel } from '../../../daemon/models/inference/models.ts';
import { loadNative } from '../../../daemon/models/inference/native.ts';
import { renderPrompt } from '../../../daemon/models/inference/prompt.ts';
import { messageSets } from '../../daemon/models/inference/message-sets.ts';
import { known, type Row } from '../kit/report.ts';
import type { LlamaCpp } from './llama-cpp.ts';

type LlamaServer = Awaited<ReturnType<LlamaCpp['serve']>>;

const subjects = [
  'a list',
  'a map',
  'a loop',
  'a class',
  'a test',
  'a file',
  'a lock',
  'a thread',
  'a socket',
  'a query',
];
const questions = subjects.flatMap((subject) => [`What is ${subject}?`, `Write a function that uses ${subject}.`]);
const answerTokens = 32;

export async function sameness(llamaCpp: LlamaCpp, path: string, hostPath: string): Promise<Row[]> {
  await using server = await llamaCpp.serve(path, ['-fa', 'off', '-t', '1', '-np', '1', '-c', '4096']);
  return [
    {
      what: `conversations of ${messageSets.length} with llama-server's tokens`,
      unit: '',
      rounds: known(await samePrompts(server, path)),
      goal: { of: 'value', atLeast: messageSets.length },
    },
    {
      what: `greedy answers of ${questions.length} that are llama-server's, without flash attention`,
      unit: '',
      rounds: known(await sameAnswers(server, path, hostPath)),
      goal: { of: 'value', atLeast: questions.length },
    },
  ];
}

async function samePrompts(server: LlamaServer, path: string): Promise<number> {
  const native = await loadNative();
  const model = await native.llama.loadModel({ modelPath: path });
  const parts = { native, states: undefined, settings: {}, onProgress() {} };
  const loaded = new LoadedModel(parts, await readGgufHeader(path), model);
  let same = 0;
  for (const messages of messageSets) {
    const { prompt } = await server.post<{ prompt: string }>('/apply-template', { messages });
    const content = { content: prompt, add_special: true, parse_special: true };
    const { tokens } = await server.post<{ tokens: number[] }>('/tokenize', content);
    const { tokens: ours } = renderPrompt(loaded, messages);
    if (ours.length === tokens.length && ours.every((token, i) => token === tokens[i])) same++;
    else process.stderr.write(`other tokens than llama-server's: ${JSON.stringify(messages).slice(0, 200)}\n`);
  }
  await native.llama.dispose();
  return same;
}

async function sameAnswers(server: LlamaServer, path: string, hostPath: string): Promise<number> {
  const inference = createInference({ hostPath });
  inference.configure({ '*': { flashAttention: false, threads: 1, contextTokens: 4096, slots: 1 } });
  let same = 0;
  try {
    for (const content of questions) {
      const messages: InferenceMessage[] = [{ role: 'user', content }];
      let ours = '';
      const chat = { path, messages, temperature: 0, maxOutputTokens: answerTokens };
      for await (const part of inference.chat(chat, new AbortController().signal))
        if (part.kind === 'text') ours += part.text;
      const body = { messages, temperature: 0, max_tokens: answerTokens, cache_prompt: false };
      const answer = await server.post<{ choices: [{ message: { content: string } }] }>('/v1/chat/completions', body);
      const theirs = answer.choices[0].message.content;
      if (ours === theirs) same++;
      else process.stderr.write(`another answer than llama-server's to ${content}\n  ${ours}\n  ${theirs}\n`);
    }
    return same;
  } finally {
    await inference[Symbol.asyncDispose]();
  }
}
