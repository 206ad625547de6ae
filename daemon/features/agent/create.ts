// What the agent is made of.
import type { ModesConfig } from '../../base/config/modes.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Contexts } from '../mentions/contexts.ts';
import { Agent, type AgentDeps } from './agent.ts';
import { noApprovals } from './loop/surroundings.ts';
import { createAgentTools } from './tools/tools.ts';

export interface CreateAgentDeps extends Pick<AgentDeps, 'models' | 'storage' | 'running' | 'checkpoints'> {
  ignore: Ignore;
  gate: ModelGate;
  contexts: Pick<Contexts, 'code'>;
  config: { readonly config: { modes: ModesConfig } };
}

export function createAgent({ models, storage, running, checkpoints, config, ...deps }: CreateAgentDeps): Agent {
  return new Agent({
    models,
    storage,
    running,
    tools: createAgentTools(deps),
    approvals: noApprovals,
    checkpoints,
    gate: deps.gate,
    modes: () => config.config.modes,
  });
}
