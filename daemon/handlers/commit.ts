// Wire <-> domain for commit messages.
import type { CommitMessage } from '../../shared/protocol/commit.ts';
import { UserError } from '../base/errors.ts';
import { pathHere } from '../base/uri.ts';
import type { Handler } from './handler.ts';

export const handleCommitMessage: Handler<typeof CommitMessage, 'commits' | 'sessionProfiles', 'own-or-none'> = async (
  params,
  { session, services, profile, signal, emit },
) => {
  const named = params.root ?? session.roots[0];
  if (named === undefined) throw new UserError('no-root', 'Specify the repository: root is missing.');
  const root = pathHere(named);
  const modelOf = await services.sessionProfiles.modelRule(session, profile);
  const isStreamed = params.partialResultToken !== undefined;
  return services.commits.write(
    { profile, root, ...modelOf({ message: params.model }), policy: session.options.policy },
    { signal, ...(isStreamed && { onText: (text: string) => emit({ kind: 'text', text }) }) },
  );
};
