// The embedding models there can be: the one that ships, run by the inference host, and any that a configured provider has.
import { UserError } from '../../base/errors.ts';
import type { Costs } from '../costs/costs.ts';
import type { Inference } from '../inference/inference.ts';
import { type ModelInfo, type Provider, ProviderError } from '../providers/provider.ts';
import type { EmbeddingModel } from './embedder.ts';

/**
 * Only the beginning of a text is read: of 600 functions the right one is found with MRR@10 0.716 by its first 128 tokens, 0.698 by its
 * first 256, and 0.644 by the mean of all its windows, which is a text about nothing in particular.
 */
const shipped = { model: 'all-minilm-l6-v2', dimensions: 384, windowTokens: 128, maxWindows: 1 };

/** Small batches, about 60 ms of a core: a query that overtakes the others waits for one of them. */
const shippedBatch = { texts: 8, characters: 800 };
const shippedFix =
  'Reinstall Switchyard, or set another model as "embedding" in config.json. Until then, search matches words only.';

export function shippedModel({ inference, path }: { inference: Inference; path: string }): EmbeddingModel {
  const { model, dimensions, ...windows } = shipped;
  return {
    model,
    dimensions,
    batch: shippedBatch,
    fix: shippedFix,
    local: true,
    get ready() {
      return inference.loaded().some((loaded) => loaded.path === path);
    },
    embed: (texts, signal) => inference.embed({ path, texts, ...windows }, signal),
  };
}

export interface ProviderModelDeps {
  /** As configured: `provider/model`. */
  id: string;
  /** Asked at each use, since providers are made anew when their configuration changes. */
  provider(name: string): Provider | undefined;
  /** What is known of the model; left out where its provider does not list it. */
  info(id: string, signal: AbortSignal): Promise<ModelInfo | undefined>;
  costs: Costs;
  defaultProfile: string;
}

const providerBatch = { texts: 32, characters: 60_000 };

/** Budgets hold for it as for any request. Throws UserError (`embedding-unavailable`) when there is no such provider. */
export function providerModel(parts: ProviderModelDeps): EmbeddingModel {
  const { id } = parts;
  const [name, model] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)];
  const fix =
    'Correct "embedding" in config.json, or remove it to use the built-in model. Until then, search matches words only.';
  return {
    model: id,
    fix,
    batch: providerBatch,
    get local() {
      return parts.provider(name)?.local ?? true;
    },
    async embed(texts, signal) {
      const provider = parts.provider(name);
      if (!provider)
        throw new UserError(
          'embedding-unavailable',
          `"embedding" names the provider "${name}", which doesn't exist. ${fix}`,
        );
      const info = await parts.info(id, signal);
      const ask = (pieces: readonly string[]): Promise<Float32Array[]> =>
        metered({ ...parts, provider, model, info }, pieces, signal);
      return await inWindows(texts, windowCharacters(info), ask);
    },
  };
}

const defaultContextTokens = 512; // of most embedding models
/** Below `bytesPerToken`: a window that is too long costs a request that is refused. Base64 and CJK are denser; those windows are halved. */
const charactersPerToken = 2;
const maxCharacters = 32_768; // of a text are read, as by the model that ships

function windowCharacters(info: ModelInfo | undefined): number {
  return Math.min(info?.contextTokens ?? defaultContextTokens, 8192) * charactersPerToken;
}

const maxHalvings = 4;

/** A text longer than the window is the mean of its windows. A window that is still too long for the model is halved. */
async function inWindows(
  texts: readonly string[],
  characters: number,
  ask: (pieces: readonly string[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  for (let halvings = 0; ; halvings++) {
    const size = Math.max(1, Math.floor(characters / 2 ** halvings));
    try {
      return await embedWindows(texts, size, ask);
    } catch (error) {
      if (halvings >= maxHalvings || !(error instanceof ProviderError) || error.code !== 'context-too-long')
        throw error;
    }
  }
}

async function embedWindows(
  texts: readonly string[],
  size: number,
  ask: (pieces: readonly string[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const windows = texts.map((text) => windowsOf(text.slice(0, maxCharacters), size));
  const pieces = windows.flat();
  const vectors: Float32Array[] = [];
  for (let i = 0; i < pieces.length; i += providerBatch.texts)
    vectors.push(...(await ask(pieces.slice(i, i + providerBatch.texts))));
  return windows.map((own) => mean(own, vectors.splice(0, own.length)));
}

/** Equal lengths; servers refuse a text of nothing, so that is sent as a space. */
function windowsOf(text: string, size: number): string[] {
  const count = Math.max(1, Math.ceil(text.length / size));
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * length, (i + 1) * length) || ' ');
}

function mean(windows: readonly string[], vectors: readonly Float32Array[]): Float32Array {
  const [only] = vectors;
  if (only && vectors.length === 1) return only;
  const sum = new Float32Array(only?.length ?? 0);
  for (const [i, vector] of vectors.entries()) {
    const weight = (windows[i]?.length ?? 0) / (Math.hypot(...vector) || 1);
    for (const [j, value] of vector.entries()) sum[j] = (sum[j] ?? 0) + value * weight;
  }
  return sum;
}

interface MeteredDeps extends Pick<ProviderModelDeps, 'id' | 'costs' | 'defaultProfile'> {
  provider: Provider;
  model: string;
  info: ModelInfo | undefined;
}

/** Providers do not say what an embedding used, so the cost of a cloud's embedding is recorded as unknown. */
async function metered(
  { provider, model, info, ...parts }: MeteredDeps,
  pieces: readonly string[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const open = await parts.costs.begin({
    profile: parts.defaultProfile,
    task: 'embedding',
    provider: provider.name,
    model: parts.id,
    local: provider.local,
    price: info?.price,
    reason: 'it is the configured embedding model',
    promptCharacters: pieces.reduce((sum, { length }) => sum + length, 0),
    promptBytes: pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0),
  });
  try {
    const vectors = await provider.embed(model, pieces, signal);
    open.end({ status: 'complete', answerCharacters: 0 });
    return vectors;
  } catch (error) {
    if (signal.aborted) open.end({ status: 'cancelled', answerCharacters: 0 });
    else
      open.end({
        status: 'failed',
        answerCharacters: 0,
        turnedDown: error instanceof ProviderError && error.turnedAway,
        ...(error instanceof UserError && { error: error.code }),
      });
    throw error;
  }
}
