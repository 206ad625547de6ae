// What completion is made of.
import type { CompletionConfig } from '../../base/config/completion.ts';
import { batteryCheck } from '../../code-index/power.ts';
import type { CompletionModelsDeps } from '../../models/router/completing-model.ts';
import { createCompletionModels } from '../../models/router/completing-model.ts';
import type { Code } from '../../storage/code.ts';
import type { CompletionLog } from '../../storage/written.ts';
import { Completions, type CompletionsDeps } from './completion.ts';
import { CompletionFilters } from './filter/filters.ts';
import { Writer, type WriterDeps } from './writer.ts';

interface CompletionPartsDeps extends Pick<CompletionsDeps, 'log'>, Pick<WriterDeps, 'gate' | 'syntax'> {
  registry: Omit<CompletionModelsDeps, 'costs' | 'config'> & { onReset(listener: () => void): void };
  costs: CompletionModelsDeps['costs'];
  config: { readonly config: { readonly completion: CompletionConfig } };
  storage: { in(profile: string): { completions: CompletionLog; code: Code } };
  isOnBattery?: CompletionsDeps['isOnBattery'];
}

export function createCompletions({
  registry,
  costs,
  config,
  gate,
  syntax,
  isOnBattery = batteryCheck(),
  ...deps
}: CompletionPartsDeps): Completions {
  const models = createCompletionModels({
    provider: registry.provider,
    models: registry.models,
    costs,
    config: () => config.config,
  });
  const writer = new Writer({ models, gate, syntax, codeOf: (profile) => deps.storage.in(profile).code });
  const filters = new CompletionFilters(deps);
  registry.onReset(() => writer.reset());
  return new Completions({ ...deps, writer, filters, config: () => config.config.completion, isOnBattery });
}
