// The product's own embedding model, where this checkout has it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Embedder } from '../../../daemon/models/embedding/embedder.ts';
import { createInference } from '../../../daemon/models/inference/client.ts';

const root = new URL('../../../', import.meta.url);
const model = fileURLToPath(new URL('media/models/all-minilm-l6-v2.gguf', root));
const parts = {
  embedder: new URL('daemon/models/embedding/embedder.ts', root),
  models: new URL('daemon/models/embedding/models.ts', root),
};

export interface LoadedEmbedder extends AsyncDisposable {
  embedder: Embedder;
}

/** A note says why there is none; then full text is measured alone. */
export async function loadEmbedder(): Promise<LoadedEmbedder | { note: string }> {
  if (![model, fileURLToPath(parts.embedder), fileURLToPath(parts.models)].every((file) => existsSync(file))) {
    return { note: 'There is no embedding model here: full text was measured alone.' };
  }
  const inference = createInference({ hostPath: fileURLToPath(new URL('daemon/models/inference/host.ts', root)) });
  const { shippedModel } = (await import(parts.models.href)) as {
    shippedModel(options: { inference: unknown; path: string }): unknown;
  };
  const { createEmbedder } = (await import(parts.embedder.href)) as {
    createEmbedder(current: () => unknown): Embedder;
  };
  const shipped = shippedModel({ inference, path: model });
  return { embedder: createEmbedder(() => shipped), [Symbol.asyncDispose]: () => inference[Symbol.asyncDispose]() };
}
