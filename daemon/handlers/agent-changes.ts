// Wire <-> domain for what an agent's run changed.
import type { AgentChanges, AgentUndo } from '../../shared/protocol/agent.ts';
import type { Handler } from './handler.ts';

export const handleAgentChanges: Handler<typeof AgentChanges, 'checkpoints'> = async (
  { jobId },
  { session, services, profile, signal },
) => {
  const { files, notes } = await services.checkpoints.hunks({ profile, jobId, signal });
  const changed = files.map(({ uri, path, change, hunks }) => ({
    uri,
    path,
    hunks,
    version: session.document(uri)?.version ?? null,
    isNew: change === 'created',
    isDeleted: change === 'deleted',
  }));
  return { files: changed, notes };
};

export const handleAgentUndo: Handler<typeof AgentUndo, 'checkpoints'> = async (
  { jobId, step },
  { services, profile, signal },
) => services.checkpoints.undo({ profile, jobId, signal }, step);
