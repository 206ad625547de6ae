// Wire <-> domain for completion as you type.
import {
  type CompletionFilter,
  type CompletionForget,
  type CompletionOutcome,
  type InlineCompletion,
  type InlineCompletionItem,
  inlineTrigger,
} from '../../shared/protocol/completion.ts';
import type { Suggestion } from '../features/completion/completion.ts';
import type { Session } from '../sessions/session.ts';
import type { Handler } from './handler.ts';

export const handleInlineCompletion: Handler<typeof InlineCompletion, 'completions', 'own-or-none'> = async (
  { textDocument, position, context },
  { session, services, profile, signal },
) => {
  if (!session.document(textDocument.uri)) return { items: [] };
  const isInvoked = context.triggerKind === inlineTrigger.invoked;
  const { suggestion, why, read } = await services.completions.suggest(
    {
      profile,
      snippet: session.snippet({ uri: textDocument.uri }),
      position,
      isInvoked,
      ...(context.selectedCompletionInfo && { selected: context.selectedCompletionInfo }),
    },
    session,
    signal,
  );
  return {
    items: suggestion ? [toItem(suggestion, session)] : [],
    ...(isInvoked && why !== undefined && { note: why }),
    ...(read && { read }),
  };
};

/** What a client runs that knows commands alone, when its user has accepted. */
const acceptedCommand = 'switchyard.completionAccepted';

function toItem({ text, range, ...data }: Suggestion, session: Session): InlineCompletionItem {
  return {
    insertText: text,
    range,
    ...(!session.options.ownCommands && {
      command: { title: '', command: acceptedCommand, arguments: [{ id: data.id }] },
    }),
    data,
  };
}

export const handleCompletionOutcome: Handler<typeof CompletionOutcome, 'completions'> = async (
  { id, accepted, keptAfterMs },
  { services, profile },
) => {
  await services.completions.settle(profile, id, {
    ...(accepted !== undefined && { accepted }),
    ...(keptAfterMs !== undefined && { keptAfterMs }),
  });
  return {};
};

export const handleCompletionFilter: Handler<typeof CompletionFilter, 'completions'> = async (
  _params,
  { services, profile },
) => await services.completions.learned(profile);

export const handleCompletionForget: Handler<typeof CompletionForget, 'completions'> = async (
  _params,
  { services, profile },
) => {
  await services.completions.forgetLearned(profile);
  return {};
};
