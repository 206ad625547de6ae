// Wire <-> domain for the agent.
import { changesDecided, type DecidedChanges } from '../../shared/notifications.ts';
import type {
  AgentApprove,
  AgentCall,
  AgentChanges,
  AgentKeep,
  AgentModes,
  AgentPrompts,
  AgentPrune,
  AgentRun,
  AgentUndo,
} from '../../shared/protocol/agent.ts';
import { ShownParts } from '../features/agent/loop/shown-parts.ts';
import { storedCall } from '../features/agent/loop/stored-parts.ts';
import type { Handler } from './handler.ts';
import { jobCaller } from './job-caller.ts';

/** What deciding takes: other clients are told, and unsaved work in any editor of the profile stays. */
type UndoServices = 'checkpoints' | 'pendingFiles' | 'sessions';

type AgentServices = 'agent' | 'jobs' | 'trust' | 'sessionProfiles';

export const handleAgentRun: Handler<typeof AgentRun, AgentServices> = async (
  { partialResultToken, ...params },
  call,
) => {
  const { session, services, profile, emit } = call;
  const [modelOf, project] = await Promise.all([
    services.sessionProfiles.modelRule(session, profile),
    services.sessionProfiles.projectOf(session),
  ]);
  const caller = jobCaller(call, partialResultToken === undefined ? {} : { shown: new ShownParts(emit) });
  return services.agent.order(
    { ...params, modelOf, projectId: project?.id, policy: session.options.policy },
    { jobs: services.jobs, profile, caller },
  );
};

export const handleAgentApprove: Handler<typeof AgentApprove, 'agent' | 'jobs' | 'trust'> = async (params, call) => {
  const { services, profile } = call;
  const { ask: _, ...caller } = jobCaller(call); // whoever decides here shows what is asked itself, and more of it
  await services.agent.approve(params, { jobs: services.jobs, profile, caller });
  return {};
};

export const handleAgentModes: Handler<typeof AgentModes, 'agent', 'none'> = (_params, { services }) => ({
  modes: services.agent.modes(),
});

export const handleAgentPrompts: Handler<typeof AgentPrompts, 'agent' | 'trust', 'none'> = async (
  _params,
  { session, services },
) => ({ prompts: await services.agent.prompts({ session, trusts: (file) => services.trust.trusts(session, file) }) });

export const handleAgentCall: Handler<typeof AgentCall, 'jobs' | 'trust'> = async ({ jobId, callId }, call) => ({
  parts: storedCall(await call.services.jobs.job(call.profile, jobId, jobCaller(call).context), callId),
});

export const handleAgentChanges: Handler<typeof AgentChanges, 'checkpoints'> = async (
  { jobId },
  { session, services, profile, signal },
) => {
  const { files, notes } = await services.checkpoints.hunks({ profile, jobId, signal });
  const changed = files.map(({ uri, path, change, hunks, isKept }) => ({
    uri,
    path,
    hunks,
    isKept,
    version: session.document(uri)?.version ?? null,
    isNew: change === 'created',
    isDeleted: change === 'deleted',
  }));
  return { files: changed, notes };
};

export const handleAgentKeep: Handler<typeof AgentKeep, UndoServices> = async (
  { jobId, uri, hunks },
  { services: { checkpoints, pendingFiles, sessions }, profile, signal },
) => {
  try {
    const done = await checkpoints.keep({ profile, jobId, signal }, { uri, hunks });
    const kept = { ...(uri !== undefined && { uri }), ...(hunks && { hunks }) };
    sessions.notifyProfile(changesDecided, profile, { jobId, kept } satisfies DecidedChanges);
    return done;
  } finally {
    pendingFiles.keptIn(profile, jobId);
  }
};

export const handleAgentUndo: Handler<typeof AgentUndo, UndoServices> = async (
  { jobId, step, uri, hunks },
  { services: { checkpoints, pendingFiles, sessions }, profile, signal },
) => {
  const openTexts = (file: string): string[] =>
    sessions.all.flatMap((each) => (each.profile === profile ? (each.document(file)?.getText() ?? []) : []));
  try {
    const done = await checkpoints.undo({ profile, jobId, signal }, { step, uri, hunks, openTexts });
    sessions.notifyProfile(changesDecided, profile, { jobId } satisfies DecidedChanges);
    return done;
  } finally {
    pendingFiles.lookAgain(profile, jobId);
  }
};

export const handleAgentPrune: Handler<typeof AgentPrune, 'checkpoints'> = async (
  { before = Number.POSITIVE_INFINITY },
  { services, profile },
) => services.checkpoints.prune(profile, before);
