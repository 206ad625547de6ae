// Carries out what the update asks for about runs of the agent.
import { RequestError, type Rpc } from '../rpc.ts';
import type { Effect, ViewMessage } from './state/messages.ts';

interface RunEffectDeps {
  readonly rpc: Rpc;
  readonly running: Map<string, AbortController>;
  dispatch(message: ViewMessage): void;
}

type RunEffectKind =
  | 'load-modes'
  | 'load-prompts'
  | 'load-waiting'
  | 'load-run'
  | 'load-call'
  | 'load-changes'
  | 'keep-changes'
  | 'undo-changes'
  | 'decide-run'
  | 'resume-run'
  | 'cancel-run';
type Rows = {
  readonly [Kind in RunEffectKind]: (effect: Extract<Effect, { kind: Kind }>, on: RunEffectDeps) => Promise<void>;
};

/** A run that goes on by a request of this view is looked at while the request lasts. */
const lookAfterMs = 300;
const lookingForWaiting = 'waiting';
const maxLookedAt = 50; // what waits is among the newest jobs

export const runEffects: Rows = {
  async 'load-modes'(_, { rpc, dispatch }) {
    const { modes } = await rpc.call('AgentModes', {}).catch(() => ({ modes: [] })); // without them, the chat answers questions
    dispatch({ type: 'modes-loaded', modes });
  },
  async 'load-prompts'(_, { rpc, dispatch }) {
    const { prompts } = await rpc.call('AgentPrompts', {}).catch(() => ({ prompts: [] })); // commands of one's own are no more than a help
    dispatch({ type: 'prompts-loaded', prompts });
  },
  'load-run': ({ jobId, chatId }, { rpc, dispatch }) =>
    orElse(
      async () => {
        const { job } = await rpc.call('JobsGet', { jobId, isBrief: true });
        dispatch({ type: 'run-loaded', chatId, job });
      },
      (failure) => dispatch({ type: 'run-not-loaded', jobId, chatId, failure }),
    ),
  'load-call': ({ jobId, callId, chatId }, { rpc, dispatch }) =>
    orElse(
      async () => {
        const { parts } = await rpc.call('AgentCall', { jobId, callId });
        dispatch({ type: 'call-loaded', jobId, callId, parts });
      },
      (failure) => dispatch({ type: 'run-not-loaded', jobId, chatId, failure }),
    ),
  'load-changes': ({ jobId }, { rpc, dispatch }) =>
    orElse(
      async () => dispatch({ type: 'changes-loaded', jobId, ...(await rpc.call('AgentChanges', { jobId })) }),
      (failure) => dispatch({ type: 'changes-failed', jobId, failure }),
    ),
  'keep-changes': ({ jobId, uri, hunks }, { rpc, dispatch }) =>
    orElse(
      async () => {
        const { conflicts } = await rpc.call('AgentKeep', {
          jobId,
          uri,
          ...(hunks.length > 0 && { hunks: [...hunks] }),
        });
        const reasons = conflicts.map(({ path, why }) => `${path}: ${why}`);
        if (reasons.length > 0) dispatch({ type: 'keep-failed', jobId, why: reasons.join(' ') });
      },
      ({ message }) => dispatch({ type: 'keep-failed', jobId, why: message }),
    ),
  'undo-changes': ({ jobId, scope }, { rpc, dispatch }) =>
    orElse(
      async () => dispatch({ type: 'changes-undone', jobId, undone: await rpc.call('AgentUndo', { jobId, ...scope }) }),
      (failure) => dispatch({ type: 'changes-failed', jobId, failure }),
    ),
  async 'load-waiting'(_, { rpc, dispatch, running }) {
    running.get(lookingForWaiting)?.abort(); // of several changes at once, the last counts
    const controller = new AbortController();
    running.set(lookingForWaiting, controller);
    await new Promise((resolve) => setTimeout(resolve, lookAfterMs));
    if (controller.signal.aborted) return;
    const { jobs } = await rpc.call('JobsList', { limit: maxLookedAt });
    const waiting = jobs.filter(({ kind, state }) => kind === 'agent' && state === 'waiting');
    dispatch({ type: 'waiting-loaded', jobIds: waiting.map(({ id }) => id) });
  },
  async 'decide-run'({ jobId, chatId, callId, mark, decision, reply }, { rpc, dispatch }) {
    const which = { jobId, callId, ...(mark !== undefined && { mark }) };
    const params = { ...which, decision, ...(reply !== undefined && { reply }) };
    const look = (): void => dispatch({ type: 'run-looked-for', jobId, chatId });
    setTimeout(look, lookAfterMs);
    try {
      await rpc.call('AgentApprove', params);
      look();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      dispatch({ type: 'run-undecided', jobId, callId, failure: error });
    }
  },
  async 'resume-run'({ jobId, chatId }, { rpc, dispatch }) {
    const look = (): void => {
      dispatch({ type: 'run-looked-for', jobId, chatId });
      dispatch({ type: 'poll', chatId });
    };
    setTimeout(look, lookAfterMs);
    try {
      await rpc.call('JobsResume', { jobId });
    } finally {
      look();
    }
  },
  async 'cancel-run'({ jobId, chatId }, { rpc, dispatch }) {
    await rpc.call('JobsCancel', { jobId });
    dispatch({ type: 'run-looked-for', jobId, chatId });
    dispatch({ type: 'poll', chatId });
  },
};

/** Where the connection was lost, the banner tells of it. */
async function orElse(work: () => Promise<void>, fail: (failure: RequestError) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.code !== 'disconnected') fail(error);
  }
}
