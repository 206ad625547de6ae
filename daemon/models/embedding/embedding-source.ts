// Embeddings of requests as the router learns from them: it asks for them beside its work, and never has the model started.
import type { EmbeddingSource } from '../router/recent-requests.ts';
import type { ExaminedEmbedder } from './embedder.ts';

const maxEmbeddedCharacters = 2000; // characters of a request that are embedded, as of a search's query
const maxEmbeddingMs = 60_000;

/** Embeddings of requests for the router, which does not wait for them. */
export function embeddingSourceOf(embedder: ExaminedEmbedder): EmbeddingSource {
  return {
    get model() {
      return embedder.model;
    },
    known: (text) => embedder.known(text),
    embed: async (text) => {
      if (!embedder.ready) return undefined; // it starts for what is stored, when nobody works here
      const signal = AbortSignal.timeout(maxEmbeddingMs);
      return (await embedder.embed([text.slice(0, maxEmbeddedCharacters)], { signal, priority: 'background' }))[0];
    },
  };
}
