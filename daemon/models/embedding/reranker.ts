// Orders what a search has found by a model that reads the query and a text together: better than vectors, and too slow for more than
// what was found. Off unless a model is configured, and never in the way: where it fails, the order of the search stands.
import { CancelledError, UserError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import type { Inference } from '../inference/inference.ts';
import { localModelId } from '../setup/local-files.ts';

interface Reranking {
  /** Positions in the texts, what bears most on the query first. */
  order: number[];
  /** Why it's still the order of the search. */
  note?: string;
}

/** Lives as long as the daemon. */
export interface Reranker {
  /** Changes with the configuration. */
  readonly isOn: boolean;
  /** Throws CancelledError, and nothing else. */
  rank(query: string, texts: readonly string[], signal: AbortSignal): Promise<Reranking>;
}

export interface RerankerDeps {
  /** The configured model's id. */
  configured(): string | undefined;
  /** The files of local models. */
  files(): Promise<string[]>;
  inference: Pick<Inference, 'rank'>;
  log: Log;
  /** How long whoever asks waits for it. */
  maxMs?: number;
}

const defaultMaxMs = 10_000;
/** Of each text: more is read than bears on a question, and no text may keep the others waiting. */
const maxCharacters = 2000;
const maxQueryCharacters = 1000;

export function createReranker({ configured, files, inference, log, maxMs = defaultMaxMs }: RerankerDeps): Reranker {
  return {
    get isOn() {
      return configured() !== undefined;
    },
    async rank(query, texts, signal) {
      const model = configured() ?? '';
      const asFound = [...texts.keys()];
      using abort = new LinkedAbort([signal], maxMs);
      try {
        const path = (await files()).find((file) => localModelId(file) === model);
        if (path === undefined)
          throw new UserError(
            'model-not-found',
            `There's no local model "${model}". Name another one as "rerank" in config.json.`,
          );
        const scores = await inference.rank(
          { path, query: query.slice(0, maxQueryCharacters), texts: texts.map((text) => text.slice(0, maxCharacters)) },
          abort.signal,
        );
        return { order: asFound.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)) };
      } catch (error) {
        if (signal.aborted) throw new CancelledError();
        log.warn({ error: String(error) }, 'what was found was not reranked');
        return { order: asFound, note: noteOf(error, model) };
      }
    },
  };
}

function noteOf(error: unknown, model: string): string {
  if (error instanceof CancelledError)
    return `${model} didn't rank the results in time, so they are in the order of the search.`;
  const why = error instanceof UserError ? `: ${error.message}` : '.';
  return `${model} couldn't rank the results, so they are in the order of the search${why}`;
}
