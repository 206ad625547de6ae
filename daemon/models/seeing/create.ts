// What runs models on this machine: the inference host, the llama-server for pictures, and what they need for a GPU.
import { join } from 'node:path';
import type { ConfigFile } from '../../base/config/config.ts';
import type { Fetch } from '../../base/egress.ts';
import type { Log } from '../../base/log.ts';
import { createInference } from '../inference/client.ts';
import { compareGpu, GpuSupport, gpuPackageFolder, whyNoNpm } from '../inference/gpu/support.ts';
import { Speeds } from '../setup/speeds.ts';
import { SeeingInference } from './seeing-inference.ts';
import { ServerPrograms } from './server-program.ts';

export interface LocalModelsDeps {
  paths: { data: string; cache: string };
  files: { inferenceHost: string; embeddingModel: string };
  config: ConfigFile;
  network: { localOnly(): boolean };
  egress: { fetch: Fetch };
  log: Log;
}

/** Their parts live as long as the daemon; disposing of `inference` ends the processes. */
export function createLocalModels({ paths, files, config, network, egress, log }: LocalModelsDeps) {
  const gpuFolder = join(paths.data, 'gpu');
  const hostPath = files.inferenceHost;
  const inference = new SeeingInference({
    host: createInference({
      hostPath,
      statesFolder: join(paths.cache, 'states'),
      gpuFolder: gpuPackageFolder(gpuFolder),
    }),
    programs: new ServerPrograms(() => config.config.llamaServer),
    fetch: egress.fetch,
  });
  const configure = (): void => inference.configure(config.config.localSettings, config.config.localMemoryGb);
  config.onChange(configure);
  configure();
  const gpu = new GpuSupport({
    folder: gpuFolder,
    whyOffline: () => whyNoNpm({ localOnly: network.localOnly(), allowHosts: config.config.network.allowHosts }),
    async probe(folder, signal) {
      await using trial = createInference({ hostPath, gpuFolder: folder });
      return await compareGpu({ trial, inference, model: files.embeddingModel }, signal);
    },
    onChange: () => inference.renew(),
  });
  return { inference, gpu, speeds: new Speeds(join(paths.data, 'model-speeds.json'), log) };
}
