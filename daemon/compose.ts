import type { Paths } from './base/paths.ts';
import type { DescriptorReserve } from './base/process/descriptors.ts';
import { openFeatures } from './compose/features.ts';
import { layFoundations } from './compose/foundations.ts';
import { openModels } from './compose/models.ts';
import { type Layers, openShell } from './compose/shell.ts';
import type { Services } from './services.ts';

interface Daemon {
  services: Services;
  /** Ends everything that was started, in order; what is stored is stored. */
  dispose(): Promise<void>;
}

interface ComposeOptions {
  paths: Paths;
  reserve: DescriptorReserve;
  /** Whether other clients may join. */
  shared: boolean;
  onShutdown(): void;
}

const prepareMs = 500; // the first client has been greeted by then, and a user has hardly typed a question

export function compose({ paths, reserve, shared, onShutdown }: ComposeOptions): Daemon {
  const foundations = layFoundations({ paths, onShutdown });
  const models = openModels(foundations);
  const features = openFeatures(foundations, models);
  const shell = openShell({ shared, reserve, foundations, models, features });
  followSettings({ foundations, models, features });
  const preparing = setTimeout(() => void foundations.egress.prepare(), prepareMs).unref();
  return {
    services: shell.services,
    async dispose() {
      const { sessions, config, storage, requestLog, egress } = foundations;
      clearTimeout(preparing);
      shell.gateway[Symbol.dispose]();
      sessions[Symbol.dispose]();
      config[Symbol.dispose]();
      features.embeddings[Symbol.dispose]();
      await features.mcpServers[Symbol.asyncDispose]();
      await features.idle[Symbol.asyncDispose]();
      const { syntax, vision, web } = features;
      await Promise.all([syntax, vision, web].map((part) => part[Symbol.asyncDispose]()));
      await features.index[Symbol.asyncDispose](); // before the storage that it writes to
      await Promise.allSettled([
        storage[Symbol.asyncDispose](),
        models.inference[Symbol.asyncDispose](),
        requestLog[Symbol.asyncDispose](),
        egress[Symbol.asyncDispose](),
      ]);
    },
  };
}

/** Makes anew what depends on keys or on config.json when those change. */
function followSettings({
  foundations: { config, keys, egress },
  models: { resilience, registry },
  features: { index },
}: Layers): void {
  keys.onChange((provider) => {
    resilience.reset(provider);
    registry.reset();
  });
  config.onChange(() => {
    index.reconsider();
    egress.refresh();
    resilience.reset();
    registry.reset();
  });
  config.watch();
}
