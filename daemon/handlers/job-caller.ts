// What a job needs of the client that asks for it, or resumes it.
import type { AnyRequest } from '../../shared/protocol/define.ts';
import type { JobCaller } from '../features/jobs/jobs.ts';
import type { WriteContext } from '../features/pipeline/write/write.ts';
import type { Call } from './handler.ts';

export function jobCaller<M extends AnyRequest>(
  { session, services, signal }: Pick<Call<M, 'trust'>, 'session' | 'services' | 'signal'>,
  listeners: Pick<WriteContext, 'onText' | 'onStage'> = {},
): JobCaller<WriteContext> {
  return {
    signal,
    hasLeft: () => session.closed.aborted,
    context: {
      roots: session.roots,
      trusts: (file) => services.trust.trusts(session, file),
      path: session.path,
      policy: session.options.policy,
      ...listeners,
    },
  };
}
