// What the page of jobs shows, and its one pure update: a message in, the next state and what is to be done out.
import type { Job, WholeJob } from '../../shared/protocol/jobs.ts';
import type { FromHost } from '../../shared/webview.ts';

export interface State {
  readonly connection: {
    readonly state: 'connecting' | 'connected' | 'reconnecting' | 'lost';
    readonly detail?: string;
  };
  /** The newest first; undefined until they are loaded. */
  readonly jobs: readonly Job[] | undefined;
  /** How many are asked for. */
  readonly wanted: number;
  readonly hasMore: boolean;
  /** Id of the job whose stages are shown. */
  readonly chosen: string | undefined;
  readonly whole: WholeJob | undefined;
  readonly problem: string | undefined;
}

/** What the user does. */
export type JobGesture =
  | { type: 'more-wanted' }
  /** Shows a job's stages, or hides them again. */
  | { type: 'chosen'; jobId: string }
  | { type: 'cancelled'; jobId: string }
  | { type: 'resumed'; jobId: string }
  | { type: 'answered'; jobId: string; answer: string }
  | { type: 'copied'; text: string }
  | { type: 'problem-dismissed' };

export type JobsMessage =
  | JobGesture
  | Extract<FromHost, { type: 'connection' | 'jobs-changed' | 'profile-changed' }>
  /** The daemon can be asked. */
  | { type: 'ready' }
  | { type: 'jobs-loaded'; jobs: Job[]; hasMore: boolean }
  | { type: 'job-loaded'; job: WholeJob }
  | { type: 'failed'; message: string };

export type JobsEffect =
  | { kind: 'load'; limit: number }
  | { kind: 'show'; jobId: string }
  | { kind: 'cancel' | 'resume'; jobId: string }
  | { kind: 'answer'; jobId: string; answer: string }
  | { kind: 'copy'; text: string };

const pageSize = 50;
const maxWanted = 200;

export const initialState: State = {
  connection: { state: 'connecting' },
  jobs: undefined,
  wanted: pageSize,
  hasMore: false,
  chosen: undefined,
  whole: undefined,
  problem: undefined,
};

type Transition = readonly [State, readonly JobsEffect[]];

export function update(state: State, message: JobsMessage): Transition {
  switch (message.type) {
    case 'connection':
      return [{ ...state, connection: message }, []];
    case 'ready':
    case 'jobs-changed':
      return [state, loads(state)];
    case 'profile-changed': {
      const { connection } = state;
      const fresh = { ...initialState, connection };
      return [fresh, loads(fresh)];
    }
    case 'jobs-loaded': {
      const { jobs, hasMore } = message;
      const isThere = jobs.some(({ id }) => id === state.chosen);
      return [{ ...state, jobs, hasMore, ...(!isThere && { chosen: undefined, whole: undefined }) }, []];
    }
    case 'job-loaded':
      return [message.job.id === state.chosen ? { ...state, whole: message.job } : state, []];
    case 'more-wanted': {
      const more = { ...state, wanted: Math.min(maxWanted, state.wanted + pageSize) };
      return [more, loads(more)];
    }
    case 'chosen': {
      const { jobId } = message;
      if (state.chosen === jobId) return [{ ...state, chosen: undefined, whole: undefined }, []];
      return [{ ...state, chosen: jobId, whole: undefined }, [{ kind: 'show', jobId }]];
    }
    case 'cancelled':
      return [state, [{ kind: 'cancel', jobId: message.jobId }]];
    case 'resumed':
      return [{ ...state, problem: undefined }, [{ kind: 'resume', jobId: message.jobId }]];
    case 'answered':
      return [{ ...state, problem: undefined }, [{ kind: 'answer', jobId: message.jobId, answer: message.answer }]];
    case 'copied':
      return [state, [{ kind: 'copy', text: message.text }]];
    case 'failed':
      return [{ ...state, problem: message.message }, []];
    case 'problem-dismissed':
      return [{ ...state, problem: undefined }, []];
  }
}

function loads({ wanted, chosen }: State): JobsEffect[] {
  return [{ kind: 'load', limit: wanted }, ...(chosen === undefined ? [] : [{ kind: 'show' as const, jobId: chosen }])];
}
