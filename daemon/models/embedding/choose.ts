// Which model embeds: the one that the configuration names, else the one that ships. It may change while the daemon runs.

import { defaultProfile } from '../../storage/profiles.ts';
import type { Costs } from '../costs/costs.ts';
import type { Inference } from '../inference/inference.ts';
import type { Registry } from '../providers/registry.ts';
import { createEmbedder, type EmbeddingModel, type ExaminedEmbedder } from './embedder.ts';
import { providerModel, shippedModel } from './models.ts';

export interface EmbedderDeps {
  /** `provider/model`, or nothing for the model that ships. */
  configured(): string | undefined;
  inference: Inference;
  /** Absolute path of the model that ships. */
  path: string;
  registry: Pick<Registry, 'models' | 'provider'>;
  costs: Costs;
}

/** Starts nothing: the first text to embed does. */
export function chooseEmbedder({ configured, inference, path, registry, costs }: EmbedderDeps): ExaminedEmbedder {
  const shipped = shippedModel({ inference, path });
  let chosen: EmbeddingModel = shipped;
  return createEmbedder(() => {
    const id = configured();
    if (id === undefined) return shipped;
    if (chosen.model !== id) {
      chosen = providerModel({
        id,
        costs,
        defaultProfile,
        provider: (name) => registry.provider(name),
        info: async (wanted, signal) => (await registry.models(signal)).find((offer) => offer.id === wanted)?.info,
      });
    }
    return chosen;
  });
}
