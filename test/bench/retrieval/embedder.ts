// The product's own embedding model, where this checkout has it.
import { existsSync } from 'node:fs';
import type { Embedder } from '../../../daemon/search/search.ts';

const model = new URL('../../../media/models/all-minilm-l6-v2-q8_0.gguf', import.meta.url);
const program = new URL('../../../daemon/embedding/embedder.ts', import.meta.url);

/** A note says why there is none; then full text is measured alone. */
export async function loadEmbedder(): Promise<{ embedder: Embedder } | { note: string }> {
  if (!existsSync(model) || !existsSync(program)) return { note: 'There is no embedding model here: full text was measured alone.' };
  const loaded = (await import(program.href)) as { createEmbedder?: (options: { file: string }) => Embedder | Promise<Embedder> };
  if (!loaded.createEmbedder) return { note: 'The embedding model cannot be loaded by this benchmark: full text was measured alone.' };
  return { embedder: await loaded.createEmbedder({ file: model.pathname }) };
}
