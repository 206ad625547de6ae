// The uppermost layer: what clients reach.
import { SerialQueues } from '../base/fair-queue.ts';
import type { DescriptorReserve } from '../base/process/descriptors.ts';
import { type DoctorSubject, examine } from '../doctor/doctor.ts';
import { createAnswers } from '../features/answers/answers.ts';
import { toolsOnPath } from '../features/pipeline/analysers/analysers.ts';
import { createGateway } from '../gateway/gateway.ts';
import { openView } from '../gateway/open-view.ts';
import { answer } from '../server.ts';
import type { Services } from '../services.ts';
import type { FeatureLayer } from './features.ts';
import type { Foundations } from './foundations.ts';
import type { ModelLayer } from './models.ts';

export interface Layers {
  foundations: Foundations;
  models: ModelLayer;
  features: FeatureLayer;
}

/** What clients reach: the services that handlers use, and the door for browsers. */
export function openShell({
  shared,
  reserve,
  foundations,
  models,
  features,
}: Layers & { shared: boolean; reserve: DescriptorReserve }) {
  const { paths, config, sessions, network, storage, keys, egress, requestLog, log } = foundations;
  const { inference, gpu, embedder, registry, resilience } = models;
  const gateway = createGateway({
    assets: foundations.files.views,
    l10n: foundations.files.l10n,
    folder: paths.run,
    reserve,
  });
  const subject: Omit<DoctorSubject, 'linters'> = {
    paths,
    config,
    storage,
    inference,
    gpu,
    embedder,
    keys,
    registry,
    egress,
    requestLog,
    sessions,
    resilience,
    localOnly: network.localOnly,
    index: features.index,
    completions: features.completions,
    mcpServers: features.mcpServers,
    checkpoints: features.checkpoints,
    agent: features.agent,
    web: features.web,
    pictures: features.vision.pictures,
  };
  const services: Services = {
    ...subject,
    ...features,
    shared,
    log,
    logSink: foundations.logSink,
    requestContext: foundations.requestContext,
    trust: foundations.trust,
    chatQueues: new SerialQueues(),
    models: models.setup,
    answers: createAnswers(models),
    costs: models.costs,
    routing: models.router,
    gateway,
    doctor: (patient) => examine({ ...subject, linters: toolsOnPath }, patient),
  };
  gateway.onView((socket, scope) =>
    openView(socket, scope, {
      sessions,
      answer: (method, params, call) => answer(method, params, { ...call, services }),
      onIndexChange: (listener) => features.index.onChange(() => listener()),
    }),
  );
  return { services, gateway };
}
