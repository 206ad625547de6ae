// What completion is made of.
import type { CompletionModelsDeps } from '../../models/router/completing-model.ts';
import { createCompletionModels } from '../../models/router/completing-model.ts';
import type { Code } from '../../storage/code.ts';
import type { CompletionLog } from '../../storage/written.ts';
import { Completions, type CompletionsDeps } from './completion.ts';
import { CompletionFilters } from './filter/filters.ts';
import { Writer, type WriterDeps } from './writer.ts';

interface CompletionPartsDeps
  extends Omit<CompletionsDeps, 'writer' | 'filters' | 'storage'>,
    Pick<WriterDeps, 'gate' | 'syntax'> {
  registry: CompletionModelsDeps;
  storage: { in(profile: string): { completions: CompletionLog; code: Code } };
}

export function createCompletions({ registry, gate, syntax, ...deps }: CompletionPartsDeps): Completions {
  const models = createCompletionModels(registry);
  const writer = new Writer({ models, gate, syntax, codeOf: (profile) => deps.storage.in(profile).code });
  const filters = new CompletionFilters(deps);
  return new Completions({ ...deps, writer, filters });
}
