// What a job needs of the client that asks for it, or resumes it.
import { withoutHidden } from '../../shared/hidden-characters.ts';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import type { JobCaller } from '../features/jobs/jobs.ts';
import type { JobContext } from '../services.ts';
import type { Session } from '../sessions/session.ts';
import type { JobQuestion } from '../storage/jobs.ts';
import type { Call } from './handler.ts';

export function jobCaller<M extends AnyRequest>(
  { session, services, signal }: Pick<Call<M, 'trust'>, 'session' | 'services' | 'signal'>,
  listeners: Pick<JobContext, 'onText' | 'onStage' | 'shown'> = {},
): JobCaller<JobContext> {
  return {
    signal,
    hasLeft: () => session.closed.aborted,
    onWait: () => session.beginWait(),
    ...(session.isEditor && { ask: (question) => askUser(session, question) }),
    context: {
      session,
      roots: session.roots,
      trusts: (file) => services.trust.trusts(session, file),
      path: session.path,
      policy: session.options.policy,
      ...listeners,
    },
  };
}

/** In the editor's own way. A question that the user closes stays open in the list of jobs. */
async function askUser({ peer }: Session, { text, answers, mark }: JobQuestion): Promise<string | undefined> {
  const type = 3; // LSP MessageType.Info
  if (mark !== undefined) {
    const where = 'To see exactly what it would do, and decide, open its chat, or run `switchyard jobs` in a terminal.';
    peer.notify('window/showMessage', { type, message: withoutHidden(`Switchyard: ${text} ${where}`) });
    return undefined;
  }
  const actions = answers.map(({ label }) => ({ title: label }));
  const message = withoutHidden(`Switchyard: ${text}`);
  const chosen = await peer.ask('window/showMessageRequest', { type, message, actions });
  const { title } = (chosen ?? {}) as { title?: unknown };
  return answers.find(({ label }) => label === title)?.id;
}
