// Texts into vectors by the model that ships, beside llama-server with the same threads and its own batches.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createInference } from '../../../daemon/models/inference/client.ts';
import { type Arm, type RoundOptions, takeTurns, timed } from '../kit/measure.ts';
import type { Row } from '../kit/report.ts';
import type { LlamaCpp } from './llama-cpp.ts';

const path = fileURLToPath(new URL('../../../media/models/all-minilm-l6-v2.gguf', import.meta.url));
const sources = ['inference.ts', 'sameness.ts', 'shapes.ts', 'llama-cpp.ts'].map(
  (name) => new URL(name, import.meta.url),
);
/** A piece of code as it is indexed; both read all of it. */
const pieceCharacters = 300;
/** As many as are asked for at once. */
const sets = { one: { texts: 60, ours: 60, server: 60 }, many: { texts: 480, ours: 8, server: 32 } };
const serverOptions = [
  '--embeddings',
  '-np',
  '8',
  '-c',
  '4096',
  '-b',
  '2048',
  '-ub',
  '2048',
  '-t',
  `${availableParallelism()}`,
];

export async function embeddingRows(
  llamaCpp: LlamaCpp | undefined,
  hostPath: string,
  options: RoundOptions,
): Promise<Row[]> {
  const code = sources.map((url) => readFileSync(url, 'utf8')).join('\n');
  const inference = createInference({ hostPath });
  const server = await llamaCpp?.serve(path, serverOptions);
  const rows: Row[] = [];
  try {
    for (const set of [sets.one, sets.many]) {
      const texts = Array.from({ length: set.texts }, (_, i) => {
        const start = (i * 97) % (code.length - pieceCharacters);
        return code.slice(start, start + pieceCharacters);
      });
      const ours: Arm = () =>
        timed(async () => {
          for (const batch of batchesOf(texts, set.ours))
            await inference.embed({ path, texts: batch, windowTokens: 256 }, new AbortController().signal);
        });
      const theirs: Arm = () =>
        timed(async () => {
          for (const batch of batchesOf(texts, set.server)) await server?.post('/v1/embeddings', { input: batch });
        });
      const measured = await takeTurns({ ours, theirs }, options);
      rows.push({
        what: `embedding ${set.texts} texts, ${set.ours} at a time`,
        unit: 'ms',
        rounds: measured.ours,
        ...(server && {
          against: { what: `llama-server, ${set.server} at a time`, rounds: measured.theirs },
          goal: { of: 'ratio', atMost: 1.2 },
        }),
      });
    }
    return rows;
  } finally {
    await server?.[Symbol.asyncDispose]();
    await inference[Symbol.asyncDispose]();
  }
}

function batchesOf(texts: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, i) => texts.slice(i * size, (i + 1) * size));
}
