// node-llama-cpp in this very process: what generating takes without our host.
import { loadNative } from '../../../daemon/models/inference/native.ts';
import { samplingOf } from '../../../daemon/models/inference/settings.ts';

/** Lives until it is disposed of. `measure` resolves with the milliseconds of a token, from the first on. */
export async function rawMsPerToken(
  path: string,
  threads: number,
  tokens: number,
): Promise<{ measure(): Promise<number> } & AsyncDisposable> {
  const { llama } = await loadNative();
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 2048, threads });
  const sequence = context.getSequence();
  return {
    async measure() {
      await sequence.clearHistory();
      let firstAt: number | undefined;
      let count = 0;
      const prompt = model.tokenize(`Tell a long story about the number ${Math.random()}.`);
      for await (const _ of sequence.evaluate(prompt, { ...samplingOf({}, {}, 1), yieldEogToken: true })) {
        firstAt ??= performance.now();
        if (++count === tokens) break;
      }
      return (performance.now() - (firstAt ?? 0)) / (count - 1);
    },
    [Symbol.asyncDispose]: () => llama.dispose(),
  };
}
