// What the agent is made of.
import type { AgentConfig } from '../../base/config/agent.ts';
import type { ModesConfig } from '../../base/config/modes.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Contexts } from '../mentions/contexts.ts';
import type { EditGate } from '../pipeline/edits/gate.ts';
import type { Review } from '../pipeline/review.ts';
import { Agent, type AgentDeps } from './agent.ts';
import { StoredApprovals } from './approvals/approvals.ts';
import type { TrustCheck } from './approvals/need-trust.ts';
import type { Checkpoints } from './checkpoints/checkpoints.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import type { AgentTool } from './tools/tool.ts';
import { createAgentTools } from './tools/tools.ts';

export interface CreateAgentDeps
  extends Pick<AgentDeps, 'models' | 'storage' | 'running' | 'pictures' | 'extraTools' | 'aboutVideos'> {
  ignore: Ignore;
  gate: ModelGate;
  contexts: Pick<Contexts, 'code'>;
  edits: EditGate;
  review: Pick<Review, 'run' | 'runDiff'>;
  checkpoints: Pick<Checkpoints, 'before' | 'after' | 'changes' | 'hunks'>;
  trust: { trusts: TrustCheck };
  /** Tools that reach the web. */
  webTools: readonly AgentTool[];
  /** Folders of Switchyard's own, which no program that the agent runs may see. */
  ownFolders: readonly string[];
  /** Where such programs keep their caches. */
  programCaches: string;
  config: { readonly config: { modes: ModesConfig; agent: AgentConfig } };
}

export function createAgent(given: CreateAgentDeps): Agent {
  const {
    models,
    storage,
    running,
    pictures,
    checkpoints,
    extraTools,
    aboutVideos,
    config,
    ownFolders,
    programCaches,
    trust,
    ...deps
  } = given;
  const sandbox = new Sandbox({
    ownFolders,
    cacheFolder: programCaches,
    shownFiles: () => config.config.agent.showToPrograms,
  });
  void sandbox.recover().catch(() => {}); // the next program asks for it too, and says why not
  return new Agent({
    models,
    storage,
    running,
    pictures,
    ...(extraTools && { extraTools }),
    tools: createAgentTools({
      ...deps,
      trusts: (...asked) => trust.trusts(...asked),
      sandbox,
      changes: (run) => checkpoints.hunks(run),
      shares: () => config.config.agent.subAgents,
    }),
    approvals: new StoredApprovals({ approvals: (profile) => storage.in(profile).approvals }),
    checkpoints,
    aboutVideos,
    sandbox,
    gate: deps.gate,
    modes: () => config.config.modes,
  });
}
