// A chat beside completions that share its model: how many of its tokens come while completions are written. Each step of the model writes
// one for both, so their share is 100 % where none waits for the other.
import { fileURLToPath } from 'node:url';
import { createInference } from '../../../daemon/models/inference/client.ts';
import type { InferencePart } from '../../../daemon/models/inference/inference.ts';

const never = new AbortController().signal;
const hostPath = fileURLToPath(new URL('../../../daemon/models/inference/host.ts', import.meta.url));
const completions = 4;
const place = { name: 'sum.ts', others: [], prefix: 'const answer = 42;\n'.repeat(20), suffix: '\n}\n' };

/** Tokens of the chat for a hundred of the completions. The model has a chat template and words for a hole, and writes a letter a token. */
export async function chatShareBesideCompletions(path: string): Promise<number> {
  await using inference = createInference({ hostPath });
  const cancel = new AbortController();
  const messages = [{ role: 'user' as const, content: 'Tell me of the yard.' }];
  const chat = inference.chat({ path, messages, priority: 'interactive', maxOutputTokens: 4000 }, cancel.signal);
  let told = 0;
  const first = Promise.withResolvers<void>();
  const chatting = (async () => {
    for await (const part of chat) {
      if (part.kind === 'text') told += part.text.length;
      if (told > 0) first.resolve();
    }
  })();
  chatting.catch(() => {}); // it is cancelled below
  await Promise.race([first.promise, chatting]);
  const complete = (begun: string, maxOutputTokens: number): Promise<number> =>
    tokensOf(inference.complete({ ...place, path, begun, priority: 'completion', maxOutputTokens }, never));
  await complete('', 1); // reads the prompt
  const before = told;
  let written = 0;
  for (let key = 1; key <= completions; key++) written += await complete('let sum = items'.slice(0, key * 3), 96);
  const share = (100 * (told - before)) / written;
  cancel.abort();
  await chatting.catch(() => {});
  return share;
}

async function tokensOf(parts: AsyncIterable<InferencePart>): Promise<number> {
  let tokens = 0;
  for await (const part of parts) if (part.kind === 'finish') tokens = part.outputTokens;
  return tokens;
}
